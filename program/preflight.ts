import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import { awsClientOptions } from "../delivery/core/aws-client";
import { clusterOf } from "../delivery/rollouts/follow-rollout";
import { causeOf } from "../delivery/rollouts/wording";
import { SettingsError, type Settings } from "../settings";
import { contradictionsWith, readLastRelease } from "./last-release";

/** Seconds in which each of them must answer; a server that restarts is asked again until then. */
const answerSeconds = 10;

type Checked = Pick<
    Settings,
    | "account"
    | "bootstrap"
    | "certificateIssuer"
    | "clusterServices"
    | "deploymentStrategy"
    | "environment"
    | "kubernetesContext"
    | "release"
    | "repository"
    | "secretDelivery"
    | "services"
>;

/**
 * Asks AWS whose credentials these are, GitHub whether it takes the token, the cluster for the kinds that the program
 * needs, and the stack's state what runs.
 * By itself, a provider says late what is wrong: after a minute, as a warning, when others have changed something.
 *
 * @param seconds in which each must answer
 * @returns nothing to wait for: what depends on it is registered once everything is found to be in order
 * @throws SettingsError with a sentence for each thing that is not
 */
export async function preflight(
    settings: Checked,
    lastRelease = readLastRelease,
    seconds = answerSeconds,
): Promise<pulumi.Resource[]> {
    try {
        const found = await Promise.all([
            wrongAccount(settings, seconds),
            refusedToken(settings, seconds),
            wrongCluster(settings, seconds),
            lastRelease().then((last) => contradictionsWith(last, settings)),
        ]);
        const sentences = found.flat();
        if (sentences.length > 0) throw new SettingsError(sentences);
        return [];
    } catch (error) {
        throw keepingItsMessage(error as Error);
    }
}

/**
 * Every property that waits for this rejects with the same error, and Pulumi puts each one's name before its message: two
 * hundred times `error serializing property "role"`, then the sentence.
 */
function keepingItsMessage(error: Error): Error {
    const { message } = error;
    return Object.defineProperty(error, "message", { get: () => message, set: () => undefined });
}

async function wrongAccount({ account }: Checked, seconds: number): Promise<string[]> {
    const accepted = `relaypacs:awsAccountId is "${account.accountId}"`;
    try {
        const { STS } = await import("@aws-sdk/client-sts");
        const sts = new STS({ region: account.region, ...(await awsClientOptions()) });
        const { Account } = await sts.getCallerIdentity({}, { abortSignal: AbortSignal.timeout(seconds * 1000) });
        if (Account === account.accountId) return [];
        return [`The AWS credentials are of account ${Account ?? "unknown"}, but ${accepted}; log in to that account.`];
    } catch (error) {
        return [
            `AWS does not say whose credentials these are (${causeOf(error)}); ${accepted}: log in to that account.`,
        ];
    }
}

/** GitHub's REST API as the provider reaches it, or as a runner of GitHub Actions says. */
function gitHubApi(): URL {
    const { GITHUB_BASE_URL: server, GITHUB_API_URL: api } = process.env;
    return server ? new URL("api/v3/", server) : new URL(`${(api || "https://api.github.com").replace(/\/$/, "")}/`);
}

/**
 * Only a refusal counts: the provider repeats a request that gets no answer, and may reach GitHub by a proxy. It would
 * meet an expired token when much else has been made.
 */
async function refusedToken({ repository: { owner } }: Checked, seconds: number): Promise<string[]> {
    const headers = { authorization: `Bearer ${process.env.GITHUB_TOKEN ?? ""}` };
    const signal = AbortSignal.timeout(seconds * 1000);
    const response = await fetch(new URL(`orgs/${owner}`, gitHubApi()), { headers, signal }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status !== 401) return [];
    return [
        "GitHub refuses GITHUB_TOKEN (401); it must be a token that has not expired, with the permissions in docs/guides/account-setup.md.",
    ];
}

/** The kinds that the cluster must have before the update, each with the setting that asks for it. */
function neededKinds(
    settings: Checked,
): readonly { group: string; of: string; setting: "clusterServices" | "certificateIssuer" | "secretDelivery" }[] {
    const { certificateIssuer, clusterServices, deploymentStrategy, release, secretDelivery } = settings;
    if (!release) return [];
    const blueGreen = deploymentStrategy === "blueGreen";
    const external = {
        group: "external-secrets.io/v1",
        of: "the External Secrets Operator",
        setting: "secretDelivery",
    } as const;
    const certificates = { group: "cert-manager.io/v1", of: "cert-manager", setting: "certificateIssuer" } as const;
    const rollouts = { group: "argoproj.io/v1alpha1", of: "Argo Rollouts", setting: "clusterServices" } as const;
    const routes = { group: "traefik.io/v1alpha1", of: "Traefik", setting: "clusterServices" } as const;
    return [
        ...(secretDelivery === "externalSecrets" ? [external] : []),
        ...(blueGreen && certificateIssuer !== "none" ? [certificates] : []),
        ...(blueGreen && clusterServices === "use" ? [rollouts, routes] : []),
    ];
}

async function wrongCluster(settings: Checked, seconds: number): Promise<string[]> {
    const { kubernetesContext } = settings;
    const context = kubernetesContext === undefined ? "the current context" : `the context "${kubernetesContext}"`;
    try {
        const cluster = clusterOf(kubernetesContext);
        const options: https.RequestOptions = {};
        await cluster.applyToHTTPSOptions(options);
        const server = (cluster.getCurrentCluster()?.server ?? "").replace(/\/$/, "");
        const ask = (path: string) => statusWithin(seconds, new URL(`${server}${path}`), options);
        await ask("/version");
        const kinds = neededKinds(settings);
        const statuses = await Promise.all(kinds.map(({ group }) => ask(`/apis/${group}`)));
        return kinds
            .filter((_, at) => statuses[at] === 404)
            .map(
                ({ group, of, setting }) =>
                    `relaypacs:${setting} is "${settings[setting]}", but the cluster of ${context} has no kinds of ${group}; install ${of} there first.`,
            );
    } catch (error) {
        return [
            `The cluster of ${context} can't be used (${causeOf(error)}); KUBECONFIG must name the file of a cluster that answers.`,
        ];
    }
}

/** Asks until there is an answer. @throws Error with the last problem */
async function statusWithin(seconds: number, address: URL, options: https.RequestOptions): Promise<number> {
    const signal = AbortSignal.timeout(seconds * 1000);
    let problem: unknown = new Error(`${address.host} gives no answer within ${seconds} s`);
    while (!signal.aborted) {
        try {
            const status = await statusOf(address, { ...options, signal });
            // Whether these credentials may do something is not the question; whether the cluster knows them is.
            if (status !== 401 && status < 500) return status;
            problem = new Error(`${address.host} answers with ${status}`);
            if (status === 401) break;
        } catch (error) {
            if (!signal.aborted) problem = error;
        }
        await sleep(500, undefined, { signal }).catch(() => undefined);
    }
    throw problem;
}

function statusOf(address: URL, options: https.RequestOptions): Promise<number> {
    return new Promise((resolve, reject) => {
        const request = (address.protocol === "http:" ? http : https).get(address, options, (response) => {
            response.resume();
            resolve(response.statusCode ?? 0);
        });
        request.once("error", reject);
    });
}
