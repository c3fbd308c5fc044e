import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseManifest, parseRelease } from "../../release/collect";
import { hotfix, rehearsal, restoreRehearsal, rollbackPlan } from "../../delivery/evidence/predicates/decisions";
import { build } from "../../delivery/evidence/predicates/delivery";
import { provenance } from "../../delivery/evidence/predicates/standard";
import { actions, reusable } from "./files";
import { commit, digest, run, step } from "./script";

const json = (value: unknown) => JSON.stringify(value);
const images = { backend: digest, frontend: digest };
const release = {
    version: "1.4.2",
    commit,
    images,
    committedAt: "2026-01-14T17:00:00Z",
    repository: "https://github.com/relaypacs/gateway",
};
/** A substitute for mikefarah's `yq --output-format json`, for files that are JSON already. */
const yq = 'cat "${@: -1}"';

/** The exit codes that the steps of the tools have kept, each another one. */
const exitCodes = Object.fromEntries(
    [
        ...[
            "ruff",
            "black",
            "mypy",
            "eslint",
            "prettier",
            "typescript",
            "type-coverage",
            "unit-backend",
            "integration",
        ],
        ...["unit-frontend", "playwright", "bandit", "pip-audit", "npm-audit"],
    ].map((name, at) => [name, at + 1]),
);

/** Each job's entries for the manifest, from the script that writes them. */
async function entries(): Promise<Record<string, string>> {
    const version = json({ version: "1.2.3" });
    const packages = [
        "eslint",
        "eslint-plugin-security",
        "prettier",
        "typescript",
        "type-coverage",
        "istanbul-reports",
    ];
    const files = {
        "mypy/cobertura.xml": "",
        "reports/none": "",
        "ruff.checked": "42\n",
        ...Object.fromEntries(Object.entries(exitCodes).map(([name, code]) => [`${name}.code`, `${code}\n`])),
        ...Object.fromEntries(packages.map((name) => [`node_modules/${name}/package.json`, version])),
    };
    const programs = {
        python: 'echo "1.2.3"',
        npm: 'echo "10.9.0"',
        bandit: 'printf "bandit 1.9.4\\n  python version = 3.12\\n"',
        "pip-audit": 'echo "pip-audit 2.10.1"',
    };
    const found: Record<string, string> = {};
    for (const job of [
        "lint-backend",
        "lint-frontend",
        "test-backend",
        "test-frontend",
        "e2e-tests",
        "security-scan",
    ]) {
        const script = step("ci.yml", job, `reports/${job}.entries`).replace(/^mkdir .*$/m, "");
        const { code, text, written } = await run(script, {}, { files, programs });
        assert.equal(code, 0, text);
        found[job] = written.get(`reports/${job}.entries`)!;
    }
    return found;
}

describe("The step that writes the manifest of the reports", () => {
    const script = step("publish.yml", "evidence", "reports/reports.yaml");
    const accepted = {
        vulnerabilities: [{ id: "CVE-2026-1234", ticket: "RP-123", dueDate: "2026-12-24" }],
        findings: [],
        warnings: [],
    };
    const write = async (files: Record<string, string>) => {
        const made = await entries();
        const reports = Object.fromEntries(
            Object.entries(made).map(([job, text]) => [`reports/${job}/${job}.entries`, text]),
        );
        const own = { "records/release.json": json(release), "reports/publish/trivy-backend.json": "{}" };
        return run(script, {}, { files: { ...own, ...reports, ...files }, programs: { yq } });
    };

    it("should write a manifest for release collect with every kind of report of the pipeline", async () => {
        const { code, text, written } = await write({ "accepted-findings.yaml": json(accepted) });
        assert.equal(code, 0, text);
        const manifest = parseManifest(written.get("reports/reports.yaml")!, "reports.yaml");
        assert.deepEqual(manifest.accepted, accepted);
        assert.deepEqual([...new Set(manifest.reports.map(({ kind }) => kind))].sort(), [
            "bandit",
            "black",
            "coverage-py",
            "eslint",
            "eslint-security",
            "istanbul",
            "junit",
            "mypy",
            "mypy-coverage",
            "npm-audit",
            "pip-audit",
            "playwright",
            "prettier",
            "ruff",
            "trivy",
            "type-coverage",
            "typescript",
        ]);
        assert.deepEqual(manifest.reports.flatMap((one) => ("suite" in one ? [one.suite] : [])).sort(), [
            "e2e-critical",
            "integration",
            "unit-backend",
            "unit-frontend",
        ]);
        assert.deepEqual(manifest.reports.flatMap((one) => (one.kind === "trivy" ? [one.service] : [])).sort(), [
            "backend",
            "frontend",
        ]);
        const command: Readonly<Record<string, string>> = {
            "mypy-coverage": "mypy",
            "eslint-security": "eslint",
            "coverage-py": "unit-backend",
            istanbul: "unit-frontend",
        };
        for (const one of manifest.reports) {
            const name = one.kind === "junit" ? one.suite : (command[one.kind] ?? one.kind);
            assert.equal(one.exitCode, one.kind === "trivy" ? 0 : exitCodes[name], name);
        }
        assert.ok(manifest.reports.some((one) => one.kind === "ruff" && one.checked === 42));
        // Each report is its own job's, so that none can stand in for another's.
        const jobOf = (kind: string) => manifest.reports.find((one) => one.kind === kind)!.file.split("/")[0];
        assert.deepEqual(["ruff", "eslint", "playwright", "bandit", "trivy"].map(jobOf), [
            "lint-backend",
            "lint-frontend",
            "e2e-tests",
            "security-scan",
            "publish",
        ]);
        for (const one of manifest.reports) {
            const [job] = one.file.split("/");
            assert.equal(one.file.split("/").length, 2, one.file);
            if (one.kind === "trivy") assert.equal(one.database, `${job}/trivy-version.json`);
            if (one.kind === "safety") assert.ok(one.requirements!.every((file) => file.startsWith(`${job}/`)));
        }
        for (const one of manifest.reports)
            if ("version" in one) assert.match(one.version, /^\d+\.\d+\.\d+$/, one.kind);
    });

    it("should accept no finding when the gateway has no list of accepted findings", async () => {
        const { written } = await write({});
        const { accepted: none } = parseManifest(written.get("reports/reports.yaml")!, "reports.yaml");
        assert.deepEqual(none, { vulnerabilities: [], findings: [], warnings: [] });
    });
});

describe("The step that writes the record of a release", () => {
    it("should write the release file of the release commands, and an output that the program accepts", async () => {
        const words = "The stored record also has";
        const script = step("publish.yml", "push", words);
        const { code, text, output, written } = await run(
            `release='${json({ version: "1.4.2", commit, images })}'\n${script.slice(script.indexOf('echo "release='))}`,
            { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "relaypacs/gateway" },
            { programs: { git: 'echo "2026-01-14T17:00:00Z"' } },
        );
        assert.equal(code, 0, text);
        assert.deepEqual({ ...parseRelease(written.get("release.json")!, "release.json") }, release);
        assert.equal(output, `release=${json({ version: "1.4.2", commit, images })}`);
    });
});

describe("The step that records how images were built", () => {
    const script = step("publish.yml", "evidence", "buildDefinition");
    const labels = {
        "com.relaypacs.build.started": "2026-01-14T17:10:00Z",
        "com.relaypacs.build.run": "https://github.com/relaypacs/gateway/actions/runs/1/attempts/1",
    };
    const scan = json({ Metadata: { ImageConfig: { config: { Labels: labels } } } });
    const write = () =>
        run(
            script,
            {
                GITHUB_WORKFLOW_REF: "relaypacs/gateway/.github/workflows/ci-cd.yml@refs/heads/main",
                GITHUB_REPOSITORY: "relaypacs/gateway",
                GITHUB_REF: "refs/heads/main",
                GITHUB_SHA: commit,
                SOURCE: release.repository,
                ECR_REGISTRY: "123456789012.dkr.ecr.us-east-1.amazonaws.com",
                ASSETS_BUCKET: "assets",
                ARTIFACTS_BUCKET: "artifacts",
                VERSION: "1.4.2",
            },
            {
                files: {
                    "records/release.json": json(release),
                    "records/assets.sha256": "sums",
                    "reports/publish/trivy-backend.json": scan,
                    "reports/publish/trivy-frontend.json": scan,
                },
                programs: { aws: 'echo "2026-01-14T18:15:00.737000+01:00"' },
            },
        );

    it("should write provenance with the commit, the workflow and the run that built the image", async () => {
        const { code, text, written } = await write();
        assert.equal(code, 0, text);
        const made = provenance.parse(JSON.parse(written.get("provenance/backend.json")!));
        assert.deepEqual(made.buildDefinition.resolvedDependencies![0]!.digest, { gitCommit: commit });
        assert.deepEqual(made.buildDefinition.externalParameters.workflow, {
            ref: "refs/heads/main",
            repository: release.repository,
            path: ".github/workflows/ci-cd.yml",
        });
        assert.deepEqual(made.runDetails.metadata, {
            invocationId: labels["com.relaypacs.build.run"],
            startedOn: labels["com.relaypacs.build.started"],
            finishedOn: "2026-01-14T17:15:00Z",
        });
    });

    it("should record every kind of artifact by its digest", async () => {
        const made = build.parse(JSON.parse((await write()).written.get("build.json")!));
        assert.deepEqual(
            made.artifacts.map(({ kind, name }) => `${kind} ${name}`),
            [
                "container-image relaypacs/backend",
                "container-image relaypacs/frontend",
                "static-assets frontend",
                "build-metadata release.json",
            ],
        );
        assert.equal(`sha256:${made.artifacts[0]!.sha256}`, digest);
    });
});

describe("The step that checks the records of a build", () => {
    const script = step("publish.yml", "evidence", "expected.json");
    const sum = (text: string) => createHash("sha256").update(text).digest("hex");
    const check = (files: Readonly<Record<string, string>> = {}) =>
        run(
            script,
            {
                RELEASE: json({ version: "1.4.2", commit, images }),
                ASSETS: sum("sums"),
                GITHUB_SERVER_URL: "https://github.com",
                GITHUB_REPOSITORY: "relaypacs/gateway",
            },
            {
                files: {
                    "records/release.json": `${JSON.stringify(release, null, 2)}\n`,
                    "records/assets.sha256": "sums",
                    ...files,
                },
                programs: { git: 'echo "2026-01-14T17:00:00Z"' },
            },
        );

    it("should let the records of the job push pass", async () => {
        const { code, text } = await check();
        assert.equal(code, 0, text);
    });

    for (const [what, files] of [
        ["names another image", { "records/release.json": JSON.stringify({ ...release, images: {} }, null, 2) }],
        [
            "names another repository",
            { "records/release.json": JSON.stringify({ ...release, repository: "x:y" }, null, 2) },
        ],
        ["has other sums of the assets", { "records/assets.sha256": "other" }],
    ] as const)
        it(`should refuse an artifact that ${what}`, async () => {
            const { code, text } = await check(files);
            assert.equal(code, 1);
            assert.match(text!, /^::error::The artifact build-records has other records than the job push wrote\.$/m);
        });
});

describe("The action that fetches the inputs of the gates", () => {
    const script = actions.get(".github/actions/reach/action.yml")!.runs.steps[1]!.run!;
    const record = json({ ...release });
    const recorded = (text: string) => createHash("sha256").update(text).digest("hex");
    const fetch = (artifacts: unknown, given: object = { version: "1.4.2", commit, images }) =>
        run(
            script,
            { STACK: "staging", RELEASE: json(given), EVIDENCE_BUCKET: "e", ARTIFACTS_BUCKET: "a" },
            {
                files: { "stored.json": record, "build-answer.json": json(artifacts) },
                programs: {
                    aws: `case "$*" in *" release.json") cp stored.json release.json ;; *) echo "$*" >> "$RUNNER_TEMP/calls" ;; esac`,
                    npx: 'cat "$RUNNER_TEMP/build-answer.json"',
                    yq: "echo '[]'",
                },
            },
        );
    const build = (sha256: string) => ({ artifacts: [{ kind: "build-metadata", name: "release.json", sha256 }] });

    it("should accept the record that the signed build evidence names, and fetch no object of another folder", async () => {
        const { calls, code, text } = await fetch(build(recorded(record)));
        assert.equal(code, 0, text);
        assert.deepEqual(calls, [
            "s3 cp --recursive --only-show-errors s3://e/1.4.2/ evidence/ --exclude * --include *.json --exclude */*",
        ]);
    });

    it("should refuse any other record, which could name another repository", async () => {
        for (const answer of [build("0".repeat(64)), { artifacts: [] }, null]) {
            const { code, text } = await fetch(answer);
            assert.equal(code, 1, JSON.stringify(answer));
            assert.match(
                text!,
                /^::error::The record of 1\.4\.2 is not the one that its signed build evidence names\.$/m,
            );
        }
    });

    it("should refuse a version that is no version, before it becomes a path", async () => {
        for (const version of ["../policies", "1.4", "", "1.4.2/.."]) {
            const { calls, code, text } = await fetch(build(recorded(record)), { version, commit, images });
            assert.equal(code, 1);
            assert.match(text!, /::error::The release has the version ".*"; it must be a version such as 1\.4\.2\./);
            assert.deepEqual(calls, []);
        }
    });
});

describe("The step that attests what a hotfix changes", () => {
    const script = step("deploy.yml", "page", "changedFiles");
    const compare = {
        files: [
            { filename: "backend/app/login.py", patch: "+def test_looks_like_one():" },
            {
                filename: "backend/tests/unit/test_login.py",
                patch: "@@ -1 +1,4 @@\n+async def test_login_after_reset(client):\n+    def test_inner():\n-def test_gone():\n def test_kept():",
            },
            { filename: "frontend/src/login.test.ts", patch: "+  it(\"logs in again\", () => {\n+test('twice', f);" },
            { filename: "frontend/e2e/image.png" },
        ],
    };
    const incident = { id: "RP-150", priority: "P1", uri: "https://issues/150", openedAt: "2026-01-14T16:00:00Z" };
    const base = "b".repeat(40);
    const pulls = [
        { merged_at: null, base: { ref: "main", sha: "1".repeat(40) } },
        { merged_at: "2026-01-14T16:50:00Z", base: { ref: "staging", sha: "2".repeat(40) } },
        { merged_at: "2026-01-14T16:55:00Z", base: { ref: "main", sha: base } },
    ];
    /** A substitute for `gh api` that applies `--jq`, and compares only with the expected commit. */
    const gh = `case "$2" in
        repos/relaypacs/gateway/commits/${commit}/pulls) jq --raw-output "$4" pulls-answer.json ;;
        repos/relaypacs/gateway/compare/${base}...${commit}) cat compare-answer.json ;;
        *) exit 1 ;;
    esac`;
    const write = (files: Record<string, string> = {}, given: unknown = incident, plan: unknown = null) =>
        run(
            script,
            { INCIDENT: json(given), GITHUB_REPOSITORY: "relaypacs/gateway", KEY: "key" },
            {
                files: {
                    "release.json": json(release),
                    "compare-answer.json": json(compare),
                    "pulls-answer.json": json(pulls),
                    "plan-answer.json": json(plan),
                    ...files,
                },
                programs: { gh, npx: `if [[ "$2" == show ]]; then cat plan-answer.json; fi; echo "$*" >> calls` },
            },
        );

    it("should list changed files without tests, and the tests that were added", async () => {
        const { code, text, written } = await write();
        assert.equal(code, 0, text);
        const made = hotfix.parse(JSON.parse(written.get("hotfix.json")!));
        assert.deepEqual(made.incident, incident);
        assert.equal(made.baseCommit, base);
        assert.deepEqual(made.changedFiles, ["backend/app/login.py"]);
        assert.deepEqual(made.addedTests, ["test_login_after_reset", "test_inner", "logs in again", "twice"]);
        assert.equal(made.monitoringMinutes, 60);
        assert.equal(made.rollbackRehearsedAt, undefined);
    });

    it("should refuse a commit that came to main without a pull request", async () => {
        for (const answer of [[], pulls.slice(0, 2)]) {
            const { code, text, written } = await write({ "pulls-answer.json": json(answer) });
            assert.equal(code, 1);
            assert.match(text!, /^::error::a{40} came to main by no pull request; a hotfix is merged as one/m);
            assert.ok(!written.has("hotfix.json"));
        }
    });

    it("should take the rehearsal from the release's verified rollback plan", async () => {
        const { calls, written } = await write({}, incident, { test: { testedAt: "2026-01-14T16:00:00Z" } });
        const made = hotfix.parse(JSON.parse(written.get("hotfix.json")!));
        assert.equal(made.rollbackRehearsedAt, "2026-01-14T16:00:00Z");
        assert.equal(
            calls[0],
            "release show rollback-plan --evidence evidence --keys keys.json --release release.json",
        );
        const untested = await write({}, incident, { previousVersion: "1.4.1" });
        assert.equal(hotfix.parse(JSON.parse(untested.written.get("hotfix.json")!)).rollbackRehearsedAt, undefined);
    });
});

describe("The rehearsal of a rollback", () => {
    const keep = step("rollback.yml", "rollback", "rehearsal.json");
    const plan = step("deploy.yml", "deploy", "rollback-plan.json");
    const document = { "docs/runbooks/roll-back.md": "# Roll back" };
    const documentSha256 = createHash("sha256").update("# Roll back").digest("hex");
    const rehearsed = (outcome: string, said = "Rollback of staging: 1.4.1 → 1.4.0") =>
        run(
            keep,
            { OUTCOME: outcome, STACK: "staging", EVIDENCE_BUCKET: "evidence", KEY: "k" },
            {
                files: {
                    ...document,
                    begun: "1768413600\n",
                    ended: "1768413645\n",
                    "rollback.txt": `${said}\n  commit     ${commit}\n`,
                },
                programs: Object.fromEntries(
                    ["aws", "npx"].map((name) => [name, `echo "${name} $*" >> "$RUNNER_TEMP/calls"`]),
                ),
            },
        );
    const migrated = (fromRevision: string, toRevision: string) => ({ fromRevision, toRevision });

    /** What `release show` prints, by item: the newest verified evidence. */
    interface Shown {
        readonly rehearsal?: unknown;
        readonly "migration-staging"?: unknown;
        readonly "migration-prod"?: unknown;
        readonly "restore-rehearsal"?: unknown;
    }
    const staging = { "migration-staging": migrated("1f0a", "2b7c") };
    const planning = (
        shown: Shown = staging,
        {
            files = {},
            previous = "1.4.1",
            backup = null,
        }: { files?: Readonly<Record<string, string>>; previous?: string; backup?: unknown } = {},
    ) => {
        const answers = ["rehearsal", "restore-rehearsal", "migration-staging", "migration-prod"].map((item) => [
            `answers/${item}`,
            json(shown[item as keyof Shown] ?? null),
        ]);
        return run(
            plan,
            {
                SOURCE: "https://github.com/relaypacs/platform/blob/c/docs/runbooks/roll-back.md",
                EVIDENCE_BUCKET: "e",
                PREVIOUS: previous,
                KEY: "k",
            },
            {
                files: { ...document, ...(Object.fromEntries(answers) as Record<string, string>), ...files },
                programs: {
                    aws: 'echo "aws $*" >> "$RUNNER_TEMP/calls"',
                    yq: `echo '${json(backup)}'`,
                    npx: `echo "npx $*" >> "$RUNNER_TEMP/calls"; if [[ "$2" == show ]]; then cat "$RUNNER_TEMP/answers/$3"; fi`,
                },
            },
        );
    };
    const planned = async (...given: Parameters<typeof planning>) => {
        const { code, text, written } = await planning(...given);
        assert.equal(code, 0, text);
        return rollbackPlan.parse(JSON.parse(written.get("rollback-plan.json")!));
    };
    const made = async (...given: Parameters<typeof rehearsed>) => {
        const { code, text, written } = await rehearsed(...given);
        assert.equal(code, 0, text);
        return rehearsal.parse(JSON.parse(written.get("rehearsal.json")!));
    };

    for (const [outcome, result] of [
        ["success", "succeeded"],
        ["failure", "failed"],
    ] as const)
        it(`should be signed as ${result} after the outcome ${outcome}, and be in the next rollback plan`, async () => {
            const predicate = await made(outcome);
            assert.deepEqual(predicate, {
                result,
                environment: "staging",
                application: "redeploy-previous",
                documentSha256,
                fromVersion: "1.4.1",
                toVersion: "1.4.0",
                testedAt: "2026-01-14T18:00:45Z",
                durationSeconds: 45,
            });
            const next = await planned({ ...staging, rehearsal: predicate });
            assert.deepEqual(next.test, predicate);
            assert.equal(next.documentSha256, documentSha256);
            assert.equal(next.previousVersion, "1.4.1");
        });

    it("should be stored as staging's key has signed it, about the release that staging ran", async () => {
        const { calls, output } = await rehearsed("success");
        assert.equal(output, "to=1.4.0");
        assert.deepEqual(calls, [
            "npx release attest rehearsal --contents rehearsal.json --release present.json --out rehearsals --kms-key k",
            "aws s3 cp --recursive --only-show-errors rehearsals s3://evidence/rehearsals/",
        ]);
    });

    it("should have failed, without versions, when the command refused", async () => {
        const { output } = await rehearsed("failure", "There is no release to go back to.");
        assert.equal(output, "to=");
        const { fromVersion, result, toVersion } = await made("failure", "There is no release to go back to.");
        assert.deepEqual([result, fromVersion, toVersion], ["failed", undefined, undefined]);
    });

    it("should name the plan that was followed, even when the plan has changed since", async () => {
        const shown = { ...staging, rehearsal: await made("success") };
        const next = await planned(shown, { files: { "docs/runbooks/roll-back.md": "# New" } });
        assert.equal(next.test!.documentSha256, documentSha256);
        assert.notEqual(next.documentSha256, documentSha256);
    });

    it("should be verified before the plan is signed, like the migrations", async () => {
        const { calls } = await planning();
        assert.deepEqual(
            calls.filter((call) => call.startsWith("npx")),
            [
                "npx release show rehearsal --evidence rehearsals --keys keys.json",
                "npx release show migration-staging --evidence evidence --keys keys.json --release release.json",
                "npx release show migration-prod --evidence production --keys keys.json --version 1.4.1",
                "npx release attest rollbackPlan --contents rollback-plan.json --release release.json --out evidence --kms-key k",
            ],
        );
        assert.deepEqual(
            calls.filter((call) => call.startsWith("aws")),
            [
                "aws s3 cp --recursive --only-show-errors s3://e/rehearsals/ rehearsals/ --exclude * --include rehearsal.*.json --exclude */*",
                "aws s3 cp --recursive --only-show-errors s3://e/1.4.1/ production/ --exclude * --include migration-prod.*.json --exclude */*",
            ],
        );
    });

    it("should end the step when what there is does not count", async () => {
        const refusing = plan.replaceAll("npx release show", "npx-that-refuses");
        const { code, written } = await run(
            refusing,
            { SOURCE: "s:s", EVIDENCE_BUCKET: "e", PREVIOUS: "1.4.1", KEY: "k" },
            { files: document, programs: { aws: "exit 0", npx: "exit 0", "npx-that-refuses": "exit 2" } },
        );
        assert.equal(code, 2);
        assert.ok(!written.has("rollback-plan.json"));
    });

    for (const [title, shown, database] of [
        ["staging was migrated", staging, "alembic-downgrade"],
        ["staging was not migrated", { "migration-staging": migrated("2b7c", "2b7c") }, "none-needed"],
        [
            "staging was not migrated, but production will be",
            { "migration-staging": migrated("2b7c", "2b7c"), "migration-prod": migrated("0d1e", "1f0a") },
            "alembic-downgrade",
        ],
        [
            "production has the revision already",
            { ...staging, "migration-prod": migrated("1f0a", "2b7c") },
            "none-needed",
        ],
    ] as const)
        it(`should be followed by a plan for the database, ${database}, when ${title}`, async () => {
            const made = await planned(shown);
            assert.equal(made.database, database);
            assert.equal(made.productionRevision !== undefined, "migration-prod" in shown);
        });

    it("should be followed by a plan when production has no release yet", async () => {
        const { calls, code, text } = await planning(staging, { previous: "none" });
        assert.equal(code, 0, text);
        assert.ok(!calls.some((call) => call.includes("migration-prod")), calls.join("\n"));
    });

    it("should be followed by no plan without evidence of the migration", async () => {
        const { code, text } = await planning({});
        assert.notEqual(code, 0);
        assert.match(text!, /no evidence of the migration in staging/);
    });

    it("should be absent from the plan when there was none", async () => {
        assert.equal((await planned()).test, undefined);
    });

    describe("and of a restore", () => {
        const document = { "docs/runbooks/restore-database.md": "# Restore" };
        const sha256 = createHash("sha256").update("# Restore").digest("hex");
        const backup = { image: digest, storageCidrs: ["10.0.0.0/16"] };
        const told = { backupTakenAt: "2026-01-14T16:15:00Z", revision: "2b7c", tables: 3, rows: 9 };
        const attesting = step("rehearse.yml", "rehearse", "restore-rehearsal.json");
        const attested = async (outcome: string, log: string) => {
            const { code, text, written, calls } = await run(
                attesting,
                { OUTCOME: outcome, EVIDENCE_BUCKET: "evidence", KEY: "k" },
                {
                    files: { ...document, begun: "1768413600\n", ended: "1768413645\n", "restore.txt": log },
                    programs: Object.fromEntries(
                        ["aws", "npx"].map((name) => [name, `echo "${name} $*" >> "$RUNNER_TEMP/calls"`]),
                    ),
                },
            );
            assert.equal(code, 0, text);
            return { calls, predicate: restoreRehearsal.parse(JSON.parse(written.get("restore-rehearsal.json")!)) };
        };
        const common = { environment: "staging", documentSha256: sha256, durationSeconds: 45 } as const;
        const log = `Restoring 20260114T161500Z\nRehearsed: ${JSON.stringify(told)}\n`;

        it("should be signed with what was compared, and be in the next rollback plan", async () => {
            const { calls, predicate } = await attested("success", log);
            const testedAt = "2026-01-14T18:00:45Z";
            assert.deepEqual(predicate, { result: "succeeded", ...common, ...told, testedAt });
            assert.deepEqual(calls, [
                "npx release attest restoreRehearsal --contents restore-rehearsal.json --release present.json --out rehearsals --kms-key k",
                "aws s3 cp --recursive --only-show-errors rehearsals s3://evidence/rehearsals/",
            ]);
            const next = await planned({ ...staging, "restore-rehearsal": predicate }, { files: document, backup });
            assert.deepEqual(next.restore, { documentSha256: sha256, test: predicate });
        });

        it("should be signed as failed after any other end, with what is known", async () => {
            for (const [outcome, said] of [
                ["failure", "psql failed"],
                ["failure", ""],
                ["cancelled", "Restoring"],
            ] as const) {
                const { predicate } = await attested(outcome, said);
                assert.deepEqual(predicate, { result: "failed", ...common, testedAt: "2026-01-14T18:00:45Z" });
            }
        });

        it("should be asked for by a plan whose database is backed up, before the first one, too", async () => {
            const { calls } = await planning(staging, { files: document, backup });
            assert.ok(calls.includes("npx release show restore-rehearsal --evidence rehearsals --keys keys.json"));
            const plan = await planned(staging, { files: document, backup });
            assert.deepEqual(plan.restore, { documentSha256: sha256 });
        });

        it("should be in no plan whose database is not backed up here", async () => {
            const { calls } = await planning();
            assert.ok(!calls.some((call) => call.includes("restore-rehearsal")));
            assert.equal((await planned()).restore, undefined);
        });
    });
});

describe("The commands of a rollback", () => {
    const called = async (script: string, variables: Readonly<Record<string, string>>) => {
        const programs = { npx: 'echo "$*" >> "$RUNNER_TEMP/calls"' };
        const { code, text, calls } = await run(script, { STACK: "staging", VERSION: "", ...variables }, { programs });
        assert.equal(code, 0, text);
        return calls;
    };
    const command = (stack: string) => `release rollback --stack ${stack} --releases releases --yes`;

    it("should find the failing release in the cluster, in both environments", async () => {
        const back = step("rollback.yml", "rollback", 'rollback.txt"\ndate');
        assert.deepEqual(await called(back, {}), [command("staging")]);
        assert.deepEqual(await called(back, { STACK: "prod", VERSION: "1.4.0" }), [`${command("prod")} --to 1.4.0`]);
    });

    it("should return to the release before the rehearsal, even after a failed rollback, unless it runs already", async () => {
        const forward = step("rollback.yml", "rollback", '--from "$BACK"');
        const goes = (BACK: string) => called(forward, { PRESENT: "1.4.1", BACK });
        assert.deepEqual(await goes("1.4.0"), [`${command("staging")} --to 1.4.1 --from 1.4.0`]);
        assert.deepEqual(await goes("1.4.1"), []);
        assert.deepEqual(await goes(""), []);
    });
});

describe("The automatic rollback", () => {
    const steps = reusable("deploy.yml").jobs.deploy!.steps!;
    const at = (id: string) => steps.findIndex((one) => one.id === id);
    const back = steps[at("back")]!;

    const goes = async (...asked: string[]) => {
        const rollouts = asked.map((version) => ({
            spec: { template: { metadata: { labels: { "app.kubernetes.io/version": version } } } },
        }));
        const programs = {
            kubectl: `echo '${json({ items: rollouts })}'`,
            npx: 'echo "$*" >> "$RUNNER_TEMP/calls"',
        };
        const variables = { STACK: "prod", RELAYPACS_RELEASE: json({ version: "1.4.2" }) };
        const { code, text, calls } = await run(back.run!, variables, { programs });
        assert.equal(code, 0, text);
        return calls;
    };
    const command = "release rollback --stack prod --releases releases --yes --from 1.4.2";

    it("should follow a failed update or failed smoke tests in production, once they are attested", () => {
        const { if: condition, uses } = steps[at("admitted")]!;
        assert.equal(uses, "./.github/actions/admitted-releases");
        assert.equal(
            condition?.replace(/\s+/g, " "),
            "${{ failure() && inputs.environment == 'prod' && (steps.up.outcome == 'failure' || steps.smoke.outcome == 'failure') }}",
        );
        assert.equal(back.if, "${{ failure() && steps.admitted.outcome == 'success' }}");
        assert.equal(back.env!.PULUMI_OPTION_POLICY_PACK, "policies");
        const stated = steps.findIndex(({ run = "" }) => run.includes("observe migration"));
        assert.ok(at("up") < at("smoke") && at("smoke") < stated && stated < at("admitted"));
        assert.ok(at("admitted") < at("back"));
    });

    it("should roll back only this release, even when only one of several services was asked to run it", async () => {
        assert.deepEqual(await goes("1.4.2", "1.4.2"), [command]);
        assert.deepEqual(await goes("1.4.1", "1.4.2"), [command]);
    });

    it("should do nothing when the update was refused before it changed anything", async () => {
        assert.deepEqual(await goes("1.4.1", "1.4.1"), []);
        assert.deepEqual(await goes(), []);
    });
});

describe("The evidence that a rollback fetches", () => {
    const script = actions.get(".github/actions/admitted-releases/action.yml")!.runs.steps[0]!.run!;

    it("should be chosen by release fetch, which verifies it, and by no script", async () => {
        for (const version of ["", "1.3.0"]) {
            const { calls, code, text } = await run(
                script,
                { VERSION: version, STACK: "staging", EVIDENCE_BUCKET: "bucket" },
                { programs: { npx: 'printf "<%s>" "$@" >> "$RUNNER_TEMP/calls"' } },
            );
            assert.equal(code, 0, text);
            assert.deepEqual(calls, [
                `<release><fetch><--stack><staging><--bucket><bucket><--version><${version}><--out><releases>`,
            ]);
        }
    });
});
