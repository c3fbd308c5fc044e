import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { run } from "../machine/command";
import { SandboxError } from "../machine/part";
import { replacedActions } from "../runner/actions";
import type { JobRecord } from "../runner/records";
import type { Repository } from "../runner/repository";
import { Runner } from "../runner/runner";

export interface WorkflowOptions {
    /** Where the pull request would go. */
    readonly base: string;
    /** Only these jobs and what they need. */
    readonly jobs?: readonly string[];
    /** @default to standard output */
    readonly print?: (line: string) => void;
}

const name = "relaypacs/platform";

/** A repository on this machine, at one commit. It has no variables, secrets or environments. */
async function localRepository(folder: string, sha: string): Promise<Repository> {
    const files = await run("git", ["ls-tree", "-r", "--name-only", sha, ".github/workflows"], { directory: folder });
    const texts = await Promise.all(
        files.split("\n").map(async (file) => {
            return [file, await run("git", ["show", `${sha}:${file}`], { directory: folder })] as const;
        }),
    );
    const known = new Map(texts);
    return {
        read: (file) => {
            const text = known.get(file);
            if (text === undefined)
                throw new SandboxError(`The commit ${sha} has no ${file}; it has ${[...known.keys()].join(", ")}.`);
            return text;
        },
        checkout: async (commit, into) => {
            await run("git", ["clone", "--quiet", "--no-checkout", folder, into]);
            await run("git", ["checkout", "--quiet", "--detach", commit], { directory: into });
        },
    };
}

const marks = { success: "✔", failure: "✖", cancelled: "✖", skipped: "·" } as const;

/** A line for each job: how it ended, after how many seconds, and why it did not run. */
const described = ({ name: job, result, reason, seconds }: JobRecord): string =>
    `${marks[result]} ${job}: ${result}${result === "skipped" ? "" : ` after ${seconds} s`}${reason === undefined ? "" : `, ${reason}`}`;

/**
 * Runs a workflow of the present commit as GitHub does for a pull request, in clones of the repository. Answers whether
 * it succeeded.
 *
 * @throws SandboxError when there is no such workflow, or GitHub does not accept it
 */
export async function runWorkflow(folder: string, file: string, options: WorkflowOptions): Promise<boolean> {
    const { base, jobs, print = console.log } = options;
    const git = (...args: string[]) => run("git", args, { directory: folder });
    const sha = await git("rev-parse", "HEAD");
    const branch = await git("rev-parse", "--abbrev-ref", "HEAD");
    const repository = await localRepository(folder, sha);
    const actions = replacedActions(() => Promise.reject(new Error("There is no AWS beside the sandbox.")));
    const place = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-workflow-"));
    const { PATH = "", npm_config_cache = path.join(os.homedir(), ".npm") } = process.env;
    const runner = new Runner({
        folder: place,
        machine: { PATH, npm_config_cache },
        repositories: { [name]: repository },
        actions,
        ...(jobs && { only: jobs }),
        onLine: (job, line) => {
            print(`${job} | ${line}`);
        },
        onEnd: (job) => {
            print(described(job));
        },
    });
    try {
        const started = runner.start(name, `.github/workflows/${file}`, {
            name: "pull_request",
            ref: "refs/pull/1/merge",
            sha,
            actor: "local",
            payload: {
                action: "opened",
                pull_request: {
                    number: 1,
                    title: await git("log", "--max-count", "1", "--format=%s"),
                    head: { ref: branch, sha, repo: { full_name: name } },
                    base: { ref: base, sha: await git("merge-base", base, sha) },
                },
            },
        });
        if (started === undefined)
            throw new SandboxError(`${file} does not start on a pull request to ${base}; see "on" in it.`);
        await started.ended;
        if (started.problem !== undefined) throw new SandboxError(started.problem);
        for (const [what, { does, why, times }] of started.replaced)
            print(`${what} (${times}) did not run itself: it ${does}, because ${why}`);
        return started.conclusion === "success";
    } finally {
        fs.rmSync(place, { recursive: true, force: true });
    }
}
