import { forwardJson, type Context, type World } from "./http";
import type { Commit, Repository, TreeEntry } from "./store";

/** Files by their full path. */
export type Files = ReadonlyMap<string, TreeEntry>;

export function findCommit(world: World, repository: Repository, sha: string): Commit | undefined {
    return world.data.commits.findBy("sha", sha).find((commit) => commit.repo_id === repository.id);
}

/** The commit and its ancestors, nearest first. */
export function history(world: World, repository: Repository, sha: string): Commit[] {
    const seen = new Map<string, Commit>();
    const queue = [sha];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const commit = seen.has(next) ? undefined : findCommit(world, repository, next);
        if (commit === undefined) continue;
        seen.set(next, commit);
        queue.push(...commit.parent_shas);
    }
    return [...seen.values()];
}

export function contains(world: World, repository: Repository, descendant: string, ancestor: string): boolean {
    return history(world, repository, descendant).some((commit) => commit.sha === ancestor);
}

/** Commits that `head` has and `base` has not, oldest first. */
export function commitsBetween(world: World, repository: Repository, base: string, head: string): Commit[] {
    const known = new Set(history(world, repository, base).map((commit) => commit.sha));
    return history(world, repository, head)
        .filter((commit) => !known.has(commit.sha))
        .reverse();
}

export function mergeBase(world: World, repository: Repository, one: string, other: string): Commit | undefined {
    const known = new Set(history(world, repository, one).map((commit) => commit.sha));
    return history(world, repository, other).find((commit) => known.has(commit.sha));
}

export function filesOf(world: World, repository: Repository, commit: Commit | undefined): Files {
    const files = new Map<string, TreeEntry>();
    const collect = (treeSha: string, prefix: string) => {
        const tree = world.data.trees.findBy("sha", treeSha).find((row) => row.repo_id === repository.id);
        for (const entry of tree?.tree ?? []) {
            if (entry.type === "tree") collect(entry.sha, `${prefix}${entry.path}/`);
            else files.set(prefix + entry.path, entry);
        }
    };
    if (commit !== undefined) collect(commit.tree_sha, "");
    return files;
}

export function changedPaths(from: Files, to: Files): string[] {
    return [...new Set([...from.keys(), ...to.keys()])]
        .filter((path) => from.get(path)?.sha !== to.get(path)?.sha)
        .sort();
}

/**
 * `ours` with what changed from `base` to `theirs`; undefined when both changed a file in different ways. Files are
 * taken whole.
 */
export function mergeFiles(base: Files, ours: Files, theirs: Files): Files | undefined {
    const merged = new Map(ours);
    for (const path of changedPaths(base, theirs)) {
        const wanted = theirs.get(path);
        const current = ours.get(path)?.sha;
        if (current !== base.get(path)?.sha && current !== wanted?.sha) return undefined;
        if (wanted === undefined) merged.delete(path);
        else merged.set(path, wanted);
    }
    return merged;
}

export interface NewCommit {
    readonly files: Files;
    readonly parents: readonly string[];
    readonly message: string;
    readonly author?: { name: string; email: string; date: string };
}

/** Writes a commit through the emulator's Git database, so that its SHA is real. */
export async function writeCommit(
    world: World,
    context: Context,
    repository: Repository,
    commit: NewCommit,
): Promise<string> {
    const post = (path: string, content: unknown) =>
        forwardJson<{ sha: string }>(world, context, {
            path: `/repos/${repository.full_name}/git/${path}`,
            method: "POST",
            body: content,
        });
    const tree = [...commit.files].map(([path, { mode, type, sha }]) => ({ path, mode, type, sha }));
    const { sha: treeSha } = await post("trees", { tree });
    const { sha } = await post("commits", {
        message: commit.message,
        tree: treeSha,
        parents: commit.parents,
        ...(commit.author && { author: commit.author }),
    });
    return sha;
}

/** Points a branch at a commit, without any rule. */
export function moveBranch(world: World, repository: Repository, name: string, sha: string): void {
    const branch = world.data.branches.findBy("repo_id", repository.id).find((row) => row.name === name);
    if (branch) world.data.branches.update(branch.id, { sha });
    const ref = world.data.refs.findBy("repo_id", repository.id).find((row) => row.ref === `refs/heads/${name}`);
    if (ref) world.data.refs.update(ref.id, { sha });
}

export function removeBranch(world: World, repository: Repository, name: string): void {
    for (const row of world.data.branches.findBy("repo_id", repository.id)) {
        if (row.name === name) world.data.branches.delete(row.id);
    }
    for (const row of world.data.refs.findBy("repo_id", repository.id)) {
        if (row.ref === `refs/heads/${name}`) world.data.refs.delete(row.id);
    }
}

export function branchTip(world: World, repository: Repository, name: string): string | undefined {
    return world.data.branches.findBy("repo_id", repository.id).find((row) => row.name === name)?.sha;
}
