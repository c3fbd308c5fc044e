import * as fs from "node:fs";
import * as path from "node:path";
import { minuteOf } from "../../delivery/core/time";
import { loadEvidence } from "../../delivery/evidence/folder";
import type { KeyRing } from "../../delivery/evidence/keys";
import type { Predicate } from "../../delivery/evidence/predicates";
import { short, verifyEvidence, type VerifiedEvidence } from "../../delivery/evidence/verify";
import { nameOf, scans, vulnerabilitiesOf } from "../../delivery/gates/engine/vulnerabilities";
import { oneLine } from "../../delivery/rollouts/wording";
import { copyEvidence } from "../fetch/fetch-releases";
import { readAdmissions, type Environment } from "../rollback/admitted";
import type { Tools } from "../shared/tools";
import type { Expiring } from "./expiry";
import { act, well, type Line } from "./line";
import type { Service } from "./services";

/** Where the evidence of releases is: a folder, or a bucket from which that of a version comes into `out`. */
export type EvidenceSource = { readonly folder: string } | { readonly bucket: string; readonly out: string };

/** The folder that has the evidence of a version. @throws Error, one sentence, when the bucket can't be read */
export async function folderWith(
    version: string,
    source: EvidenceSource,
    { run }: Pick<Tools, "run">,
): Promise<string> {
    if ("folder" in source) return source.folder;
    const { exitCode, output } = await run("aws", copyEvidence(source.bucket, version, source.out));
    if (exitCode !== 0) throw new Error(`The bucket ${source.bucket} can't be read: ${oneLine(output)}`);
    fs.mkdirSync(source.out, { recursive: true });
    return source.out;
}

/**
 * By which signed admission the environment runs a version, whether that is about the images that serve, and what the
 * release's migration made of the database's schema.
 */
export async function admissionLines(
    stack: Environment,
    version: string,
    folder: string,
    ring: KeyRing,
    now: string,
    services: readonly Service[],
): Promise<readonly Line[]> {
    const { admitted, rejected } = await readAdmissions(folder, stack, ring, now);
    const own = admitted
        .filter((one) => one.version === version)
        .sort((one, other) => Date.parse(other.completedAt) - Date.parse(one.completedAt));
    const [admission] = own;
    if (!admission) {
        const why = rejected.filter((sentence) => sentence.includes(` ${version}/`)).map(act);
        return [act(`No admission that counts has let ${version} into ${stack}.`), ...why];
    }
    const others = services
        .filter((one) => one.version === version && one.image !== undefined)
        .filter(({ image, name }) => admission.images[name] !== image)
        .map(({ image = "", name }) =>
            act(`${name} runs ${image}, and the admission is about ${admission.images[name] ?? "no image of it"}.`),
        );
    const hotfix = admission.hotfix ? " as a hotfix" : "";
    return [
        well(
            `${version} was let in${hotfix} on ${minuteOf(admission.admittedAt)}, and ran from ${minuteOf(admission.completedAt)}, by ${admission.evidence}.`,
        ),
        ...others,
        ...schemaLines(await countingEvidence(path.join(folder, version), ring, now), stack),
    ];
}

/** The evidence of a folder that counts. */
export async function countingEvidence(folder: string, ring: KeyRing, now: string): Promise<VerifiedEvidence[]> {
    if (!fs.existsSync(folder)) return [];
    return (await loadEvidence(folder)).map((file) => verifyEvidence(file, ring, now)).filter((one) => one.ok);
}

function schemaLines(evidence: readonly VerifiedEvidence[], stack: Environment): Line[] {
    const migrations = evidence.filter(({ item }) => item === `migration-${stack}`);
    const newest = migrations.sort((one, other) => Date.parse(other.measuredAt) - Date.parse(one.measuredAt))[0];
    if (!newest) return [];
    const { finishedAt, toRevision } = newest.predicate as Predicate<"migration">;
    return [well(`Its migration left the schema at ${toRevision} on ${minuteOf(finishedAt)}.`)];
}

/** The high findings that a release was let in with, each until its ticket's due date. */
export function acceptedFindings(evidence: readonly VerifiedEvidence[]): Expiring[] {
    const found = Object.fromEntries(scans.map((scan) => [scan, evidence.filter(({ item }) => item === scan)]));
    return vulnerabilitiesOf(found as unknown as Parameters<typeof vulnerabilitiesOf>[0]).flatMap((one) =>
        one.dueDate === undefined || Number.isNaN(Date.parse(one.dueDate))
            ? []
            : // The gate refuses it from that day on.
              [
                  {
                      at: Date.parse(one.dueDate),
                      what: `the accepted finding ${nameOf(one)}, ${one.ticket ?? "no ticket"}`,
                  },
              ],
    );
}

/** The keys that are trusted, by duty: the last that counts for each. */
export function trustedKeyDates(ring: KeyRing): Expiring[] {
    const last = new Map<string, Expiring>();
    for (const { trusted } of ring.values()) {
        const at = Date.parse(trusted.notAfter);
        if ((last.get(trusted.duty)?.at ?? 0) < at)
            last.set(trusted.duty, {
                at,
                what: `the evidence key ${short(trusted.keyId)} of the duty ${trusted.duty}`,
            });
    }
    return [...last.values()];
}
