import type { Release } from "../core/release";
import { formatSeconds } from "../core/time";
import { keyRing, type KeyRing } from "../evidence/keys";
import { verifyEvidence, type EvidenceFile, type RejectedEvidence } from "../evidence/verify";
import { admissionAt } from "./engine/admission";
import { isFuture } from "./engine/clock";
import { Dossier } from "./engine/dossier";
import { reference } from "./engine/gate";
import type { Limits } from "./engine/limits";
import { readRequest, type JudgementRequest } from "./engine/request";
import type { Checkpoint, EvidenceReference, Gate, Judged, Status } from "./engine/types";
import { gates } from "./list";

/** What one gate says about a release. */
export interface Outcome extends Judged, Pick<Gate, "id" | "section" | "title" | "level" | "stage"> {}

export interface Judgement {
    /** The worst of all outcomes; `fail` means that nothing may change. */
    readonly status: Status;
    readonly outcomes: readonly Outcome[];
    /** The time of the judgement: now, or when the environment admitted this release. RFC 3339, UTC. */
    readonly asOf: string;
    /** The admission that the judgement is based on; undefined when it needs none. */
    readonly admission: EvidenceReference | undefined;
    /** A sentence about the admission, or about its absence. */
    readonly remark: string | undefined;
    /** Envelopes that do not count; a gate that lacks their evidence says why. */
    readonly rejected: readonly Pick<RejectedEvidence, "source" | "item" | "reason" | "problem">[];
    /** What must be done after the deployment, as sentences. */
    readonly obligations: readonly string[];
}

/**
 * Judges a release by signed evidence. Pure: envelopes, keys and time are arguments. Each envelope is verified here, so
 * that no caller has to be trusted.
 *
 * A release that its environment has already run is not refused because its evidence has aged since. When it fails, and
 * there is an admission, all gates judge again as of the time of that admission, by the evidence and the keys that
 * counted then. A rollback is always judged in this way, and is refused without an admission.
 *
 * @param evidence envelopes as they were found; those that can't be read do not count
 * @throws Error for a request that can't be judged: no image, no key, an invalid time, a looser limit
 */
export function judgeRelease(evidence: readonly EvidenceFile[], request: JudgementRequest): Judgement {
    const { checkpoint, keys, limits, now, productionVersion, release, repository } = readRequest(request);
    const asked: Asked = {
        evidence,
        checkpoint,
        ring: keyRing(keys),
        limits,
        now,
        release,
        repository,
        productionVersion,
    };
    const applicable = gatesFor(checkpoint, release);
    const today = judgeAsOf(now, applicable, asked);
    const admission = findAdmission(today, asked);
    const { outcomes, rejected, ...counted } = admission.asOf ? judgeAsOf(admission.asOf, applicable, asked) : today;
    return {
        status: admission.missing ? "fail" : worst(outcomes.map((one) => one.status)),
        outcomes,
        asOf: counted.asOf,
        admission: admission.reference,
        remark: admission.remark,
        rejected: rejected.map(({ source, item, reason, problem }) => ({ source, item, reason, problem })),
        obligations: obligationsOf(release, checkpoint, limits),
    };
}

interface Asked {
    readonly evidence: readonly EvidenceFile[];
    readonly checkpoint: Checkpoint;
    readonly ring: KeyRing;
    readonly limits: Limits;
    /** RFC 3339, UTC. */
    readonly now: string;
    readonly release: Release;
    readonly repository: string;
    readonly productionVersion: string | undefined;
}

/** The gates of a checkpoint that judge this release. @throws Error when there is none */
function gatesFor(checkpoint: Checkpoint, release: Release): readonly Gate[] {
    const found = gates.filter(
        (gate) => gate.checkpoints.includes(checkpoint) && (gate.releases === "all" || release.hotfix),
    );
    if (found.length > 0) return found;
    throw new Error(`No gate judges a regular release, which is not a hotfix, at the checkpoint "${checkpoint}".`);
}

interface JudgedAsOf {
    readonly asOf: string;
    readonly outcomes: readonly Outcome[];
    readonly rejected: readonly RejectedEvidence[];
    readonly dossier: Dossier;
}

/** Verifies all evidence and asks every gate, as of one moment. */
function judgeAsOf(asOf: string, applicable: readonly Gate[], asked: Asked): JudgedAsOf {
    const { evidence, limits, now, productionVersion, release, repository, ring } = asked;
    const verifications = evidence.map((file) => verifyEvidence(file, ring, asOf));
    const rejected = verifications.filter((one) => !one.ok);
    // Evidence issued after an admission was no part of it. Evidence issued after now is refused by the dossier instead.
    const verified = verifications
        .filter((one) => one.ok)
        .filter((one) => asOf === now || !isFuture(one.issuedAt, asOf, limits));
    const standing = rejected.filter(
        ({ unread }) => asOf === now || unread?.issuedAt === undefined || !isFuture(unread.issuedAt, asOf, limits),
    );
    const dossier = new Dossier(verified, standing, release, asOf, limits);
    const context = { release, repository, productionVersion, now: asOf, limits };
    const outcomes = applicable.map(({ id, section, title, level, stage, judge }): Outcome => {
        return { id, section, title, level, stage, ...judge(dossier, context) };
    });
    return { asOf, outcomes, rejected, dossier };
}

/** The admission that a judgement is based on, if any, and a sentence about it. */
interface FoundAdmission {
    /** When the environment admitted the release; undefined when the gates judge as of now. */
    readonly asOf?: string;
    readonly reference?: EvidenceReference;
    /** Whether the release requires an admission and has none. */
    readonly missing: boolean;
    readonly remark?: string;
}

/** Looks for an admission when the release fails as of now, or when it requires one. */
function findAdmission({ dossier, outcomes }: JudgedAsOf, { checkpoint, release }: Asked): FoundAdmission {
    const needed = release.rollback === true;
    if (!needed && worst(outcomes.map((one) => one.status)) !== "fail") return { missing: false };
    const lookup = admissionAt(checkpoint, dossier);
    const admission = lookup?.found?.[0];
    if (admission) {
        const { admittedAt: asOf, environment } = admission.predicate;
        const remark = `${environment} admitted this release at ${asOf}; the gates judge as of that time.`;
        return { asOf, reference: reference(admission), missing: false, remark };
    }
    if (lookup && !lookup.found) return { missing: needed, remark: `${lookup.problem}; the gates judge as of now.` };
    if (!needed) return { missing: false };
    return {
        missing: true,
        remark: "No admission shows that this release has run here; a rollback requires one.",
    };
}

/** Obligations after a deployment: a hotfix has not soaked, so production is watched (specification, section 6). */
function obligationsOf(release: Release, checkpoint: Checkpoint, limits: Limits): string[] {
    if (!release.hotfix || checkpoint !== "production") return [];
    const watch = formatSeconds(limits.monitoringSeconds);
    return [`Watch production for ${watch} and record it as monitoring evidence.`];
}

function worst(statuses: readonly Status[]): Status {
    if (statuses.includes("fail")) return "fail";
    return statuses.includes("warn") ? "warn" : "pass";
}
