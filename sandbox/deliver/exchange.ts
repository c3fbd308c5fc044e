import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../machine/command";
import { SandboxError } from "../machine/part";
import { organization, repository } from "../parts/github/relaypacs";
import type { GitHub } from "./github";

/** The gateway's repository, below the API's address. */
export const gatewayPath = `repos/${organization}/${repository}`;

const git = (folder: string, args: readonly string[], more: { input?: string; index?: string } = {}) =>
    run("git", args, {
        directory: folder,
        ...(more.input !== undefined && { input: more.input }),
        ...(more.index !== undefined && { environment: { GIT_INDEX_FILE: more.index } }),
    });

interface Identity {
    readonly name: string;
    readonly email: string;
    readonly date: string;
}

interface Commit {
    readonly sha: string;
    readonly message: string;
    readonly tree: { readonly sha: string };
    readonly parents: readonly { readonly sha: string }[];
    readonly author: Identity;
    readonly committer: Identity;
}

interface Entry {
    readonly path: string;
    readonly mode: string;
    readonly type: string;
    readonly sha: string;
}

function assertSame(what: string, made: string, wanted: string): void {
    if (made !== wanted)
        throw new SandboxError(`GitHub's ${what} is ${wanted}, and this machine makes ${made} of the same contents.`);
}

async function has(folder: string, object: string): Promise<boolean> {
    return git(folder, ["cat-file", "-e", object]).then(
        () => true,
        () => false,
    );
}

async function entriesOf(folder: string, commit: string): Promise<Entry[]> {
    const listed = await git(folder, ["ls-tree", "-r", "-z", commit]);
    return listed
        .split("\0")
        .filter(Boolean)
        .map((line) => {
            const [, mode = "", type = "", sha = "", file = ""] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
            return { mode, type, sha, path: file };
        });
}

async function pushCommit(github: GitHub, folder: string, commit: string): Promise<void> {
    const [parent] = (await git(folder, ["log", "-1", "--format=%P", commit])).split(" ").filter(Boolean);
    const known = new Set(parent === undefined ? [] : (await entriesOf(folder, parent)).map(({ sha }) => sha));
    const tree = await entriesOf(folder, commit);
    for (const { sha } of new Map(tree.map((entry) => [entry.sha, entry])).values()) {
        if (known.has(sha)) continue;
        const content = await run("bash", ["-c", `git cat-file blob ${sha} | base64 --wrap=0`], { directory: folder });
        const made = await github<{ sha: string }>("POST", `${gatewayPath}/git/blobs`, { content, encoding: "base64" });
        assertSame("file", sha, made.sha);
    }
    const written = await github<{ sha: string }>("POST", `${gatewayPath}/git/trees`, { tree });
    assertSame("tree", await git(folder, ["rev-parse", `${commit}^{tree}`]), written.sha);
    const format = ["%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%P", "%B"].join("%x00");
    const fields = (await git(folder, ["log", "-1", `--format=${format}`, commit])).split("\0");
    const [name, email, date, committer, address, at, parents = "", message = ""] = fields;
    const { sha } = await github<{ sha: string }>("POST", `${gatewayPath}/git/commits`, {
        message: message.trimEnd(),
        tree: written.sha,
        parents: parents.split(" ").filter(Boolean),
        author: { name, email, date },
        committer: { name: committer, email: address, date: at },
    });
    assertSame("commit", commit, sha);
}

/** Gives GitHub a branch of this machine's repository, as `git push` would, with the commits that `base` has not. */
export async function push(github: GitHub, folder: string, branch: string, base: string): Promise<void> {
    const commits = await git(folder, ["rev-list", "--reverse", branch, "--not", base]);
    for (const commit of commits.split("\n").filter(Boolean)) await pushCommit(github, folder, commit);
    const sha = await git(folder, ["rev-parse", branch]);
    await github("POST", `${gatewayPath}/git/refs`, { ref: `refs/heads/${branch}`, sha });
}

/** Takes a commit of GitHub's, and those before it, as `git fetch` would. */
export async function fetchCommit(github: GitHub, folder: string, sha: string): Promise<void> {
    if (await has(folder, `${sha}^{commit}`)) return;
    const commit = await github<Commit>("GET", `${gatewayPath}/git/commits/${sha}`);
    for (const parent of commit.parents) await fetchCommit(github, folder, parent.sha);
    const { tree } = await github<{ tree: readonly Entry[] }>(
        "GET",
        `${gatewayPath}/git/trees/${commit.tree.sha}?recursive=1`,
    );
    const blobs = tree.filter(({ type }) => type === "blob");
    for (const blob of blobs) {
        if (await has(folder, blob.sha)) continue;
        const { content } = await github<{ content: string }>("GET", `${gatewayPath}/git/blobs/${blob.sha}`);
        const made = await run("bash", ["-c", "base64 --decode | git hash-object -w --stdin"], {
            directory: folder,
            input: content,
        });
        assertSame("file", made, blob.sha);
    }
    const index = path.join(folder, ".git", "fetched");
    const lines = blobs.map(({ mode, sha: blob, path: file }) => `${mode} ${blob}\t${file}\n`).join("");
    await git(folder, ["read-tree", "--empty"], { index });
    await git(folder, ["update-index", "--index-info"], { index, input: lines });
    assertSame("tree", await git(folder, ["write-tree"], { index }), commit.tree.sha);
    fs.rmSync(index);
    const identity = ({ name, email, date }: Identity) =>
        `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`;
    const text = [
        `tree ${commit.tree.sha}`,
        ...commit.parents.map((parent) => `parent ${parent.sha}`),
        `author ${identity(commit.author)}`,
        `committer ${identity(commit.committer)}`,
        "",
        commit.message.endsWith("\n") ? commit.message : `${commit.message}\n`,
    ].join("\n");
    assertSame("commit", await git(folder, ["hash-object", "-t", "commit", "-w", "--stdin"], { input: text }), sha);
}
