import * as fs from "node:fs";
import * as path from "node:path";
import { SandboxError } from "../machine/part";
import { transpileTo } from "../machine/transpiled";
import type { AssumeRole } from "../runner/actions";
import { replacedActions } from "../runner/actions";
import {
    programCalls,
    replacedPrograms,
    replacedSources,
    writePrograms,
    type ProgramOptions,
} from "../runner/programs";
import type { JobRecord, Replaced } from "../runner/records";
import type { RunnerOptions } from "../runner/shared";
import type { Repository, TriggerEvent } from "../runner/repository";
import type { Run } from "../runner/run";
import { Runner } from "../runner/runner";
import { serveNoAdvisories } from "./advisories";

export interface PlayOptions {
    /** Everything that is kept: logs, artifacts, repositories. Emptied first. */
    readonly folder: string;
    /** By `owner/name`. */
    readonly repositories: Readonly<Record<string, Repository>>;
    readonly assumeRole: AssumeRole;
    /** Folders with programs, which come before this machine's. */
    readonly path: readonly string[];
    /** Of every step, beside those that its clients of registries need. */
    readonly variables?: Readonly<Record<string, string>>;
    /** What replaced programs need to know (sandbox/runner/programs.ts). */
    readonly sandbox?: ProgramOptions["sandbox"];
    readonly wait?: RunnerOptions["wait"];
    readonly onPending?: RunnerOptions["onPending"];
    readonly onEnd?: RunnerOptions["onEnd"];
    readonly print: (line: string) => void;
}

export interface Player {
    /**
     * Runs the pipeline's workflow on an event to its end.
     *
     * @param onStart told of the run when it has begun
     * @throws SandboxError when a job does not succeed
     */
    play(event: TriggerEvent, onStart?: (run: Run) => void): Promise<Run>;
    /** What Slack was told. */
    messages(): readonly string[];
    /** What did not run itself, of all runs. */
    replaced(): ReadonlyMap<string, Replaced>;
    close(): Promise<void>;
}

/** Variables of this machine that its clients of registries need, and nothing of the sandbox. */
const passed = /^(PIP_|npm_config_|LANG$|GO(PROXY|FLAGS)$)|CERT|CA_BUNDLE|CAINFO/i;

const machineVariables = () =>
    Object.fromEntries(
        Object.entries(process.env).filter(([name]) => passed.test(name) && !name.startsWith("AWS_")),
    ) as Record<string, string>;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const marks = { success: "✔", failure: "✖", cancelled: "✖", skipped: "·" } as const;

/** A job in a line, with its slowest steps. */
function described({ name, result, seconds, reason, steps }: JobRecord): string {
    const slow = [...steps].sort((a, b) => b.seconds - a.seconds).filter((step) => step.seconds >= 5);
    const named = slow.slice(0, 3).map((step) => `${step.name.slice(0, 50)} ${step.seconds} s`);
    return `  ${marks[result]} ${name}: ${result === "skipped" ? "skipped" : `${seconds} s`}${
        named.length > 0 ? ` (${named.join(", ")})` : ""
    }${reason === undefined ? "" : `, ${reason}`}`;
}

/** Plays workflows with what this machine has, and keeps each job's log. */
export async function startPlayer(options: PlayOptions): Promise<Player> {
    const { folder, repositories, assumeRole, print, sandbox, wait, onPending } = options;
    const advisories = await serveNoAdvisories();
    const programs = path.join(folder, "programs");
    const logs = path.join(folder, "logs");
    fs.mkdirSync(logs, { recursive: true });
    const first = writePrograms({ folder: programs, advisories: advisories.url, ...(sandbox && { sandbox }) });
    transpileTo(path.join(programs, "docker.json"), "sandbox/deliver/docker.ts");
    const logOf = (job: string) => path.join(logs, `${job.replace(/[^\w.-]+/g, "-")}.log`);
    const home = process.env.HOME ?? "";
    const runs: Run[] = [];
    const runner = new Runner({
        folder: path.join(folder, "runs"),
        machine: {
            npm_config_cache: path.join(home, ".npm"),
            PIP_CACHE_DIR: path.join(home, ".cache", "pip"),
            ...machineVariables(),
            PATH: [first, ...options.path, process.env.PATH ?? ""].join(":"),
            CHROMIUM: "/usr/bin/chromium",
            PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1",
            PIP_AUDIT_VULNERABILITY_SERVICE: "osv",
            PIP_AUDIT_OSV_URL: `${advisories.url}/osv`,
            ...options.variables,
        },
        repositories,
        actions: replacedActions(assumeRole),
        onLine: (job, line) => {
            fs.appendFileSync(logOf(job), `${line}\n`);
        },
        ...(wait && { wait }),
        ...(onPending && { onPending }),
        onEnd: (job) => {
            print(described(job));
            options.onEnd?.(job);
        },
    });
    return {
        play: async (event, onStart) => {
            const run = runner.start("relaypacs/gateway", ".github/workflows/ci-cd.yml", event);
            if (run === undefined) throw new SandboxError(`ci-cd.yml does not start on ${event.name}.`);
            runs.push(run);
            onStart?.(run);
            // Steps have process groups of their own, which would outlive this process.
            const cancel = () => {
                run.cancel();
            };
            for (const signal of signals) process.once(signal, cancel);
            await run.ended;
            for (const signal of signals) process.off(signal, cancel);
            if (run.problem !== undefined) throw new SandboxError(run.problem);
            if (run.conclusion !== "success") {
                const failed = [...run.jobs.values()].find(
                    ({ result, steps }) => result === "failure" && steps.length > 0,
                );
                const log = failed && logOf(failed.name);
                const end =
                    log && fs.existsSync(log) ? fs.readFileSync(log, "utf8").trimEnd().split("\n").slice(-25) : [];
                throw new SandboxError(
                    `${failed?.name ?? "The run"} failed; its whole log is ${log ?? logs}\n${end.join("\n")}`,
                );
            }
            return run;
        },
        replaced: () => {
            const all = new Map<string, Replaced>();
            const add = (what: string, one: Replaced) =>
                all.set(what, { ...one, times: one.times + (all.get(what)?.times ?? 0) });
            for (const run of runs) for (const [what, one] of run.replaced) add(what, one);
            const calls = programCalls(programs);
            for (const { what, does, why } of replacedPrograms)
                if (calls.has(what)) add(what, { does, why, times: calls.get(what) ?? 0 });
            if (advisories.asked() > 0)
                add(replacedSources.pip.what, { ...replacedSources.pip, times: advisories.asked() });
            return all;
        },
        messages: () => {
            const file = path.join(programs, "slack.txt");
            return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
        },
        close: () => advisories.close(),
    };
}
