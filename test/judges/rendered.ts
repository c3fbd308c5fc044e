import * as pulumi from "@pulumi/pulumi";
import { freshEvidence, writeEvidence } from "../delivery/gates/support/fresh";
import { goldenStacks, type GoldenStack } from "../golden/registered";
import { evidenceFolder, pipelineVariables, runProgram } from "../program/run-program";
import type { Registered } from "../support/harness";
import { stackFile } from "../support/stack-file";

/** What the program registers for all stacks, in the forms that outside judges read. */
export interface Rendered {
    /** Kubernetes objects as the provider applies them. A Rollout and an AnalysisTemplate come with the pods that they make. */
    readonly objects: readonly KubernetesObject[];
    /** A plan of Terraform (`terraform show -json`) with the resources of AWS and GitHub. */
    readonly plan: Plan;
}

interface Plan {
    readonly planned_values: Module<{ readonly values: Attributes }>;
    readonly configuration: Module<{ readonly expressions: References }>;
}

interface Module<Details> {
    readonly root_module: { readonly resources: readonly (Details & { readonly address: string })[] };
}

type References = Readonly<Record<string, { readonly references: readonly string[] }>>;

export interface KubernetesObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly [field: string]: unknown;
}

/** Runs the program for each stack, and renders what it registers. */
export async function rendered(): Promise<Rendered> {
    writeEvidence(evidenceFolder, freshEvidence());
    const all: OfStack[] = [];
    for (const stack of goldenStacks) {
        const resources = await runProgram(stackFile(stack), pipelineVariables, { stack, preview: stack === "prod" });
        all.push(...resources.map((one) => ({ stack, one })));
    }
    return render(all);
}

export interface OfStack {
    readonly stack: GoldenStack;
    readonly one: Registered;
}

export function render(all: readonly OfStack[]): Rendered {
    return {
        objects: all.flatMap(({ one }) => (one.type.startsWith("kubernetes:") ? objectsOf(one) : [])),
        plan: planOf(all.filter(({ one }) => /^(aws|github):/.test(one.type))),
    };
}

/** A secret's value in the place of its envelope. They are the tests' own. */
function opened(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(opened);
    if (typeof value !== "object" || value === null) return value;
    const map = value as Readonly<Record<string, unknown>>;
    if (map[pulumi.runtime.specialSigKey] === pulumi.runtime.specialSecretSig) return opened(map.value);
    return Object.fromEntries(Object.entries(map).map(([key, inner]) => [key, opened(inner)]));
}

interface PodMaker {
    readonly metrics?: readonly { readonly provider: { readonly job?: { readonly spec: unknown } } }[];
}

/** The judges know no custom kinds: their pods are shown as those of the built-in kind that has the same template. */
function objectsOf({ name, type, inputs }: Registered): KubernetesObject[] {
    const object = opened(inputs) as Omit<KubernetesObject, "metadata"> & Partial<Pick<KubernetesObject, "metadata">>;
    const metadata = { ...object.metadata, name: object.metadata?.name ?? name };
    const given = { ...object, metadata } as KubernetesObject;
    if (type.endsWith(":Rollout")) return [{ ...given, apiVersion: "apps/v1", kind: "Deployment" }];
    if (type.endsWith(":AnalysisTemplate")) {
        const { metrics = [] } = object.spec as PodMaker;
        return metrics.flatMap(({ provider: { job } }) =>
            job ? [{ apiVersion: "batch/v1", kind: "Job", metadata, spec: job.spec }] : [],
        );
    }
    return [given];
}

const snake = (text: string) => text.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();

/** `aws:s3/bucket:Bucket` is Terraform's `aws_s3_bucket`, `github:index/repository:Repository` its `github_repository`. */
function terraformType(type: string): string {
    const [provider = "", module = "", name = ""] = type.split(/[:/]/);
    return [provider, ...(module === "index" ? [] : [module]), snake(name)].join("_");
}

/** Blocks that may be repeated: Pulumi names them in the plural, and Terraform in the singular. */
const repeated: Readonly<Record<string, string>> = {
    encryptionConfigurations: "encryption_configuration",
    rules: "rule",
    transitions: "transition",
};

/** Maps with keys of our own, which are no attributes. */
const maps = new Set(["tags", "variables"]);

/** Terraform's blocks are lists; of one that may not be repeated, Pulumi makes an object. */
function attributes(value: Attributes): Attributes {
    const inner = (one: unknown) => (isMap(one) ? attributes(one) : one);
    return Object.fromEntries(
        Object.entries(value).map(([key, one]): [string, unknown] => {
            if (maps.has(key)) return [key, one];
            const block = isMap(one) ? [one] : one;
            return [repeated[key] ?? snake(key), Array.isArray(block) ? block.map(inner) : block];
        }),
    );
}

type Attributes = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Attributes =>
    typeof value === "object" && value !== null && !Array.isArray(value);

interface Planned {
    readonly stack: GoldenStack;
    readonly one: Registered;
    readonly type: string;
    readonly name: string;
    readonly address: string;
    readonly values: Attributes;
}

/**
 * By which attribute a companion, such as a bucket's public access block, names what it belongs to: its type begins with
 * the other's. Checks that ask for companions follow these references.
 */
function references(from: Planned, all: readonly Planned[]): References {
    const found: Record<string, References[string]> = {};
    for (const to of all) {
        if (to.stack !== from.stack || to.type === from.type || !from.type.startsWith(to.type)) continue;
        const ids = [`${to.one.name}-id`, to.values.bucket, to.values.name];
        for (const [key, value] of Object.entries(from.values))
            if (typeof value === "string" && ids.includes(value))
                found[key] = { references: [`${to.address}.id`, to.address] };
    }
    return found;
}

function planOf(all: readonly OfStack[]): Plan {
    const planned = all.map(({ stack, one }): Planned => {
        const [type, name] = [terraformType(one.type), `${stack}_${one.name}`.replace(/[^\w-]/g, "_")];
        const values = attributes(opened(one.inputs) as Attributes);
        return { stack, one, type, name, address: `${type}.${name}`, values };
    });
    const each = <Details>(details: (one: Planned) => Details) =>
        planned.map((one) => {
            const { address, type, name } = one;
            return { address, mode: "managed", type, name, ...details(one) };
        });
    const plan = {
        format_version: "1.2",
        terraform_version: "1.9.0",
        planned_values: { root_module: { resources: each(({ values }) => ({ values })) } },
        resource_changes: each(({ values }) => ({
            change: { actions: ["create"], before: null, after: values, after_unknown: {} },
        })),
        configuration: {
            root_module: { resources: each((one) => ({ expressions: references(one, planned) })) },
        },
    };
    return plan;
}
