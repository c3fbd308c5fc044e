import * as fs from "node:fs";
import * as path from "node:path";
import type { ReleaseIdentity } from "../../delivery/core/release";
import type { TrustedKey } from "../../delivery/evidence/keys";
import type { Instance } from "../machine/instance";
import { aws } from "../parts/cloud/moto";
import { dateBack, datedBack } from "./dated-back";
import { writeHistory } from "./prometheus-history";

const minute = 60_000;

/** A little more than the timer, because the soak is counted between two samples. */
const more = 5 * minute;

export interface Soak {
    readonly release: ReleaseIdentity;
    readonly keys: readonly TrustedKey[];
    readonly evidenceBucket: string;
    readonly artifactsBucket: string;
    /** For what is fetched and written. */
    readonly folder: string;
}

/**
 * Lets the hours of the soak pass at once. What the release has been through moves into the past: its record, and its
 * evidence, which the account's keys sign again. Prometheus gets the history of the hours between.
 */
export async function passHours(instance: Instance, minutes: number, soak: Soak): Promise<void> {
    const { release, keys, evidenceBucket, artifactsBucket, folder } = soak;
    const by = minutes * minute + more;
    const record = path.join(folder, "release.json");
    const evidence = path.join(folder, "evidence");
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    const copy = (from: string, to: string, ...rest: string[]) =>
        aws(instance, ["s3", "cp", "--only-show-errors", ...rest, from, to]);
    const recordAt = `s3://${artifactsBucket}/releases/${release.version}/release.json`;
    const evidenceAt = `s3://${evidenceBucket}/${release.version}/`;
    await copy(recordAt, record);
    await copy(evidenceAt, evidence, "--recursive", "--exclude", "*/*");
    const text = datedBack(fs.readFileSync(record, "utf8"), by);
    fs.writeFileSync(record, text);
    await dateBack(instance, evidence, keys, by, text);
    await copy(record, recordAt);
    await copy(evidence, evidenceAt, "--recursive");
    await writeHistory(instance, path.join(folder, "history"), release.images, Date.now() - by - minute);
}
