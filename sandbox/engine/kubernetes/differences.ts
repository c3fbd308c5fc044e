import { isAutonamed } from "./naming";
import { replacingPlaces, touches, type Mutability } from "./immutable";
import { equal, getIn, isBag, pathText, textIn, type Bag, type Json, type Path } from "./values";

export interface Difference {
    readonly path: Path;
    readonly kind: "add" | "delete" | "update";
}

/** Where two values differ, as deep as both have the same shape. */
export function differences(before: Json | undefined, after: Json | undefined, at: Path = []): Difference[] {
    if (equal(before, after)) return [];
    if (before === undefined) return [{ path: at, kind: "add" }];
    if (after === undefined) return [{ path: at, kind: "delete" }];
    if (isBag(before) && isBag(after)) {
        const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
        return [...keys].flatMap((key) => differences(own(before, key), own(after, key), [...at, key]));
    }
    if (Array.isArray(before) && Array.isArray(after)) {
        const length = Math.max(before.length, after.length);
        return Array.from({ length }, (_, index) => differences(before[index], after[index], [...at, index])).flat();
    }
    return [{ path: at, kind: "update" }];
}

const own = (bag: Bag, key: string): Json | undefined => (Object.hasOwn(bag, key) ? bag[key] : undefined);

export interface Comparison {
    readonly differences: readonly Difference[];
    /** Those of them that need a replacement. */
    readonly replacing: readonly Difference[];
    /** The replacement has the same name and place, so the old object must go first. */
    readonly deleteBeforeReplace: boolean;
}

/** Compares revealed inputs of the last update with the program's; `state` says which namespace was filled in. */
export function compare(previous: Bag, inputs: Bag, state: Bag, mutable: Mutability): Comparison {
    const before = withPlace(previous, state);
    const found = differences(before, inputs);
    const places = replacingPlaces(inputs, mutable);
    const changesGroup = groupOf(before) !== groupOf(inputs);
    const replacing = found.filter(
        (difference) =>
            (difference.path[0] === "apiVersion" && changesGroup) ||
            places.some((place) => touches(difference.path, place, before, inputs)),
    );
    const same = (key: string) => equal(getIn(before, ["metadata", key]), getIn(inputs, ["metadata", key]));
    return {
        differences: found,
        replacing,
        deleteBeforeReplace: replacing.length > 0 && !isAutonamed(inputs) && same("name") && same("namespace"),
    };
}

/** An object of a kind that was unknown at the time got its namespace only when it was made. */
function withPlace(previous: Bag, state: Bag): Bag {
    const { metadata } = previous;
    const namespace = textIn(state, "metadata", "namespace");
    if (!isBag(metadata) || metadata.namespace !== undefined || namespace === "") return previous;
    return { ...previous, metadata: { ...metadata, namespace } };
}

function groupOf(object: Bag): string {
    const apiVersion = textIn(object, "apiVersion");
    return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

export const topLevel = (found: readonly Difference[]): string[] => [
    ...new Set(found.map(({ path }) => pathText(path.slice(0, 1)))),
];
