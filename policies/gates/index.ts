import { keyRing } from "../../release/evidence/keys";
import { verifyEvidence, type EvidenceFile, type RejectedEvidence } from "../../release/evidence/verify";
import { buildSuccess } from "./build-success";
import { codeLint } from "./code-lint";
import { codeReview } from "./code-review";
import { criticalVulnerabilities } from "./critical-vulnerabilities";
import { endToEndDuration } from "./end-to-end-duration";
import { endToEndTests } from "./end-to-end-tests";
import { healthResponse } from "./health-response";
import { highVulnerabilities } from "./high-vulnerabilities";
import { hotfixApproval } from "./hotfix-approval";
import { hotfixIncident } from "./hotfix-incident";
import { hotfixMonitoring } from "./hotfix-monitoring";
import { hotfixRollback } from "./hotfix-rollback";
import { hotfixSize } from "./hotfix-size";
import { hotfixTest } from "./hotfix-test";
import { humanApproval } from "./human-approval";
import { incidentCount } from "./incident-count";
import { integrationTests } from "./integration-tests";
import { migrationStatus } from "./migration-status";
import { rollbackPlan } from "./rollback-plan";
import { serverErrors } from "./server-errors";
import { admissionAt } from "./shared/admission";
import { Dossier } from "./shared/dossier";
import { reference } from "./shared/gate";
import { readRequest, type JudgementRequest } from "./shared/request";
import { duration, isFuture } from "./shared/time";
import type { EvidenceReference, Gate, Judged, Status } from "./shared/types";
import { smokeTests } from "./smoke-tests";
import { stagingSoak } from "./staging-soak";
import { staticAnalysis } from "./static-analysis";
import { typeCoverage } from "./type-coverage";
import { unitCoverageBackend } from "./unit-coverage-backend";
import { unitCoverageFrontend } from "./unit-coverage-frontend";
import { unitTestDuration } from "./unit-test-duration";
import { unitTests } from "./unit-tests";

export { limits, stricterLimits, type LimitName, type Limits } from "./shared/limits";
export type { JudgementRequest } from "./shared/request";
export {
    checkpoints,
    type Checkpoint,
    type EvidenceReference,
    type Gate,
    type Release,
    type Stage,
    type Status,
} from "./shared/types";

/** Every gate, in the order of the specification's tables. */
export const gates: readonly Gate[] = [
    codeLint,
    typeCoverage,
    unitTests,
    unitCoverageBackend,
    unitCoverageFrontend,
    unitTestDuration,
    integrationTests,
    endToEndTests,
    endToEndDuration,
    criticalVulnerabilities,
    highVulnerabilities,
    staticAnalysis,
    codeReview,
    buildSuccess,
    migrationStatus,
    smokeTests,
    healthResponse,
    serverErrors,
    stagingSoak,
    humanApproval,
    rollbackPlan,
    incidentCount,
    hotfixIncident,
    hotfixTest,
    hotfixRollback,
    hotfixApproval,
    hotfixSize,
    hotfixMonitoring,
];

/** What one gate says about a release. */
export interface Outcome extends Judged, Pick<Gate, "id" | "section" | "title" | "level" | "stage"> {}

export interface Judgement {
    /** The worst of all outcomes; `fail` means that nothing may change. */
    readonly status: Status;
    readonly outcomes: readonly Outcome[];
    /** When the gates judged: now, or when the environment let this release in. RFC 3339, UTC. */
    readonly asOf: string;
    /** The admission that the judgement rests on, when it does not pass without. */
    readonly admission: EvidenceReference | undefined;
    /** What people should know about an admission, as a sentence. */
    readonly remark: string | undefined;
    /** Envelopes that count for nothing; a gate that lacks their evidence says why. */
    readonly rejected: readonly Pick<RejectedEvidence, "source" | "item" | "reason" | "problem">[];
    /** What must be done after the deployment, as sentences. */
    readonly obligations: readonly string[];
}

/**
 * Judges a release by signed evidence. Pure: envelopes, keys and time are arguments. Each envelope is verified here, so
 * that nobody who calls has to be believed.
 *
 * A release that its environment has run already is not refused because its evidence has aged since: when it fails, and
 * there is an admission, all gates judge again as of the time of that admission, by the evidence and the keys that
 * counted then. A release that an environment goes back to is judged so in any case, and refused without an admission.
 *
 * @param evidence envelopes as they were found; what can't be read counts for nothing
 * @throws Error for a request that can't be judged: no image, no key, a time that is none, a looser limit
 */
export function judgeRelease(evidence: readonly EvidenceFile[], request: JudgementRequest): Judgement {
    const { checkpoint, keys, limits, now, release } = readRequest(request);
    const ring = keyRing(keys);
    const applicable = gates.filter(
        (gate) => gate.checkpoints.includes(checkpoint) && (gate.releases === "all" || release.hotfix),
    );
    if (applicable.length === 0) {
        throw new Error(`No gate judges a release that is no hotfix at the checkpoint "${checkpoint}".`);
    }
    const judgeAsOf = (asOf: string) => {
        const verifications = evidence.map((file) => verifyEvidence(file, ring, asOf));
        const rejected = verifications.filter((one) => !one.ok);
        // What was issued after an admission took no part in it. What claims to be issued after now is refused instead.
        const verified = verifications
            .filter((one) => one.ok)
            .filter((one) => asOf === now || !isFuture(one.issuedAt, asOf, limits));
        const dossier = new Dossier(verified, rejected, release, asOf, limits);
        const outcomes = applicable.map(({ id, section, title, level, stage, judge }): Outcome => {
            return { id, section, title, level, stage, ...judge(dossier, { release, now: asOf, limits }) };
        });
        return { asOf, outcomes, rejected, dossier, status: worst(outcomes.map((one) => one.status)) };
    };

    const today = judgeAsOf(now);
    const asksAdmission = release.rollback || today.status === "fail";
    const lookup = asksAdmission ? admissionAt(checkpoint, today.dossier, limits) : undefined;
    const admission = lookup?.found?.[0];
    const { asOf, outcomes, rejected, ...judged } = admission ? judgeAsOf(admission.predicate.admittedAt) : today;
    const status = release.rollback && !admission ? "fail" : judged.status;
    const remark = admission
        ? `${admission.predicate.environment} let this release in at ${asOf}, and the gates judge as of then.`
        : lookup && !lookup.found
          ? `${lookup.problem}; the gates judge as of now.`
          : release.rollback
            ? "No admission says that this release has run here, and a rollback goes back to nothing else."
            : undefined;
    const obligations =
        release.hotfix && checkpoint === "production"
            ? [
                  `Watch production for ${duration(limits.monitoringSeconds * 1000)} and record it as monitoring evidence.`,
              ]
            : [];
    return {
        status,
        outcomes,
        asOf,
        admission: admission && reference(admission),
        remark,
        rejected: rejected.map(({ source, item, reason, problem }) => ({ source, item, reason, problem })),
        obligations,
    };
}

function worst(statuses: readonly Status[]): Status {
    if (statuses.includes("fail")) return "fail";
    return statuses.includes("warn") ? "warn" : "pass";
}
