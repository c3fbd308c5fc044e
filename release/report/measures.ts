import type { Limits, Outcome } from "../../delivery/gates";
import { elapsedSeconds, formatSeconds } from "../../delivery/core/time";
import { percent } from "../../delivery/core/text";
import type { ItemName, ItemPredicate } from "../../delivery/evidence/items";

/** A measured value and its limit, for a bar. The gate judges; the bar only shows the numbers. */
export interface Measure {
    /** What is measured, if a gate measures several values; empty otherwise. */
    readonly label: string;
    readonly value: number;
    readonly limit: number;
    readonly accepted: "at least" | "more than" | "at most" | "less than";
    /** End of the bar's scale, which starts at 0. */
    readonly end: number;
    readonly shown: string;
    readonly shownLimit: string;
}

/** Returns the predicate of an item that a gate judged, or undefined when that evidence was not accepted. */
export type Find = <Item extends ItemName>(item: Item) => ItemPredicate<Item> | undefined;

type Measuring = (find: Find, limits: Limits, now: string) => (Measure | undefined)[];

const seconds = (value: number) => formatSeconds(value);

function share(label: string, part: number | undefined, whole: number, limit: number, strictly = false) {
    if (part === undefined || whole === 0) return undefined;
    const accepted = strictly ? "more than" : "at least";
    const value = (part * 100) / whole;
    return { label, value, limit, accepted, end: 100, shown: percent(part, whole), shownLimit: `${limit} %` } as const;
}

function under(label: string, value: number | undefined, limit: number, shown: (value: number) => string) {
    if (value === undefined) return undefined;
    const end = Math.max(limit * 1.25, value * 1.05);
    return { label, value, limit, accepted: "less than", end, shown: shown(value), shownLimit: shown(limit) } as const;
}

type Suite = "unit-backend" | "unit-frontend" | "integration" | "e2e-critical" | "smoke";

function passed(find: Find, suite: Suite, label = "", skipped: "ignored" | "counted" = "ignored") {
    const counts = find(suite)?.configuration[0].annotations;
    if (!counts) return undefined;
    return share(label, counts.passed, skipped === "ignored" ? counts.total - counts.skipped : counts.total, 100);
}

const took = (find: Find, suite: Suite) => find(suite)?.configuration[0].annotations.durationSeconds;

function covered(find: Find, component: "backend" | "frontend", limit: number) {
    const one = find(`coverage-${component}`);
    return [share("", one?.linesCovered, one?.linesTotal ?? 0, limit)];
}

function typed(find: Find, component: "backend" | "frontend", limit: number) {
    const one = find(`type-coverage-${component}`);
    return share(component, one?.typedCount, one?.totalCount ?? 0, limit, true);
}

const measuring: Readonly<Record<string, Measuring>> = {
    "type-coverage": (find, limits) => [
        typed(find, "backend", limits.typeCoveragePercent),
        typed(find, "frontend", limits.typeCoveragePercent),
    ],
    "unit-tests": (find) => [passed(find, "unit-backend", "backend"), passed(find, "unit-frontend", "frontend")],
    "unit-coverage-backend": (find, limits) => covered(find, "backend", limits.backendCoveragePercent),
    "unit-coverage-frontend": (find, limits) => covered(find, "frontend", limits.frontendCoveragePercent),
    "unit-test-duration": (find, { unitTestSeconds }) => [
        under("backend", took(find, "unit-backend"), unitTestSeconds, seconds),
        under("frontend", took(find, "unit-frontend"), unitTestSeconds, seconds),
    ],
    "integration-tests": (find) => [passed(find, "integration")],
    "end-to-end-tests": (find) => [passed(find, "e2e-critical", "", "counted")],
    "end-to-end-duration": (find, limits) => [
        under("", took(find, "e2e-critical"), limits.criticalPathSeconds, seconds),
    ],
    "smoke-tests": (find) => [passed(find, "smoke", "", "counted")],
    "health-response": (find, limits) => [
        under(
            "",
            find("smoke")?.configuration[0].annotations.slowestHealthSeconds,
            limits.healthSeconds,
            (value) => `${value} s`,
        ),
    ],
    "staging-soak": (find, { soakSeconds: limit }) => {
        const soak = find("soak");
        if (!soak) return [];
        const value = Math.min(elapsedSeconds(soak.startedAt, soak.endedAt), soak.observedSeconds);
        const end = Math.max(limit * 1.25, value * 1.05);
        return [
            { label: "", value, limit, accepted: "at least", end, shown: seconds(value), shownLimit: seconds(limit) },
        ];
    },
    "rollback-plan": (find, { rollbackTestAgeHours: limit }, now) => {
        const test = find("rollback-plan")?.test;
        if (!test) return [];
        const value = Math.max(0, elapsedSeconds(test.testedAt, now) / 3600);
        const days = (hours: number) => `${Math.floor(hours / 2.4) / 10} d`;
        const end = Math.max(limit * 1.25, value * 1.05);
        return [
            {
                label: "age of the test",
                value,
                limit,
                accepted: "at most",
                end,
                shown: days(value),
                shownLimit: days(limit),
            },
        ];
    },
    "incident-count": (find, limits, now) => {
        const span = limits.incidentDays * 86_400;
        const counted = find("incidents")?.incidents.filter(
            (one) => (one.priority === "P1" || one.priority === "P2") && elapsedSeconds(one.openedAt, now) <= span,
        );
        return [under("", counted?.length, limits.incidents, String)];
    },
    "hotfix-size": (find, { hotfixFiles: limit }) => {
        const value = find("hotfix")?.changedFiles.length;
        if (value === undefined) return [];
        const end = Math.max(limit + 1, value);
        const shown = String(value);
        return [{ label: "", value, limit, accepted: "at most", end, shown, shownLimit: String(limit) }];
    },
};

/**
 * The values that a gate measured, one for each bar. Empty for a gate without evidence or without a number as its
 * limit.
 */
export function measuresOf({ id }: Pick<Outcome, "id">, find: Find, limits: Limits, now: string): Measure[] {
    return (measuring[id]?.(find, limits, now) ?? []).filter((one) => one !== undefined);
}

/** Whether a measured value is within its limit. */
export function isWithin({ accepted, limit, value }: Measure): boolean {
    switch (accepted) {
        case "at least":
            return value >= limit;
        case "more than":
            return value > limit;
        case "at most":
            return value <= limit;
        case "less than":
            return value < limit;
    }
}
