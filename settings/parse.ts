import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { healthPath } from "../delivery/core/metrics";
import { longestReleaseSeconds, updateSessionSeconds } from "../delivery/core/release-time";
import { backendVariables, releaseVariable } from "../delivery/core/variables";
import { visible } from "../delivery/core/text";
import { stricterLimits } from "../delivery/gates/engine/limits";
import { schema, secretKeys, type Values } from "./schema";

const shape = schema.shape as Readonly<Record<string, z.ZodType>>;

/**
 * The environment variable of a key: for `databaseUrl`, `RELAYPACS_DATABASE_URL`, or `RELAYPACS_PROD_DATABASE_URL` for
 * the stack `prod` alone. Variables override the stack file, and the stack's own variable overrides the general one.
 */
export function variableOf(key: string, stack?: string): string {
    const words = `${stack === undefined ? "" : `${stack}_`}${key.replace(/[A-Z]/g, (letter) => `_${letter}`)}`;
    return `RELAYPACS_${words.toUpperCase()}`;
}

const prefix = "RELAYPACS_";

/** The stack's part of a variable's name: `RELAYPACS_PROD_HOSTNAME` is a setting of `prod` alone. */
const stackPart = new RegExp(`^${prefix}(?:${schema.shape.environment.options.join("|").toUpperCase()})_`);

/**
 * A sentence for each environment variable that is named as a setting's, and is none: misspelt, it would be ignored.
 *
 * @param names of all variables
 */
export function unknownVariables(names: readonly string[]): string[] {
    const known = Object.keys(schema.shape).map((key) => variableOf(key));
    return names
        .filter((name) => name.startsWith(prefix))
        .map((name) => ({ name, general: name.replace(stackPart, prefix) }))
        .filter(({ general }) => !known.includes(general))
        .map(({ name, general }) => {
            const nearest =
                name.slice(0, name.length - general.length + prefix.length) +
                closest(general, known).slice(prefix.length);
            return `${visible(name)} is not the variable of a setting; remove it or correct its name, perhaps to ${nearest}. Accepted, for one stack with STAGING_ or PROD_ after ${prefix}: ${known.join(", ")}.`;
        });
}

/** The schema under optional, default and prefault wrappers. */
function bare(type: z.ZodType): z.ZodType {
    if (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodPrefault) {
        return bare(type.unwrap() as z.ZodType);
    }
    return type;
}

const isText = (type: z.ZodType) => bare(type) instanceof z.ZodString || bare(type) instanceof z.ZodEnum;

/** Whether a setting's variable has its value as it is, and not as JSON. */
export const isTextSetting = (key: string): boolean => shape[key] !== undefined && isText(shape[key]);

/** Configuration is text; all but strings are JSON. Text that is not valid JSON is kept, and the schema refuses it. */
function decode(type: z.ZodType, text: string): unknown {
    if (isText(type)) return text;
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return text;
    }
}

/** What the setting at `path` accepts, from the description closest to it. */
function acceptedAt(path: readonly PropertyKey[]): string {
    let type: z.ZodType = schema;
    let accepted = "a setting of this program";
    for (const step of path) {
        const inner = bare(type);
        let next: z.ZodType | undefined;
        if (inner instanceof z.ZodObject) next = (inner.shape as Record<PropertyKey, z.ZodType>)[step];
        else if (inner instanceof z.ZodArray) next = inner.element as z.ZodType;
        else if (inner instanceof z.ZodRecord) next = inner.valueType as z.ZodType;
        if (next === undefined) break;
        type = next;
        accepted = type.description ?? bare(type).description ?? accepted;
    }
    return accepted;
}

function show(value: unknown): string {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) return "nothing";
    return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>((inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step], value);
}

function written(path: readonly PropertyKey[]): string {
    return path
        .map((step, at) => (typeof step === "number" ? `[${step}]` : at ? `.${String(step)}` : String(step)))
        .join("");
}

function missing(key: string, path: readonly PropertyKey[] = [key]): string {
    return `relaypacs:${written(path)} is missing; it must be ${acceptedAt(path)} (set it with "pulumi config set" or ${variableOf(key)}).`;
}

function sentencesOf(issue: z.core.$ZodIssue, values: unknown): string[] {
    const path = issue.path;
    const key = String(path[0]);
    const name = `relaypacs:${written(path)}`;
    if (issue.code === "unrecognized_keys") {
        const owner = path.length ? `${name}.` : "relaypacs:";
        return issue.keys.map((unknown) => `${owner}${unknown} is not a setting; remove it or correct its name.`);
    }
    const given = valueAt(values, path);
    if (given === undefined) return [missing(key, path)];
    const shown = (secretKeys as readonly string[]).includes(key)
        ? "not accepted (its value is not shown)"
        : show(given);
    return [`${name} is ${shown}; it must be ${acceptedAt(path)}.`];
}

/** The longest wait timer of a GitHub environment: 43,200 minutes. */
const longestWaitSeconds = 43_200 * 60;

/** How each environment is replaced (specification, section 6). */
const strategies = { staging: "rolling", prod: "blueGreen" } as const;

/** Contradictions between settings, each a sentence. */
function contradictions(values: Values, stack: string): string[] {
    const found: string[] = [];
    const names = values.services.map((one) => one.name);
    const twice = names.find((one, at) => names.indexOf(one) !== at);
    if (twice) found.push(`relaypacs:services names ${twice} twice; each service needs a name of its own.`);
    const images = values.release?.images ?? {};
    if (!values.release && !values.bootstrap) found.push(missing("release"));
    if (values.release && values.bootstrap) {
        found.push(
            "relaypacs:bootstrap is true although relaypacs:release names images; set it to false to deploy them.",
        );
    }
    for (const one of Object.keys(images).filter((image) => !names.includes(image))) {
        found.push(`relaypacs:release.images names ${one}, which is none of relaypacs:services (${names.join(", ")}).`);
    }
    const databases = values.services.filter((one) => one.database).map((one) => one.name);
    if (databases.length > 1) {
        found.push(
            `relaypacs:services has ${databases.join(" and ")} with a database; one service owns the migrations.`,
        );
    }
    const routes = values.services.flatMap((one) => one.routes);
    const shared = routes.find((route, at) => routes.indexOf(route) !== at);
    if (shared) found.push(`relaypacs:services routes ${shared} to two services; a route belongs to one.`);
    const backend = values.services.find(({ name }) => name === "backend");
    if (backend && backend.healthPath !== healthPath) {
        found.push(
            `relaypacs:services backend has healthPath ${show(backend.healthPath)}; it must be "${healthPath}", which the smoke tests ask the public address for (specification, section 4, stage 10).`,
        );
    }
    for (const one of values.services) {
        const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = one.resources;
        if (parseInt(cpuRequest) > parseInt(cpuLimit) || parseInt(memoryRequest) > parseInt(memoryLimit)) {
            found.push(
                `relaypacs:services ${one.name} requests more CPU or memory than its limit; a request is at most the limit.`,
            );
        }
    }
    for (const { name, environment } of values.services) {
        // The API server refuses a container that sets a variable twice, and a plain value wins over a Secret's.
        const source = (variable: string) => {
            if (variable === releaseVariable) return "the program sets it to the release's version";
            return (Object.values(backendVariables) as string[]).includes(variable)
                ? "its value comes from the secret store"
                : undefined;
        };
        for (const variable of Object.keys(environment)) {
            const from = source(variable);
            if (from !== undefined)
                found.push(`relaypacs:services ${name} has ${variable} in its environment; remove it: ${from}.`);
        }
    }
    if (values.release && values.trustedKeys.length === 0) {
        found.push(
            `relaypacs:trustedKeys is empty, so no evidence about release ${values.release.version} can count; it must name the key that signed it.`,
        );
    }
    try {
        const { soakSeconds } = stricterLimits(values.gateLimits);
        if (soakSeconds > longestWaitSeconds)
            found.push(
                `relaypacs:gateLimits.soakSeconds is ${soakSeconds}; it must be at most ${longestWaitSeconds} (30 days): GitHub keeps no deployment waiting longer.`,
            );
    } catch (error) {
        found.push(`relaypacs:gateLimits is not accepted. ${(error as Error).message}`);
    }
    if (values.sharedResources === "create" && values.workflowCommits.length === 0) {
        found.push(
            `relaypacs:workflowCommits is empty, but relaypacs:sharedResources is "create", which makes the pipeline's roles; it must be ${acceptedAt(["workflowCommits"])}.`,
        );
    }
    if (values.rdsInstance !== undefined && values.databaseBackup) {
        found.push(
            `relaypacs:rdsInstance is "${values.rdsInstance}" although relaypacs:databaseBackup is set; one of the two backs up the database, Amazon RDS or the CronJob.`,
        );
    }
    found.push(...clusterContradictions(values));
    if (stack !== values.environment) {
        found.push(`relaypacs:environment is "${values.environment}" in stack "${stack}"; the two must be the same.`);
    }
    const strategy = strategies[values.environment];
    if (values.deploymentStrategy !== strategy) {
        found.push(
            `relaypacs:deploymentStrategy is "${values.deploymentStrategy}" in ${values.environment}; it must be "${strategy}" (specification, section 6).`,
        );
    }
    return found;
}

/** Contradictions between the deployment strategy and the cluster's services. */
function clusterContradictions(values: Values): string[] {
    const found: string[] = [];
    const { blueGreen, clusterServices, deploymentStrategy, prometheusUrl, toolImages } = values;
    const needing = clusterServices === "create" ? 'relaypacs:clusterServices is "create"' : undefined;
    const strategy = deploymentStrategy === "blueGreen" ? 'relaypacs:deploymentStrategy is "blueGreen"' : undefined;
    const reason = needing ?? (values.release && strategy);
    if (reason !== undefined && !toolImages && !values.bootstrap) {
        found.push(`relaypacs:toolImages is missing, but ${reason}; it must be ${acceptedAt(["toolImages"])}.`);
    }
    if (strategy !== undefined && clusterServices === "use" && prometheusUrl === undefined) {
        found.push(
            `relaypacs:prometheusUrl is missing, but ${strategy} and the cluster has its own Prometheus; it must be ${acceptedAt(["prometheusUrl"])}.`,
        );
    }
    if (clusterServices === "create" && prometheusUrl !== undefined) {
        found.push(
            'relaypacs:prometheusUrl is set, but relaypacs:clusterServices is "create", which makes a Prometheus of its own; remove one of the two.',
        );
    }
    const environments = values.clusterEnvironments;
    if (environments && (clusterServices === "use" || !environments.includes(values.environment))) {
        found.push(
            `relaypacs:clusterEnvironments is ${show(environments)}; it must name ${values.environment}, and only where relaypacs:clusterServices is "create".`,
        );
    }
    if (blueGreen.measurementSeconds > Math.min(blueGreen.canarySeconds, blueGreen.watchSeconds)) {
        found.push(
            `relaypacs:blueGreen.measurementSeconds is ${blueGreen.measurementSeconds}; it must be at most canarySeconds (${blueGreen.canarySeconds}) and watchSeconds (${blueGreen.watchSeconds}), or nothing would be measured.`,
        );
    }
    const longest = longestReleaseSeconds(blueGreen) + values.migrationTimeoutSeconds + values.rolloutTimeoutSeconds;
    if (strategy !== undefined && longest > updateSessionSeconds) {
        found.push(
            `relaypacs:blueGreen makes a release last up to ${longest} s, with relaypacs:migrationTimeoutSeconds and relaypacs:rolloutTimeoutSeconds; it must be at most ${updateSessionSeconds} s, when the deployment role's session ends. Lower canarySeconds, watchSeconds or inconclusiveLimit.`,
        );
    }
    return found;
}

export type Parsed =
    { readonly ok: true; readonly values: Values } | { readonly ok: false; readonly sentences: readonly string[] };

/**
 * Decodes and validates all settings at once, so that every mistake can be corrected in one round.
 *
 * @param raw the settings' texts by key, without their namespace; all but strings are JSON
 * @param stack the stack's name, which must equal `environment`
 * @param plainSecrets secret keys that are not encrypted in the stack file
 */
export function parse(
    raw: Readonly<Record<string, string>>,
    stack: string,
    plainSecrets: readonly string[] = [],
): Parsed {
    const values: Record<string, unknown> = {};
    for (const [key, text] of Object.entries(raw)) values[key] = shape[key] ? decode(shape[key], text) : text;
    const result = schema.safeParse(values);
    const sentences = plainSecrets.map(
        (key) => `relaypacs:${key} is in plain text; encrypt it with "pulumi config set --secret relaypacs:${key}".`,
    );
    if (!result.success) sentences.push(...result.error.issues.flatMap((issue) => sentencesOf(issue, values)));
    else sentences.push(...contradictions(result.data, stack));
    if (result.success && sentences.length === 0) return { ok: true, values: result.data };
    return { ok: false, sentences: sentences.map(visible) };
}
