import type { ItemPredicate } from "../../../../delivery/evidence/items";
import { casesOf, changed, type LimitCase } from "./cases";
import { ago, day, hour, minute } from "./contents";
import { decided } from "./production-cases";

const incident = casesOf("hotfix-incident");
const test = casesOf("hotfix-test");
const rehearsal = casesOf("hotfix-rollback");
const expedited = casesOf("hotfix-approval");
const size = casesOf("hotfix-size");
const watch = casesOf("hotfix-watch");
const rehearsed = (seconds: number) => ({
    ...changed("hotfix", (one) => (one.rollbackRehearsedAt = ago(seconds))),
    ...changed("rollback-plan", (one) => (one.test!.testedAt = ago(seconds))),
});
type Incident = ItemPredicate<"incidents">["incidents"][number];
const tracked = (change: Partial<Incident>) => changed("incidents", (one) => Object.assign(one.incidents[0]!, change));
const openedAt = (seconds: number) => ({
    ...changed("hotfix", (one) => (one.incident.openedAt = ago(seconds))),
    ...tracked({ openedAt: ago(seconds) }),
});
const openedTwelveHoursAgo = "INC-42 (P1), opened at 2026-01-14T06:00:00.000Z";
const minutes = (count: number) => changed("hotfix", (one) => (one.monitoringMinutes = count));
const priority = (one: "P1" | "P2") => changed("hotfix", (each) => (each.incident.priority = one));
const tests = (...names: string[]) => changed("hotfix", (one) => (one.addedTests = names));
const files = (...names: string[]) => changed("hotfix", (one) => (one.changedFiles = names));
const hotfixCases = [
    incident("pass", "P1", {}, "pass", openedTwelveHoursAgo),
    incident("at", "P1", priority("P1"), "pass", openedTwelveHoursAgo),
    incident("other", "opened 24 h ago", openedAt(day), "pass", "INC-42 (P1), opened at 2026-01-13T18:00:00.000Z"),
    incident(
        "other",
        "opened more than 24 h ago",
        openedAt(day + 1),
        "fail",
        "INC-42 was opened at 2026-01-13T17:59:59.000Z",
    ),
    incident(
        "other",
        "opened in the future",
        openedAt(-61),
        "fail",
        "Hotfix evidence is from the future: incident.openedAt is 2026-01-14T18:01:01.000Z, 1 min 1 s from now; " +
            "Incident count evidence is from the future: incidents.0.openedAt is 2026-01-14T18:01:01.000Z, 1 min 1 s from now",
    ),
    incident(
        "other",
        "not in the tracker's list",
        changed("incidents", (one) => (one.incidents = [])),
        "fail",
        "INC-42 (https://incidents.example/INC-42) is not in the list of https://incidents.example/api",
    ),
    incident(
        "other",
        "a P2, not in the tracker's list",
        { ...priority("P2"), ...changed("incidents", (one) => (one.incidents = [])) },
        "fail",
        "INC-42 (P2); INC-42 (https://incidents.example/INC-42) is not in the list of https://incidents.example/api",
    ),
    incident(
        "other",
        "the id of one and the address of another",
        tracked({ uri: "https://incidents.example/INC-41" }),
        "fail",
        "INC-42 (https://incidents.example/INC-42) is not in the list of https://incidents.example/api",
    ),
    incident(
        "other",
        "named in another way in the tracker's list",
        tracked({ id: "relaypacs/gateway#42" }),
        "pass",
        openedTwelveHoursAgo,
    ),
    incident(
        "other",
        "in a list without addresses",
        changed("incidents", (one) => delete one.incidents[0]!.uri),
        "pass",
        openedTwelveHoursAgo,
    ),
    incident(
        "other",
        "of another name in a list without addresses",
        changed("incidents", (one) => (one.incidents = [{ id: "INC-41", priority: "P1", openedAt: ago(12 * hour) }])),
        "fail",
        "INC-42 (https://incidents.example/INC-42) is not in the list of https://incidents.example/api",
    ),
    incident(
        "other",
        "a P2 by the tracker",
        tracked({ priority: "P2" }),
        "fail",
        "https://incidents.example/api lists INC-42 as P2",
    ),
    incident(
        "other",
        "opened a minute before by the tracker",
        tracked({ openedAt: ago(12 * hour + 60) }),
        "pass",
        "INC-42 (P1), opened at 2026-01-14T05:59:00.000Z",
    ),
    incident(
        "other",
        "opened at another time by the tracker",
        tracked({ openedAt: ago(12 * hour + 61) }),
        "fail",
        "https://incidents.example/api says that INC-42 was opened at 2026-01-14T05:58:59.000Z, not at 2026-01-14T06:00:00.000Z",
    ),
    incident(
        "other",
        "opened later by the tracker",
        tracked({ openedAt: ago(12 * hour - 61) }),
        "fail",
        "https://incidents.example/api says that INC-42 was opened at 2026-01-14T06:01:01.000Z, not at 2026-01-14T06:00:00.000Z",
    ),
    watch("pass", "an hour", {}, "pass", "monitoring for 1 h"),
    watch("just below", "59 minutes", minutes(59), "fail", "monitoring for 59 min"),
    watch("at", "60 minutes", minutes(60), "pass", "monitoring for 1 h"),
    watch("just above", "61 minutes", minutes(61), "pass", "monitoring for 1 h 1 min"),
    watch("other", "no time", minutes(0), "fail", "monitoring for 0 s"),
    incident("just below", "P2", priority("P2"), "fail", "INC-42 (P2)"),
    test("pass", "one test", {}, "pass", "1 added test: tests/unit/test_login.py::test_expired_session"),
    test("just below", "no test", tests(), "fail", "no added test"),
    test("at", "one test", tests("a"), "pass", "1 added test: a"),
    test("just above", "two tests", tests("a", "b"), "pass", "2 added tests: a and b"),
    rehearsal("pass", "six hours ago", {}, "pass", "rehearsed at 2026-01-14T12:00:00.000Z"),
    rehearsal(
        "just below",
        "24 h less a second ago",
        rehearsed(day - 1),
        "pass",
        "rehearsed at 2026-01-13T18:00:01.000Z",
    ),
    rehearsal("at", "24 h ago", rehearsed(day), "pass", "rehearsed at 2026-01-13T18:00:00.000Z"),
    rehearsal(
        "just above",
        "24 h and a second ago",
        rehearsed(day + 1),
        "fail",
        "rehearsed at 2026-01-13T17:59:59.000Z",
    ),
    rehearsal(
        "other",
        "in the future",
        rehearsed(-61),
        "fail",
        "Hotfix evidence is from the future: rollbackRehearsedAt is 2026-01-14T18:01:01.000Z, 1 min 1 s from now; " +
            "Rollback plan evidence is from the future: test.testedAt is 2026-01-14T18:01:01.000Z, 1 min 1 s from now",
    ),
    rehearsal(
        "other",
        "at another time than the plan's test",
        changed("hotfix", (one) => (one.rollbackRehearsedAt = ago(6 * hour - 1))),
        "fail",
        "rehearsed at 2026-01-14T12:00:01.000Z, but the rollback plan was last tested at 2026-01-14T12:00:00.000Z",
    ),
    rehearsal(
        "other",
        "at the time of the plan's test, written in another way",
        changed("hotfix", (one) => (one.rollbackRehearsedAt = "2026-01-14T12:00:00Z")),
        "pass",
        "rehearsed at 2026-01-14T12:00:00Z",
    ),
    rehearsal(
        "other",
        "of a plan that was never tested",
        changed("rollback-plan", (one) => delete one.test),
        "fail",
        "rehearsed at 2026-01-14T12:00:00.000Z, but the rollback plan was never tested",
    ),
    rehearsal(
        "other",
        "never",
        changed("hotfix", (one) => delete one.rollbackRehearsedAt),
        "fail",
        "never rehearsed",
    ),
    expedited("pass", "an expedited approval", {}, "pass", "expedited by margaret"),
    expedited(
        "just below",
        "an approval that is not expedited",
        decided({ expedited: false }),
        "fail",
        "no expedited approval that counts",
    ),
    expedited("at", "one expedited approval", decided({ expedited: true }), "pass", "expedited by margaret"),
    expedited(
        "just above",
        "two expedited approvals",
        decided({ expedited: true }, { login: "barbara", expedited: true }),
        "pass",
        "expedited by margaret and barbara",
    ),
    expedited(
        "other",
        "an author's",
        decided({ login: "ada", expedited: true }),
        "fail",
        "no expedited approval that counts",
    ),
    expedited(
        "other",
        "an author's, by the code review",
        {
            ...decided({ login: "grace", expedited: true }),
            ...changed("code-review", (one) => one.authors.push("grace")),
        },
        "fail",
        "no expedited approval that counts",
    ),
    expedited(
        "other",
        "a rejection",
        decided({ verdict: "rejected", expedited: true }),
        "fail",
        "no expedited approval that counts",
    ),
    size("pass", "one file", {}, "pass", "1 changed file: app/login.py"),
    size("at", "one file", files("a.py"), "pass", "1 changed file: a.py"),
    size("just above", "two files", files("a.py", "b.py"), "warn", "2 changed files: a.py and b.py"),
];

const monitoring = casesOf("hotfix-monitoring");
const watched = (change: Partial<ItemPredicate<"monitoring">>) =>
    changed("monitoring", (one) => Object.assign(one, change));
const watchedFor = (seconds: number) => watched({ startedAt: ago(5 * minute + seconds), observedSeconds: seconds });
const five = "2 errors in 5000 requests";
const monitoringCases = [
    monitoring("pass", "65 minutes", {}, "pass", `1 h 5 min with ${five}`),
    monitoring("just below", "59 min 59 s", watchedFor(hour - 1), "fail", "59 min 59 s observed"),
    monitoring("at", "an hour", watchedFor(hour), "pass", `1 h with ${five}`),
    monitoring("just above", "an hour and a second", watchedFor(hour + 1), "pass", `1 h 1 s with ${five}`),
    monitoring(
        "other",
        "65 minutes, of which Prometheus saw less than an hour",
        watched({ observedSeconds: hour - 1 }),
        "fail",
        "59 min 59 s observed",
    ),
    monitoring("other", "no request", watched({ requests: 0, serverErrors: 0 }), "fail", "no request to judge"),
    monitoring(
        "other",
        "one request",
        watched({ requests: 1, serverErrors: 0 }),
        "pass",
        "1 h 5 min with 0 errors in 1 request",
    ),
    monitoring(
        "other",
        "1 % errors",
        watched({ serverErrors: 50 }),
        "pass",
        "1 h 5 min with 50 errors in 5000 requests",
    ),
    monitoring("other", "more than 1 % errors", watched({ serverErrors: 51 }), "fail", "51 errors in 5000 requests"),
    monitoring(
        "other",
        "20 % of pods unhealthy",
        watched({ unhealthyPodsPercent: 20 }),
        "pass",
        `1 h 5 min with ${five}`,
    ),
    monitoring(
        "other",
        "more than 20 % of pods unhealthy",
        watched({ unhealthyPodsPercent: 20.1 }),
        "fail",
        "20.1 % of pods unhealthy",
    ),
    monitoring("other", "rolled back", watched({ rolledBack: true }), "fail", "it was rolled back"),
];

export const hotfixGateCases: readonly LimitCase[] = [...hotfixCases, ...monitoringCases];
