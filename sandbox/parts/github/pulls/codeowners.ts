import ignore from "ignore";
import { changedPaths, filesOf, findCommit, mergeBase, type Files } from "../git";
import type { World } from "../http";
import { branchTip } from "../git";
import type { PullRequest, Repository, User } from "../store";

/** Where GitHub looks, in this order. */
const places = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

interface Line {
    readonly owns: (path: string) => boolean;
    readonly owners: readonly string[];
}

function parse(text: string): Line[] {
    return text
        .split(/\r?\n/)
        .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
        .filter((line) => line !== "")
        .map((line) => {
            const [pattern = "", ...owners] = line.split(/\s+/);
            const matcher = ignore().add(pattern);
            return { owns: (path: string) => matcher.ignores(path), owners };
        });
}

function read(world: World, repository: Repository, files: Files): Line[] {
    const entry = places.map((place) => files.get(place)).find((found) => found !== undefined);
    const blob = entry && world.data.blobs.findBy("sha", entry.sha).find((row) => row.repo_id === repository.id);
    if (blob === undefined) return [];
    return parse(blob.encoding === "base64" ? Buffer.from(blob.content, "base64").toString("utf8") : blob.content);
}

function isOwner(world: World, repository: Repository, owner: string, user: User): boolean {
    const [organization, slug] = owner.replace(/^@/, "").split("/");
    if (slug === undefined) return organization === user.login || owner === user.email;
    const team = world.data.teams.findBy("org_id", repository.owner_id).find((row) => row.slug === slug);
    if (team === undefined) return false;
    return world.data.teamMembers.findBy("team_id", team.id).some((row) => row.user_id === user.id);
}

/**
 * Owners, as CODEOWNERS of the base branch writes them, of a changed file that none of these people may approve; empty
 * when every owned file is approved. The last line that matches a file decides.
 */
export function missingCodeOwners(
    world: World,
    repository: Repository,
    pull: PullRequest,
    approvers: readonly User[],
): readonly string[] {
    const tip = branchTip(world, repository, pull.base_ref);
    if (tip === undefined) return [];
    const lines = read(world, repository, filesOf(world, repository, findCommit(world, repository, tip)));
    const base = filesOf(world, repository, mergeBase(world, repository, tip, pull.head_sha));
    const head = filesOf(world, repository, findCommit(world, repository, pull.head_sha));
    for (const path of changedPaths(base, head)) {
        const owners = lines.findLast((line) => line.owns(path))?.owners ?? [];
        if (owners.length === 0) continue;
        const approved = approvers.some((user) => owners.some((owner) => isOwner(world, repository, owner, user)));
        if (!approved) return owners;
    }
    return [];
}
