import type { World } from "../http";
import type { Repository } from "../store";

type State = "successful" | "expected" | "pending" | "failing";

/** The state of the commit by the newest check run or commit status of this name. */
function stateOf(world: World, repository: Repository, sha: string, name: string): State {
    const runs = world.data.checkRuns
        .findBy("head_sha", sha)
        .filter((run) => run.repo_id === repository.id && run.name === name)
        .map((run) => ({
            id: run.id,
            at: run.updated_at,
            state: run.status !== "completed" ? "pending" : (run.conclusion ?? "failure"),
        }));
    const statuses = world.data.statuses
        .findBy("sha", sha)
        .filter((status) => status.repo_id === repository.id && status.context === name)
        .map((status) => ({ id: status.id, at: status.updated_at, state: status.state }));
    const newest = [...runs, ...statuses].sort((a, b) => b.at.localeCompare(a.at) || b.id - a.id)[0];
    if (newest === undefined) return "expected";
    if (newest.state === "pending") return "pending";
    return ["success", "neutral", "skipped"].includes(newest.state) ? "successful" : "failing";
}

/** GitHub's sentence about required checks that do not allow a change to this commit; undefined when all succeeded. */
export function checksObstacle(
    world: World,
    repository: Repository,
    sha: string,
    contexts: readonly string[],
): string | undefined {
    const open = contexts
        .map((name) => ({ name, state: stateOf(world, repository, sha, name) }))
        .filter(({ state }) => state !== "successful");
    const [first] = open;
    if (first === undefined) return undefined;
    if (open.length === 1) return `Required status check "${first.name}" is ${first.state}.`;
    const states = [...new Set(open.map(({ state }) => state))];
    if (states.length === 1) return `${open.length} of ${contexts.length} required status checks are ${first.state}.`;
    const counts = states.map((state) => `${open.filter((check) => check.state === state).length} ${state}`);
    return `${open.length} of ${contexts.length} required status checks have not succeeded: ${counts.join(", ")}.`;
}
