import { isDeepStrictEqual } from "node:util";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";

/** A JSON value as the engine sends it: secrets are wrapped, and a value that is not known yet is a fixed text. */
export type Json = null | boolean | number | string | Json[] | Bag;
export interface Bag {
    [key: string]: Json;
}

/** A place inside a value. */
export type Path = readonly (string | number)[];

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Stands for a value that only an update will know. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const isBag = (value: Json | undefined): value is Bag =>
    typeof value === "object" && value !== null && !Array.isArray(value);

export const isSecret = (value: Json | undefined): value is { value: Json } & Bag =>
    isBag(value) && value[signatureKey] === secretSignature;

export const secret = (value: Json): Json => (isSecret(value) ? value : { [signatureKey]: secretSignature, value });

export const bagOf = (struct: Struct | undefined): Bag => (struct?.toJavaScript() ?? {}) as Bag;

export const structOf = (bag: Bag): Struct => Struct.fromJavaScript(bag as Record<string, JavaScriptValue>);

export const equal = (one: Json | undefined, other: Json | undefined): boolean => isDeepStrictEqual(one, other);

const mapValues = (bag: Bag, change: (value: Json) => Json): Bag =>
    Object.fromEntries(Object.entries(bag).map(([key, value]) => [key, change(value)]));

/** The value without secret wrappers. */
export function reveal(value: Json): Json {
    if (Array.isArray(value)) return value.map(reveal);
    if (isSecret(value)) return reveal(value.value);
    return isBag(value) ? mapValues(value, reveal) : value;
}

export const revealBag = (bag: Bag): Bag => reveal(bag) as Bag;

/** Without keys that are null: to the API a null is a request to remove a field, to a program it is "not set". */
export function withoutNulls(value: Json): Json {
    if (Array.isArray(value)) return value.map(withoutNulls);
    if (!isBag(value)) return value;
    const kept = Object.entries(value).filter(([, inner]) => inner !== null);
    return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]));
}

export function hasUnknown(value: Json): boolean {
    if (Array.isArray(value)) return value.some(hasUnknown);
    return isBag(value) ? Object.values(value).some(hasUnknown) : value === unknown;
}

export function hasSecret(value: Json): boolean {
    if (Array.isArray(value)) return value.some(hasSecret);
    return isSecret(value) || (isBag(value) && Object.values(value).some(hasSecret));
}

/** Wraps in `value` what is wrapped in `model`. Lists whose entries cannot be paired are wrapped as a whole. */
export function concealLike(value: Json, model: Json | undefined): Json {
    if (isSecret(model)) return secret(value);
    if (Array.isArray(value) && Array.isArray(model)) {
        if (!hasSecret(model)) return value;
        const paired =
            value.length === model.length && value.every((item, index) => nameOf(item) === nameOf(model[index]));
        return paired ? value.map((item, index) => concealLike(item, model[index])) : secret(value);
    }
    if (isBag(value) && isBag(model)) {
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, concealLike(inner, model[key])]));
    }
    return value;
}

const nameOf = (value: Json | undefined): Json | undefined => (isBag(value) ? value.name : undefined);

export function getIn(value: Json | undefined, path: Path): Json | undefined {
    let at = value;
    for (const step of path) {
        if (isSecret(at)) at = at.value;
        if (Array.isArray(at) && typeof step === "number") at = at[step];
        else if (isBag(at)) at = Object.hasOwn(at, step) ? at[step] : undefined;
        else return undefined;
    }
    return at;
}

/** Text at a place, or the empty text. */
export function textIn(value: Json | undefined, ...path: Path): string {
    const found = getIn(value, path);
    return typeof found === "string" ? found : "";
}

/** Number at a place, or 0: the API leaves out counts that are zero. */
export function numberIn(value: Json | undefined, ...path: Path): number {
    const found = getIn(value, path);
    return typeof found === "number" ? found : 0;
}

/** The entries of a list that are objects; none when there is no list. */
export function bagsIn(value: Json | undefined, ...path: Path): Bag[] {
    const found = getIn(value, path);
    return Array.isArray(found) ? found.filter(isBag) : [];
}

/** A copy with `replacement` at a place; undefined removes what is there. Missing parents are made. */
export function setIn(bag: Bag, path: readonly string[], replacement: Json | undefined): Bag {
    const [key, ...rest] = path;
    if (key === undefined) return bag;
    const copy = { ...bag };
    if (rest.length > 0) {
        const inner = copy[key];
        if (!isBag(inner) && replacement === undefined) return copy;
        copy[key] = setIn(isBag(inner) ? inner : {}, rest, replacement);
        return copy;
    }
    if (replacement === undefined) return Object.fromEntries(Object.entries(bag).filter(([name]) => name !== key));
    copy[key] = replacement;
    return copy;
}

/** A path in the engine's notation: `spec.ports[0].name`, `metadata.labels["app.kubernetes.io/name"]`. */
export function pathText(path: Path): string {
    return path.reduce<string>((text, step) => {
        if (typeof step === "number") return `${text}[${step}]`;
        if (!/^\w+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
        return text ? `${text}.${step}` : step;
    }, "");
}

/** Reads a path in the engine's notation. */
export function parsePath(text: string): Path {
    const steps: (string | number)[] = [];
    for (const match of text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)) {
        const [, quoted, index, plain] = match;
        if (quoted !== undefined) steps.push(JSON.parse(`"${quoted}"`) as string);
        else if (index !== undefined) steps.push(Number(index));
        else if (plain !== undefined) steps.push(plain);
    }
    return steps;
}

function secretTexts(value: Json, inside: boolean): string[] {
    if (isSecret(value)) return secretTexts(value.value, true);
    if (Array.isArray(value)) return value.flatMap((item) => secretTexts(item, inside));
    if (isBag(value)) return Object.values(value).flatMap((item) => secretTexts(item, inside));
    return inside && typeof value === "string" ? [value, Buffer.from(value).toString("base64")] : [];
}

/** `text` without any secret of `inputs`, and without the contents of a Secret: servers like to quote bad values. */
export function redact(text: string, inputs: Bag): string {
    const isSecretObject = inputs.kind === "Secret";
    const hidden = [
        ...secretTexts(inputs, false),
        ...(isSecretObject ? [inputs.data, inputs.stringData].flatMap((part) => secretTexts(part ?? null, true)) : []),
    ];
    return hidden
        .filter((value) => value.length > 3 && value !== unknown)
        .sort((one, other) => other.length - one.length)
        .reduce((redacted, value) => redacted.replaceAll(value, "[secret]"), text);
}
