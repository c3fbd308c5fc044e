import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { EnvironmentCredentials } from "../../../components/governance/environment-credentials";
import { RepositoryGovernance } from "../../../components/governance/repository-governance";
import { assertWellFormed, deploy, ofType, only, secretValue } from "../../support/harness";

const args = {
    repository: {
        name: "gateway",
        platform: "platform",
        visibility: "private",
        approverTeams: ["engineering-managers", "tech-leads"],
        requiredChecks: ["lint-backend", "e2e-tests"],
        archiveOnDestroy: true,
    },
    variables: { AWS_REGION: "us-east-1" },
    secrets: { DOCKER_PASSWORD: pulumi.secret("token") },
};

describe("RepositoryGovernance", () => {
    it("should keep history linear, and keep the code when the stack is destroyed", async () => {
        const resources = await deploy(() => new RepositoryGovernance("repository", args));
        assertWellFormed(resources, "repository");
        const { inputs, protect } = only(resources, "github:index/repository:Repository");
        assert.deepEqual(
            [
                inputs.allowMergeCommit,
                inputs.allowSquashMerge,
                inputs.allowRebaseMerge,
                inputs.archiveOnDestroy,
                protect,
            ],
            [false, true, true, true, true],
        );
        assert.equal(inputs.hasIssues, true, "incidents are issues");
    });

    for (const branch of ["main", "staging"]) {
        it(`should protect ${branch} by all six rules`, async () => {
            const resources = await deploy(() => new RepositoryGovernance("repository", args));
            const { inputs } = only(
                resources,
                "github:index/branchProtection:BranchProtection",
                `repository-${branch}`,
            );
            assert.equal(inputs.pattern, branch);
            assert.deepEqual(inputs.requiredPullRequestReviews, [
                { requiredApprovingReviewCount: 1, dismissStaleReviews: true, requireLastPushApproval: true },
            ]);
            assert.deepEqual(inputs.requiredStatusChecks, [{ strict: true, contexts: ["lint-backend", "e2e-tests"] }]);
            assert.equal(inputs.enforceAdmins, true);
            assert.equal(inputs.requiredLinearHistory, true);
            assert.deepEqual([inputs.allowsForcePushes, inputs.allowsDeletions], [false, false]);
        });
    }

    it("should allow one actor to move staging without a pull request, and no one to move main", async () => {
        const repository = { ...args.repository, stagingMirror: "/rory-deployment" };
        const resources = await deploy(() => new RepositoryGovernance("repository", { ...args, repository }));
        const inputsOf = (branch: string) =>
            only(resources, "github:index/branchProtection:BranchProtection", `repository-${branch}`).inputs;
        const { pattern: _, requiredPullRequestReviews: main, ...rulesOfMain } = inputsOf("main");
        const { pattern: __, requiredPullRequestReviews: staging, ...rulesOfStaging } = inputsOf("staging");
        const reviews = { requiredApprovingReviewCount: 1, dismissStaleReviews: true, requireLastPushApproval: true };
        assert.deepEqual(main, [reviews]);
        assert.deepEqual(staging, [{ ...reviews, pullRequestBypassers: ["/rory-deployment"] }]);
        assert.deepEqual(rulesOfStaging, rulesOfMain);
    });

    it("should create staging from main before protecting it, ignore where it points later, and retain it on destroy", async () => {
        const resources = await deploy(() => new RepositoryGovernance("repository", args));
        const { inputs, retainOnDelete } = only(resources, "github:index/branch:Branch");
        assert.deepEqual(inputs, { repository: "gateway", branch: "staging", sourceBranch: "main" });
        assert.equal(retainOnDelete, true);
        const guard = only(resources, "relaypacs:governance:BranchGuard", "repository-staging");
        assert.ok(guard.dependencies.includes("repository-staging"));
    });

    it("should make version tags immutable", async () => {
        const resources = await deploy(() => new RepositoryGovernance("repository", args));
        const { inputs } = only(resources, "github:index/repositoryRuleset:RepositoryRuleset");
        assert.deepEqual([inputs.target, inputs.enforcement], ["tag", "active"]);
        assert.deepEqual(inputs.conditions, { refName: { includes: ["refs/tags/v*"], excludes: [] } });
        assert.deepEqual(inputs.rules, { update: true, deletion: true, nonFastForward: true });
        assert.equal(inputs.bypassActors, undefined);
    });

    it("should put production behind approvers who are not the author, and let staging deploy by itself", async () => {
        const resources = await deploy(() => new RepositoryGovernance("repository", args));
        const environments = ofType(resources, "github:index/repositoryEnvironment:RepositoryEnvironment").filter(
            ({ inputs }) => inputs.repository === "gateway",
        );
        assert.deepEqual(
            new Map(
                environments.map(({ inputs }) => [
                    inputs.environment,
                    [inputs.reviewers, inputs.waitTimer] as unknown[],
                ]),
            ),
            new Map<unknown, unknown[]>([
                ["staging", [undefined, undefined]],
                ["staging-soak", [undefined, 240]],
                ["production", [[{ teams: [1, 2] }], undefined]],
                // A job that waits for an approver would hold its concurrency group (docs/decisions/0052).
                ["production-deployment", [undefined, undefined]],
                // The person on call rolls back without waiting for an approval (specification, section 7).
                ["production-rollback", [undefined, undefined]],
                ["sign-evidence", [undefined, undefined]],
            ]),
        );
        for (const { inputs } of environments) {
            assert.deepEqual([inputs.preventSelfReview, inputs.canAdminsBypass], [true, false]);
            // What needs no approval runs from main only: staging may not have been reviewed.
            const named = ["production-deployment", "production-rollback", "sign-evidence"].includes(
                String(inputs.environment),
            );
            assert.deepEqual(inputs.deploymentBranchPolicy, { protectedBranches: !named, customBranchPolicies: named });
        }
        assert.deepEqual(
            ofType(
                resources,
                "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
            ).map(({ inputs }) => inputs),
            [
                ["platform", "drift-staging"],
                ["platform", "drift-prod"],
                ["gateway", "production-deployment"],
                ["gateway", "production-rollback"],
                ["gateway", "sign-evidence"],
            ].map(([repository, environment]) => ({ repository, environment, branchPattern: "main" })),
        );
    });

    for (const stack of ["staging", "prod"])
        it(`should preview ${stack} for any branch once another person has approved, for administrators as well`, async () => {
            const resources = await deploy(() => new RepositoryGovernance("repository", args));
            const { inputs } = only(
                resources,
                "github:index/repositoryEnvironment:RepositoryEnvironment",
                `repository-preview-${stack}`,
            );
            assert.deepEqual([inputs.repository, inputs.environment], ["platform", `preview-${stack}`]);
            assert.deepEqual(inputs.reviewers, [{ teams: [1, 2] }]);
            assert.deepEqual([inputs.preventSelfReview, inputs.canAdminsBypass], [true, false]);
            assert.equal(inputs.deploymentBranchPolicy, undefined);
        });

    it("should hold a release in staging for the configured time", async () => {
        const resources = await deploy(() => new RepositoryGovernance("repository", { ...args, soakMinutes: 600 }));
        const soak = only(
            resources,
            "github:index/repositoryEnvironment:RepositoryEnvironment",
            "repository-staging-soak",
        );
        assert.equal(soak.inputs.waitTimer, 600);
    });

    it("should pass variables in plain text and secrets as secrets", async () => {
        const resources = await deploy(() => new RepositoryGovernance("repository", args));
        const variable = only(resources, "github:index/actionsVariable:ActionsVariable").inputs;
        assert.deepEqual([variable.variableName, variable.value], ["AWS_REGION", "us-east-1"]);
        const secret = only(resources, "github:index/actionsSecret:ActionsSecret").inputs;
        assert.equal(secret.secretName, "DOCKER_PASSWORD");
        assert.equal(secretValue(secret.value), "token");
    });
});

describe("EnvironmentCredentials", () => {
    it("should belong to one GitHub environment, production for the stack prod", async () => {
        const resources = await deploy(
            () =>
                new EnvironmentCredentials("credentials", {
                    repository: "gateway",
                    environment: "prod",
                    variables: { DEPLOY_ROLE: "arn" },
                    secrets: { SLACK_WEBHOOK: pulumi.secret("hook") },
                }),
        );
        assertWellFormed(resources, "credentials");
        const variable = only(resources, "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable").inputs;
        assert.deepEqual([variable.environment, variable.variableName], ["production", "DEPLOY_ROLE"]);
        const secret = only(resources, "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret").inputs;
        assert.equal(secretValue(secret.value), "hook");
        assert.equal(ofType(resources, "github:index/actionsSecret:ActionsSecret").length, 0);
    });

    it("should accept a GitHub environment that is not a stack's", async () => {
        const resources = await deploy(
            () =>
                new EnvironmentCredentials("credentials", {
                    repository: "gateway",
                    environment: "production-rollback",
                    variables: { DEPLOY_ROLE: "arn" },
                    secrets: {},
                }),
        );
        const variable = only(resources, "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable").inputs;
        assert.equal(variable.environment, "production-rollback");
    });
});
