import type * as pulumi from "@pulumi/pulumi";
import { ClusterServices } from "../components/cluster/cluster-services";
import type { Settings } from "../settings";
import { toolImage } from "./tool-image";

/**
 * What releases need of the cluster: an ingress controller that splits traffic by weight, the controller of blue-green
 * releases, and Prometheus (specification, sections 6 and 7).
 *
 * @returns undefined where the cluster has its own, and before the tools' images are mirrored (`bootstrap`)
 */
export function createClusterServices(
    settings: Settings,
    options: pulumi.ComponentResourceOptions,
): ClusterServices | undefined {
    if (settings.clusterServices !== "create" || !settings.toolImages) return undefined;
    const environments = settings.clusterEnvironments ?? [settings.environment];
    return new ClusterServices(
        "cluster-services",
        {
            images: {
                "argo-rollouts": toolImage(settings, "argo-rollouts"),
                traefik: toolImage(settings, "traefik"),
                prometheus: toolImage(settings, "prometheus"),
            },
            environments,
            blueGreenEnvironment: environments.find((one) => one === "prod"),
            ingressClass: settings.ingressClass,
            ingressNamespace: settings.ingressNamespace,
            monitoringNamespace: settings.monitoringNamespace,
            scrapeSeconds: settings.scrapeSeconds,
            serviceType: settings.ingressService.type,
            serviceAnnotations: settings.ingressService.annotations,
        },
        options,
    );
}
