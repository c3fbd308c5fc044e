import type { RepositoryPolicyArgs } from "@pulumi/aws/ecr/repositoryPolicy";
import type { Unwrap } from "@pulumi/pulumi";
import { refuseOutsiders } from "../shared/document-rules";
import { resourcePolicy } from "../shared/policy";
import { accounts } from "../shared/settings";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly accounts: readonly string[];
}

export const ecrRepositoryPolicyPrincipals = resourcePolicy<Unwrap<RepositoryPolicyArgs>, Settings>({
    name: "ecr-repository-policy-principals",
    description: "Only principals of known accounts reach a container repository.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("AC-3", "Access Enforcement"),
    remediationSteps:
        "Name the pipeline's roles as principals; list another account in this policy's setting accounts.",
    configSchema: { properties: { accounts } },
    types: [aws.ecrRepositoryPolicy],
    judge: ({ policy }, findings) => {
        refuseOutsiders(findings, "policy", policy);
    },
});
