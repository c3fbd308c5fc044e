import { iamOidcProviderAudience } from "../../../policies/iam/oidc-provider-audience";
import { iamPolicyAdministrator } from "../../../policies/iam/policy-administrator";
import { iamPolicyInvertedElements } from "../../../policies/iam/policy-inverted-elements";
import { iamPolicyWildcardActions } from "../../../policies/iam/policy-wildcard-actions";
import { iamPolicyWildcardResources } from "../../../policies/iam/policy-wildcard-resources";
import { iamRolePermissionsBoundary } from "../../../policies/iam/role-permissions-boundary";
import { iamRoleSessionDuration } from "../../../policies/iam/role-session-duration";
import { iamRoleTrustPrincipals } from "../../../policies/iam/role-trust-principals";
import { iamRoleTrustSubject } from "../../../policies/iam/role-trust-subject";
import { iamUserStaticKeys } from "../../../policies/iam/user-static-keys";
import { aws } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/aws";
import { accepts, all, inDocument, refuses, set, unchanged, unknownAt, unknownValue, unset } from "../support/cases";
import { outsiderCases } from "../support/outsiders";
import { describeResourcePolicy } from "../support/suites";

const grants = { type: aws.rolePolicy, given: fixtures.rolePolicy };
const role = { type: aws.role, given: fixtures.role };
const login = (path: string, value: unknown) => inDocument("policy", set(`Statement.0.${path}`, value));
const inline = (action: string) =>
    set("inlinePolicies", [{ policy: fixtures.documentFor(undefined, { Action: action, Resource: "*" }) }]);

describeResourcePolicy(iamPolicyWildcardActions, {
    ...grants,
    cases: [
        ...["*", "ecr:*", "e*:GetAuthorizationToken"].map((action) =>
            refuses(`the allowed action ${action}`, login("Action", action), [
                `policy Statement[0] "Login" allows "${action}"; accepted: the actions that are needed, by name.`,
            ]),
        ),
        refuses("one wildcard action among named ones", login("Action", ["ecr:GetAuthorizationToken", "s3:*"]), [
            'policy Statement[0] "Login" allows "s3:*"; accepted: the actions that are needed, by name.',
        ]),
        accepts(
            "a denial of everything",
            inDocument("policy", (document) => {
                (document.Statement as object[]).push({ Effect: "Deny", Action: "*", Resource: "*" });
            }),
        ),
        refuses(
            "a wildcard action in a role's inline policy",
            inline("iam:*"),
            'inlinePolicies[0].policy Statement[0] "Pipeline" allows "iam:*"; accepted: the actions that are needed, by name.',
            { type: aws.role },
        ),
        accepts("a role without inline policies", unchanged, { type: aws.role, given: fixtures.role }),
        refuses("a missing policy", unset("policy"), "policy is not set; accepted: an IAM policy document."),
        refuses(
            "a policy that is not valid JSON",
            set("policy", "Allow"),
            "policy cannot be read: it is not valid JSON; accepted: an IAM policy document.",
        ),
        refuses("an effect that does not exist", login("Effect", "Permit"), [
            'policy cannot be read: the Effect of Statement[0] "Login" is neither "Allow" nor "Deny"; accepted: an IAM policy document.',
        ]),
        unknownAt("policy"),
    ],
});

const everywhere = (action: string) =>
    `policy Statement[0] "Login" allows "${action}" on every resource; accepted: named resources, or actions by name.`;

describeResourcePolicy(iamPolicyWildcardResources, {
    ...grants,
    cases: [
        refuses("an action pattern on all resources", login("Action", "ecr:Get*"), everywhere("ecr:Get*")),
        refuses(
            "an action pattern on all resources of a service",
            inDocument("policy", (document) => {
                Object.assign((document.Statement as object[])[0]!, {
                    Action: "ecr:Get*",
                    Resource: "arn:aws:ecr:us-east-1:123456789012:*",
                });
            }),
            everywhere("ecr:Get*"),
        ),
        accepts("an action pattern that the setting allows", login("Action", "ec2:Describe*"), {
            settings: { allowedActions: ["ec2:Describe*"] },
        }),
        accepts(
            "named actions on all resources",
            login("Action", ["ecr:GetAuthorizationToken", "sts:GetCallerIdentity"]),
        ),
        unknownAt("policy"),
    ],
});

describeResourcePolicy(iamPolicyInvertedElements, {
    ...grants,
    cases: [
        refuses(
            "NotAction",
            login("NotAction", "iam:*"),
            'policy Statement[0] "Login" allows by NotAction; accepted: Action.',
        ),
        refuses("NotResource", login("NotResource", "arn:aws:s3:::evidence"), [
            'policy Statement[0] "Login" allows by NotResource; accepted: Resource.',
        ]),
        accepts(
            "a denial by NotAction",
            inDocument("policy", (document) => {
                (document.Statement as object[]).push({ Effect: "Deny", NotAction: "ecr:*", Resource: "*" });
            }),
        ),
        unknownAt("policy"),
    ],
});

const refusedPolicies = "accepted: any policy but AdministratorAccess, PowerUserAccess, IAMFullAccess.";
const managed = (name: string) => `arn:aws:iam::aws:policy/${name}`;

describeResourcePolicy(iamPolicyAdministrator, {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    given: { role: "relaypacs-publish", policyArn: "arn:aws:iam::123456789012:policy/relaypacs-publish" },
    cases: [
        ...["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"].map((name) =>
            refuses(
                `the AWS managed policy ${name}`,
                set("policyArn", managed(name)),
                `policyArn is "${managed(name)}"; ${refusedPolicies}`,
            ),
        ),
        accepts("ReadOnlyAccess by default", set("policyArn", managed("ReadOnlyAccess"))),
        refuses(
            "ReadOnlyAccess where the setting lists it",
            set("policyArn", managed("ReadOnlyAccess")),
            `policyArn is "${managed("ReadOnlyAccess")}"; accepted: any policy but ReadOnlyAccess.`,
            { settings: { refused: ["ReadOnlyAccess"] } },
        ),
        refuses(
            "an administrator policy in a role's own list",
            set("managedPolicyArns", [managed("ReadOnlyAccess"), managed("AdministratorAccess")]),
            `managedPolicyArns[1] is "${managed("AdministratorAccess")}"; ${refusedPolicies}`,
            { type: aws.role, given: fixtures.role },
        ),
        unknownAt("policyArn"),
    ],
});

const claim = (name: "aud" | "sub" | "job_workflow_ref") => `token.actions.githubusercontent.com:${name}`;
const trust = (
    change: (statement: {
        Condition: Record<string, Record<string, unknown>>;
        Principal: Record<string, string>;
    }) => void,
) =>
    inDocument("assumeRolePolicy", (document) => {
        change((document.Statement as never[])[0]!);
    });
const claimed =
    (name: Parameters<typeof claim>[0]) =>
    (value: unknown, operator = "StringEquals") =>
        trust(({ Condition }) => {
            Reflect.deleteProperty(Condition.StringEquals!, claim(name));
            if (value !== undefined) (Condition[operator] ??= {})[claim(name)] = value;
        });
const subject = claimed("sub");
const workflows = claimed("job_workflow_ref");
const shown = (values: string | readonly string[], operator = "StringEquals") =>
    JSON.stringify([{ operator, values: [values].flat() }]);
const subjectIs = (given: string, form = "repo:relaypacs@ID/REPOSITORY@ID") =>
    `assumeRolePolicy Statement[0]: sub is ${given}; accepted: StringEquals one subject without wildcards, as ${form}:environment:NAME or :ref:refs/heads/main.`;
const workflowsAre = (given: string, owner = "relaypacs") =>
    `assumeRolePolicy Statement[0]: job_workflow_ref is ${given}; accepted: StringEquals workflows of ${owner}/platform, as ${owner}/platform/.github/workflows/FILE.yml@COMMIT with 40 hexadecimal digits.`;
const audienceIs = (given: string) =>
    `assumeRolePolicy Statement[0]: aud is ${given}; accepted: StringEquals "sts.amazonaws.com".`;
const repository = "repo:relaypacs@123456/gateway@456789";
const environment = `${repository}:environment:production`;
const reviewed = (file: string, commit = "b".repeat(40)) => `relaypacs/platform/.github/workflows/${file}@${commit}`;

describeResourcePolicy(iamRoleTrustSubject, {
    ...role,
    cases: [
        refuses("a trust policy without a subject", subject(undefined), subjectIs("not set")),
        refuses(
            "a trust policy without conditions",
            trust((statement) => delete (statement as { Condition?: object }).Condition),
            [audienceIs("not set"), subjectIs("not set"), workflowsAre("not set")],
        ),
        refuses("a subject by pattern", subject(`${repository}:*`, "StringLike"), [
            subjectIs(shown(`${repository}:*`, "StringLike")),
        ]),
        ...[
            ["a wildcard that is compared literally", `${repository}:*`],
            ["a wildcard in an environment's name", `${repository}:environment:prod*`],
            ["a subject of another owner", "repo:stranger@1/gateway@2:environment:production"],
            [
                "a subject whose owner only starts with the right name",
                "repo:relaypacs-evil@1/gateway@2:environment:production",
            ],
            ["a subject of names, which the repository does not send", "repo:relaypacs/gateway:environment:production"],
            ["a subject without the owner's id", "repo:relaypacs/gateway@456789:environment:production"],
            ["a subject without the repository's id", "repo:relaypacs@123456/gateway:environment:production"],
            ["an id that is no number", "repo:relaypacs@123456/gateway@x:environment:production"],
            ["an id of zero, which no repository has", "repo:relaypacs@123456/gateway@0:environment:production"],
            ["a template's subject", `${environment}:actor:dana-developer`],
            ["a repository without a job", repository],
            ["an environment without a name", `${repository}:environment:`],
            ["a branch that takes changes without a review", `${repository}:ref:refs/heads/feature`],
            ["a tag", `${repository}:ref:refs/tags/v1.4.2`],
            [
                "pull requests of a repository, whose code no one has reviewed",
                "repo:relaypacs@123456/platform@345678:pull_request",
            ],
        ].map(([title, value]) => refuses(title!, subject(value), [subjectIs(shown(value!))])),
        refuses("two subjects", subject([environment, "repo:a@1/b@2:environment:c"]), [
            subjectIs(shown([environment, "repo:a@1/b@2:environment:c"])),
        ]),
        refuses(
            "a condition that also holds when the subject is missing",
            subject(environment, "StringEqualsIfExists"),
            [subjectIs(shown(environment, "StringEqualsIfExists"))],
        ),
        refuses(
            "another audience",
            trust(({ Condition }) => (Condition.StringEquals![claim("aud")] = "https://example.com")),
            [audienceIs(shown("https://example.com"))],
        ),
        refuses(
            "another identity provider, whose subjects may be anything",
            trust(
                (statement) => (statement.Principal.Federated = "arn:aws:iam::123456789012:oidc-provider/example.com"),
            ),
            [
                'assumeRolePolicy Statement[0]: principal is "arn:aws:iam::123456789012:oidc-provider/example.com"; accepted: the account\'s identity provider token.actions.githubusercontent.com.',
            ],
        ),
        accepts(
            "a subject of the owner that the setting names",
            all(
                subject("repo:acme@7/gateway@8:environment:production"),
                workflows(reviewed("deploy.yml").replace("relaypacs", "acme")),
            ),
            { settings: { owner: "acme" } },
        ),
        accepts("the owner's id that the setting names", subject(environment), { settings: { ownerId: "123456" } }),
        refuses(
            "another id of the owner than the setting names",
            subject(environment),
            [subjectIs(shown(environment), "repo:relaypacs@7/REPOSITORY@ID")],
            { settings: { ownerId: "7" } },
        ),
        accepts(
            "names alone where the repository sends them",
            subject("repo:relaypacs/gateway:environment:production"),
            {
                settings: { namedRepositories: ["gateway"] },
            },
        ),
        refuses(
            "ids where the repository sends names alone",
            subject(environment),
            [subjectIs(shown(environment), "repo:relaypacs/gateway")],
            { settings: { namedRepositories: ["gateway"] } },
        ),
        refuses(
            "names alone of another repository than those that send them",
            subject("repo:relaypacs/gateway:environment:production"),
            [subjectIs(shown("repo:relaypacs/gateway:environment:production"))],
            { settings: { namedRepositories: ["platform"] } },
        ),
        accepts("a branch as subject", subject(`${repository}:ref:refs/heads/main`)),
        accepts(
            "an environment in which pull requests wait for an approver, whose workflow is at no reviewed commit",
            all(subject("repo:relaypacs@123456/platform@345678:environment:preview-staging"), workflows(undefined)),
        ),
        refuses(
            "such an environment's name in another repository",
            all(subject(`${repository}:environment:preview-staging`), workflows(undefined)),
            [workflowsAre("not set")],
        ),
        refuses(
            "another environment of the platform's repository",
            all(subject("repo:relaypacs@123456/platform@345678:environment:github-pages"), workflows(undefined)),
            [workflowsAre("not set")],
        ),
        accepts(
            "several workflows at two commits",
            workflows([reviewed("deploy.yml"), reviewed("rollback.yml"), reviewed("deploy.yml", "c".repeat(40))]),
        ),
        ...[
            ["a workflow of a branch", "relaypacs/platform/.github/workflows/deploy.yml@refs/heads/main"],
            ["a workflow of a tag", "relaypacs/platform/.github/workflows/deploy.yml@refs/tags/v1"],
            ["a workflow at a short commit", reviewed("deploy.yml", "b".repeat(7))],
            ["the gateway's own workflow", reviewed("deploy.yml").replace("platform", "gateway")],
            ["a workflow of another organisation", reviewed("deploy.yml").replace("relaypacs", "stranger")],
            ["a file that is no workflow", reviewed("../actions/deploy.yml")],
            ["workflows by pattern", "relaypacs/platform/.github/workflows/*@*"],
        ].map(([title, value]) => refuses(title!, workflows(value), [workflowsAre(JSON.stringify(value))])),
        refuses(
            "one unreviewed workflow among others",
            workflows([reviewed("deploy.yml"), reviewed("x.yml", "main")]),
            [workflowsAre(JSON.stringify(reviewed("x.yml", "main")))],
        ),
        refuses("a trust policy without a workflow", workflows(undefined), [workflowsAre("not set")]),
        refuses("an empty list of workflows", workflows([]), [workflowsAre(shown([]))]),
        ...["StringLike", "StringEqualsIfExists", "ForAllValues:StringEquals"].map((operator) =>
            refuses(`workflows by ${operator}`, workflows(reviewed("deploy.yml"), operator), [
                workflowsAre(shown(reviewed("deploy.yml"), operator)),
            ]),
        ),
        accepts(
            "a role of an AWS service",
            set("assumeRolePolicy", fixtures.documentFor({ Service: "lambda.amazonaws.com" })),
        ),
        unknownAt("assumeRolePolicy"),
    ],
});

describeResourcePolicy(iamRoleTrustPrincipals, { ...role, cases: outsiderCases("assumeRolePolicy") });

describeResourcePolicy(iamRoleSessionDuration, {
    ...role,
    cases: [
        refuses(
            "a session that is one second too long",
            set("maxSessionDuration", 3601),
            "maxSessionDuration is 3601; accepted: at most 3600 seconds.",
        ),
        accepts("a missing value, since the default is one hour", unset("maxSessionDuration")),
        accepts("two hours where the setting allows them", set("maxSessionDuration", 7200), {
            settings: { maximumSeconds: 7200 },
        }),
        ...["relaypacs-deploy-staging", "relaypacs-deploy-prod", "relaypacs-rollback-prod"].map((name) =>
            accepts(`two hours for ${name}`, all(set("name", name), set("maxSessionDuration", 7200))),
        ),
        refuses(
            "a session of a deployment role that is one second too long",
            all(set("name", "relaypacs-deploy-prod"), set("maxSessionDuration", 7201)),
            "maxSessionDuration is 7201; accepted: at most 7200 seconds.",
        ),
        refuses(
            "two hours for a preview role",
            all(set("name", "relaypacs-preview"), set("maxSessionDuration", 7200)),
            "maxSessionDuration is 7200; accepted: at most 3600 seconds.",
        ),
        refuses(
            "two hours for a deployment role where the setting names other roles",
            all(set("name", "relaypacs-deploy-prod"), set("maxSessionDuration", 7200)),
            "maxSessionDuration is 7200; accepted: at most 3600 seconds.",
            { settings: { updaters: [] } },
        ),
        unknownAt("maxSessionDuration"),
    ],
});

const boundary = { settings: { boundaryPattern: ":policy/relaypacs-boundary$" } };

describeResourcePolicy(iamRolePermissionsBoundary, {
    ...role,
    cases: [
        accepts(
            "a role with the required boundary",
            set("permissionsBoundary", "arn:aws:iam::123456789012:policy/relaypacs-boundary"),
            boundary,
        ),
        refuses(
            "a role without a boundary where one is required",
            unchanged,
            "permissionsBoundary is not set; accepted: an ARN that matches :policy/relaypacs-boundary$.",
            boundary,
        ),
        refuses(
            "a role with another boundary",
            set("permissionsBoundary", managed("AdministratorAccess")),
            `permissionsBoundary is "${managed("AdministratorAccess")}"; accepted: an ARN that matches :policy/relaypacs-boundary$.`,
            boundary,
        ),
        unknownAt("permissionsBoundary", boundary),
    ],
});

const staticTypes = ["aws:iam/user:User", "aws:iam/accessKey:AccessKey", "aws:iam/userLoginProfile:UserLoginProfile"];

describeResourcePolicy(iamUserStaticKeys, {
    type: "aws:iam/user:User",
    cases: [
        ...staticTypes.map((type) =>
            refuses(`the type ${type}`, unchanged, `${type} makes a static identity; accepted: roles, taken by OIDC.`, {
                type,
            }),
        ),
        refuses("the type aws:iam/user:User, whatever values are known", set("name", unknownValue), [
            "aws:iam/user:User makes a static identity; accepted: roles, taken by OIDC.",
        ]),
    ],
});

describeResourcePolicy(iamOidcProviderAudience, {
    type: aws.oidcProvider,
    given: fixtures.oidcProvider,
    cases: [
        refuses(
            "another audience",
            set("clientIdLists", ["sigstore"]),
            'clientIdLists is ["sigstore"]; accepted: ["sts.amazonaws.com"].',
        ),
        refuses("a second audience", set("clientIdLists", ["sts.amazonaws.com", "sigstore"]), [
            'clientIdLists is ["sts.amazonaws.com","sigstore"]; accepted: ["sts.amazonaws.com"].',
        ]),
        refuses(
            "a provider without an audience",
            unset("clientIdLists"),
            'clientIdLists is not set; accepted: ["sts.amazonaws.com"].',
        ),
        refuses("another issuer", set("url", "https://gitlab.com"), [
            'url is "https://gitlab.com"; accepted: https://token.actions.githubusercontent.com.',
        ]),
        refuses("an issuer without TLS", set("url", "http://token.actions.githubusercontent.com"), [
            'url is "http://token.actions.githubusercontent.com"; accepted: https://token.actions.githubusercontent.com.',
        ]),
        accepts("an issuer as the provider reads it back", set("url", "token.actions.githubusercontent.com")),
        accepts("another issuer that the setting names", set("url", "https://gitlab.com"), {
            settings: { issuers: ["https://gitlab.com"] },
        }),
        unknownAt("clientIdLists.0"),
    ],
});
