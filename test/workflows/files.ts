import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { projectRoot as root } from "../support/project";

export { root };

export interface Step {
    readonly id?: string;
    readonly name?: string;
    readonly if?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly shell?: string;
    readonly "working-directory"?: string;
    readonly "continue-on-error"?: boolean;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, string>>;
}

export interface Job {
    readonly name?: string;
    readonly uses?: string;
    readonly if?: string;
    readonly needs?: string | string[];
    readonly permissions?: Readonly<Record<string, string>>;
    readonly "timeout-minutes"?: number;
    readonly "runs-on"?: string;
    readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean | string };
    readonly environment?: { readonly name: string };
    readonly strategy?: { readonly matrix: Readonly<Record<string, string[]>> };
    readonly outputs?: Readonly<Record<string, string>>;
    readonly steps?: readonly Step[];
    readonly with?: Readonly<Record<string, unknown>>;
    readonly secrets?: Readonly<Record<string, string>> | "inherit";
}

interface Call {
    readonly inputs?: Readonly<Record<string, { readonly required?: boolean }>>;
    readonly secrets?: Readonly<Record<string, { readonly required?: boolean }>>;
    readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
}

export interface Workflow {
    readonly on: Readonly<Record<string, unknown>> & { readonly workflow_call?: Call };
    readonly permissions?: Readonly<Record<string, string>>;
    readonly concurrency?: Job["concurrency"];
    readonly defaults?: { readonly run: { readonly shell: string } };
    readonly jobs: Readonly<Record<string, Job>>;
}

const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8");
const folder = ".github/workflows";

const inFolder = (one: string, matches = /./) =>
    fs
        .readdirSync(path.join(root, one))
        .filter((name) => matches.test(name))
        .sort()
        .map((name) => `${one}/${name}`);

/** `deploy.yml` of a workflow here, `gateway/rollback.yml` of a template: both folders have a `rollback.yml`. */
export const shortName = (file: string): string => file.replace(/^(\.github\/workflows|templates)\//, "");

/** The template of the gateway's workflow that runs on every push. */
export const callerFile = "templates/gateway/ci-cd.yml";

/** The templates of the gateway's workflows, which call the reusable ones. */
export const callerFiles: readonly string[] = inFolder("templates/gateway", /^(?!dependabot).*\.yml$/);

export const workflowFiles: readonly string[] = [...inFolder(folder), ...callerFiles];

const actionFiles: readonly string[] = inFolder(".github/actions").map((one) => `${one}/action.yml`);

/** The text of workflows and composite actions, by file. */
export const texts: ReadonlyMap<string, string> = new Map(
    [...workflowFiles, ...actionFiles].map((file) => [file, read(file)]),
);

export const workflows: ReadonlyMap<string, Workflow> = new Map(
    workflowFiles.map((file) => [file, parse(read(file)) as Workflow]),
);

interface Action {
    readonly inputs?: Readonly<Record<string, { readonly required?: boolean }>>;
    readonly runs: { readonly steps: readonly Step[] };
}

export const actions: ReadonlyMap<string, Action> = new Map(
    actionFiles.map((file) => [file, parse(read(file)) as Action]),
);

/** The action of this repository that a step uses: from a checkout (`./`), or at its workflow's own commit (`$/`). */
export const ownAction = (uses = ""): Action | undefined =>
    /^[.$]\//.test(uses) ? actions.get(`${uses.slice(2)}/action.yml`) : undefined;

export interface PlacedJob {
    readonly file: string;
    readonly id: string;
    readonly job: Job;
    readonly workflow: Workflow;
}

export const jobs: readonly PlacedJob[] = [...workflows].flatMap(([file, workflow]) =>
    Object.entries(workflow.jobs).map(([id, job]) => ({ file, id, job, workflow })),
);

/** Every step with its place, including those of the composite actions. */
export const steps: readonly { readonly where: string; readonly step: Step }[] = [
    ...jobs.flatMap(({ file, id, job }) =>
        (job.steps ?? []).map((step, at) => ({ where: `${file} ${id} step ${at + 1}`, step })),
    ),
    ...[...actions].flatMap(([file, { runs }]) =>
        runs.steps.map((step, at) => ({ where: `${file} step ${at + 1}`, step })),
    ),
];

export const reusable = (name: string): Workflow => {
    const workflow = workflows.get(`${folder}/${name}`);
    if (!workflow) throw new Error(`there is no workflow ${name}`);
    return workflow;
};

export const caller = workflows.get(callerFile) as Workflow;

/** Jobs of the gateway's templates that call a reusable workflow, each with that workflow. */
export const calls: readonly (PlacedJob & { readonly called: Workflow })[] = jobs
    .filter(({ file, job }) => callerFiles.includes(file) && job.uses !== undefined)
    .map((one) => ({ ...one, called: reusable(/workflows\/([a-z]+\.yml)@/.exec(one.job.uses!)![1]!) }));
