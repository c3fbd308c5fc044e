import { judgeRelease, stricterLimits, type Judgement, type Limits, type Release } from "../../policies/gates";
import { requestOf, type Input } from "../check/input";
import type { ItemName, ItemPredicate } from "../evidence/items";
import { keyRing } from "../evidence/keys";
import { approverRoles } from "../evidence/predicates";
import { verifyEvidence, type VerifiedEvidence } from "../evidence/verify";
import type { Changes } from "./changes";
import type { Find } from "./measures";

/** Everything that the approver's page shows. */
export interface PageContents {
    readonly release: Release;
    readonly judgement: Judgement;
    /** When the page was made, RFC 3339. */
    readonly now: string;
    readonly limits: Limits;
    /** Finds evidence that counted for a gate. */
    readonly find: Find;
    /** What the release brings; undefined when nobody said. */
    readonly changes: Changes | undefined;
    /** The version that runs now; undefined when nobody said. */
    readonly previousVersion: string | undefined;
    /** Slugs of the GitHub teams that may approve. */
    readonly approverTeams: readonly string[];
    /** Address of the source repository, or undefined when nobody said. */
    readonly repository: string | undefined;
}

/** Judges a release for production and gathers what the page shows: only evidence that a gate counted. */
export function pageContents(
    input: Input,
    more: Pick<PageContents, "changes" | "previousVersion" | "approverTeams">,
): PageContents {
    const judgement = judgeRelease(input.evidence, requestOf(input, "production"));
    const ring = keyRing(input.keys);
    const verified = new Map<string, VerifiedEvidence>();
    for (const file of input.evidence) {
        const one = verifyEvidence(file, ring, judgement.asOf);
        if (one.ok) verified.set(one.sha256, one);
    }
    const counted = judgement.outcomes.flatMap((outcome) => outcome.evidence);
    const find = <Item extends ItemName>(item: Item) => {
        const reference = counted.find((one) => one.item === item);
        return verified.get(reference?.sha256 ?? "")?.predicate as ItemPredicate<Item> | undefined;
    };
    const { release, now, repository } = input;
    return { release, judgement, now, limits: stricterLimits(input.limits), find, repository, ...more };
}

/** Gates that only people can satisfy, after they have read the page. */
const approvals: readonly string[] = ["human-approval", "hotfix-approval"];

/**
 * Where a release stands: it may go on, it is denied, or nothing but an approval is missing. A release that somebody
 * who may decide has rejected is denied.
 */
export function standing({ judgement, find }: PageContents): "allowed" | "awaiting" | "denied" {
    const failing = judgement.outcomes.filter((one) => one.status === "fail");
    if (failing.length === 0) return "allowed";
    if (!failing.every((one) => approvals.includes(one.id))) return "denied";
    // A missing code review or an unreadable approval is more than a decision that is still to be made.
    const rejected = find("approval")?.decisions.some(
        (one) => one.verdict === "rejected" && (approverRoles as readonly string[]).includes(one.role),
    );
    return rejected || judgement.rejected.some((one) => one.item === "approval") ? "denied" : "awaiting";
}
