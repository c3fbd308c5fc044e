import type { RepositoryArgs } from "@pulumi/aws/ecr/repository";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly allowExclusions: boolean;
}

/** When a tag can move, no one can tell which image was tested. */
export const ecrRepositoryImmutableTags = resourcePolicy<Unwrap<RepositoryArgs>, Settings>({
    name: "ecr-repository-immutable-tags",
    description: "Tags of container images never move.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...securityHub("ECR.2", "ECR private repositories should have tag immutability configured"),
    remediationSteps: 'Set imageTagMutability to "IMMUTABLE" and release under new tags.',
    configSchema: {
        properties: {
            allowExclusions: {
                type: "boolean",
                default: false,
                description: 'Whether "IMMUTABLE_WITH_EXCLUSION" is accepted too',
            },
        },
    },
    types: [aws.ecrRepository],
    judge: ({ imageTagMutability }, findings) => {
        const { allowExclusions } = findings.settings;
        if (imageTagMutability === "IMMUTABLE") return;
        if (imageTagMutability === "IMMUTABLE_WITH_EXCLUSION" && allowExclusions) return;
        const accepted = allowExclusions ? '"IMMUTABLE" or "IMMUTABLE_WITH_EXCLUSION"' : '"IMMUTABLE"';
        findings.deviates("imageTagMutability", imageTagMutability, accepted);
    },
});
