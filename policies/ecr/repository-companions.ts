import { stackPolicy } from "../shared/policy";
import { property, requireCompanions } from "../shared/stack-index";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

const link = { input: "repository", value: property("repository") };

export const ecrRepositoryCompanions = stackPolicy({
    name: "ecr-repository-companions",
    description: "Every container repository has a lifecycle policy and a repository policy.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("ECR.3", "ECR repositories should have at least one lifecycle policy configured"),
    remediationSteps: "Declare an aws.ecr.LifecyclePolicy and an aws.ecr.RepositoryPolicy for the repository.",
    judge: (stack, findings) => {
        const identities = [property("name"), property("id")];
        requireCompanions(stack, findings, stack.ofTypes(aws.ecrRepository), identities, [
            { type: aws.ecrLifecyclePolicy, called: "lifecycle policy (aws.ecr.LifecyclePolicy)", link },
            { type: aws.ecrRepositoryPolicy, called: "repository policy (aws.ecr.RepositoryPolicy)", link },
        ]);
    },
});
