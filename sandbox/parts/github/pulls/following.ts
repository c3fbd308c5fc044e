import { branchTip, commitsBetween } from "../git";
import type { World } from "../http";
import { ruleFor } from "../protection/rules";
import type { PullRequest, Repository } from "../store";

function dismissStaleReviews(world: World, repository: Repository, pull: PullRequest): void {
    if (!ruleFor(world, repository, pull.base_ref)?.dismissesStaleReviews) return;
    for (const review of world.data.reviews.findBy("repo_id", repository.id)) {
        if (review.pull_number !== pull.number || review.state !== "APPROVED") continue;
        world.data.reviews.update(review.id, { state: "DISMISSED" });
    }
}

/**
 * Updates open pull requests when their head branches move, which emulate does not, and dismisses approvals of older
 * commits where the base branch's rule says so.
 */
export function followBranches(world: World, repository: Repository): void {
    for (const pull of world.data.pullRequests.findBy("repo_id", repository.id)) {
        if (pull.state !== "open" || pull.head_repo_id !== repository.id) continue;
        const head = branchTip(world, repository, pull.head_ref);
        const base = branchTip(world, repository, pull.base_ref) ?? pull.base_sha;
        if (head === undefined || head === pull.head_sha) continue;
        const commits = commitsBetween(world, repository, base, head).length;
        world.data.pullRequests.update(pull.id, { head_sha: head, commits });
        dismissStaleReviews(world, repository, pull);
    }
}
