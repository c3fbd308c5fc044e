import { gates } from "../../../delivery/gates";
import { items, measuredAt, type ItemName } from "../../../delivery/evidence/items";
import { predicates } from "../../../delivery/evidence/predicates";
import { momentsIn } from "../../../delivery/evidence/predicates/moments";
import { set, type Properties } from "../../policies/support/cases";
import { ago, contents, day, hour, minute } from "../gates/support/contents";
import { shift } from "../gates/support/world";
import { attack, beside, hotfixAttack, lie, type Attack } from "./attack";

const inProduction = gates.filter(({ checkpoints }) => checkpoints.includes("production"));
const future = ago(-61);

/** Every moment of every predicate, moved a little into the future: where its schema allows that, the gates must not. */
const futureMoments = (Object.keys(items) as ItemName[]).flatMap((item): Attack[] => {
    const gate =
        inProduction.find(({ needs, releases }) => releases === "all" && needs.includes(item)) ??
        inProduction.find(({ needs }) => needs.includes(item));
    if (!gate) return [];
    const name = items[item].predicate;
    return momentsIn(contents[item]).flatMap(({ path }) => {
        const changed = structuredClone(contents[item]) as unknown as Properties;
        set(path, future)(changed);
        const read = predicates[name].schema.safeParse(changed);
        if (!read.success) return [];
        const isMeasured = measuredAt(name, read.data) === future;
        const what = isMeasured ? "measured at" : `${path} is`;
        return [
            (gate.releases === "all" ? attack : hotfixAttack)(
                `${path} of ${item} a minute from now`,
                { [item]: { change: set(path, future) } },
                gate.id,
                `${items[item].title} evidence is from the future: ${what} ${future}, 1 min 1 s from now`,
            ),
        ];
    });
});

/** Moments after the record was read that names them. */
const afterReading: readonly (readonly [item: ItemName, path: string, gate: string, at: number])[] = [
    ["code-review", "reviews.0.submittedAt", "code-review", 10 * hour],
    ["approval", "decisions.0.decidedAt", "human-approval", hour],
    ["rollback-plan", "test.testedAt", "rollback-plan", 6 * hour],
    ["incidents", "incidents.0.openedAt", "incident-count", 30 * minute],
    ["trivy", "scanner.db.lastUpdate", "critical-vulnerabilities", 5 * hour - minute],
    ["npm-audit", "scanner.db.lastUpdate", "critical-vulnerabilities", 5 * hour - minute],
    ["python-audit", "scanner.db.lastUpdate", "critical-vulnerabilities", 5 * hour - minute],
];

/** The grounds of an approval: each could have been issued after the approver looked. */
const grounds = (Object.keys(items) as ItemName[]).filter(
    (item) =>
        ![
            "approval",
            "incidents",
            "hotfix",
            "monitoring",
            "rehearsal",
            "restore-rehearsal",
            "migration-prod",
            "admission-staging",
            "admission-prod",
        ].includes(item),
);

const latest = ago(hour - 61);

export const momentAttacks: readonly Attack[] = [
    ...futureMoments,
    ...afterReading.map(([item, path, gate, read]) =>
        attack(
            `${path} of ${item} after the record was read`,
            { [item]: { change: set(path, ago(read - 61)) } },
            gate,
            `${items[item].title} evidence is contradictory: ${path} is ${ago(read - 61)}, after it was measured at ${ago(read)}`,
        ),
    ),
    ...[
        [
            "interruptions.0.at",
            (at: string) => ({ interruptions: [{ at, durationSeconds: 0, cause: "none" }] }),
        ] as const,
        [
            "stretches.0.endedAt",
            (at: string) => ({ stretches: [{ startedAt: ago(7 * hour), endedAt: at, endedBy: "now" }] }),
        ] as const,
        [
            "course.intervals.0.at",
            (at: string) => ({
                course: { intervalSeconds: 60, intervals: [{ at, requests: 1, serverErrors: 0, servingPods: 4 }] },
            }),
        ] as const,
    ].map(([path, made]) =>
        attack(
            `${path} of a soak after the soak was stated`,
            lie("soak", (one) => Object.assign(one, made(latest))),
            "staging-soak",
            `Staging soak evidence is contradictory: ${path} is ${latest}, after it was issued at ${ago(hour)}`,
        ),
    ),
    ...grounds.map((item) =>
        attack(
            `an approval before ${item} evidence`,
            { [item]: { issuedAt: latest } },
            "human-approval",
            `margaret decided at ${ago(hour)}, before ${items[item].title} evidence was issued at ${latest}`,
        ),
    ),
    attack(
        "an approval while the release still soaked",
        lie("approval", (one) => (one.decisions[0]!.decidedAt = ago(3 * hour))),
        "human-approval",
        `margaret decided at ${ago(3 * hour)}, before Staging soak evidence was issued at ${ago(hour)}`,
    ),
    attack(
        "a soak that is stated once more after the approval",
        {},
        "human-approval",
        `margaret decided at ${ago(hour)}, before Staging soak evidence was issued at ${ago(minute)}`,
        { files: [beside("soak", { issuedAt: ago(minute) })] },
    ),
    hotfixAttack(
        "an approval of a hotfix before it was said what it changes",
        {
            approval: {
                change: (one: { decisions: { expedited: boolean }[] }) => (one.decisions[0]!.expedited = true),
            },
            hotfix: { issuedAt: latest },
        },
        "human-approval",
        `margaret decided at ${ago(hour)}, before Hotfix evidence was issued at ${latest}`,
    ),
    attack(
        "an approval of yesterday",
        lie("approval", (one) => (one.decisions[0]!.decidedAt = ago(day + 1))),
        "human-approval",
        `margaret decided more than 24 h ago (${ago(day + 1)})`,
    ),
    ...[1, minute, hour].map((seconds) =>
        attack(
            `smoke tests that began ${seconds} s before the deployment completed`,
            lie("smoke", (one) => {
                shift(one, -57 - seconds);
            }),
            "smoke-tests",
            `they began at ${ago(7 * hour + seconds)}, before the deployment completed at ${ago(7 * hour)}`,
        ),
    ),
    ...[1, hour].map((seconds) =>
        attack(
            `a soak that began ${seconds} s before the deployment completed`,
            lie("soak", (one) => (one.startedAt = ago(7 * hour + seconds))),
            "staging-soak",
            `it is counted from ${ago(7 * hour + seconds)}, before the deployment completed at ${ago(7 * hour)}`,
        ),
    ),
];
