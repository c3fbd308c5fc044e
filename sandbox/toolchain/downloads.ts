import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { pipeline } from "node:stream/promises";
import { run } from "../machine/command";
import { toolchainCache } from "../machine/instance";
import { SandboxError, type Progress } from "../machine/part";

/** Where Pulumi publishes its releases: https://www.pulumi.com/docs/install/versions/. */
const releases = "https://get.pulumi.com/releases/sdk";

/** How long it is remembered whether this machine reaches the releases, in milliseconds. */
const memory = 24 * 60 * 60 * 1000;

interface Decision {
    readonly reachable: boolean;
    readonly at: number;
}

/** A connection that is refused or silent for three seconds counts as "does not reach". */
async function reaches(url: string): Promise<boolean> {
    try {
        return (await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(3000) })).ok;
    } catch {
        return false;
    }
}

const checksumsUrl = (version: string, base: string) => `${base}/pulumi-${version.slice(1)}-checksums.txt`;

/**
 * Whether official releases are downloaded here. `SANDBOX_DOWNLOADS=always` and `never` decide it; otherwise it is
 * tried once, and the result is used for a day.
 */
export async function downloadsAreUsed(version: string, base = releases, cache = toolchainCache): Promise<boolean> {
    const setting = process.env.SANDBOX_DOWNLOADS;
    if (setting === "always") return true;
    if (setting === "never") return false;
    if (setting !== undefined && setting !== "" && setting !== "auto")
        throw new SandboxError(`SANDBOX_DOWNLOADS is "${setting}"; it can be "always", "never" or "auto", the default`);
    const file = path.join(cache, "downloads.json");
    if (fs.existsSync(file)) {
        const decision = JSON.parse(fs.readFileSync(file, "utf8")) as Decision;
        if (Date.now() - decision.at < memory) return decision.reachable;
    }
    const decision: Decision = { reachable: await reaches(checksumsUrl(version, base)), at: Date.now() };
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(`${file}.${process.pid}`, JSON.stringify(decision));
    fs.renameSync(`${file}.${process.pid}`, file);
    return decision.reachable;
}

async function download(url: string, file: string): Promise<void> {
    const response = await fetch(url).catch((error: unknown) => {
        throw new SandboxError(
            `${url} could not be downloaded (${String((error as Error).cause ?? error)}); set SANDBOX_DOWNLOADS=never to build from source`,
        );
    });
    if (!response.ok || response.body === null)
        throw new SandboxError(`${url} answered ${response.status}; set SANDBOX_DOWNLOADS=never to build from source`);
    await pipeline(Readable.fromWeb(response.body as ReadableStream), fs.createWriteStream(file));
}

/**
 * Downloads the official command line with its language hosts, checks it against the release's checksums, and returns
 * the folder of its programs.
 */
export async function officialPulumi(
    version: string,
    progress: Progress,
    base = releases,
    cache = toolchainCache,
): Promise<string> {
    const folder = path.join(cache, `pulumi-official-${version}`);
    if (fs.existsSync(folder)) return folder;
    const draft = `${folder}.${process.pid}`;
    const name = `pulumi-${version}-linux-${process.arch}.tar.gz`;
    fs.rmSync(draft, { recursive: true, force: true });
    fs.mkdirSync(draft, { recursive: true });
    try {
        progress(`fetching ${name}`);
        const archive = path.join(draft, name);
        const list = path.join(draft, "checksums.txt");
        await Promise.all([download(`${base}/${name}`, archive), download(checksumsUrl(version, base), list)]);
        const published = fs
            .readFileSync(list, "utf8")
            .split("\n")
            .map((line) => line.trim().split(/\s+\*?/))
            .find(([, file]) => file === name)?.[0];
        const hash = createHash("sha256");
        await pipeline(fs.createReadStream(archive), hash);
        if (published === undefined || published !== hash.digest("hex"))
            throw new SandboxError(
                `${name} is not the file whose checksum its release publishes (${published ?? "none"}); it was deleted`,
            );
        // The archive has one folder, `pulumi`.
        await run("tar", ["-xzf", archive, "-C", draft, "--no-same-owner"]);
        fs.renameSync(path.join(draft, "pulumi"), folder);
        return folder;
    } finally {
        fs.rmSync(draft, { recursive: true, force: true });
    }
}

/** Lets the official command line install a plugin into a home that all sandboxes share. */
export async function officialPlugin(
    pulumi: string,
    name: string,
    version: string,
    progress: Progress,
): Promise<string> {
    const home = path.join(toolchainCache, "pulumi-official-home");
    const plugin = `resource-${name}-v${version}`;
    const folder = path.join(home, "plugins", plugin);
    if (!fs.existsSync(path.join(folder, `pulumi-resource-${name}`))) {
        progress(`fetching plugin ${name} ${version}`);
        const environment = { PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
        await run(pulumi, ["plugin", "install", "resource", name, version], { environment });
    }
    return folder;
}
