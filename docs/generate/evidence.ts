import { z } from "zod";
import { gates, limits } from "../../delivery/gates";
import { freshness } from "../../delivery/gates/engine/freshness";
import { duties, dutyNames } from "../../delivery/evidence/duties";
import { envelope } from "../../delivery/evidence/envelope";
import { exampleRelease, examples, ago } from "./evidence-examples";
import { items, type ItemName } from "../../delivery/evidence/items";
import { trustedKey } from "../../delivery/evidence/keys";
import { predicates, type Predicate, type PredicateName } from "../../delivery/evidence/predicates";
import { createStatement, statement } from "../../delivery/evidence/statement";

/** The parts of JSON Schema that zod writes for evidence. */
interface Schema {
    readonly type?: string;
    readonly description?: string;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly required?: readonly string[];
    readonly items?: Schema;
    readonly prefixItems?: readonly Schema[];
    readonly enum?: readonly unknown[];
    readonly const?: unknown;
    readonly format?: string;
}

/** `migration` of `https://relaypacs.com/attestation/migration/v1`; in-toto and SLSA types by their own names. */
function fileName(type: string): string {
    const parts = type.split("/");
    return parts.at(-2) ?? type;
}

const names = Object.keys(predicates) as PredicateName[];

/** Every JSON Schema by file name: a whole statement for each predicate, the envelope, and a trusted key. */
export function evidenceSchemas(): Map<string, object> {
    const files = new Map<string, object>();
    const add = (name: string, title: string, schema: z.ZodType) => {
        files.set(`${name}.json`, { title, ...z.toJSONSchema(schema) });
    };
    for (const name of names) {
        const { type, schema } = predicates[name];
        const whole = statement.extend({
            predicateType: z.literal(type).describe("Type URI of the predicate"),
            predicate: schema,
        });
        add(fileName(type), `In-toto Statement v1 with the predicate ${type}`, whole);
    }
    add("envelope", "DSSE envelope v1.0 with an in-toto Statement", envelope);
    add("trusted-key", "A public key that evidence may be signed with", trustedKey);
    return files;
}

/** An example statement of an item, as it is signed. */
export function exampleStatement(item: ItemName): object {
    const services = items[item].scope === "each-image" ? ["backend"] : Object.keys(exampleRelease.images);
    const predicate = examples[item] as Predicate;
    return createStatement(items[item].predicate, predicate, exampleRelease, { issuedAt: ago(0), services });
}

/** Gates, limits, items and every field of evidence as Markdown. */
export function evidenceReference(): string {
    return [
        "# Release evidence: gates, limits and fields",
        "",
        "Written by `make docs` from `delivery/gates` and `delivery/evidence`; a test fails when it is out of date. What",
        "evidence is, and how it is judged, is in [the guide](../guides/evidence.md).",
        "",
        "## Gates",
        "",
        gateTable(),
        "",
        "## Limits",
        "",
        limitTable(),
        "",
        "## Items",
        "",
        itemTable(),
        "",
        "## Duties",
        "",
        "A trusted key states the items of its duty, and no others (`delivery/evidence/duties.ts`).",
        "",
        dutyTable(),
        "",
        "## The statement",
        "",
        "Every statement has these fields:",
        "",
        fieldTable(statement),
        ...names.flatMap((name) => ["", describePredicate(name)]),
        "",
        "## The envelope",
        "",
        fieldTable(envelope),
        "",
        "## A trusted key",
        "",
        fieldTable(trustedKey),
        "",
    ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function gateTable(): string {
    const rows = gates.map((gate) => {
        const section = `Section ${gate.section}`;
        const needs = gate.needs.map((item) => `\`${item}\``).join(", ");
        return [`\`${gate.id}\``, section, gate.threshold, gate.level, gate.checkpoints.join(", "), needs];
    });
    return table(["Gate", "Specification", "Accepted", "Level", "Checkpoints", "Evidence"], rows);
}

function limitTable(): string {
    const rows = Object.entries(limits).map(([name, { value, stricter, why }]) => {
        return [`\`${name}\``, String(value), stricter === "higher" ? "higher only" : "lower only", why];
    });
    return table(["Limit", "Value", "Configurable", "Why"], rows);
}

function itemTable(): string {
    const rows = (Object.keys(items) as ItemName[]).map((item) => {
        const { predicate, scope } = items[item];
        const age = `at most ${limits[freshness[item].maximumAge].value} h`;
        const about = scope === "release" ? "all images" : "one image or more";
        return [
            `\`${item}\``,
            `[${predicate}](#${anchor(predicate)})`,
            about,
            age,
            freshness[item].afterBuild ? "yes" : "no",
        ];
    });
    return table(["Item", "Predicate", "Subjects", "Age", "Only after the build"], rows);
}

function dutyTable(): string {
    const rows = dutyNames.map((duty) => [`\`${duty}\``, duties[duty].map((item) => `\`${item}\``).join(", ")]);
    return table(["Duty", "Items that its key states"], rows);
}

function anchor(name: PredicateName): string {
    return `predicate-${name.toLowerCase()}`;
}

function describePredicate(name: PredicateName): string {
    const { type, schema } = predicates[name];
    const item = (Object.keys(items) as ItemName[]).find((one) => items[one].predicate === name);
    const file = fileName(type);
    return [
        `## Predicate ${name}`,
        "",
        `${schema.description ?? ""}. Type: \`${type}\`. Schema: [${file}.json](evidence-schemas/${file}.json).`,
        "",
        fieldTable(schema),
        "",
        "Example of a whole statement:",
        "",
        "```json",
        JSON.stringify(item && exampleStatement(item), null, 2),
        "```",
    ].join("\n");
}

function fieldTable(schema: z.ZodType): string {
    const rows = fields(z.toJSONSchema(schema) as Schema, "");
    return table(["Field", "Type", "Required", "What it is"], rows);
}

/** A row for each field, the fields of objects and lists below it. */
function fields(schema: Schema, prefix: string): string[][] {
    const inner = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
        const at = prefix === "" ? key : `${prefix}.${key}`;
        const required = schema.required?.includes(key) ? "yes" : "no";
        return [[`\`${at}\``, typeOf(property), required, property.description ?? ""], ...fields(property, at)];
    });
    const element = schema.prefixItems?.[0] ?? schema.items;
    const listed = element ? fields(element, `${prefix}${schema.prefixItems ? "[0]" : "[]"}`) : [];
    return [...inner, ...listed];
}

function typeOf(schema: Schema): string {
    if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
    if (schema.enum) return schema.enum.map((one) => `\`${JSON.stringify(one)}\``).join(", ");
    const type = schema.type === "array" ? "list" : (schema.type ?? "any");
    return schema.format === undefined ? type : `${type} (${schema.format})`;
}
