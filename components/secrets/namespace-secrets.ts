import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { secretName } from "../../delivery/core/names";
import { secretVersionsAnnotation, writtenVersions, type SecretVersions } from "../../delivery/core/secret-versions";

/** What the secret store holds for an entry (`CurrentSecret` of the store). */
export interface StoredEntry {
    readonly versionId: pulumi.Input<string>;
    /** Not read for `externalSecrets`. */
    readonly value: pulumi.Input<string>;
}

export interface NamespaceSecretsArgs {
    readonly environment: string;
    readonly namespace: pulumi.Input<string>;
    /**
     * `kubernetesSecret`: a Secret with the values of the secret store. `externalSecrets`: an ExternalSecret with which
     * the External Secrets Operator reads the same versions from AWS Secrets Manager.
     */
    readonly delivery: "kubernetesSecret" | "externalSecrets";
    readonly region: string;
    /** Variable of the container by entry of the secret store. */
    readonly variables: Readonly<Record<string, string>>;
    /**
     * `new`: each change has a new name, so that a change replaces the pods and a rollback finds the old Secret. `same`: one
     * name with the newest values, for pods that run once and are not to run again.
     *
     * @default "new"
     */
    readonly naming?: "new" | "same";
    /**
     * Whether an earlier release's Secret stays in the cluster when a changed value brings a new one, for the way back.
     * It then lives as long as the ReplicaSets that name it (`bindSecrets`).
     *
     * @default false
     */
    readonly retain?: boolean;
    /** What the secret store holds, by entry. */
    readonly entries: Readonly<Record<string, StoredEntry>>;
}

/**
 * Entries of the secret store in a namespace, as one Secret that containers read as environment variables. An annotation
 * says which versions of the store they are.
 */
export class NamespaceSecrets extends pulumi.ComponentResource {
    /** Name of the Kubernetes Secret. What uses a name that stays must depend on this component. */
    readonly secretName: pulumi.Output<string>;

    constructor(name: string, args: NamespaceSecretsArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:secrets:NamespaceSecrets", name, {}, options);
        this.secretName = args.delivery === "kubernetesSecret" ? this.copy(name, args) : this.external(name, args);
        this.registerOutputs({ secretName: this.secretName });
    }

    /** Immutable. */
    private copy(name: string, args: NamespaceSecretsArgs): pulumi.Output<string> {
        const same = args.naming === "same";
        const stringData = Object.fromEntries(
            Object.entries(args.variables).map(([entry, variable]) => [variable, entryOf(args, entry).value]),
        );
        const secret = new k8s.core.v1.Secret(
            name,
            {
                metadata: {
                    ...(same && { name }),
                    namespace: args.namespace,
                    annotations: { [secretVersionsAnnotation]: versionsOf(args).apply(writtenVersions) },
                },
                type: "Opaque",
                immutable: true,
                stringData: pulumi.secret(stringData),
            },
            {
                parent: this,
                retainOnDelete: args.retain ?? false,
                // A preview knows the versions, not the values: it compares those alone.
                ...(pulumi.runtime.isDryRun() && {
                    ignoreChanges: ["data", "stringData"],
                    replaceOnChanges: ["metadata.annotations"],
                }),
            },
        );
        // Where the name stays, what has it must not be replaced with the Secret, and so must not depend on its output.
        return same ? pulumi.output(name) : secret.metadata.name;
    }

    private external(name: string, args: NamespaceSecretsArgs): pulumi.Output<string> {
        const same = args.naming === "same";
        const store = new k8s.apiextensions.CustomResource(
            `${name}-store`,
            {
                apiVersion: "external-secrets.io/v1",
                kind: "SecretStore",
                metadata: { name, namespace: args.namespace },
                spec: { provider: { aws: { service: "SecretsManager", region: args.region } } },
            },
            { parent: this },
        );
        const versions = versionsOf(args);
        const target = same ? pulumi.output(name) : versions.apply((all) => `${name}-${digestOf(all)}`);
        new k8s.apiextensions.CustomResource(
            name,
            {
                apiVersion: "external-secrets.io/v1",
                kind: "ExternalSecret",
                metadata: {
                    name: target,
                    namespace: args.namespace,
                    annotations: { "pulumi.com/waitFor": "condition=Ready" },
                },
                spec: {
                    refreshInterval: "5m",
                    secretStoreRef: { kind: "SecretStore", name },
                    target: {
                        name: target,
                        // An orphan stays when the next release replaces this ExternalSecret.
                        creationPolicy: (args.retain ?? false) ? "Orphan" : "Owner",
                        ...(!same && { immutable: true }),
                        template: {
                            metadata: { annotations: { [secretVersionsAnnotation]: versions.apply(writtenVersions) } },
                        },
                    },
                    data: Object.entries(args.variables).map(([entry, secretKey]) => ({
                        secretKey,
                        remoteRef: {
                            key: secretName(args.environment, entry),
                            version: pulumi.interpolate`uuid/${entryOf(args, entry).versionId}`,
                        },
                    })),
                },
            },
            { parent: this, dependsOn: store },
        );
        return target;
    }
}

function entryOf({ entries }: NamespaceSecretsArgs, entry: string): StoredEntry {
    const found = entries[entry];
    if (found === undefined) throw new Error(`the secret store has no entry "${entry}"`);
    return found;
}

const versionsOf = (args: NamespaceSecretsArgs): pulumi.Output<SecretVersions> =>
    pulumi.all(Object.fromEntries(Object.keys(args.variables).map((entry) => [entry, entryOf(args, entry).versionId])));

const digestOf = (versions: SecretVersions) =>
    createHash("sha256").update(writtenVersions(versions)).digest("hex").slice(0, 10);
