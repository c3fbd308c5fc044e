import * as pulumi from "@pulumi/pulumi";
import { blueGreen } from "../../../settings/schema";

export const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
export const image = (of: string) => `123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/${of}@${digest}`;
export const settings = blueGreen.parse({});
export const service = {
    name: "backend",
    port: 8000,
    healthPath: "/health",
    replicas: 4,
    routes: ["/api", "/health"],
    database: true,
    resources: { cpuRequest: "500m", cpuLimit: "2000m", memoryRequest: "512Mi", memoryLimit: "1024Mi" },
    environment: {},
};
export const frontend = { ...service, name: "frontend", port: 8080, routes: ["/"], database: false };

/** The rollouts that were followed, in order. */
export const followed: string[] = [];
export const follow = (
    rollout: pulumi.CustomResource,
    { namespace, name, version }: { namespace: pulumi.Input<string>; name: string; version: string },
) =>
    pulumi.all([rollout.id, namespace]).apply(([, place]) => {
        followed.push(`${place}/${name} ${version}`);
        return version;
    });

export const args = {
    service,
    image: image("backend"),
    version: "1.4.2",
    secretName: "backend-secrets",
    environment: "prod",
    namespace: "relaypacs-prod",
    settings,
    prometheusUrl: "http://prometheus.monitoring.svc:9090",
    smokeTests: { image: image("smoke-tests"), secretName: "smoke-tests" },
    timeoutSeconds: 300,
    kubernetesContext: undefined,
    follow,
};
