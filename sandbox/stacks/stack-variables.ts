import { stackFileValue } from "../../settings/stack-file";
import { toolImages } from "../application/tools";
import { deployment } from "../parts/github/relaypacs";
import { projectRoot, type Instance } from "../machine/instance";

/** A setting of a stack in its file, without regard to environment variables. */
export const stackSetting = (stack: string, key: string): unknown =>
    stackFileValue(`relaypacs:${key}`, stack, projectRoot);

/** Requests of one pod where two colours of production and staging share a small machine. */
const smallResources = { cpuRequest: "50m", cpuLimit: "500m", memoryRequest: "64Mi", memoryLimit: "128Mi" };

/** Production's services of the stack file, with as few and as small pods as possible. */
const productionServices = () =>
    (stackSetting("prod", "services") as readonly object[]).map((service) => ({
        ...service,
        replicas: 2,
        resources: smallResources,
    }));

/** The repository of the stack files, with the one person who may move the branch `staging`. */
const mirroredRepository = () => ({
    ...(stackSetting("staging", "repository") as object),
    stagingMirror: `/${deployment.login}`,
});

/** Seconds between two scrapes: releases are judged in seconds here, so measurements come as often. */
export const scrapeSeconds = 2;

/**
 * Settings in which the sandbox differs from a real account: its own images and people, one cluster for both stacks,
 * whose services staging creates, and the synthetic user of the stand-in application.
 */
export function stackVariables(instance: Instance): Record<string, string> {
    const images = toolImages(instance);
    return {
        ...(images === undefined ? {} : { RELAYPACS_TOOL_IMAGES: JSON.stringify(images) }),
        RELAYPACS_REPOSITORY: JSON.stringify(mirroredRepository()),
        RELAYPACS_SCRAPE_SECONDS: String(scrapeSeconds),
        // The sandbox's own authority signs the certificate, and the sandbox installs it.
        RELAYPACS_CERTIFICATE_ISSUER: "none",
        RELAYPACS_SMOKE_USERNAME: "testuser",
        RELAYPACS_SMOKE_PASSWORD: "testpass",
        RELAYPACS_STAGING_CLUSTER_ENVIRONMENTS: JSON.stringify(["staging", "prod"]),
        RELAYPACS_PROD_CLUSTER_SERVICES: "use",
        RELAYPACS_PROD_PROMETHEUS_URL: "http://prometheus.monitoring.svc:9090",
        RELAYPACS_PROD_SERVICES: JSON.stringify(productionServices()),
    };
}
