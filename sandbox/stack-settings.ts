import { stackFileValue } from "../settings/stack-file";
import { toolImages } from "./application/tools";
import { deployment } from "./github/relaypacs";
import { projectRoot, type Instance } from "./instance";

/** A setting of a stack as its file has it, whatever the environment's variables say. */
export const stackSetting = (stack: string, key: string): unknown =>
    stackFileValue(`relaypacs:${key}`, stack, projectRoot);

/** What one pod asks for where two colours of production and staging share a small machine. */
const smallResources = { cpuRequest: "50m", cpuLimit: "500m", memoryRequest: "64Mi", memoryLimit: "128Mi" };

/** Production's services as its stack file has them, with as few and as small pods as a sandbox can bear. */
const productionServices = () =>
    (stackSetting("prod", "services") as readonly object[]).map((service) => ({
        ...service,
        replicas: 2,
        resources: smallResources,
    }));

/** The repository as the stack files have it, with the one person who may move the branch `staging`. */
const mirroredRepository = () => ({
    ...(stackSetting("staging", "repository") as object),
    stagingMirror: `/${deployment.login}`,
});

/**
 * Settings in which the sandbox differs from a real account: images that it has built, one cluster for both stacks whose
 * services staging makes, its own people, and the synthetic user that the stand-in for the application knows.
 */
export function stackVariables(instance: Instance): Record<string, string> {
    const images = toolImages(instance);
    return {
        ...(images === undefined ? {} : { RELAYPACS_TOOL_IMAGES: JSON.stringify(images) }),
        RELAYPACS_REPOSITORY: JSON.stringify(mirroredRepository()),
        // Releases are judged in seconds here, so measurements come as often.
        RELAYPACS_SCRAPE_SECONDS: "2",
        // The sandbox's own authority signs the certificate, and the sandbox delivers it.
        RELAYPACS_CERTIFICATE_ISSUER: "none",
        RELAYPACS_SMOKE_USERNAME: "testuser",
        RELAYPACS_SMOKE_PASSWORD: "testpass",
        RELAYPACS_STAGING_CLUSTER_ENVIRONMENTS: JSON.stringify(["staging", "prod"]),
        RELAYPACS_PROD_CLUSTER_SERVICES: "use",
        RELAYPACS_PROD_PROMETHEUS_URL: "http://prometheus.monitoring.svc:9090",
        RELAYPACS_PROD_SERVICES: JSON.stringify(productionServices()),
    };
}
