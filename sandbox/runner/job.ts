import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "../machine/part";
import { evaluate, holds, text, texts, type Scope } from "./expressions";
import { readCommand, readPairs } from "./file-commands";
import { readAction, type Source, type Step } from "./files";
import type { MappingToken } from "./language.mjs";
import { endLeftovers, execute } from "./shell";

export type Result = "success" | "failure" | "cancelled" | "skipped";

export interface StepRecord {
    readonly name: string;
    /** Before `continue-on-error`. */
    readonly outcome: Result;
    readonly seconds: number;
}

/** A running job, as steps and replaced actions see it. */
export interface RunningJob {
    /** The checkout, and the working folder of steps. */
    readonly workspace: string;
    /** `RUNNER_TEMP`. */
    readonly temp: string;
    /** Variables that steps set for the steps after them. */
    readonly variables: Map<string, string>;
    /** Folders that steps put before the others of `PATH`, the newest first. */
    readonly path: string[];
    /** The job's own permissions, each "read" or "write". */
    readonly permissions: Readonly<Record<string, string>>;
    /** The `github` context. */
    readonly github: Readonly<Record<string, unknown>>;
    /** The workflow that the job is from, called or not. */
    readonly source: Source;
    readonly environment?: string;
    /** Writes a line into the log, with secrets masked. */
    log(line: string): void;
    /** Hides a value in the log from now on. */
    mask(value: string): void;
}

/** What runs here instead of an action of another repository. */
export interface Replacement {
    /** What it does here, in a few words. */
    readonly does: string;
    /** Why the action itself does not run. */
    readonly why: string;
    /** Does it, and answers the step's outputs. A rejection is the step's failure. */
    run(inputs: Readonly<Record<string, string>>, job: RunningJob): Promise<Readonly<Record<string, string>>>;
}

export interface JobOptions {
    /** The job's own folder. It exists and is empty. */
    readonly folder: string;
    readonly steps: readonly Step[];
    /** The contexts that all steps see: github, inputs, job, matrix, needs, secrets, strategy, vars. */
    readonly contexts: Readonly<Record<string, unknown>>;
    /** Variables of the workflow and of the job. */
    readonly env: Readonly<Record<string, string>>;
    /** `defaults.run` of the job, over the workflow's. */
    readonly defaults: Readonly<Record<string, string>>;
    /** Variables of the machine, `PATH` among them. */
    readonly machine: Readonly<Record<string, string>>;
    readonly actions: Readonly<Record<string, Replacement>>;
    /** Writes the files of the workflow's own repository, at its commit, into an empty folder: actions by `$/` are there. */
    readonly ownFiles: (into: string) => Promise<void>;
    readonly permissions: Readonly<Record<string, string>>;
    readonly source: Source;
    readonly environment?: string;
    readonly outputs: MappingToken | undefined;
    readonly timeoutMinutes: number;
    /** Aborted when the job is to be cancelled. */
    readonly signal: AbortSignal;
    readonly onLine: (line: string) => void;
    /** Told of each action that runs as a replacement. */
    readonly onReplaced: (action: string, replacement: Replacement) => void;
}

export interface JobEnd {
    readonly result: Result;
    readonly outputs: Readonly<Record<string, string>>;
    readonly steps: readonly StepRecord[];
    readonly summary: string;
}

/** What the steps of a job, or of a composite action in it, share. */
interface Frame {
    readonly contexts: Readonly<Record<string, unknown>>;
    readonly env: Readonly<Record<string, string>>;
    readonly defaults: Readonly<Record<string, string>>;
    readonly results: Record<string, { outputs: Record<string, string>; outcome: Result; conclusion: Result }>;
    failed: boolean;
}

interface Ending {
    readonly signal: AbortSignal;
    /** Whether it was the time. */
    late(): boolean;
    forget(): void;
}

/** A signal that is aborted after some minutes, where there is a limit, or with another one. */
function endingAfter(minutes: number | undefined, other?: AbortSignal): Ending {
    const controller = new AbortController();
    const abort = () => {
        controller.abort();
    };
    let late = false;
    const end = () => {
        late = !controller.signal.aborted;
        abort();
    };
    const timer = minutes === undefined ? undefined : setTimeout(end, minutes * 60_000);
    if (other?.aborted) abort();
    other?.addEventListener("abort", abort);
    return {
        signal: controller.signal,
        late: () => late,
        forget: () => {
            clearTimeout(timer);
            other?.removeEventListener("abort", abort);
        },
    };
}

const secondsSince = (start: number) => Math.round((Date.now() - start) / 100) / 10;

interface StepEnd {
    readonly failed: boolean;
    readonly outputs: Record<string, string>;
    /** Of a script; null after a signal. */
    readonly code?: number | null;
}

/** Runs the steps of one job, and answers how it ended. */
export async function runJob(options: JobOptions): Promise<JobEnd> {
    const { folder, signal, source, permissions } = options;
    const github = options.contexts.github as Readonly<Record<string, unknown>>;
    const place = (name: string) => path.join(folder, name);
    for (const name of ["workspace", "temp", "commands", "home"]) fs.mkdirSync(place(name));
    fs.writeFileSync(place("event.json"), JSON.stringify(github.event));
    const masks = new Set<string>();
    const groups: number[] = [];
    const records: StepRecord[] = [];
    let summary = "";
    let number = 0;
    const ending = endingAfter(options.timeoutMinutes, signal);

    const masked = (line: string) =>
        [...masks].sort((a, b) => b.length - a.length).reduce((all, one) => all.replaceAll(one, "***"), line);
    const job: RunningJob = {
        workspace: place("workspace"),
        temp: place("temp"),
        variables: new Map(),
        path: [],
        permissions,
        github,
        source,
        ...(options.environment !== undefined && { environment: options.environment }),
        log: (line) => {
            options.onLine(masked(line));
        },
        // GitHub masks each line of a value.
        mask: (value) => {
            for (const line of value.split(/\r?\n/)) if (line.trim() !== "") masks.add(line);
        },
    };
    for (const secret of Object.values(options.contexts.secrets as Readonly<Record<string, string>>)) job.mask(secret);

    const runner = { os: "Linux", arch: "X64", name: "sandbox", temp: job.temp, environment: "github-hosted" };
    const everyStep = {
        ...Object.fromEntries(
            Object.entries(github)
                .filter(([key, value]) => key !== "token" && typeof value !== "object")
                .map(([key, value]) => [`GITHUB_${key.toUpperCase()}`, String(value)]),
        ),
        GITHUB_ACTIONS: "true",
        GITHUB_EVENT_PATH: place("event.json"),
        GITHUB_WORKSPACE: job.workspace,
        RUNNER_ARCH: runner.arch,
        RUNNER_ENVIRONMENT: runner.environment,
        RUNNER_NAME: runner.name,
        RUNNER_OS: runner.os,
        RUNNER_TEMP: job.temp,
    };

    const scopeOf = (frame: Frame, env: Readonly<Record<string, string>>): Scope => ({
        contexts: {
            ...frame.contexts,
            github: { ...github, ...(frame.contexts.github as object), workspace: job.workspace },
            runner,
            env,
            steps: frame.results,
            job: { ...(options.contexts.job as object), status: statusOf(frame) },
        },
        status: {
            success: !ending.signal.aborted && !frame.failed,
            failure: frame.failed,
            cancelled: ending.signal.aborted,
        },
    });
    const statusOf = (frame: Frame): Result =>
        ending.signal.aborted ? "cancelled" : frame.failed ? "failure" : "success";

    async function runScript(token: MappingToken, frame: Frame, scope: Scope, signal: AbortSignal): Promise<StepEnd> {
        const files = Object.fromEntries(
            ["OUTPUT", "ENV", "PATH", "STEP_SUMMARY"].map((name) => {
                const file = place(`commands/${number}-${name.toLowerCase()}`);
                fs.writeFileSync(file, "");
                return [name, file];
            }),
        ) as Record<"OUTPUT" | "ENV" | "PATH" | "STEP_SUMMARY", string>;
        const script = place(`commands/${number}.sh`);
        fs.writeFileSync(script, text(token.find("run"), scope));
        const directory = text(token.find("working-directory"), scope) || (frame.defaults["working-directory"] ?? "");
        const found = path.resolve(job.workspace, directory);
        if (!fs.existsSync(found)) throw new Error(`The working directory "${directory}" does not exist.`);
        const { code, group } = await execute({
            shell: text(token.find("shell"), scope) || (frame.defaults.shell ?? ""),
            file: script,
            directory: found,
            variables: {
                ...options.machine,
                CI: "true",
                HOME: place("home"),
                ...(scope.contexts.env as Readonly<Record<string, string>>),
                ...everyStep,
                GITHUB_ACTION_PATH: String((frame.contexts.github as Record<string, unknown>).action_path ?? ""),
                PATH: [...job.path, job.variables.get("PATH") ?? options.machine.PATH ?? ""].join(":"),
                ...Object.fromEntries(Object.entries(files).map(([name, file]) => [`GITHUB_${name}`, file])),
            },
            signal,
            onLine: (line) => {
                const command = readCommand(line);
                if (command?.name === "add-mask") job.mask(command.message);
                else if (command) job.log(`${command.name}: ${command.message}`);
                else job.log(line);
            },
        });
        groups.push(group);
        for (const [name, value] of readPairs(files.ENV)) {
            if (name === "NODE_OPTIONS")
                throw new Error("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
            job.variables.set(name, value);
        }
        job.path.unshift(...fs.readFileSync(files.PATH, "utf8").split("\n").filter(Boolean).reverse());
        summary += masked(fs.readFileSync(files.STEP_SUMMARY, "utf8"));
        return { failed: code !== 0, code, outputs: Object.fromEntries(readPairs(files.OUTPUT)) };
    }

    let own: Promise<string> | undefined;
    /** The folder with the files of the workflow's own repository. */
    const ownFolder = () =>
        (own ??= (async () => {
            fs.mkdirSync(place("own"));
            await options.ownFiles(place("own"));
            return place("own");
        })());

    async function runAction(
        uses: string,
        token: MappingToken,
        frame: Frame,
        scope: Scope,
        env: Frame["env"],
    ): Promise<StepEnd> {
        const inputs = texts(token.find("with"), scope);
        if (!/^[.$]\//.test(uses)) {
            const [action = ""] = uses.split("@");
            const replacement = options.actions[action];
            if (replacement === undefined)
                throw new SandboxError(
                    `The action ${action} has no replacement in the sandbox; add it to sandbox/runner/actions.ts.`,
                );
            options.onReplaced(action, replacement);
            const outputs = await replacement.run(inputs, job).catch((error: unknown) => {
                throw new Error(error instanceof Error ? error.message : String(error));
            });
            return { failed: false, outputs: { ...outputs } };
        }
        const root = uses.startsWith("$/") ? await ownFolder() : job.workspace;
        const file = path.join(root, uses.slice(2), "action.yml");
        if (!fs.existsSync(file))
            throw new Error(`Can't find 'action.yml' under '${uses}'. Did you forget to run actions/checkout before?`);
        const action = readAction(`${uses.slice(2)}/action.yml`, fs.readFileSync(file, "utf8"));
        const declared = action.root.find("inputs")?.assertMapping("inputs");
        const { secrets: _, inputs: __, ...contexts } = frame.contexts;
        const outer: Scope = { contexts: { ...scope.contexts, secrets: {}, inputs: {} } };
        const inner: Frame = {
            contexts: {
                ...contexts,
                secrets: {},
                github: { action_path: path.dirname(file) },
                inputs: {
                    ...Object.fromEntries(
                        Array.from(declared ?? [], ({ key, value }) => [
                            text(key, outer),
                            text(value.assertMapping("input").find("default"), outer),
                        ]),
                    ),
                    ...inputs,
                },
            },
            env,
            // A composite action's steps have no defaults.
            defaults: {},
            results: {},
            failed: false,
        };
        await runSteps(action.steps, inner);
        const scopeAfter = scopeOf(inner, env);
        const outputs = action.root.find("outputs")?.assertMapping("outputs");
        return {
            failed: inner.failed,
            outputs: Object.fromEntries(
                Array.from(outputs ?? [], ({ key, value }) => [
                    text(key, scopeAfter),
                    text(value.assertMapping("output").find("value"), scopeAfter),
                ]),
            ),
        };
    }

    async function runSteps(steps: readonly Step[], frame: Frame): Promise<void> {
        for (const { id, condition, token } of steps) {
            const start = Date.now();
            const top = frame === main;
            number += 1;
            // What steps have set for those after them comes before the job's variables.
            const inherited = { ...frame.env, ...Object.fromEntries(job.variables) };
            const before = scopeOf(frame, inherited);
            const uses = text(token.find("uses"), before);
            let outcome: Result = "success";
            let outputs: Record<string, string> = {};
            try {
                if (!holds(condition, before)) outcome = "skipped";
                else {
                    const env = { ...inherited, ...texts(token.find("env"), before) };
                    const scope = scopeOf(frame, env);
                    const minutes = evaluate(token.find("timeout-minutes"), scope) as number | undefined;
                    // A step that runs although the job is being cancelled is not cancelled again.
                    const beside = ending.signal.aborted ? undefined : ending.signal;
                    const limit = endingAfter(minutes, beside);
                    try {
                        const ended =
                            uses === ""
                                ? await runScript(token, frame, scope, limit.signal)
                                : await runAction(uses, token, frame, scope, env);
                        outputs = ended.outputs;
                        if (limit.late()) {
                            job.log(`error: The step has timed out after ${minutes} minutes.`);
                            outcome = "failure";
                        } else if (beside?.aborted) {
                            job.log("error: The operation was canceled.");
                            outcome = "cancelled";
                        } else if (ended.failed) {
                            if (ended.code !== undefined)
                                job.log(`error: Process completed with exit code ${ended.code ?? 1}.`);
                            outcome = "failure";
                        }
                    } finally {
                        limit.forget();
                    }
                }
            } catch (error) {
                // A mistake of the sandbox itself ends the run; everything else is the step's failure.
                if (error instanceof SandboxError) throw error;
                job.log(`error: ${error instanceof Error ? error.message : String(error)}`);
                outcome = "failure";
            }
            const mayFail = evaluate(token.find("continue-on-error"), before) === true;
            const conclusion = outcome === "failure" && mayFail ? "success" : outcome;
            frame.results[id] = { outputs, outcome, conclusion };
            if (conclusion === "failure") frame.failed = true;
            if (top) {
                const named = text(token.find("name"), before) || uses.replace(/@.*$/, "");
                const name = named || (text(token.find("run"), before).split("\n")[0] ?? "");
                records.push({ name, outcome, seconds: secondsSince(start) });
            }
        }
    }

    const main: Frame = {
        contexts: options.contexts,
        env: options.env,
        defaults: options.defaults,
        results: {},
        failed: false,
    };
    try {
        await runSteps(options.steps, main);
    } finally {
        ending.forget();
        for (const group of groups) endLeftovers(group);
        // The kernel tells of their ends a moment later.
        await sleep(0);
    }
    const scope = scopeOf(main, { ...options.env, ...Object.fromEntries(job.variables) });
    const outputs = Object.entries(texts(options.outputs, scope)).filter(([name, value]) => {
        const secret = masked(value) !== value;
        if (secret) job.log(`warning: Skip output '${name}' since it may contain secret.`);
        return !secret;
    });
    return { result: statusOf(main), outputs: Object.fromEntries(outputs), steps: records, summary };
}
