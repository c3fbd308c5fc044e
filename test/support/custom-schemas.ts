import Ajv, { type ValidateFunction } from "ajv";
import { customDefinitions } from "../../components/cluster/custom-definitions";

type Schema = Readonly<Record<string, unknown>>;

/** A schema that refuses what the API server would: fields that it does not name, unless it keeps unknown ones. */
function closed(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map(closed);
    if (typeof schema !== "object" || schema === null) return schema;
    const { properties, ...rest } = schema as Schema & { properties?: Schema };
    const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, closed(value)]));
    if (properties === undefined) return inner;
    return {
        additionalProperties: rest.x_kubernetes_preserve_unknown_fields === true,
        ...inner,
        properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, closed(value)])),
    };
}

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const validators = new Map<string, ValidateFunction>();

function validator(apiVersion: string, kind: string): ValidateFunction {
    const key = `${apiVersion} ${kind}`;
    const known = validators.get(key);
    if (known) return known;
    const spec = Object.values(customDefinitions() as Readonly<Record<string, object>>).find((one) => {
        const { group, names, versions } = one as {
            group: string;
            names: { kind: string };
            versions: { name: string }[];
        };
        return names.kind === kind && versions.some(({ name }) => `${group}/${name}` === apiVersion);
    });
    if (!spec) throw new Error(`There is no definition of ${key}`);
    const { versions } = spec as { versions: { schema: { openAPIV3Schema: Schema } }[] };
    const { openAPIV3Schema: schema } = versions[0]!.schema;
    const compiled = ajv.compile(closed(schema) as object);
    validators.set(key, compiled);
    return compiled;
}

/** What the definition of its kind has against an object: its place, what is wrong, and the field that is not known. */
export function faults(object: unknown): string[] {
    const { apiVersion, kind } = object as { apiVersion: string; kind: string };
    const validate = validator(apiVersion, kind);
    if (validate(object)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
        const { additionalProperty } = params as { additionalProperty?: string };
        return `${instancePath}: ${message ?? ""}${additionalProperty === undefined ? "" : ` (${additionalProperty})`}`;
    });
}
