import type { EvidenceFile } from "../../../delivery/evidence/verify";
import { items, type ItemName, type ItemPredicate } from "../../../delivery/evidence/items";
import type { Statement } from "../../../delivery/evidence/statement";
import { set } from "../../policies/support/cases";
import { hour, minute, ago, release } from "../gates/support/contents";
import { run, took } from "../gates/support/test-cases";
import { attack, beside, hotfixAttack, lie, type Attack } from "./attack";

type Scan = ItemPredicate<"python-audit">;

/** A scan by one tool that found what is given, and was signed at a time. */
const scan = (uri: string, issuedAt: string, ...scores: string[]): EvidenceFile =>
    beside(
        "python-audit",
        {
            change: (one: Scan) => {
                one.scanner.uri = uri;
                one.scanner.result = scores.map((score, index) => ({
                    id: `CVE-${index + 1}`,
                    severity: [{ method: "nvd", score }],
                }));
            },
            issuedAt,
        },
        `${uri.replace(/\W/g, "-")}.json`,
    );
const pipAudit = "pkg:pypi/pip-audit@2.7.3";
const safety = "pkg:pypi/safety@3.2.0";

/** Ratings of one finding, of which the worst must count. */
const critical = [
    ["low", "9.8"],
    ["9.8", "low"],
    ["none", "9.0"],
    ["negligible", "10"],
    ["low", "CRITICAL"],
    ["0.0", "critical"],
    ["3.1", "9.1", "medium"],
] as const;
const high = [
    ["low", "7.0"],
    ["medium", "8.9"],
    ["info", "important"],
    ["low", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"],
    ["low", "severe"],
    ["none", "9,8"],
    ["low", "-9.8"],
] as const;
const found =
    (scores: readonly string[]) =>
    (one: Scan): void => {
        one.scanner.result = [{ id: "CVE-1", severity: scores.map((score) => ({ method: "nvd", score })) }];
    };

const suites: readonly (readonly [ItemName, string, string, number])[] = [
    ["unit-backend", "unit-tests", "backend", 412],
    ["unit-frontend", "unit-tests", "frontend", 198],
    ["integration", "integration-tests", "integration", 36],
];

/** Statements that contradict themselves: the schema refuses them, though they are signed by a trusted key. */
const contradictions: readonly (readonly [ItemName, string, string, unknown, string])[] = [
    ...(["unit-backend", "unit-frontend", "integration", "e2e-critical", "smoke"] as const).map((item) => {
        const gate = { integration: "integration-tests", "e2e-critical": "end-to-end-tests", smoke: "smoke-tests" };
        return [
            item,
            item in gate ? gate[item as keyof typeof gate] : "unit-tests",
            "configuration.0.annotations.durationSeconds",
            item === "smoke" ? 30 : 1,
            "predicate.configuration.0.annotations: durationSeconds is not the time from startedOn to finishedOn",
        ] as const;
    }),
    [
        "unit-backend",
        "unit-tests",
        "configuration.0.annotations.skipped",
        -1,
        "predicate.configuration.0.annotations.skipped is -1 (Too small: expected number to be >=0)",
    ],
    [
        "unit-backend",
        "unit-tests",
        "configuration.0.annotations.failed",
        1,
        "predicate.configuration.0.annotations: total is not the sum of passed, failed and skipped",
    ],
    ["unit-backend", "unit-tests", "failedTests", ["a"], "predicate: failedTests names 1 tests, but 0 failed"],
    ["unit-backend", "unit-tests", "result", "FAILED", "predicate: result is FAILED, but 0 tests failed"],
    [
        "smoke",
        "smoke-tests",
        "warnedTests",
        ["a", "b", "c", "d", "e"],
        "predicate: passedTests and warnedTests name 5 tests, but 4 passed",
    ],
    [
        "coverage-backend",
        "unit-coverage-backend",
        "linesCovered",
        10_001,
        "predicate: linesCovered is more than linesTotal",
    ],
    [
        "coverage-frontend",
        "unit-coverage-frontend",
        "branchesCovered",
        1,
        "predicate: branchesCovered is more than branchesTotal",
    ],
    ["type-coverage-backend", "type-coverage", "typedCount", 1001, "predicate: typedCount is more than totalCount"],
    [
        "soak",
        "staging-soak",
        "observedSeconds",
        7 * hour,
        "predicate: observedSeconds is more than the time from startedAt to endedAt",
    ],
    ["soak", "staging-soak", "serverErrors", 18_001, "predicate: serverErrors is more than requests"],
    ["migration-staging", "migration-status", "startedAt", ago(hour), "predicate: finishedAt is before startedAt"],
    ["staging-deployment", "staging-deployment", "startedAt", ago(hour), "predicate: completedAt is before startedAt"],
    [
        "incidents",
        "incident-count",
        "windowStartedAt",
        ago(minute),
        "predicate: windowEndedAt is before windowStartedAt",
    ],
    [
        "approval",
        "human-approval",
        "environment",
        "staging",
        'predicate.environment is "staging" (Invalid input: expected "prod")',
    ],
    [
        "approval",
        "human-approval",
        "decisions.0.verdict",
        "maybe",
        'predicate.decisions.0.verdict is "maybe" (Invalid option: expected one of "approved"|"rejected")',
    ],
];

export const measurementAttacks: readonly Attack[] = [
    attack(
        "a clean scan by safety that is newer than pip-audit's with a critical finding",
        { "python-audit": { missing: true } },
        "critical-vulnerabilities",
        "1 critical vulnerability: CVE-1 (python-audit)",
        { files: [scan(pipAudit, ago(4 * hour), "critical"), scan(safety, ago(2 * hour))] },
    ),
    attack(
        "a clean scan by pip-audit that is newer than safety's with a critical finding",
        { "python-audit": { missing: true } },
        "critical-vulnerabilities",
        "1 critical vulnerability: CVE-1 (python-audit)",
        { files: [scan(safety, ago(4 * hour), "9.8"), scan(pipAudit, ago(2 * hour))] },
    ),
    attack(
        "a clean scan by safety that is newer than pip-audit's with a high finding",
        { "python-audit": { missing: true } },
        "high-vulnerabilities",
        "CVE-1 (python-audit) has no tracking ticket such as RP-123",
        { files: [scan(pipAudit, ago(4 * hour), "high"), scan(safety, ago(2 * hour))] },
    ),
    attack(
        "a clean scan by another version of the same scanner that is older",
        { "python-audit": { missing: true } },
        "critical-vulnerabilities",
        "1 critical vulnerability: CVE-1 (python-audit)",
        {
            files: [
                scan("pkg:pypi/pip-audit@2.0.0", ago(4 * hour)),
                scan("pkg:pypi/pip-audit@2.7.3", ago(2 * hour), "critical"),
            ],
        },
    ),
    ...critical.map((scores) =>
        attack(
            `a critical finding that is also rated ${scores.join(" and ")}`,
            lie("npm-audit", found(scores)),
            "critical-vulnerabilities",
            "1 critical vulnerability: CVE-1 (npm-audit)",
        ),
    ),
    ...high.map((scores) =>
        attack(
            `a finding that is rated ${scores.join(" and ")}`,
            lie("npm-audit", found(scores)),
            "high-vulnerabilities",
            "CVE-1 (npm-audit) has no tracking ticket such as RP-123",
        ),
    ),
    attack(
        "an unrated finding",
        lie("npm-audit", found([])),
        "high-vulnerabilities",
        "CVE-1 (npm-audit) has no tracking ticket such as RP-123",
    ),
    attack(
        "a scan with an old database",
        lie("trivy", (one) => (one.scanner.db.lastUpdate = ago(5 * hour - minute + 49 * hour))),
        "critical-vulnerabilities",
        "the database of trivy was 2 d 1 h old; the database of trivy was 2 d 1 h old",
    ),
    ...suites.flatMap(([item, gate, what, total]) =>
        [total - 1, Math.floor(total / 2), Math.floor(total / 10) + 1].map((skipped) =>
            attack(
                `${skipped} of ${total} ${what} tests skipped`,
                lie(item, (one) => {
                    run(0, skipped)(one as ItemPredicate<"smoke">);
                }),
                gate,
                `${skipped} of ${total} ${what} tests skipped`,
            ),
        ),
    ),
    ...suites.map(([item, gate, what, total]) =>
        attack(
            `a failed ${what} test among ${total}`,
            lie(item, (one) => {
                run(1)(one as ItemPredicate<"smoke">);
            }),
            gate,
            `1 ${what} test failed: test_1`,
        ),
    ),
    attack("unit tests that took 5 minutes", lie("unit-backend", took(300)), "unit-test-duration", "backend 5 min"),
    attack("critical paths that took 10 minutes", lie("e2e-critical", took(600)), "end-to-end-duration", "10 min"),
    attack(
        "one critical path skipped",
        lie("e2e-critical", run(0, 1)),
        "end-to-end-tests",
        "1 critical path test skipped",
    ),
    attack(
        "four critical paths",
        lie("e2e-critical", run(0, 0, 4)),
        "end-to-end-tests",
        "only 4 critical paths in the suite",
    ),
    attack("one smoke test skipped", lie("smoke", run(0, 1)), "smoke-tests", "1 smoke test skipped"),
    ...[1, 2].map((total) =>
        attack(
            `${total} smoke tests in all`,
            lie("smoke", run(0, 0, total)),
            "smoke-tests",
            `only ${total} smoke test${total > 1 ? "s" : ""} in the suite`,
        ),
    ),
    ...(["backend", "frontend"] as const).flatMap((component) => [
        ...[0, 1, 9].map((lines) =>
            attack(
                `full coverage of ${lines} lines of the ${component}`,
                lie(`coverage-${component}`, (one) => Object.assign(one, { linesCovered: lines, linesTotal: lines })),
                `unit-coverage-${component}`,
                `only ${lines} line${lines === 1 ? "" : "s"} of the ${component} measured`,
            ),
        ),
        attack(
            `coverage of the ${component} by another tool`,
            lie(`coverage-${component}`, (one) => (one.tool.name = "wc")),
            `unit-coverage-${component}`,
            "measured by wc",
        ),
        attack(
            `types of one line of the ${component}`,
            lie(`type-coverage-${component}`, (one) => Object.assign(one, { typedCount: 1, totalCount: 1 })),
            "type-coverage",
            `only 1 line or expression of the ${component} measured`,
        ),
        attack(
            `types of the ${component} by another tool`,
            lie(`type-coverage-${component}`, (one) => (one.tool.name = "wc")),
            "type-coverage",
            `the ${component} was measured by wc`,
        ),
        attack(
            `a linter that did not run over the ${component}`,
            lie(`lint-${component}`, (one) => one.tools.shift()),
            "code-lint",
            `${component === "backend" ? "ruff" : "eslint"} did not run over the ${component}`,
        ),
    ]),
    attack(
        "a high finding of static analysis that was accepted",
        lie("bandit", (one) =>
            one.findings.push({
                rule: "B602",
                severity: "high",
                file: "app/run.py",
                line: 1,
                resolution: { kind: "accepted", ticket: "RP-1", justification: "later" },
            }),
        ),
        "static-analysis",
        "1 high finding: B602 at app/run.py:1 (bandit)",
    ),
    ...contradictions.map(([item, gate, path, value, problem]) =>
        attack(
            `${path} of ${item} is ${JSON.stringify(value)}`,
            { [item]: { restate: ({ predicate }: Statement) => set(path, value)(predicate) } },
            gate,
            `${items[item].title} evidence can't be understood: ${problem}`,
        ),
    ),
    attack(
        "an older clean report beside a newer one with an error",
        {},
        "code-lint",
        "ruff found 1 error in the backend",
        {
            files: [
                beside("lint-backend", {
                    change: (one: ItemPredicate<"lint-backend">) => (one.tools[0]!.errors = 1),
                    issuedAt: ago(2 * hour),
                }),
            ],
        },
    ),
    attack(
        "two reports of one time that contradict each other",
        {},
        "code-lint",
        "Backend lint evidence is contradictory: beside.json and lint-backend.json were issued at the same time",
        {
            files: [
                beside("lint-backend", {
                    change: (one: ItemPredicate<"lint-backend">) => (one.tools[0]!.warnings = 1),
                }),
            ],
        },
    ),
    ...(["backend", "frontend"] as const).flatMap((service, index) => [
        attack(
            `a deployment without ${service}`,
            lie("staging-deployment", (one) => one.services.splice(index, 1)),
            "staging-deployment",
            `${service} was not deployed to staging`,
        ),
        hotfixAttack(
            `a hotfix whose ${service} was never in staging`,
            lie("staging-deployment", (one) => one.services.splice(index, 1)),
            "staging-deployment",
            `${service} was not deployed to staging`,
        ),
        attack(
            `another image of ${service} in staging`,
            lie("staging-deployment", (one) => (one.services[index]!.image = "registry.example/x@sha256:0")),
            "staging-deployment",
            `${service} ran registry.example/x@sha256:0 in staging, not ${release.images[service] ?? ""}`,
        ),
        attack(
            `another image of ${service} beside the right one in staging`,
            lie("staging-deployment", (one) =>
                one.services.push({ ...one.services[index]!, image: "registry.example/x@sha256:0" }),
            ),
            "staging-deployment",
            `${service} ran registry.example/x@sha256:0 in staging, not ${release.images[service] ?? ""}`,
        ),
        attack(
            `no pod of ${service} in staging`,
            lie("staging-deployment", (one) => Object.assign(one.services[index]!, { replicas: 0, readyReplicas: 0 })),
            "staging-deployment",
            `0 of 0 pods of ${service} were ready`,
        ),
    ]),
    attack(
        "a soak of which half was observed",
        lie("soak", (one) => (one.observedSeconds = 3 * hour)),
        "staging-soak",
        "3 h observed",
    ),
    attack(
        "a soak without a request",
        lie("soak", (one) => (one.requests = 0)),
        "staging-soak",
        "0 requests, too few to judge",
    ),
    attack(
        "a soak with a restart",
        lie("soak", (one) => (one.containerRestarts = 1)),
        "staging-soak",
        "1 container restart",
    ),
    attack(
        "a soak with an error",
        lie("soak", (one) => (one.serverErrors = 1)),
        "staging-soak",
        "1 answer with status 5xx",
    ),
    attack(
        "a regular release without a soak",
        { soak: { missing: true } },
        "staging-soak",
        "Staging soak evidence is missing",
    ),
    attack(
        "a migration by hand",
        lie("migration-staging", (one) => (one.tool = "psql")),
        "migration-status",
        "it was made with psql",
    ),
    attack(
        "a database that is behind the release",
        lie("migration-staging", (one) => (one.toRevision = "1f0a")),
        "migration-status",
        "the database is at 1f0a, the newest is 2b7c",
    ),
    attack(
        "a health check that took a second",
        lie("smoke", (one) => (one.configuration[0].annotations.slowestHealthSeconds = 1)),
        "health-response",
        "slowest answer after 1 s",
    ),
    attack(
        "an error during the smoke tests",
        lie("smoke", (one) => (one.configuration[0].annotations.serverErrors = 1)),
        "server-errors",
        "1 answer with status 5xx",
    ),
];
