/**
 * An input of a provider. The SDKs give lists, maps, numbers and flags as JSON in a string, other programs as they are.
 * A string that is not JSON is itself.
 */
export function inputOf(given: unknown, name: string): unknown {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (typeof value !== "string") return value;
    try {
        return JSON.parse(value) as unknown;
    } catch {
        return value;
    }
}

/** Whether an input says nothing: absent, false, or an empty text, list or map. */
export function isEmpty(value: unknown): boolean {
    if (value === undefined || value === null || value === "" || value === false) return true;
    return typeof value === "object" && Object.keys(value).length === 0;
}
