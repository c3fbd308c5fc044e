import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { maySignOff, signOffs } from "../engine/sign-off";
import { listed } from "../../core/text";

/**
 * An Engineering Manager or Tech Lead who is not an author signed off after all evidence, and none rejected
 * (specification, section 5).
 */
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
        `an Engineering Manager or Tech Lead who is not an author, at most ${limits.approvalAgeHours} h ago and ` +
        "after the evidence; no rejection",
    measure: (found, context) => {
        const approval = found.approval[0].predicate;
        const { counting, objections } = signOffs(approval, found["code-review"][0].predicate, context);
        const rejecting = approval.decisions.filter((one) => one.verdict === "rejected" && maySignOff(one));
        const problems = rejecting.map((one) => `rejected by ${one.login} (${one.role})`);
        if (counting.length === 0) problems.push(...(objections.length > 0 ? objections : ["no one approved"]));
        if (!approval.uri.startsWith(`${context.repository}/`)) {
            problems.push(`${approval.uri} is not a decision in ${context.repository}`);
        }
        const names = counting.map((one) => `${one.login} (${one.role}) at ${one.decidedAt}`);
        return { measured: counting.length > 0 ? `approved by ${listed(names)}` : "no approval that counts", problems };
    },
});
