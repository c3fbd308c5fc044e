import { examples } from "../../../../docs/generate/evidence-examples";
import type { ItemPredicate } from "../../../../delivery/evidence/items";
import { shift } from "./world";
import { casesOf, changed, type LimitCase } from "./cases";
import { ago, day, hour, minute, repository } from "./contents";

type Decision = ItemPredicate<"approval">["decisions"][number];
export const decided = (...list: Partial<Decision>[]) =>
    changed("approval", (one) => {
        one.decisions = list.map((each) => ({ ...one.decisions[0]!, ...each }));
    });
const approval = casesOf("human-approval");
const margaret = "margaret (tech-lead) at 2026-01-14T17:00:00.000Z";
/** Evidence that was there two days ago, for decisions of yesterday. */
const seenBefore = {
    provenance: { change: (one: object) => void shift(one, -2 * day), issuedAt: ago(2 * day) },
    "code-review": { issuedAt: ago(2 * day), change: (one: object) => void shift(one, -2 * day) },
};
const approvalCases = [
    approval("pass", "one Tech Lead", {}, "pass", `approved by ${margaret}`),
    approval("just below", "no decision", decided(), "fail", "no one approved"),
    approval(
        "at",
        "one Engineering Manager",
        decided({ role: "engineering-manager" }),
        "pass",
        "approved by margaret (engineering-manager) at 2026-01-14T17:00:00.000Z",
    ),
    approval(
        "just above",
        "two",
        decided({}, { login: "barbara" }),
        "pass",
        `approved by ${margaret} and barbara (tech-lead) at 2026-01-14T17:00:00.000Z`,
    ),
    approval(
        "other",
        "a person with another role",
        decided({ role: "other" }),
        "fail",
        "margaret is neither Engineering Manager nor Tech Lead",
    ),
    approval(
        "other",
        "an author, whose login is spelled with other capitals",
        decided({ login: "Ada" }),
        "fail",
        "Ada is an author of the change",
    ),
    approval(
        "other",
        "an author according to the code review",
        { ...decided({ login: "grace" }), ...changed("code-review", (one) => one.authors.push("Grace")) },
        "fail",
        "grace is an author of the change",
    ),
    approval(
        "other",
        "an author according to the approval",
        {
            ...decided({ login: "grace" }),
            approval: {
                change: (one: ItemPredicate<"approval">) => Object.assign(one, { authors: ["ada", "margaret"] }),
            },
        },
        "fail",
        "margaret is an author of the change",
    ),
    approval(
        "other",
        "24 h ago",
        { ...decided({ decidedAt: ago(24 * hour) }), ...seenBefore },
        "pass",
        "approved by margaret (tech-lead) at 2026-01-13T18:00:00.000Z",
    ),
    approval(
        "other",
        "an approval that is too old",
        { ...decided({ decidedAt: ago(24 * hour + 1) }), ...seenBefore },
        "fail",
        "margaret decided more than 24 h ago (2026-01-13T17:59:59.000Z)",
    ),
    approval(
        "other",
        "before the evidence was issued",
        decided({ decidedAt: ago(7.9 * hour + 61) }),
        "fail",
        "margaret decided at 2026-01-14T10:04:59.000Z, before Code review evidence was issued at 2026-01-14T10:06:00.000Z",
    ),
    approval(
        "other",
        "as the evidence was issued, by a clock that is a minute behind",
        decided({ decidedAt: ago(7.9 * hour + 60) }),
        "pass",
        "approved by margaret (tech-lead) at 2026-01-14T10:05:00.000Z",
    ),
    approval(
        "other",
        "before the build of one image was recorded",
        changed("provenance", () => undefined, { service: "frontend", issuedAt: ago(minute) }),
        "fail",
        "margaret decided at 2026-01-14T17:00:00.000Z, before SLSA provenance evidence was issued at 2026-01-14T17:59:00.000Z",
    ),
    approval(
        "other",
        "in the future",
        decided({ decidedAt: ago(-61) }),
        "fail",
        "Approval evidence is from the future: decisions.0.decidedAt is 2026-01-14T18:01:01.000Z, 1 min 1 s from now",
    ),
    approval(
        "other",
        "after the record was read",
        decided({ decidedAt: ago(hour - 61) }),
        "fail",
        "Approval evidence is contradictory: decisions.0.decidedAt is 2026-01-14T17:01:01.000Z, " +
            "after it was measured at 2026-01-14T17:00:00.000Z",
    ),
    approval(
        "other",
        "by a clock that is a minute ahead",
        decided({ decidedAt: ago(hour - 60) }),
        "pass",
        "approved by margaret (tech-lead) at 2026-01-14T17:01:00.000Z",
    ),
    ...["emil-manager[bot]", "github-actions"].map((login) =>
        approval("other", `by ${login}`, decided({ login }), "fail", `${login} is not a person`),
    ),
    ...["https://github.com/mallory/gateway/actions/runs/1", `${repository}-2/actions/runs/1`].map((uri) =>
        approval(
            "other",
            `recorded at ${uri}`,
            changed("approval", (one) => (one.uri = uri)),
            "fail",
            `${uri} is not a decision in ${repository}`,
        ),
    ),
    approval(
        "other",
        "rejected",
        decided({ verdict: "rejected" }),
        "fail",
        "rejected by margaret (tech-lead); no one approved",
    ),
    approval(
        "other",
        "approved by one, rejected by another",
        decided({}, { login: "barbara", verdict: "rejected" }),
        "fail",
        "rejected by barbara (tech-lead)",
    ),
    approval(
        "other",
        "rejected by a person who may not decide",
        decided({}, { login: "eve", role: "other", verdict: "rejected" }),
        "pass",
        `approved by ${margaret}`,
    ),
    approval(
        "other",
        "one approval that counts and one that does not",
        decided({}, { login: "eve", role: "other" }),
        "pass",
        `approved by ${margaret}`,
    ),
];

const rollback = casesOf("rollback-plan");
const tested = (change: Partial<NonNullable<ItemPredicate<"rollback-plan">["test"]>>) =>
    changed("rollback-plan", (one) => Object.assign(one.test!, change));
const way = "to 1.4.1 by https://github.com/relaypacs/gateway/blob/main/docs/rollback.md, tested in staging at";
const lastTest = "its test at 2026-01-14T12:00:00.000Z";
const planned = (change: Partial<ItemPredicate<"rollback-plan">>) =>
    changed("rollback-plan", (one) => Object.assign(one, change));
/** With a plan for lost data, which was tried six hours ago, but for a change. */
const restored = (change: Partial<ItemPredicate<"restore-rehearsal">> = {}) =>
    planned({
        restore: { documentSha256: "5".repeat(64), test: { ...examples["restore-rehearsal"], ...change } },
    });
const wayWithRestore =
    `${way} 2026-01-14T12:00:00.000Z in 48 s; the backup of 2026-01-14T10:00:00.000Z was restored at ` as const;
const lastRestore = "the restore that was rehearsed at 2026-01-14T12:00:00.000Z";
/** Pairs of versions that are no way back for release 1.4.2. */
const noWayBack = [
    ["1.4.1", "1.4.1"],
    ["1.4.0", "1.4.1"],
    ["1.4.1", "1.5.0"],
    ["1.4.3", "1.4.1"],
    ["1.10.0", "1.4.1"],
    ["2.0.0", "1.4.1"],
    ["next", "1.4.1"],
    ["1.4.1", "last"],
] as const;
const wayBack = [
    ["1.4.2", "1.4.1"],
    ["1.4.2-g0123456", "1.4.2-gabcdef0"],
    ["1.4.1", "0.9.9"],
    ["1.3.10", "1.3.9"],
] as const;
const rollbackCases = [
    ...noWayBack.map(([fromVersion, toVersion]) =>
        rollback(
            "other",
            `a test from ${fromVersion} to ${toVersion}`,
            tested({ fromVersion, toVersion }),
            "fail",
            `${lastTest} went from ${fromVersion} to ${toVersion}, which is no way back`,
        ),
    ),
    ...wayBack.map(([fromVersion, toVersion]) =>
        rollback(
            "other",
            `a test from ${fromVersion} to ${toVersion}`,
            tested({ fromVersion, toVersion }),
            "pass",
            `${way} 2026-01-14T12:00:00.000Z in 48 s`,
        ),
    ),
    ...(["fromVersion", "toVersion"] as const).map((field) =>
        rollback(
            "other",
            `a test without ${field}`,
            changed("rollback-plan", (one) => Object.assign(one.test!, { [field]: undefined })),
            "fail",
            `${lastTest} does not say from which version to which it went back`,
        ),
    ),
    rollback("other", "a test elsewhere", tested({ environment: "my laptop" }), "fail", "it was tested in my laptop"),
    rollback("other", "a test in no time", tested({ durationSeconds: 0 }), "fail", `${lastTest} took no time`),
    rollback(
        "other",
        "a test in a second",
        tested({ durationSeconds: 1 }),
        "pass",
        `${way} 2026-01-14T12:00:00.000Z in 1 s`,
    ),
    rollback(
        "other",
        "a way back to this release",
        planned({ previousVersion: "1.4.2" }),
        "fail",
        "it goes back to 1.4.2, this very release",
    ),
    rollback(
        "other",
        "a way back to this release, never tested",
        changed("rollback-plan", (one) => {
            one.previousVersion = "1.4.2";
            delete one.test;
        }),
        "fail",
        "it goes back to 1.4.2, this very release; it was never tested",
    ),
    rollback("other", "the version that production runs", {}, "pass", `${way} 2026-01-14T12:00:00.000Z in 48 s`, {
        productionVersion: "1.4.1",
    }),
    rollback(
        "other",
        "another version than production runs",
        {},
        "fail",
        "it goes back to 1.4.1, but production runs 1.3.9",
        { productionVersion: "1.3.9" },
    ),
    rollback("other", "production that runs this release", {}, "pass", `${way} 2026-01-14T12:00:00.000Z in 48 s`, {
        productionVersion: "1.4.2",
    }),
    rollback(
        "other",
        "no way back for a changed database",
        planned({ database: "none-needed" }),
        "fail",
        "it leaves the database as it is, but the release changes it from 1f0a to 2b7c",
    ),
    rollback(
        "other",
        "no way back for a database that production has changed already",
        planned({ database: "none-needed", productionRevision: "2b7c" }),
        "pass",
        `${way} 2026-01-14T12:00:00.000Z in 48 s`,
    ),
    rollback(
        "other",
        "no way back for a database that only production will change",
        {
            ...planned({ database: "none-needed", productionRevision: "0d1e" }),
            ...changed("migration-staging", (one) => (one.fromRevision = "2b7c")),
        },
        "fail",
        "it leaves the database as it is, but the release changes it from 0d1e to 2b7c",
    ),
    rollback(
        "other",
        "a backup for a changed database",
        planned({ database: "restore-backup" }),
        "pass",
        `${way} 2026-01-14T12:00:00.000Z in 48 s`,
    ),
    rollback(
        "pass",
        "a restore that was rehearsed today",
        restored(),
        "pass",
        `${wayWithRestore}2026-01-14T12:00:00.000Z, 1000000 rows compared`,
    ),
    rollback(
        "other",
        "a restore of one row",
        restored({ rows: 1 }),
        "pass",
        `${wayWithRestore}2026-01-14T12:00:00.000Z, 1 row compared`,
    ),
    rollback("other", "a restore of no row", restored({ rows: 0 }), "fail", `${lastRestore} compared no row`),
    rollback(
        "just below",
        "a restore 90 days less a second ago",
        restored({ testedAt: ago(90 * day - 1) }),
        "pass",
        `${wayWithRestore}2025-10-16T18:00:01.000Z, 1000000 rows compared`,
    ),
    rollback(
        "at",
        "a restore 90 days ago",
        restored({ testedAt: ago(90 * day) }),
        "pass",
        `${wayWithRestore}2025-10-16T18:00:00.000Z, 1000000 rows compared`,
    ),
    rollback(
        "just above",
        "a restore 90 days and a second ago",
        restored({ testedAt: ago(90 * day + 1) }),
        "fail",
        "a restore was last rehearsed at 2025-10-16T17:59:59.000Z",
    ),
    rollback(
        "other",
        "a plan for lost data that was never tried",
        planned({ restore: { documentSha256: "5".repeat(64) } }),
        "fail",
        "a restore of the database was never rehearsed",
    ),
    rollback(
        "other",
        "a rollback and a restore that were never tried",
        changed("rollback-plan", (one) => {
            one.restore = { documentSha256: "5".repeat(64) };
            delete one.test;
        }),
        "fail",
        "a restore of the database was never rehearsed; it was never tested",
    ),
    rollback(
        "other",
        "a restore that failed",
        restored({ result: "failed", backupTakenAt: undefined, rows: undefined, tables: undefined }),
        "fail",
        `${lastRestore} failed`,
    ),
    rollback("other", "a restore in no time", restored({ durationSeconds: 0 }), "fail", `${lastRestore} took no time`),
    rollback(
        "other",
        "a restore by another plan",
        restored({ documentSha256: "4".repeat(64) }),
        "fail",
        "the plan for a restore has changed since it was rehearsed at 2026-01-14T12:00:00.000Z",
    ),
    rollback(
        "other",
        "a restore in the future",
        restored({ testedAt: ago(-61) }),
        "fail",
        "Rollback plan evidence is from the future: restore.test.testedAt is 2026-01-14T18:01:01.000Z, 1 min 1 s from now",
    ),
    rollback("pass", "tested today", {}, "pass", `${way} 2026-01-14T12:00:00.000Z in 48 s`),
    rollback(
        "just below",
        "tested 90 days less a second ago",
        tested({ testedAt: ago(90 * day - 1) }),
        "pass",
        `${way} 2025-10-16T18:00:01.000Z in 48 s`,
    ),
    rollback(
        "at",
        "tested 90 days ago",
        tested({ testedAt: ago(90 * day) }),
        "pass",
        `${way} 2025-10-16T18:00:00.000Z in 48 s`,
    ),
    rollback(
        "just above",
        "tested 90 days and a second ago",
        tested({ testedAt: ago(90 * day + 1) }),
        "fail",
        "it was last tested at 2025-10-16T17:59:59.000Z",
    ),
    rollback(
        "other",
        "never tested",
        changed("rollback-plan", (one) => delete one.test),
        "fail",
        "it was never tested",
    ),
    rollback(
        "other",
        "the test failed",
        tested({ result: "failed" }),
        "fail",
        "its test in staging at 2026-01-14T12:00:00.000Z failed",
    ),
    rollback(
        "other",
        "the plan changed after its test",
        changed("rollback-plan", (one) => (one.documentSha256 = "4".repeat(64))),
        "fail",
        "it has changed since it was tested at 2026-01-14T12:00:00.000Z",
    ),
    rollback(
        "other",
        "a test of another plan that failed",
        tested({ documentSha256: "4".repeat(64), result: "failed" }),
        "fail",
        "its test in staging at 2026-01-14T12:00:00.000Z failed; it has changed since it was tested at 2026-01-14T12:00:00.000Z",
    ),
    rollback(
        "other",
        "a test of an unknown plan",
        changed("rollback-plan", (one) => delete one.test!.documentSha256),
        "fail",
        "its test at 2026-01-14T12:00:00.000Z does not say which plan it followed",
    ),
    rollback(
        "other",
        "a test that names its plan only",
        changed("rollback-plan", (one) => {
            const { documentSha256, durationSeconds, environment, result, testedAt } = one.test!;
            one.test = { documentSha256, durationSeconds, environment, result, testedAt };
        }),
        "fail",
        `${lastTest} does not say how the services went back; ${lastTest} does not say from which version to which it went back`,
    ),
    rollback(
        "other",
        "a test in the future",
        tested({ testedAt: ago(-61) }),
        "fail",
        "Rollback plan evidence is from the future: test.testedAt is 2026-01-14T18:01:01.000Z, 1 min 1 s from now",
    ),
    rollback(
        "other",
        "a stricter limit",
        tested({ testedAt: ago(31 * day) }),
        "fail",
        "it was last tested at 2025-12-14T18:00:00.000Z",
        {
            limits: { rollbackTestAgeHours: 720 },
            accepts:
                "to the version that production runs, documented, and tested in staging with success in the last 30 days",
        },
    ),
];

const incidents = casesOf("incident-count");
type Incident = ItemPredicate<"incidents">["incidents"][number];
const opened = (...list: [Incident["priority"], number][]) =>
    changed("incidents", (one) => {
        one.incidents = list.map(([priority, seconds], index) => ({
            id: `INC-${index + 1}`,
            priority,
            openedAt: ago(seconds),
        }));
    });
const incidentCases = [
    incidents("pass", "one", {}, "pass", "1 P1 or P2 incident"),
    incidents("other", "none", opened(), "pass", "0 P1 or P2 incidents"),
    incidents("just below", "one", opened(["P1", day]), "pass", "1 P1 or P2 incident"),
    incidents(
        "at",
        "two",
        opened(["P1", day], ["P2", 2 * day]),
        "warn",
        "2 P1 or P2 incidents: INC-1 (P1) and INC-2 (P2)",
    ),
    incidents(
        "just above",
        "three",
        opened(["P1", day], ["P2", day], ["P2", hour]),
        "warn",
        "3 P1 or P2 incidents: INC-1 (P1), INC-2 (P2) and INC-3 (P2)",
    ),
    incidents("other", "one P1 and one P3", opened(["P1", day], ["P3", day]), "pass", "1 P1 or P2 incident"),
    incidents(
        "other",
        "one that began exactly 7 days ago",
        opened(["P1", day], ["P2", 7 * day]),
        "warn",
        "2 P1 or P2 incidents: INC-1 (P1) and INC-2 (P2)",
    ),
    incidents(
        "other",
        "one that began more than 7 days ago",
        opened(["P1", day], ["P2", 7 * day + 1]),
        "pass",
        "1 P1 or P2 incident",
    ),
    incidents(
        "other",
        "a window of less than 7 days",
        changed("incidents", (one) => (one.windowStartedAt = ago(7 * day + 30 * minute - 1))),
        "warn",
        "the tracker was only asked about the time since 2026-01-07T17:30:01.000Z",
    ),
];

export const productionCases: readonly LimitCase[] = [...approvalCases, ...rollbackCases, ...incidentCases];
