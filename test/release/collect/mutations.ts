/** Changes of reports, each made from three numbers, so that fast-check can make them smaller when one is misread. */
import * as fc from "fast-check";

export interface Mutation {
    readonly operation: number;
    readonly place: number;
    readonly value: number;
}

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
    fc.record({ operation: fc.nat(), place: fc.nat(), value: fc.nat() }),
    { minLength: 1, maxLength: 4 },
);

const pick = <Item>(items: readonly Item[], number: number): Item => items[number % items.length]!;

/** Texts that parsers trip over. */
const texts = [
    "",
    " ",
    "\n",
    "\0",
    "\uFEFF",
    "\uD800",
    "\u2028",
    "é",
    "0",
    "1",
    "-1",
    "1e999",
    "NaN",
    "true",
    "null",
    "[]",
    "{}",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"',
    "'",
    "\\",
    "\\u0000",
    "<",
    ">",
    "/>",
    "<a>",
    "</a>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x?>",
    "<!DOCTYPE a>",
    "&",
    "&amp;",
    "&#0;",
    "&x;",
    "__proto__",
    "constructor",
    "\u001b[31m",
    "x".repeat(2000),
];

/** Changes a text in one place: removes, repeats, moves or inserts some of it. */
export function changeText(text: string, { operation, place, value }: Mutation): string {
    const at = place % (text.length + 1);
    const [before, after] = [text.slice(0, at), text.slice(at)];
    const length = 1 + (value % 40);
    switch (operation % 6) {
        case 0:
            return before + after.slice(length);
        case 1:
            return before + after.slice(0, length) + after;
        case 2:
            return before + pick(texts, value) + after;
        case 3:
            return before + pick(texts, value) + after.slice(1);
        case 4:
            return before;
        default:
            // Another digit in the next number.
            return before + after.replace(/\d/, String(value % 10));
    }
}

/** Values that a format does not expect. */
const values: readonly unknown[] = [
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    1e21,
    "",
    "x",
    "passed",
    "CRITICAL",
    [],
    {},
    [null],
];

type Container = Record<string, unknown>;

/** Every place in a value: an object or list, and a key of it. */
function placesIn(value: unknown): (readonly [Container, string])[] {
    if (typeof value !== "object" || value === null) return [];
    const container = value as Container;
    return Object.keys(container).flatMap((key) => [[container, key] as const, ...placesIn(container[key])]);
}

/** Changes a JSON value in one place: removes, replaces, repeats or exchanges a member. Returns the same value. */
export function changeJson(root: unknown, { operation, place, value }: Mutation): unknown {
    const places = placesIn(root);
    if (places.length === 0) return root;
    const [container, key] = pick(places, place);
    const [other, otherKey] = pick(places, value);
    const copy = structuredClone(other[otherKey]);
    switch (operation % 4) {
        case 0:
            if (Array.isArray(container)) container.splice(Number(key), 1);
            else Reflect.deleteProperty(container, key);
            break;
        case 1:
            container[key] = structuredClone(pick(values, value));
            break;
        case 2:
            if (Array.isArray(container)) container.push(structuredClone(container[Number(key)]));
            else container[key] = copy;
            break;
        default:
            // A number that differs by one, or a member of another place.
            container[key] = typeof container[key] === "number" ? container[key] + (value % 2 === 0 ? 1 : -1) : copy;
    }
    return root;
}

/** Changes an XML text in one place: an attribute, or a whole tag or text between tags. */
export function changeXml(text: string, { operation, place, value }: Mutation): string {
    const tokens = text.match(/<[^>]*>|[^<]+/g) ?? [];
    if (tokens.length === 0) return text;
    const at = place % tokens.length;
    const token = tokens[at]!;
    const attributes = [...token.matchAll(/ ([\w-]+)="([^"]*)"/g)];
    const attribute = attributes.length > 0 ? pick(attributes, value) : undefined;
    const given = pick(texts, value).replaceAll(/[<&"]/g, "");
    switch (operation % 6) {
        case 0:
            tokens.splice(at, 1);
            break;
        case 1:
            tokens.splice(at, 0, token);
            break;
        case 2:
            tokens[at] = pick(tokens, value);
            break;
        case 3:
            if (attribute) tokens[at] = token.replace(attribute[0], ` ${attribute[1]!}="${given}"`);
            break;
        case 4:
            if (attribute) tokens[at] = token.replace(attribute[0], "");
            break;
        default:
            tokens[at] = token.replace(
                /"(\d+)"/,
                (_, number: string) => `"${Number(number) + (value % 2 === 0 ? 1 : -1)}"`,
            );
    }
    return tokens.join("");
}
