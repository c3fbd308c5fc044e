import * as fs from "node:fs";
import * as path from "node:path";
import { SandboxError } from "../machine/part";
import type { Artifacts } from "./artifacts";
import { ConcurrencyGroups } from "./concurrency";
import { readWorkflow, type Source, type Workflow } from "./files";
import type { Replacement } from "./job";
import type { ActiveRun, JobRecord, PendingReview } from "./records";
import type { Repository } from "./repository";

/** What a replaced action may ask of the runner. */
export interface ActionContext {
    readonly artifacts: Artifacts;
    readonly attempt: number;
    readonly repositories: Readonly<Record<string, Repository>>;
}

export interface RunnerOptions {
    /** Where jobs and artifacts get their folders. */
    readonly folder: string;
    /** Variables of the machine that every step has, `PATH` among them. */
    readonly machine: Readonly<Record<string, string>>;
    /** By `owner/name`. */
    readonly repositories: Readonly<Record<string, Repository>>;
    /** What runs instead of actions of other repositories, by `owner/name`. */
    readonly actions: (context: ActionContext) => Readonly<Record<string, Replacement>>;
    /** Ids of the jobs that are to run, each with what it needs; all others are skipped. @default all */
    readonly only?: readonly string[];
    /** Waits for an environment's timer. Ends early when the signal is aborted. @default not at all */
    readonly wait?: (minutes: number, environment: string, signal: AbortSignal) => Promise<void>;
    /** Told when a job waits for a reviewer. */
    readonly onPending?: (pending: PendingReview, run: ActiveRun) => void;
    readonly onLine?: (job: string, line: string) => void;
    /** Told of each job that ended. */
    readonly onEnd?: (job: JobRecord) => void;
}

/** What all runs of a runner share. */
export class Shared {
    private readonly groups = new Map<string, ConcurrencyGroups>();
    private folders = 0;

    constructor(readonly options: RunnerOptions) {}

    /** @throws SandboxError when there is none of this name */
    repository(name: string): Repository {
        const found = this.options.repositories[name];
        if (found === undefined) throw new SandboxError(`The sandbox's runner has no repository ${name}.`);
        return found;
    }

    read(source: Source): Workflow {
        return readWorkflow(source, this.repository(source.repository).read(source.path, source.sha));
    }

    groupsOf(repository: string): ConcurrencyGroups {
        const groups = this.groups.get(repository) ?? new ConcurrencyGroups();
        this.groups.set(repository, groups);
        return groups;
    }

    folderOf(run: number): string {
        return path.join(this.options.folder, `run-${run}`);
    }

    /** A new and empty folder for a job. */
    newFolder(run: number): string {
        const folder = path.join(this.folderOf(run), `job-${++this.folders}`);
        fs.mkdirSync(folder, { recursive: true });
        return folder;
    }
}
