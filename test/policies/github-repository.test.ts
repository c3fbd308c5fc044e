import { githubActionsPinned } from "../../policies/github/actions-pinned";
import { githubDeployKeyReadOnly } from "../../policies/github/deploy-key-read-only";
import { githubEnvironmentAdmins } from "../../policies/github/environment-admins";
import { githubEnvironmentBranches } from "../../policies/github/environment-branches";
import { githubEnvironmentNamedBranch } from "../../policies/github/environment-named-branch";
import { githubEnvironmentReviewers } from "../../policies/github/environment-reviewers";
import { githubRepositoryMergeMethods } from "../../policies/github/repository-merge-methods";
import { githubRepositoryVisibility } from "../../policies/github/repository-visibility";
import { githubSecretValue } from "../../policies/github/secret-value";
import { githubVariablePlainCredentials } from "../../policies/github/variable-plain-credentials";
import { githubWorkflowPermissions } from "../../policies/github/workflow-permissions";
import { github } from "../../policies/shared/types";
import * as fixtures from "./fixtures/github";
import { accepts, all, leaves, refuses, remediates, set, unchanged, unknownAt, unset } from "./support/cases";
import { secret } from "./support/engine";
import { describeResourcePolicy } from "./support/suites";

const repository = { type: github.repository, given: fixtures.repository };

describeResourcePolicy(githubRepositoryMergeMethods, {
    ...repository,
    cases: [
        refuses("merge commits", set("allowMergeCommit", true), "allowMergeCommit is true; accepted: false."),
        refuses(
            "nothing said: the default allows them",
            unset("allowMergeCommit"),
            "allowMergeCommit is not set; accepted: false.",
        ),
        accepts("squash alone", set("allowRebaseMerge", false)),
        refuses("no way to merge", all(set("allowRebaseMerge", false), set("allowSquashMerge", false)), [
            "allowSquashMerge is false; accepted: true, here or for allowRebaseMerge.",
        ]),
        unknownAt("allowMergeCommit"),
    ],
});

describeResourcePolicy(githubRepositoryVisibility, {
    ...repository,
    cases: [
        refuses("public", set("visibility", "public"), 'visibility is "public"; accepted: "private".'),
        refuses("internal", set("visibility", "internal"), 'visibility is "internal"; accepted: "private".'),
        accepts("internal where the setting allows it", set("visibility", "internal"), {
            settings: { accepted: ["private", "internal"] },
        }),
        refuses(
            "nothing said: the default is public",
            unset("visibility"),
            'visibility is not set; accepted: "private".',
        ),
        accepts("private by the older property", all(unset("visibility"), set("private", true))),
        refuses(
            "public where both are said",
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
        refuses("no reviewers", unset("reviewers"), "reviewers is not set; accepted: at least one team or user."),
        refuses("a list of nobody", set("reviewers", [{ teams: [], users: [] }]), [
            'reviewers is [{"teams":[],"users":[]}]; accepted: at least one team or user.',
        ]),
        accepts("users", set("reviewers", [{ users: [7] }])),
        refuses("self-review", set("preventSelfReview", false), "preventSelfReview is false; accepted: true."),
        refuses(
            "nothing said: the default allows it",
            unset("preventSelfReview"),
            "preventSelfReview is not set; accepted: true.",
        ),
        accepts("staging, which deploys unasked", all(set("environment", "staging"), unset("reviewers"))),
        accepts(
            "production's way back, which waits for nobody",
            all(set("environment", "production-rollback"), unset("reviewers")),
        ),
        accepts("previews with an approver", set("environment", "preview")),
        refuses(
            "previews of what nobody has read",
            all(set("environment", "preview"), unset("reviewers"), set("preventSelfReview", false)),
            [
                "reviewers is not set; accepted: at least one team or user.",
                "preventSelfReview is false; accepted: true.",
            ],
        ),
        refuses(
            "staging where the setting asks",
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
            "any branch",
            unset("deploymentBranchPolicy"),
            "deploymentBranchPolicy.protectedBranches is not set; accepted: true.",
        ),
        refuses(
            "branches by name",
            set("deploymentBranchPolicy", { protectedBranches: false, customBranchPolicies: true }),
            [
                "deploymentBranchPolicy.protectedBranches is false; accepted: true.",
                "deploymentBranchPolicy.customBranchPolicies is true; accepted: false.",
            ],
        ),
        refuses("staging too", all(set("environment", "staging"), unset("deploymentBranchPolicy")), [
            "deploymentBranchPolicy.protectedBranches is not set; accepted: true.",
        ]),
        accepts(
            "production's way back from branches by name",
            all(
                set("environment", "production-rollback"),
                set("deploymentBranchPolicy", { protectedBranches: false, customBranchPolicies: true }),
            ),
        ),
        refuses("production's way back from all protected branches", set("environment", "production-rollback"), [
            "deploymentBranchPolicy.protectedBranches is true; accepted: false.",
            "deploymentBranchPolicy.customBranchPolicies is false; accepted: true.",
        ]),
        refuses(
            "production's way back from anywhere",
            all(set("environment", "production-rollback"), unset("deploymentBranchPolicy")),
            [
                "deploymentBranchPolicy.protectedBranches is not set; accepted: false.",
                "deploymentBranchPolicy.customBranchPolicies is not set; accepted: true.",
            ],
        ),
        accepts(
            "previews, of any branch's pull request",
            all(set("environment", "preview"), unset("deploymentBranchPolicy")),
        ),
        accepts("other environments", all(development, unset("deploymentBranchPolicy"))),
        unknownAt("environment"),
    ],
});

describeResourcePolicy(githubEnvironmentNamedBranch, {
    type: github.environmentDeploymentPolicy,
    given: fixtures.environmentDeploymentPolicy,
    cases: [
        refuses(
            "a branch that others may push to",
            set("branchPattern", "staging"),
            'branchPattern is "staging"; accepted: "main".',
        ),
        refuses("a pattern", set("branchPattern", "main*"), 'branchPattern is "main*"; accepted: "main".'),
        refuses("a tag", all(unset("branchPattern"), set("tagPattern", "v*")), [
            'branchPattern is not set; accepted: "main".',
            'tagPattern is "v*"; accepted: nothing.',
        ]),
        accepts("what the setting allows", set("branchPattern", "staging"), {
            settings: { branches: ["main", "staging"] },
        }),
        accepts("any branch of other environments", all(development, set("branchPattern", "*"))),
        unknownAt("environment"),
        unknownAt("branchPattern"),
        unknownAt("tagPattern"),
    ],
});

describeResourcePolicy(githubEnvironmentAdmins, {
    ...environment,
    cases: [
        refuses("administrators who pass", set("canAdminsBypass", true), "canAdminsBypass is true; accepted: false."),
        refuses(
            "nothing said: the default lets them",
            unset("canAdminsBypass"),
            "canAdminsBypass is not set; accepted: false.",
        ),
        ...["preview", "production-rollback", "staging"].map((name) =>
            refuses(`${name} too`, all(set("environment", name), set("canAdminsBypass", true)), [
                "canAdminsBypass is true; accepted: false.",
            ]),
        ),
        accepts("other environments", all(development, unset("canAdminsBypass"))),
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
        remediates("a plain value", set("plaintextValue", value)),
        remediates("a plain value of an environment", set("plaintextValue", value), unchanged, {
            type: github.environmentSecret,
        }),
        leaves("a secret value", unchanged),
        unknownAt("plaintextValue"),
    ],
});

const readable = (name: string) =>
    `the variable ${name} holds a credential in plain text; accepted: github.ActionsSecret.`;

describeResourcePolicy(githubVariablePlainCredentials, {
    type: github.variable,
    given: fixtures.variable,
    cases: [
        refuses("a token", set("variableName", "DOCKER_TOKEN"), readable("DOCKER_TOKEN")),
        refuses("a password inside a URL", set("value", "https://ci:hunter2@registry.example"), readable("AWS_REGION")),
        refuses("an environment's", set("variableName", "APP_SECRET"), readable("APP_SECRET"), {
            type: github.environmentVariable,
        }),
        unknownAt("value"),
    ],
});

describeResourcePolicy(githubWorkflowPermissions, {
    type: github.workflowPermissions,
    given: { repository: "gateway", defaultWorkflowPermissions: "read", canApprovePullRequestReviews: false },
    cases: [
        refuses(
            "a token that writes",
            set("defaultWorkflowPermissions", "write"),
            'defaultWorkflowPermissions is "write"; accepted: "read".',
        ),
        refuses(
            "nothing said",
            unset("defaultWorkflowPermissions"),
            'defaultWorkflowPermissions is not set; accepted: "read".',
        ),
        refuses(
            "a workflow that approves",
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
            "every action",
            set("allowedActions", "all"),
            'allowedActions is "all"; accepted: "selected" or "local_only".',
        ),
        refuses("actions by tag", unset("shaPinningRequired"), "shaPinningRequired is not set; accepted: true."),
        accepts("no actions", all(set("enabled", false), unset("allowedActions"))),
        unknownAt("shaPinningRequired"),
    ],
});

describeResourcePolicy(githubDeployKeyReadOnly, {
    type: github.deployKey,
    given: { repository: "gateway", title: "mirror", key: "ssh-ed25519 AAAA", readOnly: true },
    cases: [
        refuses("a key that writes", set("readOnly", false), "readOnly is false; accepted: true, or not set."),
        accepts("nothing said: the default reads", unset("readOnly")),
        unknownAt("readOnly"),
    ],
});
