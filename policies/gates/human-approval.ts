import { atProduction } from "./shared/checkpoints";
import { gate } from "./shared/gate";
import { maySignOff, objectionTo, signOffs } from "./shared/sign-off";
import { listed } from "./shared/wording";

/** An Engineering Manager or Tech Lead, who is no author, signed off, and none of them refused (specification, section 5). */
export const humanApproval = gate({
    id: "human-approval",
    section: "5, Production deployment gates: Human Approval",
    title: "Approval",
    level: "blocking",
    stage: "production",
    checkpoints: atProduction,
    releases: "all",
    needs: ["approval", "code-review"],
    limit: (limits) =>
        `an Engineering Manager or Tech Lead who is no author, at most ${limits.approvalAgeHours} h ago; no rejection`,
    measure: (found, context) => {
        const approval = found.approval[0].predicate;
        // Two sources know the authors; who is named by either is one.
        const authors = [...approval.authors, ...found["code-review"][0].predicate.authors];
        const counting = signOffs(approval, authors, context);
        const rejecting = approval.decisions.filter((one) => one.verdict === "rejected" && maySignOff(one));
        const problems = rejecting.map((one) => `rejected by ${one.login} (${one.role})`);
        if (counting.length === 0) {
            const objections = approval.decisions
                .filter((one) => one.verdict === "approved")
                .map((one) => objectionTo(one, authors, context) ?? "");
            problems.push(...(objections.length > 0 ? objections : ["nobody approved"]));
        }
        const names = counting.map((one) => `${one.login} (${one.role}) at ${one.decidedAt}`);
        return { measured: counting.length > 0 ? `approved by ${listed(names)}` : "no approval that counts", problems };
    },
});
