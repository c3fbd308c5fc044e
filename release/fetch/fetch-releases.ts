import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { version as versionName } from "../../delivery/core/release";
import type { KeyRing } from "../../delivery/evidence/keys";
import { verifyEvidence } from "../../delivery/evidence/verify";
import type { Tools } from "../shared/tools";

export interface FetchRequest {
    readonly bucket: string;
    readonly stack: "staging" | "prod";
    readonly ring: KeyRing;
    /** Folder that gets one folder of evidence for each release. It must not exist. */
    readonly out: string;
    /** A version that is fetched in any case. */
    readonly version?: string | undefined;
    /** How many admitted releases are wanted. */
    readonly releases: number;
    /** RFC 3339, UTC. */
    readonly now: string;
}

/** A release whose evidence was fetched, and why. */
export interface Fetched {
    readonly versions: readonly string[];
    /** Sentences about admissions that count for nothing. */
    readonly rejected: readonly string[];
}

const listing = z.array(z.object({ Key: z.string(), LastModified: z.string() })).nullable();

/** The object of an admission, its version and the beginning of its key's id; its name is `storeEvidence`'s. */
interface Admission {
    readonly key: string;
    readonly version: string;
    readonly name: string;
    readonly at: number;
}

/** The largest part of a listing's answer that an error quotes. */
const lastLine = (output: string) => output.trim().split("\n").at(-1)?.slice(0, 300) ?? "";

/**
 * Fetches the evidence of the releases that an environment admitted last. A person who may write to the bucket chooses
 * the names of its objects, so none becomes a path: only objects named `<version>/admission-<stack>.<key>.json` are looked
 * at, and the version alone names a folder. Each admission is verified as it is listed, and the search goes on until
 * enough of them count, so that worthless ones hide nothing.
 *
 * @throws Error, one sentence, when the bucket can't be read
 */
export async function fetchReleases(request: FetchRequest, { run }: Pick<Tools, "run">): Promise<Fetched> {
    const { bucket, now, out, releases, ring, stack, version } = request;
    const aws = async (...args: string[]) => {
        const { exitCode, output } = await run("aws", args);
        if (exitCode !== 0) throw new Error(`The bucket ${bucket} can't be read: ${lastLine(output)}`);
        return output;
    };
    // A folder of before could have evidence that no one has verified.
    if (existsSync(out)) throw new Error(`${out} exists already; give the name of a folder to make.`);
    const candidates = admissionsIn(await listed(aws, bucket), stack, ring);
    const found = new Set<string>();
    const rejected: string[] = [];
    const folder = await mkdtemp(join(tmpdir(), "admissions-"));
    try {
        for (const one of candidates) {
            if (found.size >= releases) break;
            if (found.has(one.version)) continue;
            const file = join(folder, one.name);
            await aws("s3api", "get-object", "--bucket", bucket, "--key", one.key, "--output", "json", file);
            const problem = await problemOf(file, one, stack, ring, now);
            if (problem === undefined) found.add(one.version);
            else rejected.push(`The admission ${one.key} counts for nothing: it ${problem}.`);
        }
    } finally {
        await rm(folder, { recursive: true });
    }
    await mkdir(out, { recursive: true });
    const versions = [...new Set([...found, ...(version === undefined ? [] : [version])])].sort();
    for (const one of versions) await aws(...copyEvidence(bucket, one, out));
    return { versions, rejected };
}

/** Arguments with which `aws` copies the evidence of a release from the evidence bucket into a folder of its version. */
export const copyEvidence = (bucket: string, version: string, out: string): string[] => [
    ...["s3", "cp", "--recursive", "--only-show-errors", `s3://${bucket}/${version}/`, `${join(out, version)}/`],
    // Its files alone: an object whose name has more parts is no evidence.
    ...["--exclude", "*", "--include", "*.json", "--exclude", "*/*"],
];

async function listed(aws: (...args: string[]) => Promise<string>, bucket: string) {
    const query = "Contents[].{Key: Key, LastModified: LastModified}";
    const answer = await aws("s3api", "list-objects-v2", "--bucket", bucket, "--output", "json", "--query", query);
    try {
        return listing.parse(JSON.parse(answer)) ?? [];
    } catch (error) {
        throw new Error(`The bucket ${bucket} can't be read: its listing is not JSON with keys and times.`, {
            cause: error,
        });
    }
}

/** The objects that may be admissions by a trusted key, newest first. */
function admissionsIn(objects: z.output<typeof listing> & object, stack: string, ring: KeyRing): Admission[] {
    const keys = new Set([...ring.keys()].map((id) => id.slice(0, 8)));
    const form = new RegExp(`^([^/]+)/(admission-${stack}\\.([0-9a-f]{8})\\.json)$`);
    return objects
        .flatMap(({ Key, LastModified }): Admission[] => {
            const [, version = "", name = "", key = ""] = form.exec(Key) ?? [];
            if (!versionName.safeParse(version).success || !keys.has(key)) return [];
            return [{ key: Key, version, name: `${version}.${name}`, at: Date.parse(LastModified) }];
        })
        .sort((one, other) => other.at - one.at);
}

/** Why an admission counts for nothing: the end of a sentence. */
async function problemOf(
    file: string,
    { key, version }: Admission,
    stack: "staging" | "prod",
    ring: KeyRing,
    now: string,
): Promise<string | undefined> {
    let envelope: unknown;
    try {
        envelope = JSON.parse(await readFile(file, "utf8"));
    } catch {
        envelope = undefined;
    }
    const evidence = verifyEvidence({ source: key, envelope }, ring, now);
    if (!evidence.ok) return evidence.problem;
    if (evidence.item !== `admission-${stack}`) return `is evidence of ${evidence.item}`;
    const stated = evidence.statement.relaypacsRelease.version;
    return stated === version ? undefined : `is about ${stated}, and lies under ${version}`;
}
