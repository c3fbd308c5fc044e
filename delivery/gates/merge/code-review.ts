import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { isAmong, isMachine } from "../engine/people";
import { counted, listed } from "../../core/text";

/** At least one approval of the last commit by a person who is not an author (specification, section 5). */
export const codeReview = gate({
    id: "code-review",
    section: "5, PR merge gates: Code Review",
    title: "Code review",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["code-review"],
    limit: (limits) =>
        `at least ${counted(limits.reviewApprovals, "approval")} of the last commit, each by a person who is not an author; ` +
        "no changes requested",
    measure: (found, { limits, release, repository }) => {
        const { reviews, authors, headCommit, mergeCommit, pullRequest } = found["code-review"][0].predicate;
        const approving = reviews.filter((one) => one.state === "approved" && one.commit === headCommit);
        const machines = approving.filter((one) => isMachine(one.login)).map((one) => one.login);
        const approved = approving.filter((one) => !isMachine(one.login) && !isAmong(one.login, authors));
        const approvers = [...new Set(approved.map((one) => one.login.toLowerCase()))];
        const refusing = reviews.filter((one) => one.state === "changes-requested").map((one) => one.login);
        const measured = `${counted(approvers.length, "approval")}${approvers.length > 0 ? ` by ${listed(approvers)}` : ""}`;
        const problems = approvers.length < limits.reviewApprovals ? [measured] : [];
        if (problems.length > 0 && machines.length > 0) {
            problems.push(`${listed(machines)} ${machines.length === 1 ? "is not a person" : "are not persons"}`);
        }
        if (!pullRequest.startsWith(`${repository}/pull/`)) {
            problems.push(`${pullRequest} is not a pull request of ${repository}`);
        }
        // A merge by squash or rebase gives the reviewed commit another hash.
        if (release.commit !== headCommit && release.commit !== mergeCommit) {
            const reviewed = mergeCommit ?? headCommit;
            problems.push(
                `commit ${reviewed.slice(0, 12)} was reviewed, the release is of ${release.commit.slice(0, 12)}`,
            );
        }
        if (refusing.length > 0) problems.push(`${listed(refusing)} requested changes`);
        return { measured, problems };
    },
});
