import * as assert from "node:assert/strict";
import { parseManifest, parseRelease } from "../../release/collect";
import { hotfix, rollbackPlan } from "../../release/evidence/predicates/decisions";
import { build } from "../../release/evidence/predicates/delivery";
import { provenance } from "../../release/evidence/predicates/standard";
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
/** Answers as mikefarah's yq does for `--output-format json`, for files that are JSON already. */
const yq = 'cat "${@: -1}"';

/** Each job's lines about its reports, from the very script that writes them. */
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

describe("the manifest of the reports", () => {
    const script = step("publish.yml", "evidence", "reports/reports.yaml");
    const accepted = {
        vulnerabilities: [{ id: "CVE-2026-1234", ticket: "RP-123", dueDate: "2026-12-24" }],
        findings: [],
        warnings: [],
    };
    const write = async (files: Record<string, string>) => {
        const made = await entries();
        const reports = Object.fromEntries(Object.entries(made).map(([job, text]) => [`reports/${job}.entries`, text]));
        return run(
            script,
            {},
            { files: { "records/release.json": json(release), ...reports, ...files }, programs: { yq } },
        );
    };

    it("is one that release collect reads, with every kind of report that the pipeline has", async () => {
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
        for (const one of manifest.reports)
            if ("version" in one) assert.match(one.version, /^\d+\.\d+\.\d+$/, one.kind);
    });

    it("accepts nothing where the gateway has no list of accepted findings", async () => {
        const { written } = await write({});
        const { accepted: none } = parseManifest(written.get("reports/reports.yaml")!, "reports.yaml");
        assert.deepEqual(none, { vulnerabilities: [], findings: [], warnings: [] });
    });
});

describe("exceptions of the checks", () => {
    for (const [workflow, job] of [
        ["ci.yml", "security-scan"],
        ["publish.yml", "push"],
    ] as const)
        it(`count until their date in ${workflow}`, async () => {
            const [script] = step(workflow, job, "accepted-findings.yaml").split(/^while/m);
            const list = {
                vulnerabilities: [
                    { id: "CVE-1", dueDate: "2000-01-01" },
                    { id: "CVE-2", dueDate: "2999-12-31" },
                    { id: "CVE-3", dueDate: new Date().toISOString().slice(0, 10) },
                ],
            };
            const files = { "accepted-findings.yaml": json(list) };
            const { code, text, written } = await run(script!, {}, { files, programs: { yq } });
            assert.equal(code, 0, text);
            assert.equal(written.get("accepted"), "CVE-2\nCVE-3\n");
            const without = await run(script!, {}, { programs: { yq } });
            assert.equal(without.written.get("accepted"), "");
        });
});

describe("the record of a release", () => {
    it("has what the release commands ask for, the output only what the program takes", async () => {
        const words = "The record that is kept says more";
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

describe("the step that writes down how images were built", () => {
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
                    "reports/trivy-backend.json": scan,
                    "reports/trivy-frontend.json": scan,
                },
                programs: { aws: 'echo "2026-01-14T18:15:00.737000+01:00"' },
            },
        );

    it("writes provenance that names commit, workflow and the run that built", async () => {
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

    it("writes a build of every kind of artifact, by its digest", async () => {
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

describe("the step that states what a hotfix changes", () => {
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
    const gh = `if [[ "$2" == */compare/* ]]; then cat compare-answer.json; else echo ${"b".repeat(40)}; fi`;
    const write = (files: Record<string, string> = {}, given: unknown = incident) =>
        run(
            script,
            { INCIDENT: json(given), GITHUB_REPOSITORY: "relaypacs/gateway", KEY: "key" },
            {
                files: {
                    "release.json": json(release),
                    "compare-answer.json": json(compare),
                    "evidence/x": "",
                    ...files,
                },
                programs: { gh, node: "exit 0" },
            },
        );

    it("counts files beside tests, and names the tests that were added", async () => {
        const { code, text, written } = await write();
        assert.equal(code, 0, text);
        const made = hotfix.parse(JSON.parse(written.get("hotfix.json")!));
        assert.deepEqual(made.incident, incident);
        assert.equal(made.baseCommit, "b".repeat(40));
        assert.deepEqual(made.changedFiles, ["backend/app/login.py"]);
        assert.deepEqual(made.addedTests, ["test_login_after_reset", "test_inner", "logs in again", "twice"]);
        assert.equal(made.monitoringMinutes, 60);
        assert.equal(made.rollbackRehearsedAt, undefined);
    });

    it("refuses a hotfix without an incident", async () => {
        for (const given of [{}, { ...incident, uri: undefined }]) {
            const { code, text, written } = await write({}, given);
            assert.equal(code, 1);
            assert.match(text, /incident must be an object with "id", "priority", "uri" and "openedAt" for a hotfix/);
            assert.ok(!written.has("hotfix.json"));
        }
    });

    it("takes the rehearsal from the newest rollback plan", async () => {
        const plan = (testedAt: string) =>
            json({ payload: Buffer.from(json({ predicate: { test: { testedAt } } })).toString("base64") });
        const { written } = await write({
            "evidence/rollback-plan.aaaaaaaa.json": plan("2026-01-14T15:00:00Z"),
            "evidence/rollback-plan.bbbbbbbb.json": plan("2026-01-14T16:00:00Z"),
        });
        const made = hotfix.parse(JSON.parse(written.get("hotfix.json")!));
        assert.equal(made.rollbackRehearsedAt, "2026-01-14T16:00:00Z");
    });
});

describe("the rehearsal of a rollback", () => {
    const keep = step("rollback.yml", "rollback", "rehearsal.json");
    const plan = step("deploy.yml", "deploy", "rollback-plan.json");
    const rehearsed = (outcome: string) =>
        run(
            keep,
            { OUTCOME: outcome, STACK: "staging", EVIDENCE_BUCKET: "evidence" },
            { files: { begun: "1768413600\n", ended: "1768413645\n" }, programs: { aws: "exit 0" } },
        );
    const planned = async (rehearsal: string | undefined) => {
        const aws = rehearsal === undefined ? "exit 1" : `cat rehearsal-answer.json > rehearsal.json`;
        const { code, text, written } = await run(
            plan,
            {
                SOURCE: "https://github.com/relaypacs/platform/blob/c/docs/runbooks/roll-back.md",
                EVIDENCE_BUCKET: "e",
                KEY: "k",
            },
            {
                files: { "docs/runbooks/roll-back.md": "# Roll back", "rehearsal-answer.json": rehearsal ?? "" },
                programs: { aws, pulumi: "echo 1.4.1", node: "exit 0" },
            },
        );
        assert.equal(code, 0, text);
        return rollbackPlan.parse(JSON.parse(written.get("rollback-plan.json")!));
    };

    for (const [outcome, result] of [
        ["success", "succeeded"],
        ["failure", "failed"],
    ] as const)
        it(`that ends in ${outcome} has ${result}, in the plan of the next release`, async () => {
            const { code, text, written } = await rehearsed(outcome);
            assert.equal(code, 0, text);
            const made = await planned(written.get("rehearsal.json"));
            assert.deepEqual(made.test, {
                result,
                environment: "staging",
                testedAt: "2026-01-14T18:00:45Z",
                durationSeconds: 45,
            });
            assert.equal(made.previousVersion, "1.4.1");
        });

    it("leaves the plan untested where there was none", async () => {
        assert.equal((await planned(undefined)).test, undefined);
    });
});

describe("the evidence that a rollback fetches", () => {
    const script = step("rollback.yml", "rollback", "mkdir releases");
    const fetched = async (version: string, keys: readonly string[] | null) => {
        const { code, text, calls } = await run(
            script,
            { VERSION: version, STACK: "staging", EVIDENCE_BUCKET: "bucket" },
            {
                programs: {
                    aws: `if [[ "$1" == s3api ]]; then echo '${json(keys)}'; else echo "$*" >> "$RUNNER_TEMP/calls"; fi`,
                },
            },
        );
        assert.equal(code, 0, text);
        return calls;
    };
    const admission = (version: string) => `${version}/admission-staging.aaaaaaaa.json`;
    const copy = (version: string) =>
        `s3 cp --recursive --only-show-errors s3://bucket/${version}/ releases/${version}/`;

    it("is a folder a release that ran here, each once", async () => {
        const keys = [...["1.4.0", "1.4.1"].map(admission), "1.4.1/admission-staging.bbbbbbbb.json"];
        assert.deepEqual(await fetched("", keys), ["1.4.0", "1.4.1"].map(copy));
    });

    it("has the release that is asked for, too", async () => {
        assert.deepEqual(await fetched("1.3.0", [admission("1.4.1")]), ["1.3.0", "1.4.1"].map(copy));
    });

    it("is none where nothing ran", async () => {
        assert.deepEqual(await fetched("", null), []);
    });
});
