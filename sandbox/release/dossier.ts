import * as fs from "node:fs";
import * as path from "node:path";
import { judgeRelease, type Judgement } from "../../policies/gates";
import { admissionOf } from "../../release/evidence/admission";
import { readEvidence, storeEvidence } from "../../release/evidence/folder";
import { items, type ItemName } from "../../release/evidence/items";
import { checkpointOf, type Predicate } from "../../release/evidence/predicates";
import { keyFileSigner, signStatement } from "../../release/evidence/sign";
import { createStatement } from "../../release/evidence/statement";
import type { ReleaseIdentity } from "../../release/evidence/statement";
import { run } from "../command";
import { releaseFile } from "../environment";
import { projectRoot, type Instance } from "../instance";
import type { Progress } from "../part";
import { evidenceFolder, type Environment } from "./folders";
import { writeReports } from "./reports";
import { makeSigningKey, signingKeyFile, trustedKeys } from "./signing-key";
import { buildStatements, productionStatements, stagingStatements, type Statements } from "./statements";

const minute = 60_000;
/** Longer than the soak that production asks for. */
const soak = 5 * 60 * minute;

export interface DossierOptions {
    /** Where to write it; that of the environment by default. What was there before goes. */
    readonly folder?: string;
    /** When the images were built; now by default. For production the build is dated back, so that a soak fits in. */
    readonly builtAt?: Date;
}

/** Signs predicates with the sandbox's key and stores them. */
export async function sign(
    instance: Instance,
    folder: string,
    release: ReleaseIdentity,
    statements: Statements,
): Promise<void> {
    const signer = await keyFileSigner(signingKeyFile(instance));
    const issuedAt = new Date().toISOString();
    for (const [name, predicate] of Object.entries(statements)) {
        const { predicate: kind, scope } = items[name as ItemName];
        const about = scope === "each-image" ? Object.keys(release.images).map((one) => [one]) : [undefined];
        for (const services of about) {
            const options = { issuedAt, ...(services && { services }) };
            const statement = createStatement(kind, predicate as Predicate, release, options);
            await storeEvidence(folder, await signStatement(statement, signer));
        }
    }
}

/**
 * Makes the signed evidence of a good release: everything that the gates ask for before the environment changes. The
 * reports, and what staging, people and the incident tracker say, are stand-ins; that they are read, stated, signed and
 * judged is real.
 *
 * @returns the folder with the evidence
 */
export async function produceDossier(
    instance: Instance,
    release: ReleaseIdentity,
    environment: Environment,
    options: DossierOptions = {},
): Promise<string> {
    const { folder = evidenceFolder(instance, environment), builtAt = new Date() } = options;
    const now = new Date();
    makeSigningKey(instance);
    fs.rmSync(folder, { recursive: true, force: true });
    const dated = environment === "prod" ? new Date(now.getTime() - soak - 10 * minute) : builtAt;
    await collect(instance, folder, release, dated);
    await sign(instance, folder, release, {
        ...buildStatements(release, dated),
        ...(environment === "prod" && {
            ...stagingStatements(release, new Date(now.getTime() - soak), now),
            ...productionStatements(now),
        }),
    });
    return folder;
}

/** Reports, and `release collect`, which turns them into evidence. */
async function collect(instance: Instance, folder: string, release: ReleaseIdentity, measuredAt: Date): Promise<void> {
    const reports = `${folder}.reports`;
    writeReports(reports, release, measuredAt);
    const about = {
        version: release.version,
        commit: release.commit,
        committedAt: new Date(measuredAt.getTime() - 10 * minute).toISOString(),
        repository: "https://github.com/relaypacs/gateway",
        images: release.images,
    };
    const file = path.join(reports, "release.json");
    fs.writeFileSync(file, JSON.stringify(about));
    const args = ["--reports", reports, "--release", file, "--out", folder, "--key", signingKeyFile(instance)];
    await run("node", ["-r", "ts-node/register", "release/main.ts", "collect", ...args], { directory: projectRoot });
}

/** What the gates say about a release in an environment, by the evidence in a folder. */
export function judge(
    instance: Instance,
    release: ReleaseIdentity,
    environment: Environment,
    folder: string,
    at = new Date(),
): Judgement {
    return judgeRelease(readEvidence(folder), {
        checkpoint: checkpointOf[environment],
        release: { hotfix: false, ...release },
        now: at.toISOString(),
        keys: trustedKeys(instance),
    });
}

/** Whether the evidence of what an environment is to run is there and counts for another hour, without an admission. */
function isFresh(instance: Instance, release: ReleaseIdentity, environment: Environment): boolean {
    const folder = evidenceFolder(instance, environment);
    if (!fs.existsSync(folder) || trustedKeys(instance).length === 0) return false;
    const { admission, status } = judge(instance, release, environment, folder, new Date(Date.now() + 60 * minute));
    return status !== "fail" && admission === undefined;
}

/** What the sandbox deploys, and when its images were written. */
function ownRelease(instance: Instance): { release: ReleaseIdentity; builtAt: Date } {
    const file = releaseFile(instance);
    return { release: JSON.parse(fs.readFileSync(file, "utf8")) as ReleaseIdentity, builtAt: fs.statSync(file).mtime };
}

/** Makes the evidence of what the sandbox deploys to an environment, unless it is there and counts. */
export async function prepareEvidence(
    instance: Instance,
    progress: Progress,
    environment: Environment = "staging",
): Promise<void> {
    const { builtAt, release } = ownRelease(instance);
    if (isFresh(instance, release, environment)) return;
    progress(`evidence of version ${release.version}`);
    await produceDossier(instance, release, environment, { builtAt });
}

/** Records that an environment runs a release, so that it may go on doing so when the evidence has aged. */
export async function recordAdmission(instance: Instance, environment: Environment): Promise<void> {
    const { release } = ownRelease(instance);
    const folder = evidenceFolder(instance, environment);
    const judgement = judge(instance, release, environment, folder);
    const admission = admissionOf(environment, judgement, new Date().toISOString());
    await sign(instance, folder, release, { [`admission-${environment}`]: admission });
}
