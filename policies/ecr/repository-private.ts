import type { RepositoryArgs } from "@pulumi/aws/ecrpublic/repository";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

export const ecrRepositoryPrivate = resourcePolicy<Unwrap<RepositoryArgs>>({
    name: "ecr-repository-private",
    description: "Container images are in private repositories.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("AC-22", "Publicly Accessible Content"),
    remediationSteps: "Declare an aws.ecr.Repository in place of the aws.ecrpublic.Repository.",
    types: [aws.ecrPublicRepository],
    judge: ({ repositoryName }, findings) => {
        findings.deviates("the public repository", repositoryName, "a private one (aws.ecr.Repository)");
    },
});
