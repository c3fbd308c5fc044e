import type { ItemPredicate } from "../../../../delivery/evidence/items";
import { casesOf, changed, type LimitCase } from "./cases";
import { ago, day, hour, minute } from "./contents";
import { decided } from "./production-cases";

const incident = casesOf("hotfix-incident");
const test = casesOf("hotfix-test");
const rehearsal = casesOf("hotfix-rollback");
const expedited = casesOf("hotfix-approval");
const size = casesOf("hotfix-size");
const rehearsed = (seconds: number) => changed("hotfix", (one) => (one.rollbackRehearsedAt = ago(seconds)));
const priority = (one: "P1" | "P2") => changed("hotfix", (each) => (each.incident.priority = one));
const tests = (...names: string[]) => changed("hotfix", (one) => (one.addedTests = names));
const files = (...names: string[]) => changed("hotfix", (one) => (one.changedFiles = names));
const hotfixCases = [
    incident("pass", "P1", {}, "pass", "INC-42 (P1)"),
    incident("at", "P1", priority("P1"), "pass", "INC-42 (P1)"),
    incident("just below", "P2", priority("P2"), "fail", "INC-42 (P2)"),
    test("pass", "one test", {}, "pass", "1 added test: tests/unit/test_login.py::test_expired_session"),
    test("just below", "no test", tests(), "fail", "no added test"),
    test("at", "one test", tests("a"), "pass", "1 added test: a"),
    test("just above", "two tests", tests("a", "b"), "pass", "2 added tests: a and b"),
    rehearsal("pass", "two hours ago", {}, "pass", "rehearsed at 2026-01-14T16:00:00.000Z"),
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
    rehearsal("other", "in the future", rehearsed(-61), "fail", "rehearsed at 2026-01-14T18:01:01.000Z"),
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
