import * as k8s from "@pulumi/kubernetes";
import { Release, type ReleaseArgs } from "../../../components/release";

/**
 * What somebody could write to get round the gates: a program that takes any release. It registers the Release that the
 * environment gives it, and then changes production.
 */
const args = process.env.UNGATED_RELEASE;
const gates = args === undefined ? [] : [new Release("gates", { args: JSON.parse(args) as ReleaseArgs, warnings: [] })];

const image = process.env.UNGATED_IMAGE;
if (image === undefined) {
    new k8s.core.v1.ConfigMap(
        "touched",
        { metadata: { name: "touched", namespace: "default" }, data: { by: "ungated" } },
        { dependsOn: gates },
    );
} else {
    const labels = { "app.kubernetes.io/name": "backend" };
    new k8s.apps.v1.Deployment(
        "backend",
        {
            metadata: { name: "backend", namespace: "relaypacs-prod" },
            spec: {
                selector: { matchLabels: labels },
                template: { metadata: { labels }, spec: { containers: [{ name: "backend", image }] } },
            },
        },
        { dependsOn: gates },
    );
}
