import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../machine/command";
import type { Replacement, RunningJob } from "./job";
import type { ActionContext } from "./shared";

/** What a job's OIDC token says about it (https://docs.github.com/actions/reference/security/oidc). */
export interface JobClaims {
    readonly repository: string;
    readonly ref: string;
    readonly event_name: string;
    readonly environment?: string;
    readonly workflow_ref: string;
    readonly job_workflow_ref: string;
}

/** Exchanges a job's token for credentials of a role, as variables. A rejection is AWS's refusal. */
export type AssumeRole = (role: string, claims: JobClaims) => Promise<Readonly<Record<string, string>>>;

type Inputs = Readonly<Record<string, string>>;
type Outputs = Readonly<Record<string, string>>;

const claimsOf = ({ github, source, environment }: RunningJob): JobClaims => ({
    repository: String(github.repository),
    ref: String(github.ref),
    event_name: String(github.event_name),
    ...(environment !== undefined && { environment }),
    workflow_ref: String(github.workflow_ref),
    job_workflow_ref: `${source.repository}/${source.path}@${source.ref}`,
});

async function checkout(inputs: Inputs, job: RunningJob, { repositories }: ActionContext): Promise<void> {
    const own = String(job.github.repository);
    const name = inputs.repository || own;
    const found = repositories[name];
    // All repositories are private here: the job's token reads its own alone, and only when it may.
    if (found === undefined || !(inputs.token || (name === own && job.permissions.contents !== undefined)))
        throw new Error(`remote: Repository not found.: https://github.com/${name}`);
    const into = path.resolve(job.workspace, inputs.path ?? "");
    fs.mkdirSync(into, { recursive: true });
    for (const old of fs.readdirSync(into)) fs.rmSync(path.join(into, old), { recursive: true });
    await found.checkout(inputs.ref || (name === own ? String(job.github.sha) : "main"), into);
}

async function upload(inputs: Inputs, job: RunningJob, { artifacts, attempt }: ActionContext): Promise<Outputs> {
    const given = (inputs.path ?? "").split("\n").map((one) => one.trim());
    const found = given
        .filter((one) => one !== "")
        .map((one) => path.resolve(job.workspace, one))
        .filter((one) => fs.existsSync(one));
    if (found.length === 0) {
        const message = `No files were found with the provided path: ${given.join(", ")}. No artifacts will be uploaded.`;
        if (inputs["if-no-files-found"] === "error") throw new Error(message);
        job.log(`warning: ${message}`);
        return {};
    }
    // Names in the artifact begin where all paths have their last folder in common.
    const folders = found.map((one) => (fs.statSync(one).isDirectory() ? one : path.dirname(one)));
    const root = folders.reduce((common, one) => {
        while (one !== common && !one.startsWith(`${common}/`)) common = path.dirname(common);
        return common;
    });
    // Without an archive, an artifact is one file and has its name.
    const alone = inputs.archive === "false";
    if (alone && found.length > 1) throw new Error("When archive is false, only a single file can be uploaded");
    const { id, folder: into } = artifacts.create(
        alone ? path.basename(found[0] ?? "") : inputs.name || "artifact",
        attempt,
    );
    const hidden = inputs["include-hidden-files"] === "true";
    for (const one of found)
        await fs.promises.cp(one, path.join(into, path.relative(root, one)), {
            recursive: true,
            filter: (file) => hidden || file === one || !path.basename(file).startsWith("."),
        });
    const { server_url, repository, run_id } = job.github as Outputs;
    return {
        "artifact-id": String(id),
        "artifact-url": `${server_url}/${repository}/actions/runs/${run_id}/artifacts/${id}`,
    };
}

async function download(inputs: Inputs, job: RunningJob, { artifacts }: ActionContext): Promise<void> {
    const into = path.resolve(job.workspace, inputs.path ?? "");
    const all = artifacts.all();
    if (inputs.name) {
        const found = all.get(inputs.name);
        if (found === undefined)
            throw new Error(`Unable to download artifact(s): Artifact not found for name: ${inputs.name}`);
        await fs.promises.cp(found, into, { recursive: true });
        return;
    }
    const [before = "", after] = (inputs.pattern || "*").split("*");
    for (const [name, folder] of all)
        if (after === undefined ? name === before : name.startsWith(before) && name.endsWith(after))
            await fs.promises.cp(folder, path.join(into, name), { recursive: true });
}

/**
 * The actions of other repositories that workflows here name, with what runs in their place. Nothing else is replaced in
 * a run: what a job prints, reads and decides is the workflow's own.
 */
export const replacedActions =
    (assumeRole: AssumeRole) =>
    (context: ActionContext): Readonly<Record<string, Replacement>> => ({
        "actions/checkout": {
            does: "clones a repository of this machine, with its whole history",
            why: "the action asks GitHub",
            run: async (inputs, job) => {
                await checkout(inputs, job, context);
                return {};
            },
        },
        "actions/setup-node": {
            does: "uses this machine's Node.js, whatever version is asked for",
            why: "the action downloads from GitHub",
            run: (inputs, job) => {
                const asked = inputs["node-version"] || inputs["node-version-file"];
                job.log(`Node.js ${process.version} of this machine, where ${asked} was asked for`);
                return Promise.resolve({});
            },
        },
        "actions/setup-python": {
            does: "makes a virtual environment of this machine's Python, whatever version is asked for",
            why: "the action downloads from GitHub",
            run: async (inputs, job) => {
                const folder = path.join(job.temp, "python");
                await run("python3", ["-m", "venv", folder]);
                job.path.unshift(path.join(folder, "bin"));
                job.log(`Python of this machine, where ${inputs["python-version"]} was asked for`);
                return {};
            },
        },
        "actions/upload-artifact": {
            does: "keeps the files in the run's folder, by GitHub's rules for names and attempts",
            why: "the action asks GitHub",
            run: (inputs, job) => upload(inputs, job, context),
        },
        "actions/download-artifact": {
            does: "takes the files from the run's folder, of several attempts the newest",
            why: "the action asks GitHub",
            run: async (inputs, job) => {
                await download(inputs, job, context);
                return {};
            },
        },
        "aws-actions/configure-aws-credentials": {
            does: "asks for the role with the claims of the job's token, which only a job with id-token: write has",
            why: "the action asks GitHub for the token",
            run: async (inputs, job) => {
                const role = inputs["role-to-assume"];
                if (!role || job.permissions["id-token"] !== "write")
                    throw new Error("Credentials could not be loaded, please check your action inputs");
                const variables = {
                    AWS_REGION: inputs["aws-region"] ?? "",
                    ...(await assumeRole(role, claimsOf(job))),
                };
                for (const [name, value] of Object.entries(variables)) {
                    if (/SECRET|TOKEN/.test(name)) job.mask(value);
                    job.variables.set(name, value);
                }
                return {};
            },
        },
    });
