import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import Ajv2020 from "ajv/dist/2020";
import { evidenceReference, evidenceSchemas, exampleStatement } from "../../../docs/generate/evidence";
import { ago, examples } from "../../../docs/generate/evidence-examples";
import { items, itemOf, measuredAt, type ItemName } from "../../../delivery/evidence/items";
import { predicateNamed, predicates, scannerOf, type PredicateName } from "../../../delivery/evidence/predicates";
import { all, set, unset, type Change, type Properties } from "../../policies/support/cases";
import { projectRoot } from "../../support/project";

const itemNames = Object.keys(items) as ItemName[];
const predicateNames = Object.keys(predicates) as PredicateName[];

describe("Evidence predicates", () => {
    it("should have a type URI each, a standard one where it exists", () => {
        const own = (name: string) => `https://relaypacs.com/attestation/${name}/v1`;
        assert.deepEqual(
            predicateNames.map((name) => predicates[name].type),
            [
                "https://slsa.dev/provenance/v1",
                "https://in-toto.io/attestation/test-result/v0.1",
                "https://in-toto.io/attestation/vulns/v0.1",
                own("coverage"),
                own("lint"),
                own("type-coverage"),
                own("sast"),
                own("code-review"),
                own("build"),
                own("migration"),
                own("staging-deployment"),
                own("soak"),
                own("approval"),
                own("rehearsal"),
                own("restore-rehearsal"),
                own("rollback-plan"),
                own("incidents"),
                own("hotfix"),
                own("monitoring"),
                own("admission"),
            ],
        );
        for (const name of predicateNames) assert.equal(predicateNamed(predicates[name].type), name);
        assert.equal(predicateNamed("https://slsa.dev/provenance/v0.2"), undefined);
    });

    for (const item of itemNames) {
        it(`should accept the example of ${item} and recognise it`, () => {
            const name = items[item].predicate;
            assert.deepEqual(predicates[name].schema.parse(examples[item]), examples[item]);
            assert.equal(itemOf(name, examples[item]), item);
            assert.match(measuredAt(name, examples[item]), /^2026-01-14T\d\d:\d\d:00\.000Z$/);
        });
    }

    it("should recognise scanners by their package URL", () => {
        assert.equal(scannerOf("pkg:github/aquasecurity/trivy@0.58.0"), "trivy");
        assert.equal(scannerOf("pkg:npm/npm@10.8.2"), "npm-audit");
        assert.equal(scannerOf("pkg:pypi/safety@3.2.0"), "python-audit");
        assert.equal(scannerOf("pkg:pypi/pip-audit"), "python-audit");
        assert.equal(scannerOf("pkg:npm/npm-check@1.0.0"), undefined);
    });

    const later = ago(-3600);
    for (const item of ["soak", "monitoring"] as const)
        it(`should accept all of the time as observed, whatever its milliseconds (${item})`, () => {
            const predicate = structuredClone(examples[item]) as unknown as Properties;
            const startedAt = Date.parse(String(predicate.startedAt));
            const { schema } = predicates[items[item].predicate];
            const refused = Array.from({ length: 5000 }, (_, milliseconds) => milliseconds).filter((milliseconds) => {
                predicate.endedAt = new Date(startedAt + milliseconds).toISOString();
                predicate.observedSeconds = milliseconds / 1000;
                return !schema.safeParse(predicate).success;
            });
            assert.deepEqual(refused, []);
        });

    const contradictions: [ItemName, string, Change, string][] = [
        [
            "unit-backend",
            "counts that do not add up",
            set("configuration.0.annotations.passed", 411),
            "total is not the sum of passed, failed and skipped",
        ],
        [
            "unit-backend",
            "a duration that its times contradict",
            set("configuration.0.annotations.durationSeconds", 182.999),
            "durationSeconds is not the time from startedOn to finishedOn",
        ],
        [
            "unit-backend",
            "a duration that is longer than its times",
            set("configuration.0.annotations.durationSeconds", 185.001),
            "durationSeconds is not the time from startedOn to finishedOn",
        ],
        [
            "unit-backend",
            "more names of tests that passed than passed",
            all(
                set("passedTests", Array.from({ length: 400 }, String)),
                set("warnedTests", Array.from({ length: 13 }, String)),
            ),
            "passedTests and warnedTests name 413 tests, but 412 passed",
        ],
        [
            "coverage-backend",
            "more branches covered than there are",
            all(set("branchesCovered", 2), set("branchesTotal", 1)),
            "branchesCovered is more than branchesTotal",
        ],
        [
            "coverage-backend",
            "branches covered of none",
            set("branchesCovered", 2),
            "branchesCovered is more than branchesTotal",
        ],
        [
            "unit-backend",
            "an end before the beginning",
            set("configuration.0.annotations.startedOn", later),
            "finishedOn is before startedOn",
        ],
        [
            "unit-backend",
            "a list of failures that does not match the count",
            set("failedTests", ["one"]),
            "failedTests names 1 tests, but 0 failed",
        ],
        [
            "unit-backend",
            "a failed run without a failure",
            set("result", "FAILED"),
            "result is FAILED, but 0 tests failed",
        ],
        [
            "unit-backend",
            "a negative count",
            set("configuration.0.annotations.skipped", -1),
            "Too small: expected number to be >=0",
        ],
        [
            "unit-backend",
            "a fraction of a test",
            set("configuration.0.annotations.total", 411.5),
            "Invalid input: expected int, received number",
        ],
        ["unit-backend", "an unknown suite", set("configuration.0.name", "unit"), "Invalid option: expected one of"],
        ["unit-backend", "an unknown result", set("result", "SKIPPED"), "Invalid option: expected one of"],
        ["unit-backend", "no configuration", set("configuration", []), "Invalid input"],
        [
            "unit-backend",
            "a configuration that says nothing",
            set("configuration.1", { name: "more" }),
            "needs one of uri, digest and content",
        ],
        [
            "unit-backend",
            "no list of failures",
            unset("failedTests"),
            "Invalid input: expected array, received undefined",
        ],
        [
            "smoke",
            "no response time",
            unset("configuration.0.annotations.slowestHealthSeconds"),
            "suite smoke needs the annotations slowestHealthSeconds and serverErrors",
        ],
        [
            "smoke",
            "no count of server errors",
            unset("configuration.0.annotations.serverErrors"),
            "suite smoke needs the annotations slowestHealthSeconds and serverErrors",
        ],
        [
            "e2e-critical",
            "no count of scenarios",
            unset("configuration.0.annotations.scenarios"),
            "suite e2e-critical needs the annotation scenarios",
        ],
        [
            "e2e-critical",
            "more scenarios than tests",
            set("configuration.0.annotations.scenarios", 7),
            "scenarios is more than total",
        ],
        [
            "coverage-backend",
            "more lines covered than there are",
            set("linesCovered", 10_001),
            "linesCovered is more than linesTotal",
        ],
        [
            "type-coverage-backend",
            "more types than expressions",
            set("typedCount", 1001),
            "typedCount is more than totalCount",
        ],
        ["lint-backend", "no tool", set("tools", []), "Too small: expected array to have >=1 items"],
        [
            "trivy",
            "an unknown scanner",
            set("scanner.uri", "pkg:npm/other@1"),
            "is none of pkg:github/aquasecurity/trivy, pkg:npm/npm, pkg:pypi/pip-audit, pkg:pypi/safety",
        ],
        [
            "trivy",
            "an end before the beginning",
            set("metadata.scanStartedOn", later),
            "scanFinishedOn is before scanStartedOn",
        ],
        [
            "bandit",
            "an unknown severity",
            set("findings", [{ rule: "B1", severity: "unknown", file: "a", line: 1 }]),
            "Invalid option: expected one of",
        ],
        [
            "bandit",
            "a resolution without a valid ticket",
            set("findings", [
                {
                    rule: "B1",
                    severity: "high",
                    file: "a",
                    line: 1,
                    resolution: { kind: "accepted", ticket: "later", justification: "x" },
                },
            ]),
            "Invalid string: must match pattern",
        ],
        ["code-review", "no author", set("authors", []), "Too small: expected array to have >=1 items"],
        [
            "provenance",
            "an end before the beginning",
            set("runDetails.metadata.startedOn", later),
            "finishedOn is before startedOn",
        ],
        ["build", "an unknown kind of artifact", set("artifacts.0.kind", "image"), "Invalid option: expected one of"],
        ["migration-staging", "an end before the beginning", set("startedAt", later), "finishedAt is before startedAt"],
        [
            "staging-deployment",
            "an end before the beginning",
            set("startedAt", later),
            "completedAt is before startedAt",
        ],
        ["staging-deployment", "another environment", set("environment", "prod"), 'Invalid input: expected "staging"'],
        [
            "soak",
            "more time observed than elapsed",
            set("observedSeconds", 21_601),
            "observedSeconds is more than the time from startedAt to endedAt",
        ],
        ["soak", "more errors than requests", set("serverErrors", 18_001), "serverErrors is more than requests"],
        [
            "soak",
            "an end before the beginning",
            set("endedAt", ago(9 * 3600)),
            "observedSeconds is more than the time from startedAt to endedAt",
        ],
        [
            "monitoring",
            "more time observed than elapsed",
            set("observedSeconds", 3901),
            "observedSeconds is more than the time from startedAt to endedAt",
        ],
        [
            "admission-prod",
            "an end before the beginning",
            set("completedAt", ago(3600)),
            "completedAt is before admittedAt",
        ],
        ["admission-prod", "no gate", set("gates", []), "Too small: expected array to have >=1 items"],
        [
            "admission-prod",
            "a gate that failed",
            set("gates.0.status", "fail"),
            'Invalid option: expected one of "pass"|"warn"',
        ],
        [
            "admission-prod",
            "another environment's checkpoint",
            set("checkpoint", "staging"),
            "checkpoint is not that of the environment",
        ],
        ["monitoring", "more errors than requests", set("serverErrors", 5001), "serverErrors is more than requests"],
        ["approval", "an unknown role", set("decisions.0.role", "intern"), "Invalid option: expected one of"],
        [
            "incidents",
            "an end before the beginning",
            set("windowStartedAt", later),
            "windowEndedAt is before windowStartedAt",
        ],
        [
            "incidents",
            "an unknown priority",
            set("incidents", [{ id: "1", priority: "P0", openedAt: ago(0) }]),
            "Invalid option: expected one of",
        ],
        ["hotfix", "no changed file", set("changedFiles", []), "Too small: expected array to have >=1 items"],
        ["hotfix", "a time that is not in UTC", set("measuredAt", "2026-01-14T18:00:00+01:00"), "Invalid ISO datetime"],
    ];
    for (const [item, title, change, problem] of contradictions) {
        it(`should refuse ${title} (${item})`, () => {
            const predicate = structuredClone(examples[item]) as unknown as Properties;
            change(predicate);
            const parsed = predicates[items[item].predicate].schema.safeParse(predicate);
            const issues = parsed.error?.issues.map((issue) => issue.message) ?? [];
            assert.ok(issues[0]?.startsWith(problem), issues.join("; "));
        });
    }
});

describe("The description of evidence", () => {
    const reference = path.join(projectRoot, "docs/reference");
    const advice = "docs/reference is out of date: run make docs";

    it("should be what the schemas generate", () => {
        assert.ok(fs.readFileSync(path.join(reference, "evidence.md"), "utf8") === evidenceReference(), advice);
        const folder = path.join(reference, "evidence-schemas");
        assert.deepEqual(fs.readdirSync(folder).sort(), [...evidenceSchemas().keys()].sort(), advice);
        for (const [name, schema] of evidenceSchemas())
            assert.deepEqual(
                JSON.parse(fs.readFileSync(path.join(folder, name), "utf8")),
                schema,
                `${name}: ${advice}`,
            );
    });

    it("should describe every field", () => {
        const bare: string[] = [];
        const walk = (schema: Properties, at: string) => {
            for (const [key, value] of Object.entries((schema.properties ?? {}) as Record<string, Properties>)) {
                const structure = value.type === "object" && !value.description && value.properties;
                if (!value.description && !structure) bare.push(`${at}.${key}`);
                walk(value, `${at}.${key}`);
            }
            for (const inner of [schema.items, ...((schema.prefixItems as unknown[] | undefined) ?? [])]) {
                if (inner) walk(inner as Properties, `${at}[]`);
            }
        };
        for (const [name, schema] of evidenceSchemas()) walk(schema as Properties, name);
        assert.deepEqual(bare, []);
    });

    for (const item of itemNames) {
        it(`should include a JSON Schema that accepts the example of ${item}, and no other type`, () => {
            const { type } = predicates[items[item].predicate];
            const schema = [...evidenceSchemas().values()].find((one) =>
                JSON.stringify(one).includes(`"const":"${type}"`),
            );
            assert.ok(schema, `no schema has the type ${type}`);
            const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
            const example = exampleStatement(item);
            assert.ok(validate(example), JSON.stringify(validate.errors));
            assert.ok(!validate({ ...example, predicateType: "https://example.org/v1" }));
            assert.ok(!validate({ ...example, predicate: {} }));
        });
    }
});
