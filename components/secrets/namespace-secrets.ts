import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { secretName } from "../../delivery/core/names";
import { secretsLabel } from "../../delivery/rollouts/unused-secrets";

export interface NamespaceSecretsArgs {
    readonly environment: string;
    readonly namespace: pulumi.Input<string>;
    /**
     * `kubernetesSecret`: a Secret with the values of the secret store. `externalSecrets`: an ExternalSecret that the
     * External Secrets Operator keeps in step with AWS Secrets Manager.
     */
    readonly delivery: "kubernetesSecret" | "externalSecrets";
    readonly region: string;
    /** Variable of the container by entry of the secret store. */
    readonly variables: Readonly<Record<string, string>>;
    /**
     * Whether an earlier release's Secret stays in the cluster when a changed value brings a new one, for the way back.
     * What no pod can need any more is deleted elsewhere (`deleteUnusedSecrets`).
     *
     * @default false
     */
    readonly retain?: boolean;
    /** Values by entry of the secret store; read for `kubernetesSecret` only. */
    readonly values: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Entries of the secret store in a namespace, as one Secret that containers read as environment variables. */
export class NamespaceSecrets extends pulumi.ComponentResource {
    /** Name of the Kubernetes Secret. */
    readonly secretName: pulumi.Output<string>;

    constructor(name: string, args: NamespaceSecretsArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:secrets:NamespaceSecrets", name, {}, options);
        this.secretName = args.delivery === "kubernetesSecret" ? this.copy(name, args) : this.external(name, args);
        this.registerOutputs({ secretName: this.secretName });
    }

    /** Immutable, with a new name for each change: a changed value replaces the pods, and a rollback finds the old one. */
    private copy(name: string, args: NamespaceSecretsArgs): pulumi.Output<string> {
        const stringData: Record<string, pulumi.Input<string>> = {};
        for (const [entry, variable] of Object.entries(args.variables)) {
            const value = args.values[entry];
            if (value === undefined) throw new Error(`the secret store has no entry "${entry}"`);
            stringData[variable] = value;
        }
        const secret = new k8s.core.v1.Secret(
            name,
            {
                metadata: { namespace: args.namespace, labels: { [secretsLabel]: name } },
                type: "Opaque",
                immutable: true,
                stringData: pulumi.secret(stringData),
            },
            { parent: this, retainOnDelete: args.retain ?? false },
        );
        return secret.metadata.name;
    }

    private external(name: string, args: NamespaceSecretsArgs): pulumi.Output<string> {
        const child = { parent: this };
        const store = new k8s.apiextensions.CustomResource(
            `${name}-store`,
            {
                apiVersion: "external-secrets.io/v1",
                kind: "SecretStore",
                metadata: { name, namespace: args.namespace },
                spec: { provider: { aws: { service: "SecretsManager", region: args.region } } },
            },
            child,
        );
        new k8s.apiextensions.CustomResource(
            name,
            {
                apiVersion: "external-secrets.io/v1",
                kind: "ExternalSecret",
                metadata: {
                    name,
                    namespace: args.namespace,
                    annotations: { "pulumi.com/waitFor": "condition=Ready" },
                },
                spec: {
                    refreshInterval: "5m",
                    secretStoreRef: { kind: "SecretStore", name },
                    target: { name, creationPolicy: "Owner" },
                    data: Object.entries(args.variables).map(([entry, secretKey]) => ({
                        secretKey,
                        remoteRef: { key: secretName(args.environment, entry) },
                    })),
                },
            },
            { parent: this, dependsOn: store },
        );
        return pulumi.output(name);
    }
}
