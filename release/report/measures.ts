import type { Limits, Outcome } from "../../policies/gates";
import { duration, elapsed } from "../../policies/gates/shared/time";
import { percent } from "../../policies/gates/shared/wording";
import type { ItemName, ItemPredicate } from "../evidence/items";

/** A number against its limit, for a bar. The gate decides; this only shows what it decided about. */
export interface Measure {
    /** What is measured, where a gate measures several things; else empty. */
    readonly label: string;
    readonly value: number;
    readonly limit: number;
    readonly accepted: "at least" | "more than" | "at most" | "less than";
    /** Where the bar's scale ends; it starts at 0. */
    readonly end: number;
    readonly shown: string;
    readonly shownLimit: string;
}

/** Answers the predicate of an item that a gate judged, or undefined when that evidence did not count. */
export type Find = <Item extends ItemName>(item: Item) => ItemPredicate<Item> | undefined;

type Measuring = (find: Find, limits: Limits, now: string) => (Measure | undefined)[];

const seconds = (value: number) => duration(value * 1000);

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

function passed(find: Find, suite: Suite, label = "", skipped: "aside" | "counted" = "aside") {
    const counts = find(suite)?.configuration[0].annotations;
    if (!counts) return undefined;
    return share(label, counts.passed, skipped === "aside" ? counts.total - counts.skipped : counts.total, 100);
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
        const value = Math.min(elapsed(soak.startedAt, soak.endedAt) / 1000, soak.observedSeconds);
        const end = Math.max(limit * 1.25, value * 1.05);
        return [
            { label: "", value, limit, accepted: "at least", end, shown: seconds(value), shownLimit: seconds(limit) },
        ];
    },
    "rollback-plan": (find, { rollbackTestAgeHours: limit }, now) => {
        const test = find("rollback-plan")?.test;
        if (!test) return [];
        const value = Math.max(0, elapsed(test.testedAt, now) / 3_600_000);
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
        const span = limits.incidentDays * 86_400_000;
        const grave = find("incidents")?.incidents.filter(
            (one) => (one.priority === "P1" || one.priority === "P2") && elapsed(one.openedAt, now) <= span,
        );
        return [under("", grave?.length, limits.incidents, String)];
    },
    "hotfix-size": (find, { hotfixFiles: limit }) => {
        const value = find("hotfix")?.changedFiles.length;
        if (value === undefined) return [];
        const end = Math.max(limit + 1, value);
        const shown = String(value);
        return [{ label: "", value, limit, accepted: "at most", end, shown, shownLimit: String(limit) }];
    },
};

/** The numbers that a gate measured, one for each bar; none for a gate whose limit is no number, or without evidence. */
export function measuresOf({ id }: Pick<Outcome, "id">, find: Find, limits: Limits, now: string): Measure[] {
    return (measuring[id]?.(find, limits, now) ?? []).filter((one) => one !== undefined);
}

/** Whether a number is on the accepted side of its limit. */
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
