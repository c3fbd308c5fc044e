import * as fs from "node:fs";
import * as path from "node:path";
import { judgeRelease, type Judgement } from "../../../delivery/gates";
import { admissionOf } from "../../../delivery/gates/engine/admission-statement";
import { dutyNames, mayState, type Duty } from "../../../delivery/evidence/duties";
import { readEvidence, storeEvidence } from "../../../delivery/evidence/folder";
import { items, type ItemName } from "../../../delivery/evidence/items";
import { checkpointOf, type Predicate } from "../../../delivery/evidence/predicates";
import { keyFileSigner, signStatement } from "../../../delivery/evidence/sign";
import { createStatement } from "../../../delivery/evidence/statement";
import type { ReleaseIdentity } from "../../../delivery/core/release";
import { run } from "../../machine/command";
import { releaseFile } from "../environment";
import { projectRoot, type Instance } from "../../machine/instance";
import type { Progress } from "../../machine/part";
import { evidenceFolder, type Environment } from "./folders";
import { writeReports } from "./reports";
import { makeSigningKeys, signingKeyFile, trustedKeys } from "./signing-key";
import { buildStatements, gateway, productionStatements, stagingStatements, type Statements } from "./statements";

const minute = 60_000;
/** Longer than the soak that production asks for. */
const soak = 5 * 60 * minute;

export interface DossierOptions {
    /** Folder to write to, the environment's by default. Its earlier contents are deleted. */
    readonly folder?: string;
    /** When the images were built; now by default. For production the build is dated back to make room for a soak. */
    readonly builtAt?: Date;
}

/** The duty that states an item. Both staging and production count incidents; here, production does. */
export function dutyOf(item: ItemName): Duty {
    const holders = dutyNames.filter((duty) => mayState(duty, item));
    const holder = holders.at(-1);
    if (holder === undefined) throw new Error(`No duty states ${item}.`);
    return holder;
}

/** Signs predicates, each with the sandbox's key of its duty, and stores them. */
export async function sign(
    instance: Instance,
    folder: string,
    release: ReleaseIdentity,
    statements: Statements,
): Promise<void> {
    const issuedAt = new Date().toISOString();
    for (const [name, predicate] of Object.entries(statements)) {
        const signer = await keyFileSigner(signingKeyFile(instance, dutyOf(name as ItemName)));
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
 * reports, and the statements of staging, people and the incident tracker, are stand-ins; reading, stating, signing and
 * judging them is real.
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
    makeSigningKeys(instance);
    fs.rmSync(folder, { recursive: true, force: true });
    const dated = environment === "prod" ? new Date(now.getTime() - soak - 10 * minute) : builtAt;
    await collect(instance, folder, release, dated);
    await sign(instance, folder, release, {
        ...buildStatements(release, dated),
        ...(environment === "prod" && stagingStatements(release, new Date(now.getTime() - soak), now)),
    });
    // Afterwards, because an approver decides on evidence that exists.
    if (environment === "prod") await sign(instance, folder, release, productionStatements(new Date()));
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
    const args = [
        "--reports",
        reports,
        "--release",
        file,
        "--out",
        folder,
        "--key",
        signingKeyFile(instance, "pipeline"),
    ];
    await run("npx", ["release", "collect", ...args], { directory: projectRoot });
}

/** The gates' judgement of a release for an environment, by the evidence in a folder. */
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
        repository: gateway,
        now: at.toISOString(),
        keys: trustedKeys(instance),
    });
}

/** Whether the evidence of a release for an environment exists and counts for another hour, without an admission. */
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

/** Creates the evidence of the sandbox's release for an environment, unless it exists and counts. */
export async function prepareEvidence(
    instance: Instance,
    progress: Progress,
    environment: Environment = "staging",
): Promise<void> {
    const { builtAt, release } = ownRelease(instance);
    makeSigningKeys(instance);
    if (isFresh(instance, release, environment)) return;
    progress(`evidence of version ${release.version}`);
    await produceDossier(instance, release, environment, { builtAt });
}

/** Records that an environment runs a release, so that it may still be applied when its evidence is too old. */
export async function recordAdmission(instance: Instance, environment: Environment): Promise<void> {
    const { release } = ownRelease(instance);
    const folder = evidenceFolder(instance, environment);
    const judgement = judge(instance, release, environment, folder);
    const admission = admissionOf(environment, judgement, new Date().toISOString());
    await sign(instance, folder, release, { [`admission-${environment}`]: admission });
}
