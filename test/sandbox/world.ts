import { execa } from "execa";
import {
    buildImages,
    importImages,
    registerInEcr,
    releaseOf,
    type Faults,
    type Release,
} from "../../sandbox/application/images";
import { environment } from "../../sandbox/environment";
import { instanceNamed, projectRoot } from "../../sandbox/instance";
import { waitUntil } from "../../sandbox/process";
import { produceDossier } from "../../sandbox/release/dossier";
import { releaseFolder } from "../../sandbox/release/folders";

export type { Release } from "../../sandbox/application/images";

/** The sandbox of the tests: beside the one that people use, with addresses and folders of its own. */
export const instance = instanceNamed("test");

export const namespace = "relaypacs-staging";

export interface Outcome {
    readonly exitCode: number;
    /** Standard output and standard error, as a person would read them. */
    readonly output: string;
}

export interface RunOptions {
    /** Where to run it; the project by default. */
    readonly directory?: string;
    /** The stack; staging by default. */
    readonly stack?: string;
    /** Release to deploy instead of the one that the sandbox came up with. */
    readonly release?: Release;
    readonly variables?: Readonly<Record<string, string>>;
}

export function variables({ release, variables: more }: RunOptions = {}): Record<string, string> {
    const deployed = release && {
        RELAYPACS_RELEASE: JSON.stringify(release),
        RELAYPACS_STAGING_EVIDENCE_FOLDER: releaseFolder(instance, "staging", release),
    };
    return { ...environment(instance), ...deployed, ...more };
}

async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const { exitCode, all } = await execa(command, args, {
        cwd: options.directory ?? projectRoot,
        env: variables(options),
        all: true,
        reject: false,
        stdin: "ignore",
    });
    return { exitCode: exitCode ?? 1, output: all };
}

/** Runs the real `pulumi`, on the staging stack by default. */
export function pulumi(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(
        "pulumi",
        [...args, "--stack", options.stack ?? "staging", "--non-interactive", "--color", "never"],
        options,
    );
}

export async function up(options: RunOptions = {}, ...flags: string[]): Promise<Outcome> {
    return pulumi(["up", "--yes", "--skip-preview", ...flags], options);
}

/** Like `run`, for commands whose failure is a failure of the test. */
async function answer(command: string, args: readonly string[]): Promise<string> {
    const { exitCode, output } = await run(command, args);
    if (exitCode !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${output}`);
    return output;
}

export const kubectl = (...args: string[]): Promise<string> => answer("kubectl", ["--namespace", namespace, ...args]);

export async function kubernetesObject<T>(...args: string[]): Promise<T> {
    return JSON.parse(await kubectl("get", ...args, "--output", "json")) as T;
}

export async function aws<T>(...args: string[]): Promise<T> {
    const output = await answer("aws", [...args, "--output", "json"]);
    return (output ? JSON.parse(output) : {}) as T;
}

/** The stack's state with secrets as ciphertext. */
export async function exportedState(): Promise<string> {
    return answer("pulumi", ["stack", "export", "--stack", "staging"]);
}

/** The address of a service inside the cluster, which the machine reaches through the node. */
export async function serviceUrl(service: string): Promise<string> {
    const { spec } = await kubernetesObject<{ spec: { clusterIP: string } }>("service", service);
    return `http://${spec.clusterIP}`;
}

async function answeringVersion(): Promise<string> {
    const response = await fetch(`${await serviceUrl("backend")}/health`, { signal: AbortSignal.timeout(5000) });
    return ((await response.json()) as { version: string }).version;
}

/** Waits until `version` answers, and no pod that is about to end: those serve on until every proxy forgot them. */
export async function assertRuns(version: string): Promise<void> {
    const enough = 20;
    let inTurn = 0;
    await waitUntil(
        async () => {
            inTurn = (await answeringVersion()) === version ? inTurn + 1 : 0;
            return inTurn >= enough;
        },
        `version ${version}`,
        30,
    );
}

/** Tags of an image in the registry. */
export async function tagsOf(repository: string, digest: string): Promise<string[]> {
    const { imageDetails } = await aws<{ imageDetails: { imageTags?: string[] }[] }>(
        "ecr",
        "describe-images",
        "--repository-name",
        repository,
        "--image-ids",
        `imageDigest=${digest}`,
    );
    return imageDetails[0]?.imageTags?.sort() ?? [];
}

/**
 * Builds images of one version, loads them into the node and the registry, signs the evidence that staging asks for,
 * and returns the release to deploy.
 */
export async function publish(version: string, faults: Faults = {}): Promise<Release> {
    const images = await buildImages(instance, { version, faults }, () => undefined);
    await importImages(instance, images);
    await registerInEcr(instance, images);
    const release = releaseOf(version, images);
    await produceDossier(instance, release, "staging", { folder: releaseFolder(instance, "staging", release) });
    return release;
}
