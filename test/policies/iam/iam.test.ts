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

const claim = (name: "aud" | "sub") => `token.actions.githubusercontent.com:${name}`;
const trust = (change: (statement: { Condition: Record<string, Record<string, unknown>> }) => void) =>
    inDocument("assumeRolePolicy", (document) => {
        change((document.Statement as never[])[0]!);
    });
const subject = (value: unknown, operator = "StringEquals") =>
    trust(({ Condition }) => {
        Reflect.deleteProperty(Condition.StringEquals!, claim("sub"));
        (Condition[operator] ??= {})[claim("sub")] = value;
    });
const subjectIs = (given: string) =>
    `assumeRolePolicy Statement[0]: sub is ${given}; accepted: StringEquals one subject without wildcards, as repo:relaypacs/REPOSITORY:environment:NAME.`;
const audienceIs = (given: string) =>
    `assumeRolePolicy Statement[0]: aud is ${given}; accepted: StringEquals "sts.amazonaws.com".`;
const environment = "repo:relaypacs/gateway:environment:production";

describeResourcePolicy(iamRoleTrustSubject, {
    ...role,
    cases: [
        refuses(
            "a trust policy without a subject",
            trust(({ Condition }) => Reflect.deleteProperty(Condition.StringEquals!, claim("sub"))),
            subjectIs("not set"),
        ),
        refuses(
            "a trust policy without conditions",
            trust((statement) => delete (statement as { Condition?: object }).Condition),
            [audienceIs("not set"), subjectIs("not set")],
        ),
        refuses("a subject by pattern", subject("repo:relaypacs/gateway:*", "StringLike"), [
            subjectIs('[{"operator":"StringLike","values":["repo:relaypacs/gateway:*"]}]'),
        ]),
        refuses("a wildcard that is compared literally", subject("repo:relaypacs/gateway:*"), [
            subjectIs('[{"operator":"StringEquals","values":["repo:relaypacs/gateway:*"]}]'),
        ]),
        refuses("two subjects", subject([environment, "repo:relaypacs/gateway:environment:staging"]), [
            subjectIs(
                `[{"operator":"StringEquals","values":["${environment}","repo:relaypacs/gateway:environment:staging"]}]`,
            ),
        ]),
        refuses("a subject of another owner", subject("repo:stranger/gateway:environment:production"), [
            subjectIs('[{"operator":"StringEquals","values":["repo:stranger/gateway:environment:production"]}]'),
        ]),
        refuses(
            "a subject whose owner only starts with the right name",
            subject("repo:relaypacs-evil/gateway:environment:production"),
            [
                subjectIs(
                    '[{"operator":"StringEquals","values":["repo:relaypacs-evil/gateway:environment:production"]}]',
                ),
            ],
        ),
        refuses(
            "a condition that also holds when the subject is missing",
            subject(environment, "StringEqualsIfExists"),
            [subjectIs(`[{"operator":"StringEqualsIfExists","values":["${environment}"]}]`)],
        ),
        refuses(
            "another audience",
            trust(({ Condition }) => (Condition.StringEquals![claim("aud")] = "https://example.com")),
            [audienceIs('[{"operator":"StringEquals","values":["https://example.com"]}]')],
        ),
        accepts("a subject of the owner that the setting names", subject("repo:acme/gateway:environment:production"), {
            settings: { owner: "acme" },
        }),
        refuses(
            "pull requests of a repository, whose code no one has reviewed",
            subject("repo:relaypacs/platform:pull_request"),
            [subjectIs('[{"operator":"StringEquals","values":["repo:relaypacs/platform:pull_request"]}]')],
        ),
        accepts(
            "an environment in which pull requests wait for an approver",
            subject("repo:relaypacs/platform:environment:preview"),
        ),
        accepts("a branch as subject", subject("repo:relaypacs/gateway:ref:refs/heads/main")),
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
