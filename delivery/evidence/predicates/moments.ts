import { z } from "zod";

/** A moment that a predicate names, with its place, such as `decisions.0.decidedAt`. */
export interface NamedMoment {
    readonly path: string;
    /** RFC 3339, UTC. */
    readonly moment: string;
}

const moment = z.iso.datetime();

/**
 * Every moment in a predicate, wherever it stands: each text that is a time in UTC. Found by its form, so that no field,
 * of today or of later, is forgotten.
 */
export function momentsIn(value: unknown, path: readonly string[] = []): NamedMoment[] {
    if (typeof value === "string") {
        return moment.safeParse(value).success ? [{ path: path.join("."), moment: value }] : [];
    }
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => momentsIn(inner, [...path, key]));
}
