import { approverRoles, type Predicate } from "../../../release/evidence/predicates";
import type { MeasureContext } from "./gate";
import { isAmong } from "./people";
import { elapsed, isFuture, isOlder } from "./time";

type Decision = Predicate<"approval">["decisions"][number];

/** Whether the specification lets this person decide: an Engineering Manager or Tech Lead. */
export function maySignOff({ role }: Decision): boolean {
    return (approverRoles as readonly string[]).includes(role);
}

/** The approvals that count: by who may, who wrote nothing of it, and about this build, not long ago. */
export function signOffs(
    approval: Predicate<"approval">,
    authors: readonly string[],
    context: MeasureContext,
): Decision[] {
    return approval.decisions.filter(
        (one) =>
            one.verdict === "approved" && objectionTo(one, [...approval.authors, ...authors], context) === undefined,
    );
}

/** Why an approval does not count, as a clause. */
export function objectionTo(
    decision: Decision,
    authors: readonly string[],
    context: MeasureContext,
): string | undefined {
    const { buildStartedAt, limits, now } = context;
    const { decidedAt, login } = decision;
    if (!maySignOff(decision)) return `${login} is neither Engineering Manager nor Tech Lead`;
    if (isAmong(login, authors)) return `${login} is an author of the change`;
    if (isFuture(decidedAt, now, limits)) return `${login} decided in the future (${decidedAt})`;
    if (isOlder(decidedAt, now, limits.approvalAgeHours)) {
        return `${login} decided more than ${limits.approvalAgeHours} h ago (${decidedAt})`;
    }
    if (buildStartedAt !== undefined && elapsed(buildStartedAt, decidedAt) < 0) {
        return `${login} decided at ${decidedAt}, before this release's build began at ${buildStartedAt}`;
    }
    return undefined;
}
