import type * as pulumi from "@pulumi/pulumi";
import { RepositoryGovernance } from "../components/governance/repository-governance";
import { PipelineIdentity } from "../components/identity/pipeline-identity";
import { signingDuties, type SigningDuty } from "../components/identity/signing-duties";
import { ContainerRegistry } from "../components/registry/container-registry";
import { EvidenceSigningKey } from "../components/security/evidence-signing-key";
import { ArtifactStore } from "../components/storage/artifact-store";
import { registryHost, roleArn } from "../delivery/core/names";
import { stricterLimits } from "../delivery/gates";
import type { Settings } from "../settings";
import { toolNames } from "../settings/schema";
import { after } from "./options";

/** What both environments use. One stack makes it (`relaypacs:sharedResources` is `create`), the other uses it. */
export interface SharedPlatform {
    /** Public halves of the keys that sign evidence, by the duty that signs. */
    readonly signingKeys: Readonly<Record<string, EvidenceSigningKey["identities"]>>;
    /** What an environment's secrets and credentials need: roles to name, and GitHub environments to be put into. */
    readonly foundations: pulumi.Resource[];
}

/** Identities, keys and stores of the pipeline, and the rules of the repository (specification, sections 1 and 2). */
export function createSharedPlatform(settings: Settings, options: pulumi.ComponentResourceOptions): SharedPlatform {
    const { account, environment, repository } = settings;
    const services = settings.services.map(({ name }) => name);
    const identity = new PipelineIdentity(
        "pipeline",
        { account, environment, repository, services, tools: toolNames },
        options,
    );
    // AWS refuses a policy about a role that isn't there yet.
    const afterRoles = after(options, identity);
    const signingKeys = Object.fromEntries(
        (Object.keys(signingDuties) as SigningDuty[]).map((duty) => [
            duty,
            new EvidenceSigningKey(`${duty}-evidence`, { account, environment, duty }, afterRoles).identities,
        ]),
    );
    new ContainerRegistry(
        "registry",
        {
            account,
            environment,
            services,
            tools: toolNames,
            publisherArn: roleArn(account, "publish"),
            readerArns: (["deploy-staging", "deploy-prod", "rollback-prod"] as const).map((role) =>
                roleArn(account, role),
            ),
            keepReleases: settings.keepReleases,
        },
        afterRoles,
    );
    const { buckets } = new ArtifactStore(
        "artifacts",
        { account, environment, evidenceRetentionYears: settings.evidenceRetentionYears },
        options,
    );
    const governance = new RepositoryGovernance(
        "repository",
        {
            repository: { ...repository, approverTeams: Object.keys(repository.approverTeams) },
            variables: workflowVariables(settings, buckets),
            secrets: { DOCKER_PASSWORD: settings.secrets.dockerHubToken },
            soakMinutes: Math.ceil(stricterLimits(settings.gateLimits).soakSeconds / 60),
        },
        options,
    );
    return { signingKeys, foundations: [identity, governance] };
}

/** What the workflows of the gateway's repository read, whatever environment they deploy to. */
function workflowVariables(
    { account, dockerHubUsername, repository }: Settings,
    buckets: ArtifactStore["buckets"],
): Record<string, pulumi.Input<string>> {
    return {
        AWS_REGION: account.region,
        DOCKER_USERNAME: dockerHubUsername,
        ECR_REGISTRY: registryHost(account),
        EVIDENCE_BUCKET: buckets.evidence,
        REPORTS_BUCKET: buckets["test-reports"],
        ARTIFACTS_BUCKET: buckets["build-artifacts"],
        ASSETS_BUCKET: buckets["frontend-assets"],
        PREVIEW_ROLE: roleArn(account, "preview"),
        PUBLISH_ROLE: roleArn(account, "publish"),
        // GitHub takes no variable without a value: without it, a deployment leaves the branch staging alone.
        ...(repository.stagingMirror !== undefined && { STAGING_MIRROR: repository.stagingMirror }),
    };
}
