import type { BucketArgs } from "@pulumi/aws/s3/bucket";
import type { Unwrap } from "@pulumi/pulumi";
import { isNamed } from "../shared/names";
import { resourcePolicy, stackOf } from "../shared/policy";
import { evidencePattern, exemptStacks } from "../shared/settings";
import { specification } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly evidencePattern: string;
    readonly stacks: readonly string[];
}

export const s3BucketForceDestroy = resourcePolicy<Unwrap<BucketArgs>, Settings>({
    name: "s3-bucket-force-destroy",
    description: "A bucket that still holds objects cannot be destroyed; an evidence bucket never can.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...specification("Pipeline tool stack", "Build artifacts and test reports are kept in S3"),
    remediationSteps:
        "Leave forceDestroy out, or list the stack in this policy's setting stacks when it is disposable.",
    configSchema: { properties: { stacks: exemptStacks, evidencePattern } },
    types: [aws.bucket],
    judge: (given, findings, { name, urn }) => {
        const { forceDestroy } = given;
        if (forceDestroy !== true) return;
        const { settings } = findings;
        if (isNamed(settings.evidencePattern, name, () => given.bucket)) {
            findings.deviates("forceDestroy", forceDestroy, "false, for evidence in every stack");
        } else if (!settings.stacks.includes(stackOf(urn))) {
            findings.deviates(
                "forceDestroy",
                forceDestroy,
                `false, outside the stacks ${JSON.stringify(settings.stacks)}`,
            );
        }
    },
});
