import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Statement } from "../../components/shared/policy-document";
import { parse as parseYaml } from "yaml";
import { prometheusName, prometheusUrl } from "../../components/cluster/prometheus";
import { signingKeyAlias, type SigningDuty } from "../../components/identity/signing-duties";
import { bucketArn, imageReference, registryHost, roleArn } from "../../delivery/core/names";
import { longestReleaseSeconds, updateSessionSeconds } from "../../delivery/core/release-time";
import {
    publishStatements,
    previewStatements,
    deployStatements,
    rollbackStatements,
    signStatements,
} from "../../components/identity/pipeline-permissions";
import { pulumiKeyAlias, stateObject } from "../../components/identity/state-access";
import { blueGreen, repository, schema } from "../../settings/schema";
import { freshEvidence, writeEvidence } from "../delivery/gates/support/fresh";
import { evidenceFolder, pipelineVariables, runProgram } from "../program/run-program";
import { stackFile } from "../support/stack-file";
import { actions, jobs, ownAction, reusable, root, steps, texts, workflows, type Job } from "./files";

const account = { accountId: "123456789012", region: "us-east-1" };
const scope = { account, services: ["backend", "frontend"] };

/** Names of the variables and secrets of GitHub Actions that the program registers for the two stacks. */
async function declaredNames() {
    writeEvidence(evidenceFolder, freshEvidence());
    const repository = JSON.stringify({ owner: "relaypacs", name: "gateway", stagingMirror: "/rory-deployment" });
    const resources = [
        ...(await runProgram({ ...stackFile("staging"), "relaypacs:repository": repository }, pipelineVariables)),
        ...(await runProgram(stackFile("prod"), pipelineVariables, { stack: "prod", preview: true })),
    ].filter(({ type }) => /^github:index\/actions\w*(Variable|Secret):/.test(type));
    const names = (input: "variableName" | "secretName") =>
        [...new Set(resources.map(({ inputs }) => inputs[input]))].filter((name) => typeof name === "string").sort();
    return { variables: names("variableName"), secrets: names("secretName") };
}

/** Names that the files read from a context. */
const used = (context: "vars" | "secrets", files: readonly string[]) =>
    new Set(
        files.flatMap((file) =>
            [...texts.get(file)!.matchAll(new RegExp(`\\b${context}\\.([A-Z_]+)`, "g"))].map((match) => match[1]!),
        ),
    );

/** The workflows that run in this repository's environments. */
const ownFiles = [".github/workflows/drift.yml", ".github/workflows/pull-request.yml"];
const inGateway = [...workflows]
    .filter(([file, { on }]) => !ownFiles.includes(file) && !("pull_request" in on && !("push" in on)))
    .map(([file]) => file);
const actionsOf = (statements: readonly { readonly Action: string | readonly string[] }[]) =>
    new Set(statements.flatMap(({ Action }) => Action));

/** The scripts of a job, including those of the repository's actions that it uses. */
const scriptsOf = (file: string, id: string): string[] =>
    workflows.get(`.github/workflows/${file}`)!.jobs[id]!.steps!.flatMap(({ run, uses }) => {
        if (run !== undefined) return [run];
        return ownAction(uses)?.runs.steps.flatMap((step) => step.run ?? []) ?? [];
    });

/** Names of the status checks of a job: its name, expanded by its matrix. */
function contexts(id: string, { name, strategy }: Job): string[] {
    if (name === undefined) return [id];
    const key = /^\$\{\{ matrix\.(\w+) \}\}$/.exec(name)?.[1];
    return key === undefined ? [name] : strategy!.matrix[key]!;
}

describe("The workflows", () => {
    const requiredChecks = repository.parse({ owner: "relaypacs", name: "gateway" }).requiredChecks;

    it("should pass on the success of each job, which its last step reports", () => {
        const ci = reusable("ci.yml");
        assert.deepEqual(Object.keys(ci.jobs).sort(), [...requiredChecks].sort());
        for (const check of requiredChecks) {
            assert.equal(ci.on.workflow_call!.outputs![check]!.value, `\${{ jobs.${check}.outputs.result }}`);
            assert.deepEqual(ci.jobs[check]!.outputs, {
                result: "${{ steps.result.outputs.result || 'failure' }}",
            });
            const last = ci.jobs[check]!.steps!.at(-1) as { id?: string; if?: string; run?: string };
            assert.equal(last.id, "result");
            assert.equal(last.if, undefined, `${check} must report success only when all its steps have succeeded`);
            assert.equal(last.run, 'echo "result=success" >> "$GITHUB_OUTPUT"');
        }
    });

    describe("in the gateway's repository", () => {
        let declared: Awaited<ReturnType<typeof declaredNames>>;
        before(async function () {
            this.timeout(60_000);
            declared = await declaredNames();
        });

        it("should read the variables that the program declares, and no others", () => {
            // The program declares these two in this repository's environments.
            const own = ["DRIFT_ROLE", "PREVIEW_ROLE"];
            assert.deepEqual([...used("vars", inGateway), ...own].sort(), declared.variables);
        });

        it("should read the secrets that the program declares, and no others", () => {
            assert.deepEqual([...used("secrets", inGateway)].sort(), declared.secrets);
        });
    });

    it("should read in this repository only the variables and secrets of docs/guides/account-setup.md", () => {
        const setup = fs.readFileSync(path.join(root, "docs/guides/account-setup.md"), "utf8");
        const variables = ["AWS_REGION", "DRIFT_ROLE", "PREVIEW_ROLE"];
        const secrets = ["DRIFT_GITHUB_TOKEN", "PREVIEW_GITHUB_TOKEN", "SLACK_WEBHOOK"];
        assert.deepEqual([...used("vars", ownFiles)].sort(), variables);
        assert.deepEqual([...used("secrets", ownFiles)].sort(), secrets);
        for (const name of [...variables, ...secrets]) assert.match(setup, new RegExp(`\`${name}\``));
        // Only in the environments: a secret of the repository is available to pull requests before anyone has read
        // them.
        assert.ok(setup.includes("gh secret set PREVIEW_GITHUB_TOKEN --env preview-$stack "));
        assert.ok(setup.includes("gh secret set DRIFT_GITHUB_TOKEN --env drift-$stack "));
    });

    it("should have in docs/guides/account-setup.md the protection of this repository's main, by the checks that always run", () => {
        const setup = fs.readFileSync(path.join(root, "docs/guides/account-setup.md"), "utf8");
        const [, text] = /platform\/branches\/main\/protection --input - <<'END'\n([^]*?)\n *END\n/.exec(setup)!;
        const rules = JSON.parse(text!) as {
            required_status_checks: { strict: boolean; contexts: string[] };
            enforce_admins: boolean;
            required_pull_request_reviews: { required_approving_review_count: number };
        };
        // The previews are skipped without an account, and for forks.
        const always = ["title.yml", "pull-request.yml"].flatMap((file) =>
            Object.entries(reusable(file).jobs).flatMap(([id, job]) => (job.if === undefined ? contexts(id, job) : [])),
        );
        assert.deepEqual(rules.required_status_checks, { strict: true, contexts: always });
        assert.equal(rules.enforce_admins, true);
        assert.equal(rules.required_pull_request_reviews.required_approving_review_count, 1);
    });

    it("should call only the AWS actions that each role allows", () => {
        const asks = (file: string, id: string) =>
            scriptsOf(file, id).flatMap((run) =>
                [...run.matchAll(/\baws (ecr|eks|secretsmanager) ([a-z-]+)/g)].map(([, service, command]) =>
                    command === "get-login-password" || command === "update-kubeconfig"
                        ? {
                              "get-login-password": "ecr:GetAuthorizationToken",
                              "update-kubeconfig": "eks:DescribeCluster",
                          }[command]
                        : `${service}:${command!.replace(/(^|-)([a-z])/g, (_all, _dash, letter: string) => letter.toUpperCase())}`,
                ),
            );
        for (const [file, id, statements] of [
            ["publish.yml", "push", publishStatements(scope)],
            ["publish.yml", "evidence", signStatements(scope)],
            ["deploy.yml", "page", deployStatements(scope, "staging")],
            ["deploy.yml", "deploy", deployStatements(scope, "staging")],
            ["deploy.yml", "monitoring", deployStatements(scope, "prod")],
            ["rollback.yml", "rollback", deployStatements(scope, "staging")],
            ["rollback.yml", "rollback", rollbackStatements(scope)],
        ] as const) {
            const allowed = actionsOf(statements);
            const asked = new Set(asks(file, id));
            assert.ok(asked.size >= 2, `${file} ${id}`);
            for (const call of asked) assert.ok(allowed.has(call), `${file} calls ${call}`);
        }
        const preview = asks("pull-request.yml", "preview");
        assert.ok(actionsOf(previewStatements(scope, "prod")).has("eks:DescribeCluster"));
        assert.deepEqual([...new Set(preview)], ["eks:DescribeCluster"]);
    });

    it("should read production's version in one place, with the one permission of staging's role and no key", () => {
        const users = jobs.flatMap(({ file, id, job }) =>
            (job.steps ?? []).some(({ uses }) => uses === "./.github/actions/production-version")
                ? [`${path.basename(file)} ${id}`]
                : [],
        );
        assert.deepEqual(users, ["deploy.yml page", "deploy.yml deploy"]);
        const inDeploy = reusable("deploy.yml").jobs.deploy!.steps!.filter(({ uses }) =>
            uses?.endsWith("production-version"),
        );
        // Before production is judged, and for the plan that staging states.
        assert.deepEqual(
            inDeploy.map((one) => one.if),
            ["${{ inputs.environment == 'prod' }}", "${{ inputs.environment == 'staging' }}"],
        );
        const [{ run = "" }] = actions.get(".github/actions/production-version/action.yml")!.runs.steps as [
            { run?: string },
        ];
        assert.ok(run.includes(`key=${stateObject("prod")}\n`));
        assert.doesNotMatch(run, /pulumi (stack|login)|kms/);
        const permission = deployStatements(scope, "staging").find(({ Sid }) => Sid === "ReadProductionVersion")!;
        assert.deepEqual(permission.Resource, [`${bucketArn(account, "pulumi-state")}/${stateObject("prod")}`]);
        for (const { where, step: one } of steps)
            assert.doesNotMatch(one.run ?? "", /pulumi .*--stack (staging|prod)\b/, where);
    });

    it("should give the role and the job enough time for the slowest release", () => {
        const { deploy } = reusable("deploy.yml").jobs;
        const taking = deploy!.steps!.find(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"))!;
        const session = taking.with!["role-duration-seconds"];
        assert.equal(session, updateSessionSeconds, "AWS allows no session longer than the role's maximum");
        assert.equal(deploy!["timeout-minutes"]! * 60, session);
        const { rolloutTimeoutSeconds, migrationTimeoutSeconds } = schema.shape;
        const update =
            migrationTimeoutSeconds.parse(undefined) +
            rolloutTimeoutSeconds.parse(undefined) +
            longestReleaseSeconds(blueGreen.parse({}));
        assert.equal(update, 300 + 300 + 120 + 6 * (600 + 300));
        // A quarter of an hour for the other steps.
        assert.ok(update + 900 <= session, `${update} s of ${String(session)} s`);
    });

    it("should use the program's names of state, cluster, registry and contexts", () => {
        for (const stack of ["staging", "prod"]) {
            const { config } = parseYaml(fs.readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8")) as {
                config: Record<string, string>;
            };
            assert.equal(config["kubernetes:context"], `${stack}-cluster`);
        }
        const clusters = (statements: readonly Statement[]) =>
            statements.find(({ Sid }) => Sid === "ReachCluster")?.Resource;
        const [staging, prod] = ["staging", "prod"].map(
            (stack) => `arn:aws:eks:us-east-1:123456789012:cluster/relaypacs-${stack}`,
        );
        assert.deepEqual(clusters(deployStatements(scope, "staging")), [staging]);
        assert.deepEqual(clusters(previewStatements(scope, "staging")), [staging]);
        assert.deepEqual(clusters(previewStatements(scope, "prod")), [prod]);
        assert.equal(
            imageReference(account, "backend", "sha256:0"),
            `${registryHost(account)}/relaypacs/backend@sha256:0`,
        );
        assert.equal(roleArn(account, "preview-prod"), "arn:aws:iam::123456789012:role/relaypacs-preview-prod");
        assert.deepEqual(
            [pulumiKeyAlias("staging"), pulumiKeyAlias("prod")],
            ["alias/relaypacs-pulumi-staging", "alias/relaypacs-pulumi-prod"],
        );
        const setup = fs.readFileSync(path.join(root, "docs/guides/account-setup.md"), "utf8");
        for (const command of ["--alias-name alias/relaypacs-pulumi-$stack", "awskms://alias/relaypacs-pulumi-$stack?"])
            assert.ok(setup.includes(command), command);
        const scripts = steps.map(({ step }) => step.run ?? "").join("\n");
        assert.match(scripts, /--name "relaypacs-\$STACK" --alias "\$STACK-cluster"/);
        assert.match(scripts, /"s3:\/\/relaypacs-pulumi-state-\$account-\$AWS_REGION\?region=\$AWS_REGION"/);
    });

    it("should pass each action of this repository its inputs, and no unknown ones", () => {
        const local = steps.filter(({ step }) => /^[.$]\//.test(step.uses ?? ""));
        assert.ok(local.length >= 12);
        for (const { where, step } of local) {
            const known = ownAction(step.uses)!.inputs ?? {};
            assert.deepEqual(Object.keys(step.with ?? {}).sort(), Object.keys(known).sort(), where);
        }
    });

    it("should sign with the key for the duty of the job's role", () => {
        const keys = jobs
            .filter(({ file }) => !file.startsWith("templates/"))
            .flatMap(({ file, id, job }) =>
                [{ env: (job as { env?: Record<string, string> }).env }, ...(job.steps ?? [])].flatMap(({ env }) =>
                    env?.KEY === undefined ? [] : [`${path.basename(file)} ${id} ${env.KEY}`],
                ),
            );
        const alias = (duty: SigningDuty) => signingKeyAlias(duty);
        assert.deepEqual([...new Set(keys)].sort(), [
            "deploy.yml deploy alias/relaypacs-evidence-${{ inputs.environment == 'prod' && 'production' || inputs.environment }}",
            `deploy.yml monitoring ${alias("production")}`,
            `deploy.yml page ${alias("staging")}`,
            `publish.yml evidence ${alias("pipeline")}`,
            `rehearse.yml rehearse ${alias("staging")}`,
            `rollback.yml rollback ${alias("staging")}`,
        ]);
        assert.deepEqual(
            ["production", "staging"].map((environment) => `alias/relaypacs-evidence-${environment}`),
            [alias("production"), alias("staging")],
        );
    });

    it("should forward the port of the platform's Prometheus", () => {
        const forwards = steps.flatMap(({ step }) => (step.run ?? "").match(/port-forward service\/\S+ \S+/g) ?? []);
        const { hostname, port } = new URL(prometheusUrl("monitoring"));
        const expected = `port-forward service/${prometheusName} ${port}:${port}`;
        assert.ok(hostname.startsWith(`${prometheusName}.monitoring`));
        assert.deepEqual(forwards, [expected, expected]);
    });

    it("should store evidence under the release's version, and delete none", () => {
        const scripts = steps.map(({ step }) => step.run ?? "");
        const uploads = scripts.flatMap((run) => [
            ...run.matchAll(/aws s3 (?:cp|sync) (?:--\S+ )*(?!--)\S+ "s3:\/\/\$EVIDENCE_BUCKET\/([^"]+)"/g),
        ]);
        assert.deepEqual([...new Set(uploads.map(([, key]) => key))].sort(), ["$VERSION/", "$version/", "rehearsals/"]);
        for (const run of scripts)
            assert.doesNotMatch(run, /aws s3 (?:rm|mv)|sync .*--delete|delete-object|bypass-governance/);
    });

    it("should roll back with the policy pack", () => {
        const back = reusable("rollback.yml").jobs.rollback!.steps!.filter(({ run }) =>
            run?.includes("npx release rollback"),
        );
        assert.deepEqual(
            back.map(({ env }) => env!.PULUMI_OPTION_POLICY_PACK),
            ["policies", "policies"],
        );
    });

    it("should apply the limits of the specification", () => {
        const ci = reusable("ci.yml").jobs;
        const script = (job: string) => ci[job]!.steps!.map(({ run = "" }) => run).join("\n");
        assert.match(script("test-backend"), /:-0\} \* 100 >= 90 \* \$\{all:-0\}/);
        assert.match(script("test-backend"), /--cov-fail-under=0 /, "judged once, without rounding");
        assert.match(script("test-frontend"), /\.covered \* 100 >= 80 \* \.total/);
        const limit = (job: string, words: string) =>
            (ci[job]!.steps!.find(({ run }) => run?.includes(words)) as { "timeout-minutes"?: number })[
                "timeout-minutes"
            ];
        assert.equal(limit("test-backend", "tests/unit"), 5);
        assert.equal(limit("test-frontend", "test:unit"), 5);
        assert.equal(limit("e2e-tests", "playwright test"), 10);
        assert.match(script("security-scan"), /npm audit --omit=dev --audit-level=high/);
    });
});
