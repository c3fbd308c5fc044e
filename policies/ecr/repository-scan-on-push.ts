import type { RepositoryArgs } from "@pulumi/aws/ecr/repository";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

/** Remediated: scanning changes nothing that is pushed or pulled. */
export const ecrRepositoryScanOnPush = resourcePolicy<Unwrap<RepositoryArgs>>({
    name: "ecr-repository-scan-on-push",
    description: "Container images are scanned for vulnerabilities when they are pushed.",
    enforcementLevel: "remediate",
    severity: "high",
    ...securityHub("ECR.1", "ECR private repositories should have image scanning configured"),
    remediationSteps: "Set imageScanningConfiguration.scanOnPush to true.",
    types: [aws.ecrRepository],
    judge: ({ imageScanningConfiguration }, findings) => {
        const scanOnPush = imageScanningConfiguration?.scanOnPush;
        if (scanOnPush !== true) findings.deviates("imageScanningConfiguration.scanOnPush", scanOnPush, "true");
    },
    remediate: (repository) => {
        const configuration = (repository.imageScanningConfiguration ??= {});
        if (configuration.scanOnPush === true) return false;
        configuration.scanOnPush = true;
        return true;
    },
});
