import { bagsIn, getIn, isBag, parsePath, setIn, type Bag, type Path } from "./values";

/** Whether a manager holds the field, by the server's own books (`fieldsV1`); lists count as a whole. */
export function holds(live: Bag, path: Path, isHolder: (manager: string) => boolean): boolean {
    return bagsIn(live, "metadata", "managedFields").some((entry) => {
        if (typeof entry.manager !== "string" || !isHolder(entry.manager)) return false;
        let at = entry.fieldsV1;
        for (const step of path) {
            if (typeof step === "number") return at !== undefined;
            if (!isBag(at)) return false;
            at = at[`f:${step}`];
        }
        return at !== undefined;
    });
}

/**
 * The manifest with the places of `ignoreChanges` left as they are: a field that only others hold is not sent, so that
 * it stays theirs; any other is sent with its live value, because a field that is no longer sent is removed.
 */
export function withIgnored(manifest: Bag, live: Bag, manager: string, ignored: readonly string[]): Bag {
    return ignored.reduce((result, text) => {
        const path = parsePath(text);
        const names = path.filter((step) => typeof step === "string");
        const now = getIn(live, path);
        // Entries of lists cannot be left out one by one; the engine has already put the last inputs there.
        if (names.length !== path.length || now === undefined) return result;
        const others = holds(live, path, (name) => name !== manager);
        const ours = holds(live, path, (name) => name === manager);
        return setIn(result, names, others && !ours ? undefined : now);
    }, manifest);
}
