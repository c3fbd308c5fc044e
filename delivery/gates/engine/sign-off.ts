import { approverRoles, type Predicate } from "../../evidence/predicates";
import type { MeasureContext } from "./gate";
import { items, type ItemName } from "../../evidence/items";
import { isAmong, isMachine } from "./people";
import { isFuture, isOlder } from "./clock";

type Decision = Predicate<"approval">["decisions"][number];

/** Whether a person may sign off by the specification: an Engineering Manager or Tech Lead. */
export function maySignOff({ role }: Decision): boolean {
    return (approverRoles as readonly string[]).includes(role);
}

/** Evidence that is no ground of an approval, or is read once more after it. A rehearsal is part of the rollback plan. */
const noGround: readonly ItemName[] = [
    "approval",
    "incidents",
    "migration-prod",
    "monitoring",
    "rehearsal",
    "restore-rehearsal",
    "admission-staging",
    "admission-prod",
];

/**
 * The approvals that count: recent, after all evidence, and by a person who may sign off and is not an author. And why
 * each other does not, as clauses. An author is anyone whom the approval or the code review names.
 */
export function signOffs(
    approval: Predicate<"approval">,
    review: Predicate<"codeReview">,
    context: MeasureContext,
): { readonly counting: readonly Decision[]; readonly objections: readonly string[] } {
    const authors = [...approval.authors, ...review.authors];
    const ground = newestGround(context);
    const counting: Decision[] = [];
    const objections: string[] = [];
    for (const decision of approval.decisions.filter((one) => one.verdict === "approved")) {
        const objection = objectionTo(decision, authors, ground, context);
        if (objection === undefined) counting.push(decision);
        else objections.push(objection);
    }
    return { counting, objections };
}

function objectionTo(
    decision: Decision,
    authors: readonly string[],
    ground: Ground | undefined,
    { limits, now }: MeasureContext,
): string | undefined {
    const { decidedAt, login } = decision;
    if (isMachine(login)) return `${login} is not a person`;
    if (!maySignOff(decision)) return `${login} is neither Engineering Manager nor Tech Lead`;
    if (isAmong(login, authors)) return `${login} is an author of the change`;
    if (isOlder(decidedAt, now, limits.approvalAgeHours)) {
        return `${login} decided more than ${limits.approvalAgeHours} h ago (${decidedAt})`;
    }
    if (ground && isFuture(ground.issuedAt, decidedAt, limits)) {
        const unseen = `${items[ground.item].title} evidence was issued at ${ground.issuedAt}`;
        return `${login} decided at ${decidedAt}, before ${unseen}`;
    }
    return undefined;
}

interface Ground {
    readonly item: ItemName;
    readonly issuedAt: string;
}

/** The newest evidence among the grounds of an approval: what the approver can have seen only after it was issued. */
function newestGround({ evidence, release }: MeasureContext): Ground | undefined {
    // A hotfix has not soaked, and evidence of a hotfix is no ground for a regular release.
    const without: readonly ItemName[] = [...noGround, release.hotfix ? "soak" : "hotfix"];
    const grounds = (Object.keys(items) as ItemName[]).filter((item) => !without.includes(item));
    return grounds
        .flatMap((item) => (evidence.lookUp(item).found ?? []).map(({ issuedAt }) => ({ item, issuedAt })))
        .sort((one, other) => Date.parse(other.issuedAt) - Date.parse(one.issuedAt))[0];
}
