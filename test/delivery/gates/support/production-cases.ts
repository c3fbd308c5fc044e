import type { ItemPredicate } from "../../../../delivery/evidence/items";
import { casesOf, changed, type LimitCase } from "./cases";
import { ago, day, hour, minute } from "./contents";

type Decision = ItemPredicate<"approval">["decisions"][number];
export const decided = (...list: Partial<Decision>[]) =>
    changed("approval", (one) => {
        one.decisions = list.map((each) => ({ ...one.decisions[0]!, ...each }));
    });
const approval = casesOf("human-approval");
const margaret = "margaret (tech-lead) at 2026-01-14T17:00:00.000Z";
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
        decided({ decidedAt: ago(24 * hour) }),
        "fail",
        "margaret decided at 2026-01-13T18:00:00.000Z, before this release's build began at 2026-01-14T09:00:00.000Z",
    ),
    approval(
        "other",
        "an approval that is too old",
        decided({ decidedAt: ago(24 * hour + 1) }),
        "fail",
        "margaret decided more than 24 h ago (2026-01-13T17:59:59.000Z)",
    ),
    approval(
        "other",
        "24 h ago, build older",
        {
            ...decided({ decidedAt: ago(24 * hour) }),
            ...changed("provenance", (one) => (one.runDetails.metadata.startedOn = ago(2 * day))),
        },
        "pass",
        "approved by margaret (tech-lead) at 2026-01-13T18:00:00.000Z",
    ),
    approval(
        "other",
        "as the build began",
        decided({ decidedAt: ago(9 * hour) }),
        "pass",
        "approved by margaret (tech-lead) at 2026-01-14T09:00:00.000Z",
    ),
    approval(
        "other",
        "in the future",
        decided({ decidedAt: ago(-61) }),
        "fail",
        "margaret decided in the future (2026-01-14T18:01:01.000Z)",
    ),
    approval(
        "other",
        "by a clock that is a minute ahead",
        decided({ decidedAt: ago(-60) }),
        "pass",
        "approved by margaret (tech-lead) at 2026-01-14T18:01:00.000Z",
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
    approval(
        "other",
        "without provenance, build times are not compared",
        { ...decided({ decidedAt: ago(20 * hour) }), provenance: { missing: true } },
        "pass",
        "approved by margaret (tech-lead) at 2026-01-13T22:00:00.000Z",
    ),
];

const rollback = casesOf("rollback-plan");
const tested = (change: Partial<NonNullable<ItemPredicate<"rollback-plan">["test"]>>) =>
    changed("rollback-plan", (one) => Object.assign(one.test!, change));
const way = "to 1.4.1 by https://github.com/relaypacs/gateway/blob/main/docs/rollback.md, tested in staging at";
const rollbackCases = [
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
        "a test that names its plan and nothing else",
        changed("rollback-plan", (one) => {
            const { documentSha256, durationSeconds, environment, result, testedAt } = one.test!;
            one.test = { documentSha256, durationSeconds, environment, result, testedAt };
        }),
        "pass",
        `${way} 2026-01-14T12:00:00.000Z in 48 s`,
    ),
    rollback(
        "other",
        "a test in the future",
        tested({ testedAt: ago(-61) }),
        "fail",
        "its test is dated in the future (2026-01-14T18:01:01.000Z)",
    ),
    rollback(
        "other",
        "a stricter limit",
        tested({ testedAt: ago(31 * day) }),
        "fail",
        "it was last tested at 2025-12-14T18:00:00.000Z",
        { limits: { rollbackTestAgeHours: 720 }, accepts: "documented, and tested with success in the last 30 days" },
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
    incidents("pass", "none", {}, "pass", "0 P1 or P2 incidents"),
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
