import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseManifest, parseRelease } from "../../release/collect";
import { hotfix, rollbackPlan } from "../../delivery/evidence/predicates/decisions";
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
        const reports = Object.fromEntries(Object.entries(made).map(([job, text]) => [`reports/${job}.entries`, text]));
        return run(
            script,
            {},
            { files: { "records/release.json": json(release), ...reports, ...files }, programs: { yq } },
        );
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
                    "reports/trivy-backend.json": scan,
                    "reports/trivy-frontend.json": scan,
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
    const write = (files: Record<string, string> = {}, given: unknown = incident) =>
        run(
            script,
            { INCIDENT: json(given), GITHUB_REPOSITORY: "relaypacs/gateway", KEY: "key" },
            {
                files: {
                    "release.json": json(release),
                    "compare-answer.json": json(compare),
                    "pulls-answer.json": json(pulls),
                    "evidence/x": "",
                    ...files,
                },
                programs: { gh, npx: "exit 0" },
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

    it("should refuse a hotfix without an incident", async () => {
        for (const given of [{}, { ...incident, uri: undefined }]) {
            const { code, text, written } = await write({}, given);
            assert.equal(code, 1);
            assert.match(text, /incident must be an object with "id", "priority", "uri" and "openedAt" for a hotfix/);
            assert.ok(!written.has("hotfix.json"));
        }
    });

    it("should take the rehearsal from the newest rollback plan", async () => {
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

describe("The rehearsal of a rollback", () => {
    const keep = step("rollback.yml", "rollback", "rehearsal.json");
    const plan = step("deploy.yml", "deploy", "rollback-plan.json");
    const document = { "docs/runbooks/roll-back.md": "# Roll back" };
    const documentSha256 = createHash("sha256").update("# Roll back").digest("hex");
    const rehearsed = (outcome: string, said = "Rollback of staging: 1.4.1 → 1.4.0") =>
        run(
            keep,
            { OUTCOME: outcome, STACK: "staging", EVIDENCE_BUCKET: "evidence" },
            {
                files: {
                    ...document,
                    begun: "1768413600\n",
                    ended: "1768413645\n",
                    "rollback.txt": `${said}\n  commit     ${commit}\n`,
                },
                programs: { aws: "exit 0" },
            },
        );
    const migrated = (fromRevision: string, toRevision: string, finishedAt = "2026-01-14T15:00:00Z") => {
        const predicate = { fromRevision, toRevision, finishedAt };
        return json({ payload: Buffer.from(json({ predicate })).toString("base64") });
    };
    const staging = { "evidence/migration-staging.aaaaaaaa.json": migrated("1f0a", "2b7c") };
    const planning = (rehearsal: string | undefined, files: Readonly<Record<string, string>> = staging) => {
        const aws = `case "$*" in
            *rehearsals/rollback.json*) ${rehearsal === undefined ? "exit 1" : "cat rehearsal-answer.json > rehearsal.json"} ;;
            *"s3://e/1.4.1/ production/"*) cp --recursive answers/. production/ ;;
            *) exit 2 ;;
        esac`;
        return run(
            plan,
            {
                SOURCE: "https://github.com/relaypacs/platform/blob/c/docs/runbooks/roll-back.md",
                EVIDENCE_BUCKET: "e",
                PREVIOUS: "1.4.1",
                KEY: "k",
            },
            {
                files: {
                    ...document,
                    "rehearsal-answer.json": rehearsal ?? "",
                    "evidence/x": "",
                    "answers/x": "",
                    ...files,
                },
                programs: { aws, npx: "exit 0" },
            },
        );
    };
    const planned = async (...given: Parameters<typeof planning>) => {
        const { code, text, written } = await planning(...given);
        assert.equal(code, 0, text);
        return rollbackPlan.parse(JSON.parse(written.get("rollback-plan.json")!));
    };

    for (const [outcome, result] of [
        ["success", "succeeded"],
        ["failure", "failed"],
    ] as const)
        it(`should have ${result} in the next rollback plan after the outcome ${outcome}`, async () => {
            const { code, text, output, written } = await rehearsed(outcome);
            assert.equal(code, 0, text);
            assert.equal(output, "to=1.4.0");
            const made = await planned(written.get("rehearsal.json"));
            assert.deepEqual(made.test, {
                result,
                environment: "staging",
                application: "redeploy-previous",
                documentSha256,
                fromVersion: "1.4.1",
                toVersion: "1.4.0",
                testedAt: "2026-01-14T18:00:45Z",
                durationSeconds: 45,
            });
            assert.equal(made.documentSha256, documentSha256);
            assert.equal(made.previousVersion, "1.4.1");
        });

    it("should have failed, without versions, when the command refused", async () => {
        const { code, text, output, written } = await rehearsed("failure", "There is no release to go back to.");
        assert.equal(code, 0, text);
        assert.equal(output, "to=");
        const { test } = await planned(written.get("rehearsal.json"));
        assert.deepEqual([test!.result, test!.fromVersion, test!.toVersion], ["failed", undefined, undefined]);
    });

    it("should name the plan that was followed, even when the plan has changed since", async () => {
        const { written } = await rehearsed("success");
        const made = await planned(written.get("rehearsal.json"), {
            ...staging,
            "docs/runbooks/roll-back.md": "# New",
        });
        assert.equal(made.test!.documentSha256, documentSha256);
        assert.notEqual(made.documentSha256, documentSha256);
    });

    it("should be kept in the plan when it is older and has fewer fields", async () => {
        const older = {
            result: "succeeded",
            environment: "staging",
            testedAt: "2026-01-14T18:00:45Z",
            durationSeconds: 45,
        };
        assert.deepEqual((await planned(json(older))).test, older);
    });

    for (const [title, files, database] of [
        ["staging was migrated", staging, "alembic-downgrade"],
        [
            "staging was not migrated",
            { "evidence/migration-staging.aaaaaaaa.json": migrated("2b7c", "2b7c") },
            "none-needed",
        ],
        [
            "staging was not migrated, but production will be",
            {
                "evidence/migration-staging.aaaaaaaa.json": migrated("2b7c", "2b7c"),
                "answers/migration-prod.aaaaaaaa.json": migrated("0d1e", "1f0a"),
            },
            "alembic-downgrade",
        ],
        [
            "production has the revision already",
            { ...staging, "answers/migration-prod.aaaaaaaa.json": migrated("1f0a", "2b7c") },
            "none-needed",
        ],
        [
            "the newest evidence has a migration",
            {
                "evidence/migration-staging.aaaaaaaa.json": migrated("1f0a", "2b7c", "2026-01-14T16:00:00Z"),
                "evidence/migration-staging.bbbbbbbb.json": migrated("2b7c", "2b7c"),
            },
            "alembic-downgrade",
        ],
    ] as const)
        it(`should be followed by a plan for the database, ${database}, when ${title}`, async () => {
            const made = await planned(undefined, files);
            assert.equal(made.database, database);
            const known = Object.keys(files).some((file) => file.startsWith("answers/migration-prod"));
            assert.equal(made.productionRevision !== undefined, known);
        });

    it("should be followed by no plan without evidence of the migration", async () => {
        const { code, text } = await planning(undefined, {});
        assert.notEqual(code, 0);
        assert.match(text, /no evidence of the migration in staging/);
    });

    it("should be absent from the plan when there was none", async () => {
        assert.equal((await planned(undefined)).test, undefined);
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

    it("should have one folder for each release that ran in the environment", async () => {
        const keys = [...["1.4.0", "1.4.1"].map(admission), "1.4.1/admission-staging.bbbbbbbb.json"];
        assert.deepEqual(await fetched("", keys), ["1.4.0", "1.4.1"].map(copy));
    });

    it("should include the release that is asked for", async () => {
        assert.deepEqual(await fetched("1.3.0", [admission("1.4.1")]), ["1.3.0", "1.4.1"].map(copy));
    });

    it("should be empty when nothing ran", async () => {
        assert.deepEqual(await fetched("", null), []);
    });
});
