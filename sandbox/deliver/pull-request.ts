import { repository as schema } from "../../settings/schema";
import { run } from "../machine/command";
import type { Instance } from "../machine/instance";
import { administrator, author, organization, repository, techLead } from "../parts/github/relaypacs";
import { fetchCommit, gatewayPath, push } from "./exchange";
import { github } from "./github";

/** The names of the status checks that `main` waits for. */
export const requiredChecks: readonly string[] = schema.parse({ owner: organization, name: repository }).requiredChecks;

export interface OpenPull {
    readonly number: number;
    readonly title: string;
    readonly branch: string;
    /** The commits of `main` and of the branch. */
    readonly base: string;
    readonly head: string;
}

const tip = async (instance: Instance, branch: string) =>
    (
        await github(instance, administrator)<{ object: { sha: string } }>(
            "GET",
            `${gatewayPath}/git/ref/heads/${branch}`,
        )
    ).object.sha;

/** Brings `main` of GitHub to a repository of this machine, and answers its commit. */
export async function fetchMain(instance: Instance, folder: string): Promise<string> {
    const sha = await tip(instance, "main");
    await fetchCommit(github(instance, author), folder, sha);
    await run("git", ["update-ref", "refs/heads/main", sha], { directory: folder });
    return sha;
}

/** Pushes a branch and opens a pull request of it, as its author. */
export async function openPull(
    instance: Instance,
    folder: string,
    { title, branch, main, head }: { title: string; branch: string; main: string; head: string },
): Promise<OpenPull> {
    const developer = github(instance, author);
    await push(developer, folder, branch, main);
    const { number } = await developer<{ number: number }>("POST", `${gatewayPath}/pulls`, {
        title,
        head: branch,
        base: "main",
    });
    return { number, title, branch, base: main, head };
}

/** Reports a status check about a commit, as GitHub does when a job of this name ends. */
export const reportCheck = (instance: Instance, sha: string, name: string, result: string): Promise<unknown> =>
    github(instance, administrator)("POST", `${gatewayPath}/check-runs`, {
        name,
        head_sha: sha,
        status: "completed",
        conclusion: result,
    });

/** Approves a pull request as the tech lead, merges it as its author, and answers the commit on `main`. */
export async function merge(instance: Instance, folder: string, { number, head }: OpenPull): Promise<string> {
    await github(instance, techLead)("POST", `${gatewayPath}/pulls/${number}/reviews`, {
        event: "APPROVE",
        body: "Read, and tried.",
        commit_id: head,
    });
    await github(instance, author)("PUT", `${gatewayPath}/pulls/${number}/merge`, {
        merge_method: "squash",
        sha: head,
    });
    return fetchMain(instance, folder);
}
