import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { replacedActions, type AssumeRole } from "../../../sandbox/runner/actions";
import type { Repository, TriggerEvent } from "../../../sandbox/runner/repository";
import type { Run } from "../../../sandbox/runner/run";
import { Runner } from "../../../sandbox/runner/runner";
import type { RunnerOptions } from "../../../sandbox/runner/shared";

export const own = "relaypacs/gateway";

/** A repository whose workflows and actions are these files. */
export const repositoryOf = (
    files: Readonly<Record<string, string>>,
    settings: Omit<Repository, "read" | "checkout"> = {},
): Repository => ({
    ...settings,
    read: (file) => {
        const text = files[file];
        if (text === undefined) throw new Error(`there is no ${file}`);
        return text;
    },
    checkout: (sha, into) => {
        for (const [file, text] of Object.entries({ ...files, commit: sha })) {
            fs.mkdirSync(path.dirname(path.join(into, file)), { recursive: true });
            fs.writeFileSync(path.join(into, file), text);
        }
        return Promise.resolve();
    },
});

export const push: TriggerEvent = {
    name: "push",
    ref: "refs/heads/main",
    sha: "a".repeat(40),
    actor: "dana-developer",
    payload: { after: "a".repeat(40) },
};

export const pullRequest = (from = own, action = "opened", base = "main"): TriggerEvent => ({
    name: "pull_request",
    ref: "refs/pull/7/merge",
    sha: "b".repeat(40),
    actor: "dana-developer",
    payload: {
        action,
        number: 7,
        pull_request: {
            number: 7,
            title: "feat(auth): add two factors",
            head: { ref: "feature/RP-1-two-factors", sha: "c".repeat(40), repo: { full_name: from } },
            base: { ref: base, sha: "d".repeat(40) },
        },
    },
});

export const form = (inputs: Readonly<Record<string, unknown>>): TriggerEvent => ({
    ...push,
    name: "workflow_dispatch",
    payload: {},
    inputs,
});

const folders: string[] = [];

after(() => {
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

export interface World extends Partial<Omit<RunnerOptions, "repositories" | "actions" | "folder">> {
    readonly repositories: Readonly<Record<string, Repository>>;
    readonly assumeRole?: AssumeRole;
}

/** A runner in a folder of its own, and the lines that jobs print. */
export function runnerOf({ repositories, assumeRole, ...options }: World) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-runner-"));
    folders.push(folder);
    const lines: string[] = [];
    const runner = new Runner({
        folder,
        machine: { PATH: process.env.PATH ?? "" },
        repositories,
        actions: replacedActions(assumeRole ?? (() => Promise.reject(new Error("not authorized to assume the role")))),
        ...options,
        onLine: (job, line) => {
            lines.push(`${job}: ${line}`);
            options.onLine?.(job, line);
        },
    });
    return { runner, lines, folder };
}

const file = ".github/workflows/main.yml";

/** Indents a text so that a template literal can be a workflow. */
export function unindented(text: string): string {
    const lines = text.replace(/^\n/, "").split("\n");
    const depth = /^ */.exec(lines[0] ?? "")![0].length;
    return lines.map((line) => line.slice(depth)).join("\n");
}

export interface Played {
    readonly run: Run;
    readonly lines: readonly string[];
}

/** Runs one workflow file to its end. */
export async function play(
    text: string,
    event: TriggerEvent = push,
    world: Omit<World, "repositories"> & {
        readonly files?: Readonly<Record<string, string>>;
        readonly settings?: Omit<Repository, "read" | "checkout">;
        readonly others?: Readonly<Record<string, Repository>>;
        /** Told of the run when it has begun. */
        readonly onStart?: (run: Run) => void;
    } = {},
): Promise<Played> {
    const { files = {}, settings, others = {}, onStart, ...options } = world;
    const all = Object.fromEntries(Object.entries(files).map(([name, one]) => [name, unindented(one)]));
    const repositories = { ...others, [own]: repositoryOf({ ...all, [file]: unindented(text) }, settings) };
    const { runner, lines } = runnerOf({ ...options, repositories });
    const run = runner.start(own, file, event);
    if (run === undefined) throw new Error("the event does not start the workflow");
    onStart?.(run);
    await run.ended;
    return { run, lines };
}

/** How each job of a run ended, by its name. */
export const resultsOf = ({ jobs }: Run): Readonly<Record<string, string>> =>
    Object.fromEntries([...jobs].map(([name, { result }]) => [name, result]));
