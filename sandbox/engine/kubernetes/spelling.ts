import { isBag, type Bag, type Json } from "./values";

/** Extensions of OpenAPI in the schema of a CustomResourceDefinition, which no programming language can name as the API does. */
const extensions = [
    "embedded_resource",
    "int_or_string",
    "list_map_keys",
    "list_type",
    "map_type",
    "preserve_unknown_fields",
    "validations",
].map((name) => [`x_kubernetes_${name}`, `x-kubernetes-${name.replaceAll("_", "-")}`] as const);

const apiSpelling = new Map<string, string>(extensions);
const programSpelling = new Map<string, string>(extensions.map(([program, api]) => [api, program]));

function renamed(value: Json, names: ReadonlyMap<string, string>): Json {
    if (Array.isArray(value)) return value.map((item) => renamed(item, names));
    if (!isBag(value)) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [names.get(key) ?? key, renamed(inner, names)]),
    );
}

/** Only definitions hold schemas; other objects may have data under any key. */
const holdsSchema = (object: Bag) => object.kind === "CustomResourceDefinition";

/** An object as the API spells it. */
export const toApi = (object: Bag): Bag => (holdsSchema(object) ? (renamed(object, apiSpelling) as Bag) : object);

/** An object as programs spell it. */
export const fromApi = (object: Bag): Bag => (holdsSchema(object) ? (renamed(object, programSpelling) as Bag) : object);
