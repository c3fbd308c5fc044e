import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../delivery/core/names";
import { parse, unknownVariables, variableOf } from "./parse";
import { schema, secretKeys, type SecretKey, type Values } from "./schema";

export type { Service } from "./schema";

/** Wrong settings, one sentence each; shown without a stack trace, before any resource is registered. */
export class SettingsError extends pulumi.RunError {
    constructor(sentences: readonly string[]) {
        super(sentences.join("\n"));
    }
}

/** The secrets of one environment, which stay secret in state, outputs and logs. */
export interface Secrets {
    readonly databaseUrl: pulumi.Output<string>;
    /** Generated when it is not configured. */
    readonly applicationSecretKey: pulumi.Output<string> | undefined;
    readonly smokePassword: pulumi.Output<string>;
    readonly dockerHubToken: pulumi.Output<string>;
    readonly slackWebhook: pulumi.Output<string>;
}

/** All settings of a stack, validated; see `schema.ts` for each key. */
export interface Settings extends Omit<Values, SecretKey> {
    readonly account: Account;
    /** Context of the kubeconfig, or undefined for its current one. */
    readonly kubernetesContext: string | undefined;
    readonly secrets: Secrets;
    /** GITHUB_TOKEN as a secret: by itself, the provider would write it into the state in plain text. */
    readonly githubToken: pulumi.Output<string>;
}

/**
 * Reads the stack's settings. A value comes from `RELAYPACS_<STACK>_<KEY>` or `RELAYPACS_<KEY>` in the environment, or
 * else from the stack file (`relaypacs:<key>`).
 *
 * @throws SettingsError that lists everything wrong
 */
export function loadSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
    const raw: Record<string, string> = {};
    const encrypted = JSON.parse(environment.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
    const plainSecrets: string[] = [];
    for (const [name, text] of Object.entries(pulumi.runtime.allConfig())) {
        const [namespace, key] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
        if (namespace !== pulumi.getProject()) continue;
        raw[key] = text;
        if ((secretKeys as readonly string[]).includes(key) && !encrypted.includes(name)) plainSecrets.push(key);
    }
    for (const key of Object.keys(schema.shape)) {
        const text = environment[variableOf(key, pulumi.getStack())] ?? environment[variableOf(key)];
        if (text !== undefined) raw[key] = text;
    }
    const region = new pulumi.Config("aws").get("region");
    const parsed = parse(raw, pulumi.getStack(), plainSecrets);
    const token = environment.GITHUB_TOKEN;
    const sentences = unknownVariables(Object.keys(environment));
    if (!region) sentences.push('aws:region is missing; it must be an AWS region such as "us-east-1".');
    if (!token)
        sentences.push(
            "GITHUB_TOKEN is missing from the environment; it must be a GitHub token with the permissions in docs/guides/account-setup.md.",
        );
    if (!parsed.ok) sentences.push(...parsed.sentences);
    if (!parsed.ok || !region || !token || sentences.length > 0) throw new SettingsError(sentences);
    const { databaseUrl, applicationSecretKey, smokePassword, dockerHubToken, slackWebhook, ...plain } = parsed.values;
    return {
        ...plain,
        account: { accountId: plain.awsAccountId, region },
        kubernetesContext: new pulumi.Config("kubernetes").get("context"),
        githubToken: pulumi.secret(token),
        secrets: {
            databaseUrl: pulumi.secret(databaseUrl),
            applicationSecretKey: applicationSecretKey === undefined ? undefined : pulumi.secret(applicationSecretKey),
            smokePassword: pulumi.secret(smokePassword),
            dockerHubToken: pulumi.secret(dockerHubToken),
            slackWebhook: pulumi.secret(slackWebhook),
        },
    };
}
