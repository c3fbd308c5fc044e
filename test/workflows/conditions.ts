import { runInNewContext } from "node:vm";
import type { Workflow } from "./files";

export type Result = "success" | "failure" | "cancelled" | "skipped";

export interface Situation {
    readonly event?: string;
    readonly inputs?: Readonly<Record<string, unknown>>;
    /** How jobs end that run; they succeed by default. */
    readonly ends?: Readonly<Record<string, Result>>;
}

/** The jobs that a job needs, in the form of a list. */
export const needsOf = ({ needs = [] }: { readonly needs?: string | readonly string[] }): readonly string[] =>
    [needs].flat();

/** A condition in JavaScript: the operators are the same, and a key may have hyphens. */
const inJavaScript = (condition: string) =>
    condition.replace(/^\$\{\{|\}\}$/g, "").replace(/\bneeds\.([\w-]+)/g, 'needs["$1"]');

/**
 * How each job of a workflow ends, by GitHub's rules: a job runs when its condition holds, and is skipped otherwise. Jobs
 * come in the order of `needs`.
 */
export function play(
    { jobs }: Workflow,
    { event = "push", inputs = {}, ends = {} }: Situation,
): Record<string, Result> {
    const results: Record<string, Result> = {};
    const left = new Map(Object.entries(jobs));
    while (left.size > 0) {
        const next = [...left].find(([, job]) => needsOf(job).every((one) => one in results));
        if (next === undefined) throw new Error(`${[...left.keys()].join(", ")} need one another`);
        const [id, job] = next;
        left.delete(id);
        const runs: unknown = runInNewContext(inJavaScript(job.if ?? "true"), {
            inputs,
            github: { event_name: event },
            needs: Object.fromEntries(needsOf(job).map((one) => [one, { result: results[one] }])),
            always: () => true,
            cancelled: () => false,
        });
        results[id] = runs ? (ends[id] ?? "success") : "skipped";
    }
    return results;
}
