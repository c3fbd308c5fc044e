import { minimatch } from "minimatch";
import { SandboxError } from "../machine/part";
import type { Workflow } from "./files";

/** An environment's rules, and what its jobs alone may read. */
export interface Environment {
    /** Minutes that each job waits. @default 0 */
    readonly waitMinutes?: number;
    /** Whether each job waits for a reviewer. @default false */
    readonly reviewed?: boolean;
    /** Names of branches and tags that may deploy, with GitHub's wildcards. @default all */
    readonly refs?: readonly string[];
    readonly variables?: Readonly<Record<string, string>>;
    readonly secrets?: Readonly<Record<string, string>>;
}

/** A repository as the runner needs it. */
export interface Repository {
    readonly variables?: Readonly<Record<string, string>>;
    readonly secrets?: Readonly<Record<string, string>>;
    /** By name. A job in an environment that is not there gets one without rules, as on GitHub. */
    readonly environments?: Readonly<Record<string, Environment>>;
    /** The text of a workflow's file at a commit. @throws when there is none */
    read(file: string, sha: string): string;
    /** Writes the files of a commit, or of a branch, into an empty folder. */
    checkout(sha: string, into: string): Promise<void>;
}

/** What starts a run. */
export interface TriggerEvent {
    readonly name: "push" | "pull_request" | "schedule" | "workflow_dispatch";
    /** A full ref, `refs/heads/main` or, of a pull request, `refs/pull/7/merge`. */
    readonly ref: string;
    readonly sha: string;
    /** The login of who caused it. */
    readonly actor: string;
    /** The body of the webhook; of a schedule, `schedule` is the cron line that is due. */
    readonly payload: Readonly<Record<string, unknown>>;
    /** Of a form. */
    readonly inputs?: Readonly<Record<string, unknown>>;
}

interface PullRequest {
    readonly head: { readonly ref: string; readonly repo: { readonly full_name: string } };
    readonly base: { readonly ref: string };
}

export const pullRequestOf = ({ payload }: TriggerEvent): PullRequest | undefined =>
    payload.pull_request as PullRequest | undefined;

/** Whether an event is of a fork: GitHub gives its jobs no secrets, and a token that can only read. */
export function isOfFork(repository: string, event: TriggerEvent): boolean {
    const pull = pullRequestOf(event);
    return pull !== undefined && pull.head.repo.full_name !== repository;
}

/**
 * Whether an event's jobs have no secrets. Those of Dependabot have none, either, but the permissions that they ask for
 * (https://docs.github.com/code-security/dependabot/troubleshooting-dependabot/troubleshooting-dependabot-on-github-actions).
 */
export const hasNoSecrets = (repository: string, event: TriggerEvent): boolean =>
    event.actor === "dependabot[bot]" || isOfFork(repository, event);

/** `main` of `refs/heads/main`. */
export const shortRef = (ref: string): string => ref.replace(/^refs\/(heads|tags|pull)\//, "");

export const matches = (name: string, patterns: readonly string[]): boolean =>
    patterns.some((pattern) => minimatch(name, pattern, { dot: true }));

const defaultTypes: Readonly<Record<string, readonly string[]>> = {
    pull_request: ["opened", "synchronize", "reopened"],
};

/** Whether a workflow runs on an event. Knows the filters `branches` and `types`, and no others. */
export function runsOn({ on, source }: Workflow, event: TriggerEvent): boolean {
    if (!(event.name in on)) return false;
    if (event.name === "workflow_dispatch") return true;
    if (event.name === "schedule")
        return (on.schedule as readonly { readonly cron: string }[]).some(
            ({ cron }) => cron === event.payload.schedule,
        );
    const { branches, types, ...others } = (on[event.name] ?? {}) as Readonly<Record<string, readonly string[]>>;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined)
        throw new SandboxError(
            `${source.path} has the filter "${unknown}"; accepted by the sandbox's runner: branches, types.`,
        );
    const branch = pullRequestOf(event)?.base.ref ?? shortRef(event.ref);
    if (branches !== undefined && (event.ref.startsWith("refs/tags/") || !matches(branch, branches))) return false;
    const wanted = types ?? defaultTypes[event.name];
    return wanted === undefined || wanted.includes(String(event.payload.action));
}
