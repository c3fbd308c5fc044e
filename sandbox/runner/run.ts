import * as path from "node:path";
import { SandboxError } from "../machine/part";
import { Artifacts } from "./artifacts";
import { evaluate, holds, text, texts, type Scope, type Status } from "./expressions";
import { accepted, inputsOf, type Accepted, type Job, type Workflow } from "./files";
import { runJob } from "./job";
import { isMapping } from "./language.mjs";
import type { MappingToken, TemplateToken } from "./language.mjs";
import { defaultPermissions, excess, jobToken, permissionsOf, restricted, type Permissions } from "./permissions";
import { ancestorsOf, together } from "./records";
import type { ActiveRun, Decision, Ended, JobRecord, PendingReview, Replaced, Review } from "./records";
import { hasNoSecrets, isOfFork, matches, pullRequestOf, shortRef } from "./repository";
import type { Environment, Repository, TriggerEvent } from "./repository";
import type { Shared } from "./shared";

/** Everything that the jobs of one workflow file share; for a called one, the caller decides most of it. */
interface Frame {
    readonly workflow: Workflow;
    /** `staging / ` in a called workflow. */
    readonly prefix: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly secrets: Readonly<Record<string, string>>;
    /** No job may have more than these; without them, nothing limits a job. */
    readonly limit: Permissions | undefined;
    /** Whether all of its jobs run again in this attempt. */
    readonly again: boolean;
    readonly signal: AbortSignal;
}

const literal: Scope = { contexts: {} };

const replacedInGroup = {
    result: "cancelled",
    reason: "a newer one has taken its place in the concurrency group",
} as const;

const combinationsOf = (matrix: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] =>
    Object.entries(matrix).reduce<Record<string, unknown>[]>(
        (all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
        [{}],
    );

/** One run of a workflow. It is started when it is made. */
export class Run implements ActiveRun {
    /** Of the present attempt, and of the earlier ones those that it kept. */
    readonly jobs = new Map<string, JobRecord>();
    readonly reviews: Review[] = [];
    attempt = 1;
    conclusion: JobRecord["result"] | "startup_failure" | undefined;
    /** Why it did not start. */
    problem: string | undefined;
    /** What did not run itself in any attempt, by name. */
    readonly replaced = new Map<string, Replaced>();
    private readonly waiting = new Map<PendingReview, (review: Review | undefined) => void>();
    private controller = new AbortController();
    /** The one job that the present attempt repeats, where it is one. */
    private repeated: string | undefined;
    private readonly artifacts: Artifacts;
    /** Ends with the present attempt. */
    ended: Promise<void>;

    constructor(
        private readonly shared: Shared,
        private readonly workflow: Workflow,
        readonly event: TriggerEvent,
        readonly id: number,
    ) {
        this.artifacts = new Artifacts(path.join(shared.folderOf(id), "artifacts"));
        this.ended = this.play(new Map());
    }

    private get repository(): Repository {
        return this.shared.repository(this.workflow.source.repository);
    }

    private get hasNoSecrets(): boolean {
        return hasNoSecrets(this.workflow.source.repository, this.event);
    }

    cancel(): void {
        this.controller.abort();
    }

    pending(): PendingReview[] {
        return [...this.waiting.keys()];
    }

    /** @throws SandboxError when no job waits there */
    review(environment: string, decision: Decision): void {
        const found = [...this.waiting].filter(([pending]) => pending.environment === environment);
        if (found.length === 0)
            throw new SandboxError(`No job of run ${this.id} waits in the environment ${environment}.`);
        const given: Review = { ...decision, environment, attempt: this.attempt };
        this.reviews.push(given);
        for (const [, decide] of found) decide(given);
    }

    /** Starts the next attempt: of all jobs, of those that did not succeed, or of one by its name, with what needs them. */
    async rerun(which: "failed" | "all" | { readonly job: string }): Promise<void> {
        await this.ended;
        this.repeated = typeof which === "object" ? which.job : undefined;
        if (this.repeated !== undefined && !this.jobs.has(this.repeated))
            throw new SandboxError(
                `Run ${this.id} has no job "${this.repeated}"; it has ${[...this.jobs.keys()].join(", ")}.`,
            );
        this.attempt += 1;
        this.conclusion = undefined;
        this.controller = new AbortController();
        const kept = which === "all" ? new Map<string, JobRecord>() : new Map(this.jobs);
        this.jobs.clear();
        this.ended = this.play(kept);
        await this.ended;
    }

    private async play(kept: ReadonlyMap<string, JobRecord>): Promise<void> {
        const { workflow, event, controller } = this;
        let inputs: Readonly<Record<string, unknown>> = {};
        try {
            const unknown = this.shared.options.only?.find((id) => !workflow.jobs.some((job) => job.id === id));
            if (unknown !== undefined)
                throw new SandboxError(
                    `${workflow.source.path} has no job "${unknown}"; it has ${workflow.jobs.map(({ id }) => id).join(", ")}.`,
                );
            this.check(workflow, undefined);
            const form = event.name === "workflow_dispatch" ? accepted(workflow, event.name) : undefined;
            if (form) inputs = inputsOf(workflow.source.path, form, event.inputs ?? {});
        } catch (error) {
            if (!(error instanceof SandboxError)) throw error;
            this.conclusion = "startup_failure";
            this.problem = error.message;
            return;
        }
        const frame: Frame = {
            workflow,
            prefix: "",
            inputs,
            secrets: this.hasNoSecrets ? {} : (this.repository.secrets ?? {}),
            limit: undefined,
            again: false,
            signal: controller.signal,
        };
        const scope = { contexts: { github: this.github(), inputs, vars: this.repository.variables } };
        const records = await this.inGroup(workflow.root.find("concurrency"), scope, controller, () =>
            this.records(frame, kept),
        );
        const results = [...(records?.values() ?? [])].map(({ result }) => result);
        this.conclusion = controller.signal.aborted ? "cancelled" : together(results);
    }

    /** What GitHub refuses before it starts anything: permissions, inputs and secrets of called workflows. */
    private check(workflow: Workflow, limit: Permissions | undefined): void {
        const own = permissionsOf(workflow.root.find("permissions"));
        for (const { id, token } of workflow.jobs) {
            const where = `${workflow.source.path}, job ${id},`;
            const asked = permissionsOf(token.find("permissions")) ?? own ?? limit ?? defaultPermissions;
            const problem = limit && excess(asked, limit);
            if (problem) throw new SandboxError(`${where} ${problem}.`);
            const uses = evaluate(token.find("uses"), literal);
            if (typeof uses !== "string") continue;
            const called = this.called(workflow, uses);
            const accepts = accepted(called, "workflow_call");
            if (accepts === undefined) throw new SandboxError(`${where} calls ${uses}, which has no on.workflow_call.`);
            for (const kind of ["inputs", "secrets"] as const) {
                const map = token.find(kind === "inputs" ? "with" : "secrets");
                const given =
                    map === undefined ? [] : Array.from(map.assertMapping(kind), ({ key }) => text(key, literal));
                const unknown = given.find((name) => !(name in accepts[kind]));
                if (unknown) throw new SandboxError(`${where} gives ${uses} "${unknown}", which it does not accept.`);
                const missing = Object.entries(accepts[kind]).find(
                    ([name, one]) => one?.required && !given.includes(name),
                );
                if (missing) throw new SandboxError(`${where} gives ${uses} no "${missing[0]}", which it requires.`);
            }
            this.check(called, asked);
        }
    }

    private called(caller: Workflow, uses: string): Workflow {
        const [, remote, file = "", ref = ""] =
            /^(?:\.|([\w.-]+\/[\w.-]+))\/(\.github\/workflows\/[\w.-]+)(?:@(.+))?$/.exec(uses) ?? [];
        if (file === "")
            throw new SandboxError(
                `A job calls "${uses}"; accepted: OWNER/NAME/.github/workflows/FILE@REF, ./.github/workflows/FILE.`,
            );
        const { source } = caller;
        return this.shared.read(
            remote === undefined ? { ...source, path: file } : { repository: remote, path: file, ref, sha: ref },
        );
    }

    private github(job = ""): Record<string, unknown> {
        const { event, id, attempt } = this;
        const { source } = this.workflow;
        const pull = pullRequestOf(event);
        const [owner = ""] = source.repository.split("/");
        const server = "https://github.com";
        return {
            actor: event.actor,
            api_url: "https://api.github.com",
            base_ref: pull?.base.ref ?? "",
            event: { ...event.payload, ...(event.inputs && { inputs: event.inputs }) },
            event_name: event.name,
            graphql_url: "https://api.github.com/graphql",
            head_ref: pull?.head.ref ?? "",
            job,
            ref: event.ref,
            ref_name: shortRef(event.ref),
            ref_type: event.ref.startsWith("refs/tags/") ? "tag" : "branch",
            repository: source.repository,
            repository_owner: owner,
            run_attempt: String(attempt),
            run_id: String(id),
            run_number: String(id),
            server_url: server,
            sha: event.sha,
            token: jobToken(id, {}),
            triggering_actor: event.actor,
            workflow: text(this.workflow.root.find("name"), literal) || source.path,
            workflow_ref: `${source.repository}/${source.path}@${event.ref}`,
            workflow_sha: event.sha,
        };
    }

    /** Runs something within its concurrency group. Answers nothing when what waited was cancelled. */
    private async inGroup<T>(
        token: TemplateToken | undefined,
        scope: Scope,
        controller: AbortController,
        body: () => Promise<T>,
    ): Promise<T | undefined> {
        const value = evaluate(token, scope);
        if (value === undefined || value === null) return body();
        const given = (typeof value === "string" ? { group: value } : value) as Readonly<Record<string, unknown>>;
        const release = await this.shared.groupsOf(this.workflow.source.repository).enter({
            group: String(given.group),
            cancelInProgress: given["cancel-in-progress"] === true,
            queue: given.queue === "max" ? "max" : "single",
            cancel: () => {
                controller.abort();
            },
            signal: controller.signal,
        });
        if (release === undefined) {
            controller.abort();
            return undefined;
        }
        try {
            return await body();
        } finally {
            release();
        }
    }

    /** Runs the jobs of a file in the order of `needs`. Answers them by id. */
    private async records(frame: Frame, kept: ReadonlyMap<string, JobRecord>): Promise<Map<string, JobRecord>> {
        const started = new Map<string, Promise<JobRecord>>();
        const byId = new Map(frame.workflow.jobs.map((job) => [job.id, job]));
        const start = (id: string): Promise<JobRecord> => {
            const known = started.get(id);
            if (known) return known;
            const job = byId.get(id) as Job;
            const promise = Promise.all(job.needs.map(start)).then((needs) => this.job(frame, job, needs, kept));
            started.set(id, promise);
            return promise;
        };
        const ended = await Promise.allSettled([...byId.keys()].map(start));
        const failed = ended.find((one) => one.status === "rejected");
        if (failed) throw failed.reason;
        return new Map(await Promise.all([...started].map(async ([id, one]) => [id, await one] as const)));
    }

    private async job(
        frame: Frame,
        job: Job,
        needs: readonly JobRecord[],
        kept: ReadonlyMap<string, JobRecord>,
    ): Promise<JobRecord> {
        const { attempt } = this;
        const start = Date.now();
        const path = `${frame.prefix}${job.id}`;
        const before = kept.get(path);
        const again = frame.again || needs.some((one) => one.attempt === attempt) || this.repeated === path;
        // A called workflow is entered again for a job of it, without the others.
        const within = this.repeated?.startsWith(`${path} / `) ?? false;
        if (
            before &&
            !again &&
            !within &&
            attempt > 1 &&
            (before.result === "success" || before.result === "skipped")
        ) {
            for (const [name, one] of kept)
                if (name === path || [" / ", " ("].some((next) => name.startsWith(path + next)))
                    this.jobs.set(name, one);
            return before;
        }
        const record = (key: string, ended: Ended): JobRecord => {
            const base = { name: path, id: job.id, outputs: {}, needs, attempt, steps: [], summary: "" };
            const one: JobRecord = { ...base, seconds: Math.round((Date.now() - start) / 100) / 10, ...ended };
            this.jobs.set(key, one);
            this.shared.options.onEnd?.(one);
            return one;
        };
        if (!this.isAsked(frame, job.id)) return record(path, { result: "skipped", reason: "it was not asked for" });
        const ancestors = ancestorsOf(needs);
        const status: Status = {
            success: !frame.signal.aborted && ancestors.every(({ result }) => result === "success"),
            failure: ancestors.some(({ result }) => result === "failure"),
            cancelled: frame.signal.aborted,
        };
        const contexts = {
            github: this.github(job.id),
            inputs: frame.inputs,
            needs: Object.fromEntries(needs.map(({ id, result, outputs }) => [id, { result, outputs }])),
            vars: this.repository.variables ?? {},
        };
        if (!holds(job.condition, { contexts, status }))
            return record(path, { result: "skipped", reason: `its condition is false: ${job.condition}` });

        const strategy = job.token.find("strategy");
        const matrix = evaluate(strategy?.assertMapping("strategy").find("matrix"), { contexts });
        const combinations = combinationsOf((matrix ?? {}) as Readonly<Record<string, readonly unknown[]>>);
        const failFast = evaluate(strategy?.assertMapping("strategy").find("fail-fast"), { contexts }) !== false;
        const controllers = combinations.map(() => new AbortController());
        const run = async (combination: Record<string, unknown>, index: number): Promise<Ended> => {
            const controller = controllers[index] as AbortController;
            const stop = () => {
                controller.abort();
            };
            // A job that starts although the run is cancelled runs to its end.
            if (!frame.signal.aborted) frame.signal.addEventListener("abort", stop);
            const scope = {
                contexts: {
                    ...contexts,
                    matrix: combination,
                    strategy: { "fail-fast": failFast, "job-index": index, "job-total": combinations.length },
                },
            };
            const values = Object.values(combination);
            const label =
                text(job.token.find("name"), scope) ||
                (values.length > 0 ? `${job.id} (${values.join(", ")})` : job.id);
            const name = `${frame.prefix}${label}`;
            const ended =
                (await this.inGroup(job.token.find("concurrency"), scope, controller, () =>
                    job.steps.length > 0
                        ? this.withSteps(frame, job, name, scope, controller.signal)
                        : this.call(frame, job, path, scope, again, controller, kept),
                )) ?? replacedInGroup;
            frame.signal.removeEventListener("abort", stop);
            if (failFast && ended.result === "failure")
                for (const other of controllers) if (other !== controller) other.abort();
            if (values.length > 0) record(name, { ...ended, name });
            return { ...ended, name };
        };
        const all = await Promise.all(combinations.map(run));
        const tolerated = evaluate(job.token.find("continue-on-error"), { contexts }) === true;
        const result = together(all.map((one) => one.result));
        // After a partial repetition, GitHub keeps what the earlier attempt put out and this one did not
        // (https://github.com/actions/runner/issues/2598).
        const outputs: Record<string, string> = job.steps.length > 0 ? { ...before?.outputs } : {};
        // Of a matrix, the last combination that has something to say.
        for (const one of all)
            for (const [key, value] of Object.entries(one.outputs ?? {}))
                if (value !== "" || !(key in outputs)) outputs[key] = value;
        const single = matrix === undefined ? all[0] : undefined;
        return record(path, { ...single, outputs, result: tolerated && result === "failure" ? "success" : result });
    }

    /** Whether a job is one of those that are to run, or something that these need. */
    private isAsked({ workflow, prefix }: Pick<Frame, "workflow" | "prefix">, id: string): boolean {
        const { only } = this.shared.options;
        if (only === undefined || prefix !== "" || only.includes(id)) return true;
        return workflow.jobs.some((one) => one.needs.includes(id) && this.isAsked({ workflow, prefix }, one.id));
    }

    /** Calls a workflow. */
    private async call(
        frame: Frame,
        job: Job,
        path: string,
        scope: Scope,
        again: boolean,
        controller: AbortController,
        kept: ReadonlyMap<string, JobRecord>,
    ): Promise<Ended> {
        const uses = text(job.token.find("uses"), literal);
        const workflow = this.called(frame.workflow, uses);
        const accepts = accepted(workflow, "workflow_call") as Accepted;
        const secretScope = { contexts: { ...scope.contexts, secrets: frame.secrets } };
        const given = (evaluate(job.token.find("with"), scope) ?? {}) as Readonly<Record<string, unknown>>;
        let inputs: Readonly<Record<string, unknown>>;
        try {
            inputs = inputsOf(uses, accepts, given);
        } catch (error) {
            return { result: "failure", reason: (error as Error).message };
        }
        const inner: Frame = {
            workflow,
            prefix: `${path} / `,
            inputs,
            secrets: texts(job.token.find("secrets"), secretScope),
            limit: this.permissions(frame, job),
            again,
            signal: controller.signal,
        };
        const github = this.github();
        const ended = await this.inGroup(
            workflow.root.find("concurrency"),
            { contexts: { github, inputs: inner.inputs, vars: this.repository.variables } },
            controller,
            () => this.records(inner, kept),
        );
        if (ended === undefined) return replacedInGroup;
        const jobs = Object.fromEntries([...ended].map(([id, { result, outputs }]) => [id, { result, outputs }]));
        const outputScope = { contexts: { github, inputs: inner.inputs, jobs, vars: this.repository.variables } };
        return {
            result: controller.signal.aborted ? "cancelled" : together([...ended.values()].map(({ result }) => result)),
            outputs: Object.fromEntries(
                Array.from(callOutputs(workflow) ?? [], ({ key, value }) => [
                    text(key, literal),
                    text(value.assertMapping("output").find("value"), outputScope),
                ]),
            ),
        };
    }

    private permissions(frame: Frame, job: Job): Permissions {
        const asked =
            permissionsOf(job.token.find("permissions")) ??
            permissionsOf(frame.workflow.root.find("permissions")) ??
            frame.limit ??
            defaultPermissions;
        return isOfFork(this.workflow.source.repository, this.event) ? restricted(asked) : asked;
    }

    private async withSteps(frame: Frame, job: Job, name: string, scope: Scope, signal: AbortSignal): Promise<Ended> {
        const { options } = this.shared;
        const given = evaluate(job.token.find("environment"), scope);
        const environment = typeof given === "object" && given ? String((given as { name?: unknown }).name) : given;
        const rules: Environment | undefined =
            typeof environment === "string" ? (this.repository.environments?.[environment] ?? {}) : undefined;
        if (typeof environment === "string" && rules) {
            const refused = await this.guard(environment, rules, name, signal);
            if (refused) return { ...refused, environment };
        }
        const secrets = this.hasNoSecrets ? {} : { ...frame.secrets, ...rules?.secrets };
        const { source } = frame.workflow;
        const permissions = this.permissions(frame, job);
        const github = { ...this.github(job.id), token: jobToken(this.id, permissions) };
        const contexts = {
            ...scope.contexts,
            github,
            secrets: { ...secrets, GITHUB_TOKEN: String(github.token) },
            vars: { ...this.repository.variables, ...rules?.variables },
            job: {
                workflow_repository: source.repository,
                workflow_sha: source.sha,
                workflow_ref: `${source.repository}/${source.path}@${source.ref}`,
                workflow_file_path: source.path,
            },
        };
        const inside = { contexts };
        for (const service of Object.keys(evaluate(job.token.find("services"), inside) ?? {}))
            this.count(`service container ${service}`, {
                does: "is not started",
                why: "there is no container engine",
            });
        const rootEnv = texts(frame.workflow.root.find("env"), inside);
        return {
            ...(typeof environment === "string" && { environment }),
            ...(await runJob({
                folder: this.shared.newFolder(this.id),
                steps: job.steps,
                contexts,
                env: { ...rootEnv, ...texts(job.token.find("env"), { contexts: { ...contexts, env: rootEnv } }) },
                defaults: { ...defaultsOf(frame.workflow.root, inside), ...defaultsOf(job.token, inside) },
                machine: options.machine,
                actions: options.actions({
                    artifacts: this.artifacts,
                    attempt: this.attempt,
                    repositories: options.repositories,
                }),
                ownFiles: (into) => this.shared.repository(source.repository).checkout(source.sha, into),
                permissions,
                source,
                ...(typeof environment === "string" && { environment }),
                outputs: job.token.find("outputs")?.assertMapping("outputs"),
                timeoutMinutes: Number(evaluate(job.token.find("timeout-minutes"), inside) ?? 360),
                signal,
                onLine: (line) => options.onLine?.(name, line),
                onReplaced: (action, replacement) => {
                    this.count(action, replacement);
                },
            })),
        };
    }

    private count(what: string, { does, why }: Omit<Replaced, "times">): void {
        this.replaced.set(what, { does, why, times: (this.replaced.get(what)?.times ?? 0) + 1 });
    }

    /** Waits for an environment's rules. Answers how the job ended when they did not let it start. */
    private async guard(
        environment: string,
        rules: Environment,
        job: string,
        signal: AbortSignal,
    ): Promise<Ended | undefined> {
        const name = shortRef(this.event.ref);
        if (rules.refs !== undefined && !matches(name, rules.refs))
            return {
                result: "failure",
                reason: `${name} is not allowed to deploy to ${environment} due to environment protection rules`,
            };
        const waited =
            (rules.waitMinutes ?? 0) > 0
                ? this.shared.options.wait?.(rules.waitMinutes ?? 0, environment, signal)
                : undefined;
        const reviewed = rules.reviewed === true ? this.reviewed({ environment, job }, signal) : undefined;
        const [, review] = await Promise.all([waited, reviewed]);
        if (signal.aborted)
            return { result: "cancelled", reason: `it was cancelled while it waited in ${environment}` };
        if (review?.approved === false)
            return { result: "failure", reason: `${review.by} rejected it in ${environment}` };
        return undefined;
    }

    private reviewed(pending: PendingReview, signal: AbortSignal): Promise<Review | undefined> {
        return new Promise((resolve) => {
            const decide = (review: Review | undefined) => {
                this.waiting.delete(pending);
                resolve(review);
            };
            signal.addEventListener("abort", () => {
                decide(undefined);
            });
            this.waiting.set(pending, decide);
            this.shared.options.onPending?.(pending, this);
        });
    }
}

function defaultsOf(token: MappingToken, scope: Scope): Record<string, string> {
    const run = token.find("defaults")?.assertMapping("defaults").find("run");
    return texts(run, scope);
}

/** `on.workflow_call.outputs`, with its expressions. */
function callOutputs({ root }: Workflow): MappingToken | undefined {
    const keys = ["on", "workflow_call", "outputs"];
    return keys.reduce<MappingToken | undefined>((token, key) => {
        const found = token?.find(key);
        return found && isMapping(found) ? found : undefined;
    }, root);
}
