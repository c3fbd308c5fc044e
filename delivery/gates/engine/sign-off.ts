import { approverRoles, type Predicate } from "../../evidence/predicates";
import type { MeasureContext } from "./gate";
import { isAmong } from "./people";
import { elapsedSeconds } from "../../core/time";
import { isFuture, isOlder } from "./clock";

type Decision = Predicate<"approval">["decisions"][number];

/** Whether a person may sign off by the specification: an Engineering Manager or Tech Lead. */
export function maySignOff({ role }: Decision): boolean {
    return (approverRoles as readonly string[]).includes(role);
}

/** The approvals that count: recent, about this build, and by a person who may sign off and is not an author. */
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
    if (buildStartedAt !== undefined && elapsedSeconds(buildStartedAt, decidedAt) < 0) {
        return `${login} decided at ${decidedAt}, before this release's build began at ${buildStartedAt}`;
    }
    return undefined;
}
