import * as pulumi from "@pulumi/pulumi";

/** The same options, and these resources are created first. */
export const after = (
    options: pulumi.ComponentResourceOptions,
    resources: pulumi.Resource | pulumi.Resource[] = [],
): pulumi.ComponentResourceOptions => pulumi.mergeOptions(options, { dependsOn: resources });
