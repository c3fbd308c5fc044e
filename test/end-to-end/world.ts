import * as path from "node:path";
import { execa } from "execa";
import { buildImages, pushImages, releaseOf, type Faults, type Release } from "../../sandbox/application/images";
import { environment } from "../../sandbox/stacks/environment";
import { instanceNamed, projectRoot } from "../../sandbox/machine/instance";
import { waitUntil } from "../../sandbox/machine/process";
import { publicEndpoint, requestPublicly } from "../../sandbox/stacks/public-address";
import { produceDossier } from "../../sandbox/stacks/evidence/dossier";
import { releaseFolder } from "../../sandbox/stacks/evidence/folders";

export type { Release } from "../../sandbox/application/images";

/** The sandbox of the tests, beside the one for people, with addresses and folders of its own. `make chaos` has another. */
export const instance = instanceNamed(process.env.TEST_SANDBOX === "chaos" ? "chaos" : "test");

export const namespace = "relaypacs-staging";

export interface Outcome {
    readonly exitCode: number;
    /** Standard output and standard error, interleaved. */
    readonly output: string;
}

export interface RunOptions {
    /** Where to run it; the project by default. */
    readonly directory?: string;
    /** The stack; staging by default. */
    readonly stack?: string;
    /** Release to deploy instead of the one that the sandbox started with. */
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

export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const { exitCode, all, originalMessage } = await execa(command, args, {
        cwd: options.directory ?? projectRoot,
        env: variables(options),
        all: true,
        reject: false,
        stdin: "ignore",
    });
    // Without an exit code it was not started, and has printed nothing.
    return exitCode === undefined ? { exitCode: 1, output: originalMessage ?? "" } : { exitCode, output: all };
}

/** Runs the real `pulumi`, on the staging stack by default. */
export function pulumi(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(
        "pulumi",
        [...args, "--stack", options.stack ?? "staging", "--non-interactive", "--color", "never"],
        options,
    );
}

/** Runs the command line `release` on staging, with a release that the shell pins. */
export const release = (args: readonly string[], options: RunOptions = {}): Promise<Outcome> =>
    run("node", [path.join(projectRoot, "release", "bin.mjs"), ...args], options);

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

/** How users reach staging. */
export const stagingEndpoint = () => publicEndpoint(instance, "staging");

/** Requests a path of staging's public address. @throws when the answer's status is 400 or above, or none comes in 5 s */
export const request = (where: string) => requestPublicly(instance, "staging", where);

const answeringVersion = async () => (JSON.parse(await request("/health")) as { version: string }).version;

/** Waits until `version` answers and no pod is terminating: such a pod serves until every proxy has dropped it. */
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
 * Builds images of one version, pushes them to the registry, signs the evidence that staging asks for,
 * and returns the release to deploy.
 */
export async function publish(version: string, faults: Faults = {}): Promise<Release> {
    const { release, push } = await build(version, faults);
    await push();
    return release;
}

/** The same without the push, which is left to the caller. */
export async function build(
    version: string,
    faults: Faults = {},
): Promise<{ release: Release; push: () => Promise<void> }> {
    const images = await buildImages(instance, { version, faults }, () => undefined);
    const release = releaseOf(version, images);
    await produceDossier(instance, release, "staging", { folder: releaseFolder(instance, "staging", release) });
    return { release, push: () => pushImages(instance, images) };
}
