import { githubActionsPinned } from "../../../policies/github/actions-pinned";
import { githubDeployKeyReadOnly } from "../../../policies/github/deploy-key-read-only";
import { githubEnvironmentAdmins } from "../../../policies/github/environment-admins";
import { githubEnvironmentBranches } from "../../../policies/github/environment-branches";
import { githubEnvironmentNamedBranch } from "../../../policies/github/environment-named-branch";
import { githubEnvironmentReviewers } from "../../../policies/github/environment-reviewers";
import { githubRepositoryMergeMethods } from "../../../policies/github/repository-merge-methods";
import { githubRepositoryVisibility } from "../../../policies/github/repository-visibility";
import { githubSecretStaticKeys } from "../../../policies/github/secret-static-keys";
import { githubSecretValue } from "../../../policies/github/secret-value";
import { githubVariablePlainCredentials } from "../../../policies/github/variable-plain-credentials";
import { githubWorkflowPermissions } from "../../../policies/github/workflow-permissions";
import { github } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/github";
import { accepts, all, leaves, refuses, remediates, set, unchanged, unknownAt, unset } from "../support/cases";
import { secret } from "../support/engine";
import { describeResourcePolicy } from "../support/suites";

const repository = { type: github.repository, given: fixtures.repository };

describeResourcePolicy(githubRepositoryMergeMethods, {
    ...repository,
    cases: [
        refuses("merge commits", set("allowMergeCommit", true), "allowMergeCommit is true; accepted: false."),
        refuses(
            "a missing value, since the default allows merge commits",
            unset("allowMergeCommit"),
            "allowMergeCommit is not set; accepted: false.",
        ),
        accepts("squash merges alone", set("allowRebaseMerge", false)),
        refuses(
            "a repository that allows no merge method",
            all(set("allowRebaseMerge", false), set("allowSquashMerge", false)),
            ["allowSquashMerge is false; accepted: true, here or for allowRebaseMerge."],
        ),
        unknownAt("allowMergeCommit"),
    ],
});

describeResourcePolicy(githubRepositoryVisibility, {
    ...repository,
    cases: [
        refuses("a public repository", set("visibility", "public"), 'visibility is "public"; accepted: "private".'),
        refuses(
            "an internal repository",
            set("visibility", "internal"),
            'visibility is "internal"; accepted: "private".',
        ),
        accepts("an internal repository where the setting allows it", set("visibility", "internal"), {
            settings: { accepted: ["private", "internal"] },
        }),
        refuses(
            "a missing value, since the default is public",
            unset("visibility"),
            'visibility is not set; accepted: "private".',
        ),
        accepts("a repository that is private by the older property", all(unset("visibility"), set("private", true))),
        refuses(
            "a repository that is public by one property and private by the other",
            all(set("visibility", "public"), set("private", true)),
            'visibility is "public"; accepted: "private".',
        ),
        unknownAt("visibility"),
    ],
});

const environment = { type: github.environment, given: fixtures.environment };

const development = set("environment", "development");

describeResourcePolicy(githubEnvironmentReviewers, {
    ...environment,
    cases: [
        refuses(
            "an environment without reviewers",
            unset("reviewers"),
            "reviewers is not set; accepted: at least one team or user.",
        ),
        refuses("an empty list of reviewers", set("reviewers", [{ teams: [], users: [] }]), [
            'reviewers is [{"teams":[],"users":[]}]; accepted: at least one team or user.',
        ]),
        accepts("users as reviewers", set("reviewers", [{ users: [7] }])),
        refuses("self-review", set("preventSelfReview", false), "preventSelfReview is false; accepted: true."),
        refuses(
            "a missing value, since the default allows self-review",
            unset("preventSelfReview"),
            "preventSelfReview is not set; accepted: true.",
        ),
        accepts("staging without reviewers", all(set("environment", "staging"), unset("reviewers"))),
        accepts(
            "the rollback of production without reviewers",
            all(set("environment", "production-rollback"), unset("reviewers")),
        ),
        accepts(
            "the deployment after the approval without reviewers",
            all(set("environment", "production-deployment"), unset("reviewers")),
        ),
        accepts("previews with a reviewer", set("environment", "preview-prod")),
        refuses(
            "previews without a reviewer, which would run unreviewed code",
            all(set("environment", "preview-prod"), unset("reviewers"), set("preventSelfReview", false)),
            [
                "reviewers is not set; accepted: at least one team or user.",
                "preventSelfReview is false; accepted: true.",
            ],
        ),
        refuses(
            "staging without reviewers where the setting names it",
            all(set("environment", "staging"), unset("reviewers")),
            "reviewers is not set; accepted: at least one team or user.",
            {
                settings: { environments: ["staging"] },
            },
        ),
        unknownAt("reviewers"),
    ],
});

describeResourcePolicy(githubEnvironmentBranches, {
    ...environment,
    cases: [
        refuses(
            "deployments from any branch",
            unset("deploymentBranchPolicy"),
            "deploymentBranchPolicy.protectedBranches is not set; accepted: true.",
        ),
        refuses(
            "deployments from named branches",
            set("deploymentBranchPolicy", { protectedBranches: false, customBranchPolicies: true }),
            [
                "deploymentBranchPolicy.protectedBranches is false; accepted: true.",
                "deploymentBranchPolicy.customBranchPolicies is true; accepted: false.",
            ],
        ),
        refuses(
            "deployments to staging from any branch",
            all(set("environment", "staging"), unset("deploymentBranchPolicy")),
            ["deploymentBranchPolicy.protectedBranches is not set; accepted: true."],
        ),
        accepts(
            "a rollback of production from named branches",
            all(
                set("environment", "production-rollback"),
                set("deploymentBranchPolicy", { protectedBranches: false, customBranchPolicies: true }),
            ),
        ),
        refuses(
            "the deployment after the approval from all protected branches",
            set("environment", "production-deployment"),
            [
                "deploymentBranchPolicy.protectedBranches is true; accepted: false.",
                "deploymentBranchPolicy.customBranchPolicies is false; accepted: true.",
            ],
        ),
        refuses("a rollback of production from all protected branches", set("environment", "production-rollback"), [
            "deploymentBranchPolicy.protectedBranches is true; accepted: false.",
            "deploymentBranchPolicy.customBranchPolicies is false; accepted: true.",
        ]),
        refuses(
            "a rollback of production from any branch",
            all(set("environment", "production-rollback"), unset("deploymentBranchPolicy")),
            [
                "deploymentBranchPolicy.protectedBranches is not set; accepted: false.",
                "deploymentBranchPolicy.customBranchPolicies is not set; accepted: true.",
            ],
        ),
        accepts(
            "previews from the branch of any pull request",
            all(set("environment", "preview-prod"), unset("deploymentBranchPolicy")),
        ),
        accepts("deployments from any branch to other environments", all(development, unset("deploymentBranchPolicy"))),
        unknownAt("environment"),
    ],
});

describeResourcePolicy(githubEnvironmentNamedBranch, {
    type: github.environmentDeploymentPolicy,
    given: fixtures.environmentDeploymentPolicy,
    cases: [
        refuses(
            "a branch that takes changes without a review",
            set("branchPattern", "staging"),
            'branchPattern is "staging"; accepted: "main".',
        ),
        refuses("a branch pattern", set("branchPattern", "main*"), 'branchPattern is "main*"; accepted: "main".'),
        refuses("a tag pattern", all(unset("branchPattern"), set("tagPattern", "v*")), [
            'branchPattern is not set; accepted: "main".',
            'tagPattern is "v*"; accepted: nothing.',
        ]),
        accepts("a branch that the setting names", set("branchPattern", "staging"), {
            settings: { branches: ["main", "staging"] },
        }),
        accepts("any branch pattern in other environments", all(development, set("branchPattern", "*"))),
        unknownAt("environment"),
        unknownAt("branchPattern"),
        unknownAt("tagPattern"),
    ],
});

describeResourcePolicy(githubEnvironmentAdmins, {
    ...environment,
    cases: [
        refuses(
            "administrators who bypass the approval",
            set("canAdminsBypass", true),
            "canAdminsBypass is true; accepted: false.",
        ),
        refuses(
            "a missing value, since the default lets administrators bypass",
            unset("canAdminsBypass"),
            "canAdminsBypass is not set; accepted: false.",
        ),
        ...[
            ...["drift-prod", "drift-staging", "preview-prod", "preview-staging"],
            ...["production-deployment", "production-rollback"],
            ...["sign-evidence", "staging"],
        ].map((name) =>
            refuses(
                `administrators who bypass the rules of ${name}`,
                all(set("environment", name), set("canAdminsBypass", true)),
                ["canAdminsBypass is true; accepted: false."],
            ),
        ),
        accepts(
            "administrators who bypass the rules of other environments",
            all(development, unset("canAdminsBypass")),
        ),
        unknownAt("canAdminsBypass"),
    ],
});

const value = "correct horse battery staple";

const actionsSecret = { repository: "gateway", secretName: "SLACK_WEBHOOK", plaintextValue: secret(value) };

describeResourcePolicy(githubSecretValue, {
    type: github.secret,
    given: actionsSecret,
    cases: [
        refuses(
            "an empty value",
            set("plaintextValue", ""),
            "value and valueEncrypted are not set; accepted: one of them, not empty.",
        ),
        accepts("an encrypted value", all(unset("plaintextValue"), set("encryptedValue", "c2VhbGVk"))),
        remediates("a plain value of a repository", set("plaintextValue", value)),
        remediates("a plain value of an environment", set("plaintextValue", value), unchanged, {
            type: github.environmentSecret,
        }),
        leaves("a secret value", unchanged),
        unknownAt("plaintextValue"),
    ],
});

const staticKey = (property: string, name: string) =>
    `${property} is "${name}", a static key; accepted: a role, taken by OIDC.`;

describeResourcePolicy(githubSecretStaticKeys, {
    type: github.secret,
    given: { repository: "gateway", secretName: "DOCKER_PASSWORD", value: "not-a-real-password" },
    cases: [
        ...[
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_SECRET_KEY",
            "PROD_AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID_STAGING",
            "aws_access_key_id",
            "AZURE_CLIENT_SECRET",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GCP_SA_KEY",
            "KUBECONFIG",
            "KUBE_CONFIG_DATA",
        ].map((name) => refuses(`the secret ${name}`, set("secretName", name), staticKey("secretName", name))),
        ...[github.environmentSecret, github.organizationSecret, github.dependabotSecret].map((type) =>
            refuses(
                `a secret access key as ${type}`,
                set("secretName", "AWS_SECRET_ACCESS_KEY"),
                staticKey("secretName", "AWS_SECRET_ACCESS_KEY"),
                { type },
            ),
        ),
        ...[github.variable, github.environmentVariable, github.organizationVariable].map((type) =>
            refuses(
                `an access key's id as ${type}`,
                set("variableName", "AWS_ACCESS_KEY_ID"),
                staticKey("variableName", "AWS_ACCESS_KEY_ID"),
                { type, given: { value: "not-a-real-id" } },
            ),
        ),
        refuses(
            "an access key under another name",
            set("value", "AKIAIOSFODNN7EXAMPLE"),
            "value holds an AWS access key; accepted: a role, taken by OIDC.",
        ),
        refuses(
            "an access key in the older input",
            set("plaintextValue", "id=ASIAIOSFODNN7EXAMPLE"),
            "plaintextValue holds an AWS access key; accepted: a role, taken by OIDC.",
        ),
        accepts("a secret without a name, which GitHub refuses", unset("secretName")),
        accepts("a region", all(unset("secretName"), set("variableName", "AWS_REGION")), { type: github.variable }),
        accepts("a name that only begins alike", set("secretName", "AWS_SECRETS_PREFIX")),
        accepts("a value that is too short for a key", set("value", "AKIAIOSFODNN7EXAMPL")),
        unknownAt("secretName"),
        unknownAt("value", {
            given: { secretName: "AWS_SECRET_ACCESS_KEY" },
            messages: [staticKey("secretName", "AWS_SECRET_ACCESS_KEY")],
        }),
    ],
});

const readable = (name: string) =>
    `the variable ${name} holds a credential in plain text; accepted: github.ActionsSecret.`;

describeResourcePolicy(githubVariablePlainCredentials, {
    type: github.variable,
    given: fixtures.variable,
    cases: [
        refuses("a variable that holds a token", set("variableName", "DOCKER_TOKEN"), readable("DOCKER_TOKEN")),
        refuses(
            "a variable with a password inside a URL",
            set("value", "https://ci:hunter2@registry.example"),
            readable("AWS_REGION"),
        ),
        refuses(
            "an environment's variable that holds a token",
            set("variableName", "APP_SECRET"),
            readable("APP_SECRET"),
            {
                type: github.environmentVariable,
            },
        ),
        refuses("an organisation's variable that holds a token", set("variableName", "DB_PASS"), readable("DB_PASS"), {
            type: github.organizationVariable,
        }),
        refuses(
            "a variable with a webhook's address",
            set("value", "https://hooks.slack.com/services/T0/B0/notreal"),
            readable("AWS_REGION"),
        ),
        unknownAt("value"),
    ],
});

describeResourcePolicy(githubWorkflowPermissions, {
    type: github.workflowPermissions,
    given: { repository: "gateway", defaultWorkflowPermissions: "read", canApprovePullRequestReviews: false },
    cases: [
        refuses(
            "a default token that writes",
            set("defaultWorkflowPermissions", "write"),
            'defaultWorkflowPermissions is "write"; accepted: "read".',
        ),
        refuses(
            "a missing value of the token's default permissions",
            unset("defaultWorkflowPermissions"),
            'defaultWorkflowPermissions is not set; accepted: "read".',
        ),
        refuses(
            "workflows that approve pull requests",
            set("canApprovePullRequestReviews", true),
            "canApprovePullRequestReviews is true; accepted: false, or not set.",
        ),
        unknownAt("defaultWorkflowPermissions"),
    ],
});

describeResourcePolicy(githubActionsPinned, {
    type: github.actionsPermissions,
    given: { repository: "gateway", allowedActions: "selected", shaPinningRequired: true },
    cases: [
        refuses(
            "all actions",
            set("allowedActions", "all"),
            'allowedActions is "all"; accepted: "selected" or "local_only".',
        ),
        refuses(
            "actions that are pinned by tag only",
            unset("shaPinningRequired"),
            "shaPinningRequired is not set; accepted: true.",
        ),
        accepts("a repository that allows no actions", all(set("enabled", false), unset("allowedActions"))),
        unknownAt("shaPinningRequired"),
    ],
});

describeResourcePolicy(githubDeployKeyReadOnly, {
    type: github.deployKey,
    given: { repository: "gateway", title: "mirror", key: "ssh-ed25519 AAAA", readOnly: true },
    cases: [
        refuses("a key that writes", set("readOnly", false), "readOnly is false; accepted: true, or not set."),
        accepts("a missing value, since the default is read-only", unset("readOnly")),
        unknownAt("readOnly"),
    ],
});
