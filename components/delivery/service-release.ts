import * as pulumi from "@pulumi/pulumi";
import { backendVariables } from "../../delivery/core/variables";
import type { BlueGreenSettings } from "./blue-green-settings";
import { BlueGreenDeployment, type FollowRollout } from "./blue-green-deployment";
import { DatabaseMigration } from "./database-migration";
import { NamespaceSecrets, type NamespaceSecretsArgs, type StoredEntry } from "../secrets/namespace-secrets";
import { smokeTestsName, type PodArgs, type ServiceSpecification } from "../shared/pod-template";
import { PublicIngress } from "./public-ingress";
import { RollingDeployment } from "./rolling-deployment";
import { RolloutRoutes } from "./rollout-routes";

/** How a blue-green release is performed and followed. */
export interface BlueGreenRelease {
    readonly settings: BlueGreenSettings;
    /** Address of the Prometheus that analyses query, as pods reach it. */
    readonly prometheusUrl: string;
    /**
     * Seconds between two scrapes of a pod.
     *
     * @default 15
     */
    readonly scrapeSeconds?: number;
    /** Image by digest. */
    readonly smokeTestImage: string;
    /** Kubeconfig context with which rollouts are followed, or undefined for the current one. */
    readonly kubernetesContext: string | undefined;
    /** Follows each Rollout to its outcome. */
    readonly follow: FollowRollout;
    /** Makes each Secret live as long as the ReplicaSets that name it. */
    readonly bindSecrets: (namespace: string) => Promise<void>;
}

export interface ServiceReleaseArgs {
    readonly environment: string;
    readonly region: string;
    readonly namespace: pulumi.Input<string>;
    readonly services: readonly ServiceSpecification[];
    readonly version: string;
    /** Image by digest, by service. */
    readonly images: Readonly<Record<string, string>>;
    readonly secretDelivery: "kubernetesSecret" | "externalSecrets";
    /** What the secret store holds now, by entry. */
    readonly secrets: Readonly<Record<string, StoredEntry>>;
    readonly hostname: string;
    readonly ingressClass: string;
    /** The cert-manager ClusterIssuer of the public certificate; without one, `public-tls` is managed elsewhere. */
    readonly certificateIssuer?: string;
    readonly rolloutTimeoutSeconds: number;
    readonly migrationTimeoutSeconds: number;
    /**
     * Whether the database is migrated first. Not in a rollback: the schema is this release's or a newer one, whose
     * revision an older image's Alembic refuses (specification, section 7).
     *
     * @default true
     */
    readonly migrate?: boolean;
    /** Settings of blue-green releases; without them, services are rolled (specification, section 6). */
    readonly blueGreen?: BlueGreenRelease;
}

/** Environment variable of the smoke tests by entry of the secret store. */
export const smokeTestVariables = { "smoke-username": "SMOKE_USERNAME", "smoke-password": "SMOKE_PASSWORD" } as const;

/**
 * One release in one environment, in the order that loses no request (specification, stage 9 and section 6):
 * credentials, then the database migration (not in a rollback), then the services, one pod at a time or blue-green, then
 * the public routes. Each step depends on the one before it, and a failed step leaves the running version as it is.
 */
export class ServiceRelease extends pulumi.ComponentResource {
    /** What runs, known once every part of the release is in place: a failed update keeps the previous output. */
    readonly deployed: pulumi.Output<{
        readonly version: string;
        readonly images: Readonly<Record<string, string>>;
    }>;

    constructor(name: string, args: ServiceReleaseArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:delivery:ServiceRelease", name, {}, options);
        const migrations: pulumi.Resource[] = [];
        const secretNames = new Map<string, pulumi.Output<string>>();
        for (const service of args.services.filter((one) => one.database)) {
            const secret = new NamespaceSecrets(
                `${service.name}-secrets`,
                { ...storeOf(args), variables: backendVariables, retain: args.blueGreen !== undefined },
                { parent: this },
            );
            secretNames.set(service.name, secret.secretName);
            if (args.migrate === false) continue;
            // A Secret of its own: a new name would change the Job, and a rotation would repeat the migration.
            const own = new NamespaceSecrets(
                `${service.name}-migration-secrets`,
                { ...storeOf(args), variables: backendVariables, naming: "same" },
                { parent: this },
            );
            migrations.push(
                new DatabaseMigration(
                    `${service.name}-migration`,
                    { ...this.pod(service, args, own.secretName), timeoutSeconds: args.migrationTimeoutSeconds },
                    { parent: this, dependsOn: own },
                ),
            );
        }
        const deployed = args.blueGreen
            ? this.blueGreen(args, args.blueGreen, secretNames, migrations)
            : this.rolling(args, secretNames, migrations);
        this.deployed = deployed.apply(() => ({ version: args.version, images: args.images }));
        this.registerOutputs({ deployed: this.deployed });
    }

    /** @returns an output that is known once every service is replaced */
    private rolling(
        args: ServiceReleaseArgs,
        secretNames: ReadonlyMap<string, pulumi.Output<string>>,
        migrations: pulumi.Resource[],
    ): pulumi.Output<unknown> {
        const deployments = args.services.map(
            (service) =>
                new RollingDeployment(
                    service.name,
                    {
                        ...this.pod(service, args, secretNames.get(service.name)),
                        timeoutSeconds: args.rolloutTimeoutSeconds,
                    },
                    { parent: this, dependsOn: migrations },
                ),
        );
        const routes = routesTo(
            args.services,
            deployments.map(({ serviceName }) => serviceName),
        );
        new PublicIngress("public", { ...publicName(args), ingressClass: args.ingressClass, routes }, { parent: this });
        return pulumi.all(deployments.map((deployment) => deployment.host));
    }

    private blueGreen(
        args: ServiceReleaseArgs,
        release: BlueGreenRelease,
        secretNames: ReadonlyMap<string, pulumi.Output<string>>,
        migrations: pulumi.Resource[],
    ): pulumi.Output<unknown> {
        const { follow, kubernetesContext, prometheusUrl, settings, smokeTestImage: image } = release;
        const { secretName } = new NamespaceSecrets(
            smokeTestsName,
            { ...storeOf(args), variables: smokeTestVariables },
            { parent: this },
        );
        const deployments = args.services.map(
            (service) =>
                new BlueGreenDeployment(
                    service.name,
                    {
                        ...this.pod(service, args, secretNames.get(service.name)),
                        environment: args.environment,
                        settings,
                        prometheusUrl,
                        ...(release.scrapeSeconds !== undefined && { scrapeSeconds: release.scrapeSeconds }),
                        smokeTests: { image, secretName },
                        timeoutSeconds: args.rolloutTimeoutSeconds,
                        kubernetesContext,
                        follow,
                    },
                    { parent: this, dependsOn: migrations },
                ),
        );
        new RolloutRoutes(
            "public",
            {
                ...publicName(args),
                routes: routesTo(
                    args.services,
                    deployments.map(({ weightedServiceName }) => weightedServiceName),
                ),
            },
            { parent: this },
        );
        return pulumi
            .all([args.namespace, pulumi.all(deployments.map(({ deployed }) => deployed))])
            .apply(([namespace]) => release.bindSecrets(namespace));
    }

    private pod(
        service: ServiceSpecification,
        { images, namespace, version }: ServiceReleaseArgs,
        secretName: pulumi.Input<string> | undefined,
    ): PodArgs & { readonly namespace: pulumi.Input<string> } {
        const image = images[service.name];
        if (image === undefined) throw new Error(`service ${service.name} has no image in the release`);
        return { service, image, version, secretName, namespace };
    }
}

/** Arguments that all Secrets of the release share. */
function storeOf(args: ServiceReleaseArgs): Omit<NamespaceSecretsArgs, "variables"> {
    const { environment, namespace, region, secretDelivery: delivery, secrets: entries } = args;
    return { environment, namespace, region, delivery, entries };
}

/** Arguments that both kinds of public route share. */
function publicName({ namespace, hostname, certificateIssuer }: ServiceReleaseArgs) {
    return { namespace, hostname, ...(certificateIssuer !== undefined && { certificateIssuer }) };
}

/** The service behind each path of the public host name. */
function routesTo(
    services: readonly ServiceSpecification[],
    targets: readonly pulumi.Output<string>[],
): Record<string, pulumi.Input<string>> {
    return Object.fromEntries(
        targets.flatMap((target, at) => (services[at]?.routes ?? []).map((route) => [route, target] as const)),
    );
}
