import type * as pulumi from "@pulumi/pulumi";
import { DatabaseBackup } from "../components/environment/database-backup";
import { EnvironmentNamespace } from "../components/environment/environment-namespace";
import { EnvironmentCredentials } from "../components/governance/environment-credentials";
import { databaseBackupName } from "../components/shared/network-rules";
import { SecretStore, type StoredSecret } from "../components/secrets/secret-store";
import {
    bucketName,
    deploymentEnvironment,
    imageReference,
    roleArn,
    rollbackEnvironment,
    type RoleName,
} from "../delivery/core/names";
import { secretEntries, type SecretEntry, type SecretEntryName } from "../delivery/core/stored-secrets";
import type { Settings } from "../settings";
import { after } from "./options";

/** One environment, ready for a release. */
export interface Environment {
    readonly namespace: EnvironmentNamespace["namespace"];
    /** What the secret store holds now, by entry. */
    readonly secrets: SecretStore["current"];
}

/**
 * The secrets of one environment, its credentials in GitHub, and its namespace (specification, sections 1, 4 and 8).
 *
 * @param foundations what secrets and credentials wait for beside the gate
 */
export function createEnvironment(
    settings: Settings,
    options: pulumi.ComponentResourceOptions,
    foundations: pulumi.Resource[] = [],
): Environment {
    const { account, environment, repository, secrets } = settings;
    const afterFoundations = after(options, foundations);
    const deployers = deployersOf(environment);
    const { current } = new SecretStore(
        `${environment}-secrets`,
        {
            account,
            environment,
            readerArns: deployers.map(({ role }) => roleArn(account, role)),
            otherReaderArns: settings.secretReaders,
            rotation: settings.rotation,
            secrets: storedSecrets(settings),
        },
        afterFoundations,
    );
    for (const { name, githubEnvironment, role } of deployers) {
        new EnvironmentCredentials(
            `${name}-credentials`,
            {
                repository: repository.name,
                environment: githubEnvironment,
                variables: { DEPLOY_ROLE: roleArn(account, role), PUBLIC_URL: `https://${settings.hostname}` },
                secrets: { SLACK_WEBHOOK: secrets.slackWebhook },
            },
            afterFoundations,
        );
    }
    const { namespace } = new EnvironmentNamespace(
        environment,
        {
            environment,
            services: settings.services,
            strategy: settings.deploymentStrategy,
            ingressNamespace: settings.ingressNamespace,
            monitoringNamespace: settings.monitoringNamespace,
            database: settings.database,
            backup: settings.databaseBackup,
        },
        options,
    );
    if (settings.databaseBackup) {
        const { image, schedule, scratchGibibytes } = settings.databaseBackup;
        new DatabaseBackup(
            "database-backup",
            {
                environment,
                namespace,
                region: account.region,
                delivery: settings.secretDelivery,
                entries: current,
                image: imageReference(account, databaseBackupName, image),
                bucket: bucketName(account, "database-backups"),
                schedule,
                scratchGibibytes,
            },
            options,
        );
    }
    return { namespace, secrets: current };
}

interface Deployer {
    readonly name: string;
    readonly githubEnvironment: string;
    readonly role: RoleName;
}

/**
 * Who updates an environment, from which GitHub environment. Production's is the one after the approval; its rollback waits
 * for no approver (section 7).
 */
function deployersOf(environment: Settings["environment"]): readonly Deployer[] {
    if (environment !== "prod")
        return [{ name: environment, githubEnvironment: environment, role: `deploy-${environment}` }];
    const own: Deployer = { name: environment, githubEnvironment: deploymentEnvironment, role: "deploy-prod" };
    return [own, { name: "prod-rollback", githubEnvironment: rollbackEnvironment, role: "rollback-prod" }];
}

/** The entries of the secret store. What a third party issues is not rotated by a function of ours. */
function storedSecrets({ secrets, smokeUsername }: Settings): Readonly<Record<SecretEntryName, StoredSecret>> {
    const values: Readonly<Record<SecretEntryName, StoredSecret["value"]>> = {
        "database-url": secrets.databaseUrl,
        "application-secret-key": secrets.applicationSecretKey,
        "smoke-username": smokeUsername,
        "smoke-password": secrets.smokePassword,
        "docker-hub": secrets.dockerHubToken,
        "slack-webhook": secrets.slackWebhook,
    };
    const stored = (Object.keys(values) as SecretEntryName[]).map((name) => {
        const { description, ...entry }: SecretEntry = secretEntries[name];
        return [name, { description, value: values[name], rotated: entry.issuedBy === undefined }] as const;
    });
    return Object.fromEntries(stored) as Record<SecretEntryName, StoredSecret>;
}
