import type { FieldConflict } from "./errors";
import { isBag, type Bag, type Json } from "./values";

/**
 * Whether an object sets a field that the API names in its own notation, for example
 * `.spec.template.spec.containers[name="web"].image`. Names are not quoted there, so a dot may be part of one.
 */
export function declares(object: Json | undefined, field: string): boolean {
    if (object === undefined) return false;
    if (field === "") return true;
    if (field.startsWith(".") && isBag(object)) {
        return Object.entries(object).some(([key, value]) => {
            const rest = field.slice(key.length + 1);
            return field.slice(1).startsWith(key) && /^([.[]|$)/.test(rest) && declares(value, rest);
        });
    }
    const [whole = "", inside = ""] = /^\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]/.exec(field) ?? [];
    if (!whole || !Array.isArray(object)) return false;
    const rest = field.slice(whole.length);
    return object.some((item, index) => matches(item, index, inside) && declares(item, rest));
}

/** `name="web"`, `port=80,protocol="TCP"`, `="value"` or an index. */
function matches(item: Json, index: number, inside: string): boolean {
    if (/^\d+$/.test(inside)) return index === Number(inside);
    const pairs = [...inside.matchAll(/(\w*)=("(?:[^"\\]|\\.)*"|[^,]+)/g)];
    return pairs.every(([, key = "", text = ""]) => {
        const value = JSON.parse(text) as Json;
        if (key === "") return item === value;
        // Defaults (protocol: TCP) are part of the API's key, but need not be declared.
        return isBag(item) && (item[key] === undefined || item[key] === value);
    });
}

/**
 * The conflicts that must stop an update. A field that the last update declared was this resource's until somebody
 * took it: that is drift, and is taken back. A field that is declared for the first time belongs to its manager.
 */
export const foreign = (conflicts: readonly FieldConflict[], previous: Bag): FieldConflict[] =>
    conflicts.filter(({ field }) => !declares(previous, field));

export function conflictSentence(object: string, conflicts: readonly FieldConflict[]): string {
    const fields = conflicts.map(
        ({ field, manager }) => `${field.replace(/^\./, "")} is managed by ${JSON.stringify(manager)}`,
    );
    return (
        `${object} cannot be changed: ${fields.join("; ")}. Leave the field out of the program, or take it over with the ` +
        `annotation pulumi.com/patchForce: "true"`
    );
}
