import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { version as versionName } from "../../delivery/core/release";
import { gates } from "../../delivery/gates";
import type { Predicate } from "../../delivery/evidence/predicates";
import { loadEvidence } from "../../delivery/evidence/folder";
import type { KeyRing } from "../../delivery/evidence/keys";
import { verifyEvidence, type VerifiedEvidence } from "../../delivery/evidence/verify";

export type Environment = "staging" | "prod";

/** A release that an environment has let in and run, by a signed admission. */
export interface AdmittedRelease {
    readonly version: string;
    readonly commit: string;
    /** `sha256:…`, by service. */
    readonly images: Readonly<Record<string, string>>;
    /** Whether it was let in as a hotfix (specification, section 6): as anything else, its gates would not pass. */
    readonly hotfix: boolean;
    /** When the gates let it in, the first time. */
    readonly admittedAt: string;
    readonly completedAt: string;
    /** Folder of the release's evidence. */
    readonly folder: string;
    /** Name and SHA-256 of the admission, for people. */
    readonly evidence: string;
}

export interface Admissions {
    readonly admitted: readonly AdmittedRelease[];
    /** Sentences about admissions that count for nothing. */
    readonly rejected: readonly string[];
}

/**
 * Reads which releases an environment has admitted, from a folder with one folder of evidence per release, named by its
 * version. Other folders are not looked at.
 *
 * @param now RFC 3339, UTC
 * @throws Error when the folder can't be read
 */
export async function readAdmissions(
    folder: string,
    environment: Environment,
    ring: KeyRing,
    now: string,
): Promise<Admissions> {
    let names: string[];
    try {
        const entries = await readdir(folder, { withFileTypes: true });
        names = entries
            .filter((one) => one.isDirectory() && versionName.safeParse(one.name).success)
            .map((one) => one.name);
    } catch (error) {
        throw new Error(
            `The evidence of releases can't be read: ${(error as Error).message}. Give a folder with one folder per release, as \`release fetch\` makes it.`,
            { cause: error },
        );
    }
    const admitted: AdmittedRelease[] = [];
    const rejected: string[] = [];
    for (const name of names.sort()) {
        const own = join(folder, name);
        for (const file of await loadEvidence(own)) {
            const evidence = verifyEvidence(file, ring, now);
            const source = `${name}/${file.source}`;
            const item = `admission-${environment}` as const;
            if (evidence.item !== item) continue;
            const reject = (problem: string) =>
                rejected.push(`The admission ${source} counts for nothing: it ${problem}.`);
            if (!evidence.ok) reject(evidence.problem);
            else if (evidence.statement.relaypacsRelease.version !== name)
                reject(`is about ${evidence.statement.relaypacsRelease.version}, and lies under ${name}`);
            else admitted.push(releaseOf(evidence, own, source));
        }
    }
    return { admitted, rejected };
}

/** They judge hotfixes alone, so an admission that names one is a hotfix's. */
const hotfixGates = new Set(gates.filter(({ releases }) => releases === "hotfix").map(({ id }) => id));

function releaseOf(evidence: VerifiedEvidence, folder: string, source: string): AdmittedRelease {
    const { subject, relaypacsRelease } = evidence.statement;
    const { admittedAt, completedAt, gates: judged } = evidence.predicate as Predicate<"admission">;
    return {
        version: relaypacsRelease.version,
        commit: relaypacsRelease.commit,
        images: Object.fromEntries(
            subject.map(({ name, digest }) => [name.replace(/^.*\//, ""), `sha256:${digest.sha256}`]),
        ),
        hotfix: judged.some(({ id }) => hotfixGates.has(id)),
        admittedAt,
        completedAt,
        folder,
        evidence: `${source} (${evidence.sha256.slice(0, 12)})`,
    };
}
