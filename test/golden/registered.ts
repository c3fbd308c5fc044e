import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { freshEvidence, writeEvidence } from "../delivery/gates/support/fresh";
import { evidenceFolder, pipelineVariables, runProgram } from "../program/run-program";
import type { Registered } from "../support/harness";
import { stackFile } from "../support/stack-file";

/** The stacks with golden files. Production is a preview, because an update would follow the rollouts. */
export const goldenStacks = ["staging", "prod"] as const;
export type GoldenStack = (typeof goldenStacks)[number];

export const goldenFile = (stack: GoldenStack) => path.join(__dirname, `${stack}.yaml`);

/**
 * Every resource that the program registers for a stack, in YAML: parent, dependencies and inputs. Secrets are
 * blanked, and so is what each run generates: keys, signatures and times of the evidence.
 */
export async function registeredBy(stack: GoldenStack): Promise<string> {
    writeEvidence(evidenceFolder, freshEvidence());
    const resources = await runProgram(stackFile(stack), pipelineVariables, { stack, preview: stack === "prod" });
    const documents = Object.fromEntries(
        resources.map((one): [string, unknown] => [placeOf(one), described(one)]).sort(byName),
    );
    return stringify(documents, { lineWidth: 0, aliasDuplicateObjects: false });
}

export async function writeGoldenFiles(): Promise<void> {
    for (const stack of goldenStacks) fs.writeFileSync(goldenFile(stack), await registeredBy(stack));
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

const placeOf = ({ placement, type, name }: Registered) =>
    `${placement.parent && !placement.parent.startsWith("pulumi:pulumi:Stack") ? `${placement.parent} > ` : ""}${type}::${name}`;

/** A resource's properties other than the defaults; an empty map where there are none. */
function described({ placement, ...one }: Registered): Record<string, unknown> {
    const all = {
        provider: placement.provider,
        protect: one.protect,
        retainOnDelete: one.retainOnDelete,
        deleteBeforeReplace: one.deleteBeforeReplace,
        ignoreChanges: one.ignoreChanges,
        replaceOnChanges: placement.replaceOnChanges,
        additionalSecretOutputs: placement.additionalSecretOutputs,
        customTimeouts: given(placement.customTimeouts),
        aliases: placement.aliases.map(given),
        dependencies: [...new Set(placement.dependencies)].sort(),
        inputs: blanked(one.inputs),
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => !isDefault(value)));
}

/** Protobuf gives unset fields as empty text. */
function given(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value === "" ? undefined : value;
    const entries = Object.entries(value)
        .map(([key, inner]) => [key, given(inner)] as const)
        .filter(([key, inner]) => key !== "parenturn" && inner !== undefined);
    return entries.length ? Object.fromEntries(entries) : undefined;
}

const isDefault = (value: unknown) =>
    value === undefined || value === false || value === "" || (Array.isArray(value) && value.length === 0);

/** Schemas of custom resources, which are data of other projects: their digest shows a change. */
const schemaDigest = (schema: unknown) =>
    `[sha256 ${crypto.createHash("sha256").update(JSON.stringify(schema)).digest("hex")}]`;

/** What each run generates: keys, signatures, the place of its kubeconfig. */
const madeAnew = new Set(["keyId", "keyid", "kubeconfig", "publicKey", "sig"]);

/** Blanks secrets and what each run generates, opens envelopes, and sorts a map's keys, which have no order. */
function blanked(value: unknown): unknown {
    if (typeof value === "string") return value.replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, "[time]");
    if (Array.isArray(value)) return value.map(blanked);
    if (typeof value !== "object" || value === null) return value;
    const map = value as Readonly<Record<string, unknown>>;
    if (map[pulumi.runtime.specialSigKey] === pulumi.runtime.specialSecretSig) return "[secret]";
    return Object.fromEntries(
        Object.entries(map)
            .sort(byName)
            .map(([key, inner]) => [key, madeAnew.has(key) ? `[${key}]` : blanked(opened(key, inner))])
            .map(([key, inner]) => [key, key === "openAPIV3Schema" ? schemaDigest(inner) : inner]),
    );
}

/** The statement in an envelope of evidence (DSSE: base64 of JSON). */
const opened = (key: string, value: unknown): unknown =>
    key === "payload" ? (JSON.parse(Buffer.from(String(value), "base64").toString()) as unknown) : value;

if (require.main === module) void writeGoldenFiles();
