import * as aws from "@pulumi/aws";
import * as github from "@pulumi/github";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ArtifactStore } from "./components/artifact-store";
import { ClusterServices } from "./components/cluster-services";
import { ContainerRegistry } from "./components/container-registry";
import { EnvironmentCredentials } from "./components/environment-credentials";
import { EnvironmentNamespace } from "./components/environment-namespace";
import { imageReference, registryHost, roleArn, rollbackEnvironment, type RoleName } from "./components/names";
import { PipelineIdentity } from "./components/pipeline-identity";
import { prometheusUrl } from "./components/prometheus";
import { admitRelease, Release } from "./components/release";
import { RepositoryGovernance } from "./components/repository-governance";
import { followedRollout } from "./components/rollout-watch";
import { SecretStore } from "./components/secret-store";
import { ServiceRelease } from "./components/service-release";
import { signingDuties, type SigningDuty } from "./components/signing-duty";
import { EvidenceSigningKey } from "./components/signing-key";
import { stricterLimits } from "./policies/gates";
import { loadSettings } from "./settings";
import { toolNames } from "./settings/schema";

// Wrong settings, and a release that fails a gate, end here, before anything is registered.
const settings = loadSettings();
const admitted = admitRelease(settings);
const { environment, ingressClass, ingressNamespace, monitoringNamespace, region, repository, secrets, services } =
    settings;
const account = { accountId: settings.awsAccountId, region };
const serviceNames = services.map((service) => service.name);
const tool = (name: (typeof toolNames)[number]) => imageReference(account, name, settings.toolImages?.[name] ?? "");

const providers = [
    new aws.Provider("aws", { region, allowedAccountIds: [account.accountId] }),
    new github.Provider("github", {
        owner: repository.owner,
        ...(settings.githubToken && { token: settings.githubToken }),
    }),
    new k8s.Provider("cluster", {
        enableServerSideApply: true,
        ...(settings.kubernetesContext !== undefined && { context: settings.kubernetesContext }),
    }),
];

// The policy pack judges the release again. All else waits for that, what both environments share included: a registry's
// rules or a role's rights can end what runs as surely as a bad image, and the release that was let in last still passes.
const gates = admitted ? [new Release("gates", admitted)] : [];
const platform: pulumi.ComponentResourceOptions = { providers, dependsOn: gates };

// What both environments use is made by one stack: identities, the rules of the repository, and the stores.
const shared: pulumi.Resource[] = [];
const keys: Record<string, EvidenceSigningKey["identities"]> = {};
if (settings.sharedResources === "create") {
    const identity = new PipelineIdentity(
        "pipeline",
        { account, environment, repository, services: serviceNames, tools: toolNames },
        platform,
    );
    // AWS refuses a policy about a role that isn't there yet.
    const afterRoles = { ...platform, dependsOn: [...gates, identity] };
    for (const duty of Object.keys(signingDuties) as SigningDuty[]) {
        keys[duty] = new EvidenceSigningKey(`${duty}-evidence`, { account, environment, duty }, afterRoles).identities;
    }
    new ContainerRegistry(
        "registry",
        {
            account,
            environment,
            services: serviceNames,
            tools: toolNames,
            publisherArn: roleArn(account, "publish"),
            readerArns: (["deploy-staging", "deploy-prod", "rollback-prod"] as const).map((role) =>
                roleArn(account, role),
            ),
            keepReleases: settings.keepReleases,
        },
        afterRoles,
    );
    const artifacts = new ArtifactStore(
        "artifacts",
        { account, environment, evidenceRetentionYears: settings.evidenceRetentionYears },
        platform,
    );
    const governance = new RepositoryGovernance(
        "repository",
        {
            repository: { ...repository, approverTeams: Object.keys(repository.approverTeams) },
            variables: {
                AWS_REGION: region,
                DOCKER_USERNAME: settings.dockerHubUsername,
                ECR_REGISTRY: registryHost(account),
                EVIDENCE_BUCKET: artifacts.buckets.evidence,
                REPORTS_BUCKET: artifacts.buckets["test-reports"],
                ARTIFACTS_BUCKET: artifacts.buckets["build-artifacts"],
                ASSETS_BUCKET: artifacts.buckets["frontend-assets"],
                PREVIEW_ROLE: roleArn(account, "preview"),
                PUBLISH_ROLE: roleArn(account, "publish"),
                // GitHub takes no variable without a value: a deployment sees by its absence that nobody is named.
                ...(repository.stagingMirror !== undefined && { STAGING_MIRROR: repository.stagingMirror }),
            },
            secrets: { DOCKER_PASSWORD: secrets.dockerHubToken },
            soakMinutes: Math.ceil(stricterLimits(settings.gateLimits).soakSeconds / 60),
        },
        platform,
    );
    shared.push(identity, governance);
}

// One environment: its secrets, its credentials in GitHub, its namespace.
const deployers: readonly { readonly name: string; readonly of: string; readonly role: RoleName }[] = [
    { name: environment, of: environment, role: `deploy-${environment}` },
    // Production's way back: a role and a GitHub environment of its own, since it waits for no approver.
    ...(environment === "prod"
        ? ([{ name: "prod-rollback", of: rollbackEnvironment, role: "rollback-prod" }] as const)
        : []),
];
const store = new SecretStore(
    `${environment}-secrets`,
    {
        account,
        environment,
        readerArns: deployers.map(({ role }) => roleArn(account, role)),
        rotation: settings.rotation,
        secrets: {
            "database-url": { description: "PostgreSQL connection", value: secrets.databaseUrl, rotated: true },
            "application-secret-key": {
                description: "Signs sessions",
                value: secrets.applicationSecretKey,
                rotated: true,
            },
            "smoke-username": {
                description: "User that smoke tests log in as",
                value: settings.smokeUsername,
                rotated: false,
            },
            "smoke-password": { description: "Password of that user", value: secrets.smokePassword, rotated: false },
            "docker-hub": { description: "Docker Hub access token", value: secrets.dockerHubToken, rotated: false },
            "slack-webhook": {
                description: "Where releases are announced",
                value: secrets.slackWebhook,
                rotated: false,
            },
        },
    },
    { ...platform, dependsOn: [...gates, ...shared] },
);
for (const { name, of, role } of deployers) {
    new EnvironmentCredentials(
        `${name}-credentials`,
        {
            repository: repository.name,
            environment: of,
            variables: { DEPLOY_ROLE: roleArn(account, role), PUBLIC_URL: `https://${settings.hostname}` },
            secrets: { SLACK_WEBHOOK: secrets.slackWebhook },
        },
        { ...platform, dependsOn: [...gates, ...shared] },
    );
}

// What releases need of the cluster: a way in with weights, the controller of blue-green releases, measurements.
const cluster: pulumi.Resource[] = [];
if (settings.clusterServices === "create" && settings.toolImages) {
    const environments = settings.clusterEnvironments ?? [environment];
    cluster.push(
        new ClusterServices(
            "cluster-services",
            {
                images: {
                    "argo-rollouts": tool("argo-rollouts"),
                    traefik: tool("traefik"),
                    prometheus: tool("prometheus"),
                },
                environments,
                blueGreenEnvironment: environments.find((one) => one === "prod"),
                ingressClass,
                ingressNamespace,
                monitoringNamespace,
                scrapeSeconds: settings.scrapeSeconds,
                serviceType: settings.ingressService.type,
                serviceAnnotations: settings.ingressService.annotations,
            },
            platform,
        ),
    );
}
const place = new EnvironmentNamespace(
    environment,
    {
        environment,
        services,
        strategy: settings.deploymentStrategy,
        ingressNamespace,
        monitoringNamespace,
        database: settings.database,
    },
    platform,
);

// The release: migration first, then each service by digest, then the public host name. Production goes blue-green.
const delivery =
    settings.release &&
    new ServiceRelease(
        "release",
        {
            environment,
            region,
            namespace: place.namespace,
            services,
            version: settings.release.version,
            images: Object.fromEntries(
                Object.entries(settings.release.images).map(([service, digest]) => [
                    service,
                    imageReference(account, service, digest),
                ]),
            ),
            secretDelivery: settings.secretDelivery,
            secretValues: store.values,
            hostname: settings.hostname,
            ingressClass,
            ...(settings.certificateIssuer !== "none" && { certificateIssuer: settings.certificateIssuer }),
            rolloutTimeoutSeconds: settings.rolloutTimeoutSeconds,
            migrationTimeoutSeconds: settings.migrationTimeoutSeconds,
            migrate: !settings.release.rollback,
            ...(settings.deploymentStrategy === "blueGreen" && {
                blueGreen: {
                    settings: settings.blueGreen,
                    prometheusUrl: settings.prometheusUrl ?? prometheusUrl(monitoringNamespace),
                    scrapeSeconds: settings.scrapeSeconds,
                    smokeTestImage: tool("smoke-tests"),
                    kubernetesContext: settings.kubernetesContext,
                    follow: followedRollout,
                },
            }),
        },
        { ...platform, dependsOn: [...gates, ...cluster] },
    );

export const url = `https://${settings.hostname}`;
export const namespace = place.namespace;
export const version = delivery?.deployed.version ?? "none";
export const images = delivery?.deployed.images ?? {};
/** What runs, as `relaypacs:release` takes it. */
export const release = delivery?.deployed.apply(() => settings.release) ?? {};
export const registry = registryHost(account);
/** Public halves of the keys that sign evidence, for `relaypacs:trustedKeys`. */
export const signingKeys = keys;
