import * as fs from "node:fs";
import { z } from "zod";
import { limits } from "../../delivery/gates";
import type { Predicate } from "../../delivery/evidence/predicates";
import { incidents as incidentsShape } from "../../delivery/evidence/predicates/decisions";
import { moment, text, uri } from "../../delivery/evidence/predicates/fields";
import { ObserveError } from "./error";
import type { GitHub } from "./github";

type Incidents = Predicate<"incidents">;

/** How far back incidents are looked for, in milliseconds. */
const windowMilliseconds = limits.incidentDays.value * 86_400_000;

/** The export of an incident tracker. */
const exported = z.strictObject({
    source: uri("The incident tracker"),
    exportedAt: moment("When it was exported"),
    windowStartedAt: moment("Begin of the time that it covers"),
    incidents: z.array(
        z.strictObject({
            id: text("Identifier"),
            priority: z.enum(["P1", "P2", "P3", "P4", "P5"]),
            openedAt: moment("When it was opened"),
            uri: uri("Where it is recorded").optional(),
        }),
    ),
});

const issue = z.object({
    number: z.number(),
    html_url: z.string(),
    created_at: z.iso.datetime({ offset: true }),
    pull_request: z.unknown().optional(),
});

/** Priorities that count, the higher first. An issue has its priority as a label. */
const priorities = ["P1", "P2"] as const;

/**
 * Incidents of the last 7 days from the repository's issues with the labels P1 and P2.
 *
 * @param now the end of the 7 days
 */
export async function incidentsFromGitHub(github: GitHub, now = new Date()): Promise<Incidents> {
    const windowStartedAt = new Date(now.getTime() - windowMilliseconds);
    const found = new Map<number, Incidents["incidents"][number]>();
    for (const priority of priorities) {
        const query = new URLSearchParams({
            labels: priority,
            state: "all",
            // GitHub filters by the last change, which is never before the opening.
            since: windowStartedAt.toISOString().replace(/\.\d+Z$/, "Z"),
        });
        for (const one of await github.list(`repos/${github.repository}/issues?${query.toString()}`, issue)) {
            // GitHub lists pull requests as issues.
            if (one.pull_request !== undefined || found.has(one.number)) continue;
            const openedAt = new Date(one.created_at);
            if (openedAt < windowStartedAt) continue;
            found.set(one.number, {
                id: `${github.repository}#${one.number}`,
                priority,
                openedAt: openedAt.toISOString(),
                uri: one.html_url,
            });
        }
    }
    return {
        source: `${github.web}/${github.repository}/issues`,
        windowStartedAt: windowStartedAt.toISOString(),
        windowEndedAt: now.toISOString(),
        incidents: [...found.values()].sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1)),
    };
}

/**
 * Incidents from a tracker's export: `{source, exportedAt, windowStartedAt, incidents: [{id, priority, openedAt,
 * uri}]}`. The gate judges its age.
 *
 * @throws ObserveError that names the file and the place
 */
export function incidentsFromExport(file: string): Incidents {
    let value: unknown;
    try {
        value = JSON.parse(fs.readFileSync(file, "utf8"));
    } catch (error) {
        throw new ObserveError(`The export ${file} can't be read: ${(error as Error).message}.`);
    }
    const parsed = exported.safeParse(value);
    if (!parsed.success) {
        const problem = parsed.error.issues[0];
        throw new ObserveError(
            `The export ${file}: ${problem?.path.join(".") || "it"}: ${problem?.message ?? "is wrong"}.`,
        );
    }
    const { exportedAt, incidents, source, windowStartedAt } = parsed.data;
    const outside = incidents.find(({ openedAt }) => Date.parse(openedAt) > Date.parse(exportedAt));
    if (outside) throw new ObserveError(`The export ${file}: ${outside.id} was opened after the export was made.`);
    return incidentsShape.parse({ source, windowStartedAt, windowEndedAt: exportedAt, incidents });
}
