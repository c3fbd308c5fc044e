import * as path from "node:path";
import { gates, limits } from "../../delivery/gates";
import type { LimitName } from "../../delivery/gates/engine/limits";
import { blueGreen } from "../../settings/schema";

/** What holds a rule of the specification. */
export type Holder =
    | { readonly job: string; readonly workflow: string }
    | { readonly gate: string }
    | { readonly policy: string }
    | { readonly code: string };

/** A test: its file, and its title as it is printed. */
export interface Proof {
    readonly file: string;
    readonly title: string;
}

/** A stage, gate or threshold of the specification. */
export interface Row {
    /** Where the specification has it. */
    readonly place: string;
    readonly what: string;
    /** What is accepted. Numbers come from where the code has them. */
    readonly accepted: string;
    readonly held: readonly Holder[];
    readonly proven: readonly Proof[];
}

const callers = "templates/gateway";
const own = ".github/workflows";

const ci = (job: string): Holder => ({ workflow: `${own}/ci.yml`, job });
const publish = (job: string): Holder => ({ workflow: `${own}/publish.yml`, job });
const deploy = (job: string): Holder => ({ workflow: `${own}/deploy.yml`, job });
const caller = (job: string): Holder => ({ workflow: `${callers}/ci-cd.yml`, job });
const gate = (id: string): Holder => ({ gate: id });
const policy = (name: string): Holder => ({ policy: name });
const code = (file: string): Holder => ({ code: file });

const workflowTest = (file: string, title: string): Proof => ({ file: `test/workflows/${file}`, title });
const story = (file: string, title: string): Proof => workflowTest(`stories/${file}`, title);
const blueGreenTest = (title: string): Proof => ({
    file: "test/components/delivery/blue-green-deployment.test.ts",
    title,
});
const drill = (title: string): Proof => ({ file: "test/end-to-end/6-production.test.ts", title });
const governance = (title: string): Proof => ({
    file: "test/components/governance/repository-governance.test.ts",
    title,
});
const release = (title: string): Proof => ({ file: "test/components/delivery/service-release.test.ts", title });
const red = (check: string) =>
    story("2-pull-request.integration.test.ts", `should not be mergeable while ${check} is red, by any role`);
const limit = (name: LimitName) => limits[name].value;
const minutes = (seconds: number) => `${seconds / 60} min`;

const defaults = blueGreen.parse({});
const sixRules = [
    governance("should protect main by all six rules"),
    story("2-pull-request.integration.test.ts", "should wait for every check that the program requires"),
];
const guard = code("components/governance/branch-guard.ts");
const goesToProduction = story(
    "1-merge.test.ts",
    "should be checked, published, deployed to staging, and wait there for four hours",
);

/** The jobs that check before a merge what a gate judges of the release. */
const jobOfGate: Readonly<Record<string, readonly Holder[]>> = {
    "code-lint": [ci("lint-backend"), ci("lint-frontend")],
    "type-coverage": [ci("lint-backend"), ci("lint-frontend")],
    "unit-tests": [ci("test-backend"), ci("test-frontend")],
    "unit-coverage-backend": [ci("test-backend")],
    "unit-coverage-frontend": [ci("test-frontend")],
    "unit-test-duration": [ci("test-backend"), ci("test-frontend")],
    "integration-tests": [ci("test-backend")],
    "end-to-end-tests": [ci("e2e-tests")],
    "end-to-end-duration": [ci("e2e-tests")],
    "critical-vulnerabilities": [ci("security-scan"), publish("push")],
    "high-vulnerabilities": [ci("security-scan"), publish("push")],
    "static-analysis": [ci("security-scan"), ci("lint-frontend")],
    "code-review": [publish("evidence")],
    "build-success": [publish("images"), publish("assets"), publish("push")],
    "migration-status": [deploy("deploy")],
    "staging-deployment": [deploy("deploy")],
    "smoke-tests": [deploy("deploy")],
    "health-response": [deploy("deploy")],
    "server-errors": [deploy("deploy")],
    "staging-soak": [deploy("soak"), deploy("page")],
    "human-approval": [deploy("approval"), deploy("deploy")],
    "rollback-plan": [deploy("deploy"), { workflow: `${own}/rollback.yml`, job: "rollback" }],
    "incident-count": [deploy("page"), deploy("deploy")],
    "hotfix-incident": [deploy("page")],
    "hotfix-test": [deploy("page")],
    "hotfix-rollback": [deploy("page")],
    "hotfix-approval": [deploy("approval"), deploy("deploy")],
    "hotfix-size": [deploy("page")],
    "hotfix-watch": [deploy("page")],
    "hotfix-monitoring": [deploy("monitoring")],
};

/** What shows beside the matrix of a gate that it counts in the pipeline. */
const storyOfGate: Readonly<Record<string, Proof>> = {
    "code-lint": red("lint-backend"),
    "unit-tests": red("test-backend"),
    "unit-coverage-backend": workflowTest(
        "thresholds.test.ts",
        "should agree on coverage of the backend, however a tool would round",
    ),
    "unit-coverage-frontend": workflowTest(
        "thresholds.test.ts",
        "should agree on coverage of the frontend, however a tool would round",
    ),
    "type-coverage": workflowTest(
        "thresholds.test.ts",
        "should agree on types of the backend, however a tool would round",
    ),
    "unit-test-duration": workflowTest("thresholds.test.ts", "should have the same limits of time"),
    "integration-tests": red("test-backend"),
    "end-to-end-tests": red("e2e-tests"),
    "end-to-end-duration": workflowTest("thresholds.test.ts", "should have the same limits of time"),
    "critical-vulnerabilities": red("security-scan"),
    "high-vulnerabilities": workflowTest(
        "checks.test.ts",
        "should let an accepted high advisory pass, but not a critical one",
    ),
    "static-analysis": red("lint-frontend"),
    "build-success": goesToProduction,
    "smoke-tests": story("6-way-back.test.ts", "should leave a failed release in staging, and bring it no further"),
    "staging-soak": story("4-two-merges.test.ts", "should end the older one at its page, before an approver is asked"),
    "human-approval": story(
        "5-second-attempt.test.ts",
        "should deploy nothing when the release is rejected, and tell Slack",
    ),
    "rollback-plan": story(
        "6-way-back.test.ts",
        "should be rehearsed in staging, which then runs the present release again",
    ),
    "hotfix-approval": story(
        "7-hotfix.test.ts",
        "should go to production without the soak, with its page and an approval",
    ),
    "hotfix-monitoring": story("7-hotfix.test.ts", "should judge each hour, and tell about it"),
};

/** A row for each gate of the list. */
const gateRows: readonly Row[] = gates.map(({ id, section, title, threshold }) => {
    const shown = storyOfGate[id];
    return {
        place: section,
        what: title,
        accepted: threshold,
        held: [gate(id), ...(jobOfGate[id] ?? [])],
        proven: [
            {
                file: "test/delivery/gates/matrix.test.ts",
                title: `should try ${id} at its limit, on both sides of it, and with every kind of bad evidence`,
            },
            ...(shown ? [shown] : []),
        ],
    };
});

const branches: readonly Row[] = [
    {
        place: "2, Branch Model",
        what: "Names of branches",
        accepted: "`feature/`, `bugfix/` or `hotfix/`, then ticket and description",
        held: [ci("commit-messages")],
        proven: [
            workflowTest("commits.test.ts", "should accept a kind, a ticket and a description"),
            workflowTest("commits.test.ts", "should refuse any other name"),
        ],
    },
    {
        place: "2, Branch Model",
        what: "Branch `staging`",
        accepted: "the commit that staging runs",
        held: [deploy("deploy"), code("components/governance/repository-governance.ts")],
        proven: [
            workflowTest("deployment.test.ts", "should check, update, test, admit, store and tell, in this order"),
            governance("should allow one actor to move staging without a pull request, and no one to move main"),
        ],
    },
    {
        place: "2, Branch Protection Rules",
        what: "Review of a pull request",
        accepted: `at least ${limit("reviewApprovals")} approval`,
        held: [guard, policy("github-branch-protection-reviews")],
        proven: sixRules,
    },
    {
        place: "2, Branch Protection Rules",
        what: "Status checks before a merge",
        accepted: "all jobs of `ci.yml` are green",
        held: [guard, caller("checks"), policy("github-branch-protection-checks")],
        proven: [
            ...sixRules,
            ...["commit-messages", "lint-backend", "lint-frontend", "test-backend", "test-frontend", "e2e-tests"].map(
                red,
            ),
            red("security-scan"),
            story(
                "2-pull-request.integration.test.ts",
                "should be red again when a repeated job fails that had passed, whatever the first attempt put out",
            ),
        ],
    },
    {
        place: "2, Branch Protection Rules",
        what: "Up to date, no direct push, linear history",
        accepted: "squash or rebase of a branch that has main's newest commit, administrators included",
        held: [guard, policy("github-branch-protection-history"), policy("github-branch-protection-admins")],
        proven: [
            ...sixRules,
            {
                file: "test/end-to-end/5-governance.test.ts",
                title: "should take no stale branch until it is up to date again",
            },
            {
                file: "test/end-to-end/5-governance.test.ts",
                title: "should take no direct push, not even an administrator's",
            },
            {
                file: "test/end-to-end/5-governance.test.ts",
                title: "should take no merge commit, and take the same pull request by squash",
            },
        ],
    },
    {
        place: "2, Commit Message Convention",
        what: "Commit messages and titles",
        accepted: "`<type>(<scope>): <subject>` with one of the seven types",
        held: [ci("commit-messages")],
        proven: [
            workflowTest("commits.test.ts", "should judge each message, and the title, by type and scope"),
            red("commit-messages"),
        ],
    },
    {
        place: "2 and 8",
        what: "Pull requests of forks and of Dependabot",
        accepted: "all checks, no secret, no role",
        held: [caller("ci")],
        proven: [
            story(
                "3-fork-and-dependabot.test.ts",
                "should run every check of the gateway for a fork, with no secret, role or environment",
            ),
            story(
                "3-fork-and-dependabot.test.ts",
                "should run every check of the gateway for Dependabot, with no secret, role or environment",
            ),
        ],
    },
];

const stages: readonly Row[] = [
    {
        place: "3, stage 1",
        what: "Code quality: ruff, Black, mypy, Bandit, ESLint, Prettier, TypeScript",
        accepted: "each ends well",
        held: [ci("lint-backend"), ci("lint-frontend")],
        proven: [red("lint-backend"), red("lint-frontend")],
    },
    {
        place: "3, stage 2",
        what: "Unit tests",
        accepted: `all pass, each suite in ${minutes(limit("unitTestSeconds"))}, lines covered ${limit("backendCoveragePercent")} % (backend) and ${limit("frontendCoveragePercent")} % (frontend)`,
        held: [ci("test-backend"), ci("test-frontend")],
        proven: [red("test-backend"), red("test-frontend")],
    },
    {
        place: "3, stage 3",
        what: "Build of images and assets, with their metadata",
        accepted: "each image once, by its digest; tagged by commit and version",
        held: [publish("images"), publish("assets"), publish("push"), caller("publish")],
        proven: [
            goesToProduction,
            workflowTest("evidence.test.ts", "should record every kind of artifact by its digest"),
            workflowTest("order.test.ts", "should publish nothing of which a part was not built"),
        ],
    },
    {
        place: "3, stage 4",
        what: "Integration tests on the test stack",
        accepted: "all pass, on a stack that is healthy within 120 s",
        held: [ci("test-backend"), code("templates/gateway/wait-for-stack.sh")],
        proven: [
            red("test-backend"),
            workflowTest(
                "checks.test.ts",
                "should fail when the time is over, without services, and when Compose fails",
            ),
        ],
    },
    {
        place: "3, stage 5",
        what: "Critical paths in the browser",
        accepted: `at least ${limit("criticalPaths")}, all pass, in ${minutes(limit("criticalPathSeconds"))}; report, screenshots and videos of a failure are kept`,
        held: [ci("e2e-tests")],
        proven: [red("e2e-tests"), workflowTest("checks.test.ts", "should require at least five paths")],
    },
    {
        place: "3, stage 6",
        what: "Scan of dependencies, images and code",
        accepted: "nothing critical; what is high only with a ticket and a due date",
        held: [ci("security-scan"), publish("push"), publish("evidence")],
        proven: [
            red("security-scan"),
            workflowTest("checks.test.ts", "should accept no critical finding, and scan all images, in ci.yml"),
            workflowTest("pins.test.ts", "should be releases whose reports are read"),
        ],
    },
    {
        place: "4, stage 7",
        what: "Version and tag",
        accepted: "a new `VERSION` is tagged once; an unchanged one is named by its commit",
        held: [publish("tag"), policy("github-ruleset-release-tags")],
        proven: [
            workflowTest("scripts.test.ts", "should tag a new version"),
            governance("should make version tags immutable"),
        ],
    },
    {
        place: "4, stage 8",
        what: "Images in Amazon ECR and on Docker Hub",
        accepted: "one digest in both",
        held: [publish("push"), publish("evidence")],
        proven: [
            goesToProduction,
            workflowTest(
                "evidence.test.ts",
                "should write provenance with the commit, the workflow and the run that built the image",
            ),
        ],
    },
    {
        place: "4, stage 9",
        what: "Deployment to staging, after the migration",
        accepted: "the gates pass; no service changes after a failed migration",
        held: [caller("staging"), deploy("inputs"), deploy("deploy")],
        proven: [
            goesToProduction,
            story("1-merge.test.ts", "should change nothing in staging that the gates refuse"),
            release("should migrate the database with the new image before any service changes"),
        ],
    },
    {
        place: "4, stage 10",
        what: "Smoke tests of staging",
        accepted: `at least ${limit("smokeTests")}, all pass, health in less than ${limit("healthSeconds")} s, no 5xx`,
        held: [deploy("deploy")],
        proven: [
            story("6-way-back.test.ts", "should leave a failed release in staging, and bring it no further"),
            {
                file: "test/release/smoke/smoke.test.ts",
                title: "should accept a health check just below a second, and refuse exactly a second",
            },
        ],
    },
];

const strategies: readonly Row[] = [
    {
        place: "6, Staging Deployment",
        what: "Rolling update",
        accepted: "one new pod at a time, ready before an old one ends; at least two pods",
        held: [code("components/delivery/service-release.ts"), policy("kubernetes-deployment-strategy")],
        proven: [
            release("should replace pods one by one, each new one ready before an old one is removed"),
            {
                file: "test/end-to-end/2-rollout.test.ts",
                title: "should replace pods without a failed request under load",
            },
        ],
    },
    {
        place: "6, Staging Deployment",
        what: "Readiness probe",
        accepted: "`/health` after 10 s, every 5 s, 3 failures",
        held: [code("components/shared/pod-template.ts"), policy("kubernetes-workload-readiness-probe")],
        proven: [release("should probe readiness as the specification says")],
    },
    {
        place: "6, Production Deployment, steps 1 and 2",
        what: "Green beside blue, with smoke tests",
        accepted: "green has no request before they pass",
        held: [code("components/delivery/blue-green-deployment.ts"), policy("kubernetes-rollout-strategy")],
        proven: [
            blueGreenTest("should take the specification's seven steps"),
            drill("should give no request to a green whose smoke test fails"),
        ],
    },
    {
        place: "6, Production Deployment, steps 3 and 4",
        what: "Canary",
        accepted: `${defaults.canaryWeightPercent} % of the requests for ${minutes(defaults.canarySeconds)}, back to blue at more than ${defaults.maximumErrorIncreasePercent} percentage points more errors`,
        held: [code("components/delivery/blue-green-deployment.ts"), policy("kubernetes-analysis-limits")],
        proven: [
            blueGreenTest(
                "should pass a canary after ten minutes of good measurements in a row, and abort at the first bad one",
            ),
            drill("should give all requests back to blue when 2 % of green's answers are errors"),
        ],
    },
    {
        place: "6, Production Deployment, steps 5 to 7",
        what: "Cutover, and blue idle",
        accepted: `blue stays for ${minutes(defaults.blueIdleSeconds)}`,
        held: [code("components/delivery/blue-green-deployment.ts"), deploy("deploy"), caller("production")],
        proven: [
            drill("should take a good release without a lost request, even while its node is drained"),
            drill("should take a second release while blue is idle, and roll back at once, across its migration"),
        ],
    },
    {
        place: "6, Hotfix Deployment",
        what: "Hotfix without the soak",
        accepted: `page, approval, then ${minutes(limit("monitoringSeconds"))} of monitoring`,
        held: [{ workflow: `${callers}/hotfix.yml`, job: "production" }, deploy("page"), deploy("monitoring")],
        proven: [
            story("7-hotfix.test.ts", "should go to production without the soak, with its page and an approval"),
            story("7-hotfix.test.ts", "should let a second hotfix pass within that hour"),
        ],
    },
];

const waysBack: readonly Row[] = [
    {
        place: "7, Automated Rollback Triggers",
        what: "Errors and health after the cutover",
        accepted: `back to blue at more than ${defaults.maximumErrorPercent} % errors or ${defaults.maximumUnhealthyPercent} % unhealthy pods within ${minutes(defaults.watchSeconds)}`,
        held: [code("components/delivery/blue-green-deployment.ts"), policy("kubernetes-analysis-limits")],
        proven: [blueGreenTest("should watch green for five minutes with all requests")],
    },
    {
        place: "7, Automated Rollback Triggers",
        what: "Failed migration",
        accepted: "no service changes",
        held: [code("components/delivery/service-release.ts")],
        proven: [drill("should change no Rollout when the migration fails")],
    },
    {
        place: "7, Automated Rollback Triggers",
        what: "Failed update or smoke tests of production",
        accepted: "back to the release before, once that is attested",
        held: [deploy("deploy")],
        proven: [
            story(
                "6-way-back.test.ts",
                "should lead back by itself after a failed update of production, once that is attested",
            ),
            story(
                "6-way-back.test.ts",
                "should lead back by itself after a failed smoke tests of production, once that is attested",
            ),
        ],
    },
    {
        place: "7, Manual Rollback",
        what: "Rollback by hand, and the rehearsals of it and of a restore every week",
        accepted: "without an approval; no migration",
        held: [
            { workflow: `${own}/rollback.yml`, job: "rollback" },
            { workflow: `${callers}/rollback.yml`, job: "rollback" },
            { workflow: `${callers}/rollback.yml`, job: "restore" },
            { workflow: `${own}/rehearse.yml`, job: "rehearse" },
        ],
        proven: [
            story(
                "6-way-back.test.ts",
                "should be open by hand in production, without an approval, by the role for that",
            ),
            story("6-way-back.test.ts", "should be rehearsed in staging, which then runs the present release again"),
        ],
    },
    {
        place: "7, Rollback Decision Matrix",
        what: "The way out of each scenario, in time, with who decides",
        accepted: "2 minutes, 30 minutes, 2 hours, 15 minutes + 4 hours",
        held: [
            { workflow: `${own}/rollback.yml`, job: "rollback" },
            { workflow: `${callers}/rollback.yml`, job: "rollback" },
        ],
        proven: [
            {
                file: "test/release/rollback/rollback.test.ts",
                title: "should have the specification's rows with its times",
            },
            {
                file: "test/docs/decision-matrix.test.ts",
                title: "should have the command that measures each row, and its time unless it says that it has none",
            },
        ],
    },
];

const pipeline: readonly Row[] = [
    {
        place: "8",
        what: "Pull requests to main are checked, pushes to main are released",
        accepted: "a pull request releases nothing",
        held: [caller("ci"), caller("checks"), caller("publish")],
        proven: [
            story(
                "2-pull-request.integration.test.ts",
                "should be mergeable once all are green, with nothing released by the pull request itself",
            ),
            story("1-merge.test.ts", "should end at a failed check, with no role taken and a word that main is red"),
        ],
    },
    {
        place: "8",
        what: "Staging, then production, by approval",
        accepted: "the page is there before an approver is asked, and the approval before anything changes",
        held: [caller("staging"), caller("production"), deploy("page"), deploy("approval")],
        proven: [
            story(
                "1-merge.test.ts",
                "should have its page before an approver is asked, and an approval before anything reaches production",
            ),
        ],
    },
    {
        place: "8",
        what: "Slack is told",
        accepted: "of each outcome; nothing depends on it",
        held: [deploy("deploy"), deploy("ended"), caller("red"), { workflow: `${own}/notify.yml`, job: "slack" }],
        proven: [
            story("8-slack-is-down.test.ts", "should bring a release to production all the same"),
            story(
                "4-two-merges.test.ts",
                "should deploy the first, then the newest, and tell that the one between lost its place",
            ),
        ],
    },
    {
        place: "8",
        what: "Order of releases",
        accepted: "no older release replaces a newer one; a cancelled run holds up no other",
        held: [deploy("deploy"), code(".github/actions/forward/action.yml")],
        proven: [
            story("9-older-run.test.ts", "should be refused under the lock when it is approved only then"),
            story("9-older-run.test.ts", "should be refused in staging already when all of it is repeated"),
            story("10-cancelled.test.ts", "should be followed by a run that arrives"),
        ],
    },
];

/** Every stage, gate and threshold of the specification's sections 2 to 8, by chapter. */
export const chapters: ReadonlyMap<string, readonly Row[]> = new Map([
    ["Branches (section 2)", branches],
    ["Stages (sections 3 and 4)", stages],
    ["Gates (section 5, with those of sections 3, 4 and 6)", gateRows],
    ["Deployment (section 6)", strategies],
    ["Ways back (section 7)", waysBack],
    ["The pipeline as a whole (section 8)", pipeline],
]);

const withoutBars = (text: string) => text.replaceAll("|", "\\|");

function held(holder: Holder): string {
    if ("gate" in holder) return `gate \`${holder.gate}\``;
    if ("policy" in holder) return `policy \`${holder.policy}\``;
    if ("code" in holder) return `[\`${holder.code.split("/").at(-1) ?? ""}\`](../${holder.code})`;
    return `[\`${holder.workflow.replace(/^.*\/(?=gateway\/|[^/]+$)/, "")}\`](../${holder.workflow}) \`${holder.job}\``;
}

const proven = ({ file, title }: Proof) => `[${path.basename(file)}](../${file}): ${title}`;

/** Where each rule of the specification is held, and which test proves it, as Markdown. */
export function pipelineReference(): string {
    const parts = [...chapters].map(([title, rows]) => {
        const lines = rows.map(({ place, what, accepted, held: holders, proven: proofs }) =>
            [place, what, accepted, holders.map(held).join("<br>"), proofs.map(proven).join("<br>")].map(withoutBars),
        );
        const head = ["Specification", "What", "Accepted", "Held by", "Proven by"];
        return [
            `## ${title}`,
            "",
            `| ${head.join(" | ")} |`,
            `|${"---|".repeat(head.length)}`,
            ...lines.map((cells) => `| ${cells.join(" | ")} |`),
            "",
        ].join("\n");
    });
    return [
        "# The pipeline, rule by rule",
        "",
        "Every stage, gate and threshold of the specification, what holds it, and the test that proves it. Written by `make",
        "docs` from [docs/generate/pipeline.ts](generate/pipeline.ts); what gates and settings say comes from them. A test",
        "fails when a job, gate, policy, file or test that is named here does not exist, or when a gate or a job of the",
        "pipeline is not named.",
        "",
        "The files `test/workflows/stories/` play the pipeline as stories, by the workflows themselves: a merge, a pull request",
        "that fails, a fork, two merges, a second attempt, a failed release, a hotfix, Slack that is down, an older run, a",
        "cancelled one. The checks and the publication are replaced there, and what a deployment calls answers as in",
        "[`environments.ts`](../test/workflows/environments.ts).",
        "",
        ...parts,
    ].join("\n");
}
