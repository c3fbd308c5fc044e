import type { RepositoryArgs } from "@pulumi/aws/ecr/repository";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy, stackOf } from "../shared/policy";
import { exemptStacks } from "../shared/settings";
import { specification } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly stacks: readonly string[];
}

export const ecrRepositoryForceDelete = resourcePolicy<Unwrap<RepositoryArgs>, Settings>({
    name: "ecr-repository-force-delete",
    description: "A repository that still holds images cannot be deleted.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...specification("Stage 8", "Verified images are published to the registry and stay there for rollback"),
    remediationSteps: "Leave forceDelete out, or list the stack in this policy's setting stacks when it is disposable.",
    configSchema: { properties: { stacks: exemptStacks } },
    types: [aws.ecrRepository],
    judge: ({ forceDelete }, findings, { urn }) => {
        const { stacks } = findings.settings;
        if (forceDelete !== true || stacks.includes(stackOf(urn))) return;
        findings.deviates("forceDelete", forceDelete, `false, outside the stacks ${JSON.stringify(stacks)}`);
    },
});
