import {
    convertJobs,
    convertSteps,
    isMapping,
    isString,
    NoOperationTraceWriter,
    readTemplate,
    schema,
    StringToken,
    TemplateContext,
    TemplateValidationErrors,
    YamlObjectReader,
} from "./language.mjs";
import type { MappingToken, TemplateToken } from "./language.mjs";
import { SandboxError } from "../machine/part";
import { evaluate } from "./expressions";

/** Where a workflow is from: what `job.workflow_repository` and its neighbours say. */
export interface Source {
    /** `owner/name`. */
    readonly repository: string;
    /** `.github/workflows/ci.yml`. */
    readonly path: string;
    /** The ref by which it was named: a full ref of an event, what follows `@` in a call. */
    readonly ref: string;
    /** The commit. */
    readonly sha: string;
}

export interface Step {
    /** Its own, or one with two underscores before it. */
    readonly id: string;
    /** The condition, with `success() &&` where it says nothing about the status. */
    readonly condition: string;
    readonly token: MappingToken;
}

export interface Job {
    readonly id: string;
    readonly needs: readonly string[];
    readonly condition: string;
    readonly token: MappingToken;
    /** Empty in a job that calls a workflow. */
    readonly steps: readonly Step[];
}

interface Input {
    readonly type?: "string" | "boolean" | "number" | "choice";
    readonly required?: boolean;
    readonly default?: unknown;
    readonly options?: readonly string[];
}

/** What a workflow accepts from a form or from its caller. */
export interface Accepted {
    readonly inputs: Readonly<Record<string, Input>>;
    readonly secrets: Readonly<Record<string, { readonly required?: boolean } | null>>;
}

export interface Workflow {
    readonly source: Source;
    readonly root: MappingToken;
    /** The events of `on`, each with its filters; null without any. */
    readonly on: Readonly<Record<string, unknown>>;
    readonly jobs: readonly Job[];
}

/** A composite action. */
export interface Action {
    readonly root: MappingToken;
    readonly steps: readonly Step[];
}

/** What GitHub knows and this runner does not: refused, because a run without it would prove nothing. */
const unknownKeys = {
    job: ["container", "snapshot", "cancel-timeout-minutes"],
    strategy: ["max-parallel"],
    matrix: ["include", "exclude"],
    step: ["background", "wait", "wait-all", "cancel", "parallel"],
    action: ["timeout-minutes"],
} as const;

function refuseUnknown(where: string, kind: keyof typeof unknownKeys, token: TemplateToken | undefined): void {
    if (token === undefined || !isMapping(token)) return;
    const found = unknownKeys[kind].find((key) => token.find(key) !== undefined);
    if (found !== undefined)
        throw new SandboxError(`${where} has "${found}", which the sandbox's runner does not know; leave it out.`);
}

function read(kind: "workflow" | "action", name: string, content: string) {
    const context = new TemplateContext(new TemplateValidationErrors(), schema(kind), new NoOperationTraceWriter());
    const id = context.getFileId(name);
    const reader = new YamlObjectReader(id, content);
    const next = reader.allowLiteral.bind(reader);
    // With its source, a text in several lines would be evaluated as it is written, with indentation and line breaks. An
    // editor needs that for positions; GitHub evaluates the value.
    reader.allowLiteral = () => {
        const token = next();
        return token && isString(token) ? new StringToken(token.file, token.range, token.value, undefined) : token;
    };
    for (const { message, range } of reader.errors) context.error(id, message, range);
    const root = reader.errors.length > 0 ? undefined : readTemplate(context, `${kind}-root-strict`, reader, id);
    const refuse = () => {
        const errors = context.errors.getErrors().map(({ message }) => message);
        if (errors.length > 0) throw new SandboxError(`${name} is not accepted by GitHub:\n${errors.join("\n")}`);
    };
    refuse();
    if (root === undefined || !isMapping(root))
        throw new SandboxError(`${name} is not accepted by GitHub: it is empty.`);
    return { context, root, refuse };
}

type Context = ReturnType<typeof read>["context"];

function stepsOf(where: string, context: Context, token: TemplateToken | undefined): Step[] {
    if (token === undefined) return [];
    const raw = Array.from(token.assertSequence("steps"), (one) => one.assertMapping("step"));
    return convertSteps(context, token).map((step, at) => {
        const own = raw[at] as MappingToken;
        refuseUnknown(`${where} step ${at + 1},`, "step", own);
        if (own.find("uses") !== undefined) refuseUnknown(`${where} step ${at + 1},`, "action", own);
        return { id: step.id, condition: step.if?.expression ?? "success()", token: own };
    });
}

/**
 * Reads a workflow as GitHub does, by GitHub's own schema.
 *
 * @throws SandboxError with everything that GitHub does not accept, or the first thing that this runner does not know
 */
export function readWorkflow(source: Source, content: string): Workflow {
    const name = `${source.repository}/${source.path}`;
    const { context, root, refuse } = read("workflow", name, content);
    const tokens = root.find("jobs")?.assertMapping("jobs");
    if (tokens === undefined) throw new SandboxError(`${name} has no jobs.`);
    const converted = convertJobs(context, tokens);
    const jobs = converted.map((job) => {
        const token = tokens.find(job.id.value)?.assertMapping("job") as MappingToken;
        const where = `${name}, job ${job.id.value},`;
        const strategy = token.find("strategy");
        refuseUnknown(where, "job", token);
        refuseUnknown(where, "strategy", strategy);
        if (strategy !== undefined && isMapping(strategy)) refuseUnknown(where, "matrix", strategy.find("matrix"));
        return {
            id: job.id.value,
            needs: (job.needs ?? []).map(({ value }) => value),
            condition: job.if.expression,
            token,
            steps: stepsOf(where, context, token.find("steps")),
        };
    });
    refuse();
    const on = evaluate(root.find("on"), { contexts: {} });
    return {
        source,
        root,
        jobs,
        on:
            typeof on === "string" || Array.isArray(on)
                ? Object.fromEntries([on].flat().map((event) => [String(event), null]))
                : (on as Readonly<Record<string, unknown>>),
    };
}

/** Reads a composite action. @throws SandboxError like {@link readWorkflow}, and for any other kind of action */
export function readAction(name: string, content: string): Action {
    const { context, root, refuse } = read("action", name, content);
    const runs = root.find("runs")?.assertMapping("runs");
    if (runs === undefined || evaluate(runs.find("using"), { contexts: {} }) !== "composite")
        throw new SandboxError(
            `${name} is no composite action; the sandbox's runner knows no other kind in a repository.`,
        );
    const steps = stepsOf(`${name},`, context, runs.find("steps"));
    refuse();
    return { root, steps };
}

/** What `on.workflow_call` or `on.workflow_dispatch` declares. */
export function accepted({ on }: Workflow, event: "workflow_call" | "workflow_dispatch"): Accepted | undefined {
    if (!(event in on)) return undefined;
    return { inputs: {}, secrets: {}, ...(on[event] as Partial<Accepted> | null) };
}

/**
 * The inputs of a called workflow or of a form, with defaults, each in its type.
 *
 * @throws SandboxError for a missing, an unknown or a malformed input
 */
export function inputsOf(
    where: string,
    { inputs }: Accepted,
    given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
    for (const name of Object.keys(given))
        if (!(name in inputs)) throw new SandboxError(`${where} has no input "${name}".`);
    return Object.fromEntries(
        Object.entries(inputs).map(([name, { type = "string", required, default: fallback, options }]) => {
            const value = given[name] ?? fallback;
            if (value === undefined) {
                if (required) throw new SandboxError(`${where} needs the input "${name}".`);
                return [name, type === "boolean" ? false : type === "number" ? 0 : ""];
            }
            if (type === "boolean" && String(value) !== "true" && String(value) !== "false")
                throw new SandboxError(
                    `The input "${name}" of ${where} is ${JSON.stringify(value)}; accepted: true, false.`,
                );
            if (type === "choice" && !options?.includes(String(value)))
                throw new SandboxError(
                    `The input "${name}" of ${where} is ${JSON.stringify(value)}; accepted: ${options?.join(", ")}.`,
                );
            if (type === "boolean") return [name, String(value) === "true"];
            return [name, type === "number" ? Number(value) : String(value)];
        }),
    );
}
