import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import { EnvironmentCredentials } from "../components/governance/environment-credentials";
import { RepositoryGovernance } from "../components/governance/repository-governance";
import { BackupRole } from "../components/identity/backup-role";
import { PipelineIdentity, type PipelineIdentityArgs } from "../components/identity/pipeline-identity";
import { RehearsalRole } from "../components/identity/rehearsal-role";
import { signingDuties, type SigningDuty } from "../components/identity/signing-duties";
import { knownId, subjectPrefix } from "../components/identity/token-claims";
import { ContainerRegistry } from "../components/registry/container-registry";
import { EvidenceSigningKey } from "../components/security/evidence-signing-key";
import { databaseBackupName } from "../components/shared/network-rules";
import { ArtifactStore } from "../components/storage/artifact-store";
import { BackupStore } from "../components/storage/backup-store";
import { driftEnvironment, previewEnvironment, registryHost, roleArn } from "../delivery/core/names";
import { stricterLimits } from "../delivery/gates";
import type { Settings } from "../settings";
import { toolNames } from "../settings/schema";
import { after } from "./options";

/** What both environments use. One stack makes it (`relaypacs:sharedResources` is `create`), the other uses it. */
export interface SharedPlatform {
    /** ARNs of the keys that sign evidence, by the duty that signs. */
    readonly signingKeys: Readonly<Record<string, EvidenceSigningKey["arns"]>>;
    /** What an environment's secrets and credentials need: roles to name, and GitHub environments to be put into. */
    readonly foundations: pulumi.Resource[];
}

/** Identities, keys and stores of the pipeline, and the rules of the repository (specification, sections 1 and 2). */
export function createSharedPlatform(settings: Settings, options: pulumi.ComponentResourceOptions): SharedPlatform {
    const { account, environment, repository } = settings;
    const services = settings.services.map(({ name }) => name);
    const { databaseBackup } = settings;
    const tools = [...toolNames, ...(databaseBackup ? [databaseBackupName] : [])];
    const artifacts = new ArtifactStore(
        "artifacts",
        { account, environment, evidenceRetentionYears: settings.evidenceRetentionYears },
        options,
    );
    const { buckets } = artifacts;
    if (databaseBackup) {
        // Its access logs go to the artifacts' bucket for them.
        new BackupStore(
            "database-backups",
            { account, environment, retentionDays: databaseBackup.retentionDays },
            after(options, artifacts),
        );
        for (const stack of ["staging", "prod"] as const)
            new BackupRole(`database-backup-${stack}`, { account, environment, stack }, options);
        new RehearsalRole("restore-rehearsal", { account, environment }, options);
    }
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
    for (const stack of ["staging", "prod"] as const)
        new EnvironmentCredentials(
            `preview-${stack}-credentials`,
            {
                repository: governance.platform,
                environment: previewEnvironment(stack),
                variables: { PREVIEW_ROLE: roleArn(account, `preview-${stack}`) },
                secrets: {},
            },
            options,
        );
    for (const stack of ["staging", "prod"] as const)
        new EnvironmentCredentials(
            `drift-${stack}-credentials`,
            {
                repository: governance.platform,
                environment: driftEnvironment(stack),
                variables: { DRIFT_ROLE: roleArn(account, `drift-${stack}`) },
                secrets: { SLACK_WEBHOOK: settings.secrets.slackWebhook },
            },
            options,
        );
    const identity = new PipelineIdentity(
        "pipeline",
        {
            account,
            environment,
            subjects: subjectsOf(settings, governance),
            workflows: {
                owner: repository.owner,
                repository: repository.platform,
                commits: settings.workflowCommits,
            },
            services,
            tools,
        },
        options,
    );
    // AWS refuses a policy about a role that isn't there yet.
    const afterRoles = after(options, identity);
    const signingKeys = Object.fromEntries(
        (Object.keys(signingDuties) as SigningDuty[]).map((duty) => [
            duty,
            new EvidenceSigningKey(`${duty}-evidence`, { account, environment, duty }, afterRoles).arns,
        ]),
    );
    new ContainerRegistry(
        "registry",
        {
            account,
            environment,
            services,
            tools,
            publisherArn: roleArn(account, "publish"),
            readerArns: (["sign-evidence", "deploy-staging", "deploy-prod", "rollback-prod"] as const).map((role) =>
                roleArn(account, role),
            ),
            keepReleases: settings.keepReleases,
        },
        afterRoles,
    );
    return { signingKeys, foundations: [identity, governance] };
}

/**
 * The beginnings of the subjects that the two repositories send. GitHub is asked for the ids that are in them: the
 * gateway's is known once its repository exists; the platform's repository, which holds this program, exists before.
 */
function subjectsOf(
    { repository: { owner, name, platform, subjectFormat, platformSubjectFormat } }: Settings,
    governance: RepositoryGovernance,
): PipelineIdentityArgs["subjects"] {
    const asked = { parent: governance };
    const immutable = (repository: string, repositoryId: pulumi.Output<number>) =>
        pulumi
            .all([github.getOrganizationOutput({ name: owner, summaryOnly: true }, asked).id, repositoryId])
            .apply(([ownersId, id]) =>
                subjectPrefix(owner, repository, {
                    owner: knownId(`the organisation ${owner}`, ownersId),
                    repository: knownId(`the repository ${owner}/${repository}`, id),
                }),
            );
    return {
        gateway: subjectFormat === "names" ? subjectPrefix(owner, name) : immutable(name, governance.repositoryId),
        platform:
            platformSubjectFormat === "names"
                ? subjectPrefix(owner, platform)
                : immutable(platform, github.getRepositoryOutput({ fullName: `${owner}/${platform}` }, asked).repoId),
    };
}

/** What the workflows of the gateway's repository read, whatever environment they deploy to. */
function workflowVariables(
    { account, dockerHubUsername, repository, workflowCommits }: Settings,
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
        PUBLISH_ROLE: roleArn(account, "publish"),
        SIGNING_ROLE: roleArn(account, "sign-evidence"),
        // An update of the pipeline is from a commit that names an earlier one: it takes the commits that are trusted now.
        WORKFLOW_COMMITS: JSON.stringify(workflowCommits),
        // GitHub takes no variable without a value: without it, a deployment leaves the branch staging alone.
        ...(repository.stagingMirror !== undefined && { STAGING_MIRROR: repository.stagingMirror }),
    };
}
