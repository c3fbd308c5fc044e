import type { Release } from "../../delivery/core/release";
import { judgeRelease, stricterLimits, type Judgement, type Limits } from "../../delivery/gates";
import { requestOf, type Input } from "../check/input";
import type { ItemName, ItemPredicate } from "../../delivery/evidence/items";
import { keyRing } from "../../delivery/evidence/keys";
import { approverRoles } from "../../delivery/evidence/predicates";
import { verifyEvidence, type VerifiedEvidence } from "../../delivery/evidence/verify";
import type { Changes } from "./changes";
import type { Find } from "./measures";

/** The contents of the approver's page. */
export interface PageContents {
    readonly release: Release;
    readonly judgement: Judgement;
    /** When the page was made, RFC 3339. */
    readonly now: string;
    readonly limits: Limits;
    /** Finds evidence that a gate accepted. */
    readonly find: Find;
    /** What changes with the release; undefined when it was not given. */
    readonly changes: Changes | undefined;
    /** The version that runs now; undefined when it was not given. */
    readonly previousVersion: string | undefined;
    /** Slugs of the GitHub teams that may approve. */
    readonly approverTeams: readonly string[];
    /** Address of the source repository; undefined when it was not given. */
    readonly repository: string | undefined;
}

/**
 * Judges a release for production and collects the contents of the page. Only evidence that a gate accepted is shown.
 */
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

/** Gates that only an approver can satisfy, after reading the page. */
const approvalGates: readonly string[] = ["human-approval", "hotfix-approval"];

/**
 * The status of a release: it is allowed, it is denied, or only an approval is missing. A release that an approver has
 * rejected is denied.
 */
export function statusOf({ judgement, find }: PageContents): "allowed" | "awaiting" | "denied" {
    const failing = judgement.outcomes.filter((one) => one.status === "fail");
    if (judgement.status !== "fail") return "allowed";
    // No gate refuses a rollback without an admission, and no approval allows it.
    if (failing.length === 0 || !failing.every((one) => approvalGates.includes(one.id))) return "denied";
    // A rejection, or an approval that can't be read, is not the same as one that is still missing.
    const rejected = find("approval")?.decisions.some(
        (one) => one.verdict === "rejected" && (approverRoles as readonly string[]).includes(one.role),
    );
    return rejected || judgement.rejected.some((one) => one.item === "approval") ? "denied" : "awaiting";
}
