import * as pulumi from "@pulumi/pulumi";
import { prometheusUrl } from "../components/cluster/prometheus";
import { followedRollout } from "../components/delivery/follow-rollout";
import { ServiceRelease, type BlueGreenRelease } from "../components/delivery/service-release";
import { imageReference } from "../delivery/core/names";
import { clusterOf } from "../delivery/rollouts/follow-rollout";
import { bindSecrets } from "../delivery/rollouts/secrets";
import type { WrittenRelease } from "../delivery/core/release";
import type { Service, Settings } from "../settings";
import type { Environment } from "./environment";
import { toolImage } from "./tool-image";

/**
 * One release in its environment: migration first, then each service by digest, then the public host name
 * (specification, stage 9 and section 6).
 */
export function createDelivery(
    settings: Settings,
    release: WrittenRelease,
    { namespace, secrets }: Environment,
    options: pulumi.ComponentResourceOptions,
): ServiceRelease {
    const { account, certificateIssuer } = settings;
    const isReleased = ({ name }: Service) => Object.hasOwn(release.images, name);
    for (const { name } of settings.services.filter((one) => !isReleased(one)))
        void pulumi.log.warn(
            `Release ${release.version} has no image of ${name}: it does not run. Its image repository is there for the next release.`,
        );
    return new ServiceRelease(
        "release",
        {
            environment: settings.environment,
            region: account.region,
            namespace,
            services: settings.services.filter(isReleased),
            version: release.version,
            images: Object.fromEntries(
                Object.entries(release.images).map(([service, digest]) => [
                    service,
                    imageReference(account, service, digest),
                ]),
            ),
            secretDelivery: settings.secretDelivery,
            secrets,
            hostname: settings.hostname,
            ingressClass: settings.ingressClass,
            ...(certificateIssuer !== "none" && { certificateIssuer }),
            rolloutTimeoutSeconds: settings.rolloutTimeoutSeconds,
            migrationTimeoutSeconds: settings.migrationTimeoutSeconds,
            migrate: !release.rollback,
            ...(settings.deploymentStrategy === "blueGreen" && { blueGreen: blueGreenRelease(settings) }),
        },
        options,
    );
}

function blueGreenRelease(settings: Settings): BlueGreenRelease {
    return {
        settings: settings.blueGreen,
        prometheusUrl: settings.prometheusUrl ?? prometheusUrl(settings.monitoringNamespace),
        scrapeSeconds: settings.scrapeSeconds,
        smokeTestImage: toolImage(settings, "smoke-tests"),
        kubernetesContext: settings.kubernetesContext,
        follow: followedRollout,
        bindSecrets: boundSecretsOf(settings.kubernetesContext),
    };
}

/** Binds them once all services run. What can't be bound now is bound by the next release; it fails none. */
const boundSecretsOf = (context: string | undefined) => async (namespace: string) => {
    if (pulumi.runtime.isDryRun()) return;
    try {
        await bindSecrets(clusterOf(context), namespace);
    } catch (error) {
        await pulumi.log.warn((error as Error).message);
    }
};
