import * as k8s from "@pulumi/kubernetes";
import { ReleaseGate, type ReleaseGateArgs } from "../../../components/delivery/release-gate";

/**
 * A program that bypasses the gates: it accepts any release. It registers the Release that the environment gives it,
 * and then changes production.
 */
const args = process.env.UNGATED_RELEASE;
const gates =
    args === undefined ? [] : [new ReleaseGate("gates", { args: JSON.parse(args) as ReleaseGateArgs, warnings: [] })];

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
