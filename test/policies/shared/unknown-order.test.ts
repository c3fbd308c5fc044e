import * as assert from "node:assert/strict";
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { githubBranchProtectionChecks } from "../../../policies/github/branch-protection-checks";
import { githubBranchProtectionReviews } from "../../../policies/github/branch-protection-reviews";
import { githubEnvironmentReviewers } from "../../../policies/github/environment-reviewers";
import { iamOidcProviderAudience } from "../../../policies/iam/oidc-provider-audience";
import { iamPolicyWildcardActions } from "../../../policies/iam/policy-wildcard-actions";
import { kubernetesIngressTls } from "../../../policies/kubernetes/ingress-tls";
import { kubernetesRoleBindingSubjects } from "../../../policies/kubernetes/role-binding-subjects";
import { kubernetesRoleEscalation } from "../../../policies/kubernetes/role-escalation";
import { kubernetesRoleSecrets } from "../../../policies/kubernetes/role-secrets";
import { kubernetesRoleWildcards } from "../../../policies/kubernetes/role-wildcards";
import { kubernetesRolloutAnalyses } from "../../../policies/kubernetes/rollout-analyses";
import { kubernetesServiceExposure } from "../../../policies/kubernetes/service-exposure";
import { kubernetesWorkloadHostAccess } from "../../../policies/kubernetes/workload-host-access";
import { kubernetesWorkloadKernelProfiles } from "../../../policies/kubernetes/workload-kernel-profiles";
import { kubernetesWorkloadPrivileges } from "../../../policies/kubernetes/workload-privileges";
import { s3BucketPolicyTls } from "../../../policies/s3/bucket-policy-tls";
import { s3LifecycleUnfinishedUploads } from "../../../policies/s3/lifecycle-unfinished-uploads";
import { everyKnown, someKnown } from "../../../policies/shared/known";
import { aws, github, kubernetes } from "../../../policies/shared/types";
import { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import * as awsFixtures from "../fixtures/aws";
import * as githubFixtures from "../fixtures/github";
import * as fixtures from "../fixtures/kubernetes";
import { all, set, unknownValue, type Change, type Properties } from "../support/cases";
import { judge, judgeStack } from "../support/suites";

interface ListCase {
    readonly title: string;
    readonly policy: ResourceValidationPolicy;
    readonly type: string;
    readonly given: object;
    /** Path of a list, and a value in it that is refused whatever else is in the list. */
    readonly path: string;
    readonly refused: unknown;
    /** What is not known beside it; a string by default. */
    readonly unknown?: unknown;
    readonly message: RegExp;
    readonly before?: Change;
}

const container = { image: fixtures.image, name: "sidecar" };
const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::relaypacs-artifacts/*" };

const lists: readonly ListCase[] = [
    {
        title: "bypassers of a protected branch without a mirror",
        policy: githubBranchProtectionReviews,
        type: github.branchProtection,
        given: githubFixtures.branchProtection,
        path: "requiredPullRequestReviews.0.pullRequestBypassers",
        refused: "/octocat",
        message: /pullRequestBypassers is \["\/octocat"\] and what is not known yet; accepted: no one\.$/,
    },
    {
        title: "two actors who move a mirror",
        policy: githubBranchProtectionReviews,
        type: github.branchProtection,
        given: githubFixtures.branchProtection,
        before: set("pattern", "staging"),
        path: "requiredPullRequestReviews.0.pullRequestBypassers",
        refused: "/octocat",
        message: /accepted: at most one user \(\/login\) or app \(its node id\)\.$/,
    },
    {
        title: "checks of which more are missing than are not known",
        policy: githubBranchProtectionChecks,
        type: github.branchProtection,
        given: githubFixtures.branchProtection,
        path: "requiredStatusChecks.0.contexts",
        refused: "other",
        message: /contexts is \["other"\] and what is not known yet; accepted: a list that includes /,
    },
    {
        title: "two audiences of an identity provider",
        policy: iamOidcProviderAudience,
        type: aws.oidcProvider,
        given: awsFixtures.oidcProvider,
        path: "clientIdLists",
        refused: "other",
        message: /^clientIdLists is \["other"\] and what is not known yet; accepted: /,
    },
    {
        title: "a wildcard among a role's verbs",
        policy: kubernetesRoleWildcards,
        type: kubernetes.role,
        given: fixtures.role,
        path: "rules.0.verbs",
        refused: "*",
        message: /^rules\[0\]\.verbs is \["\*"\] and what is not known yet; accepted: names, without \*\.$/,
    },
    {
        title: "a rule with a wildcard",
        policy: kubernetesRoleWildcards,
        type: kubernetes.role,
        given: fixtures.role,
        path: "rules",
        refused: { apiGroups: [""], resources: ["*"], verbs: ["get"] },
        unknown: { apiGroups: [""], resources: unknownValue, verbs: ["get"] },
        message: /^rules\[[01]\]\.resources is \["\*"\]; accepted: names, without \*\.$/,
    },
    {
        title: "a verb that escalates",
        policy: kubernetesRoleEscalation,
        type: kubernetes.role,
        given: fixtures.role,
        path: "rules.0.verbs",
        refused: "bind",
        message: /^rules\[0\]\.verbs is \["bind"\]; accepted: any verbs but /,
    },
    {
        title: "a resource by which a role escalates",
        policy: kubernetesRoleEscalation,
        type: kubernetes.role,
        given: fixtures.role,
        before: set("rules.0.verbs", ["create"]),
        path: "rules.0.resources",
        refused: "serviceaccounts/token",
        message: /^rules\[0\]\.resources is "serviceaccounts\/token"; /,
    },
    {
        title: "secrets among a role's resources",
        policy: kubernetesRoleSecrets,
        type: kubernetes.role,
        given: fixtures.role,
        before: all(set("rules.0.apiGroups", [""]), set("rules.0.verbs", ["list"])),
        path: "rules.0.resources",
        refused: "secrets",
        message: /^rules\[0\]\.verbs is \["list"\]; accepted: no list or watch of secrets\.$/,
    },
    {
        title: "a rule of a reader of certificates that reads more",
        policy: kubernetesRoleSecrets,
        type: kubernetes.role,
        given: fixtures.role,
        before: set("metadata.name", "ingress-certificates"),
        path: "rules",
        refused: { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
        unknown: { apiGroups: [""], resources: ["secrets"], verbs: unknownValue },
        message: /^rules\[[01]\]\.verbs is \["\*"\]; accepted: no list or watch of secrets\.$/,
    },
    {
        title: "a binding of everyone",
        policy: kubernetesRoleBindingSubjects,
        type: kubernetes.roleBinding,
        given: fixtures.roleBinding,
        path: "subjects",
        refused: { kind: unknownValue, name: "system:authenticated" },
        unknown: { kind: "User", name: unknownValue },
        message: /^subjects\[[01]\]\.name is "system:authenticated"; accepted: a named account or group\.$/,
    },
    {
        title: "a capability",
        policy: kubernetesWorkloadPrivileges,
        type: kubernetes.pod,
        given: fixtures.pod,
        path: "spec.containers.0.securityContext.capabilities.add",
        refused: "SYS_ADMIN",
        message: /capabilities\.add is \["SYS_ADMIN"\]; accepted: \["NET_BIND_SERVICE"\], or not set\.$/,
    },
    {
        title: "a privileged container",
        policy: kubernetesWorkloadPrivileges,
        type: kubernetes.pod,
        given: fixtures.pod,
        path: "spec.initContainers",
        refused: { ...container, securityContext: { privileged: true, runAsNonRoot: unknownValue } },
        unknown: unknownValue,
        message: /^spec\.initContainers\[sidecar\]\.securityContext\.privileged is true; /,
    },
    {
        title: "a container with a port of its node",
        policy: kubernetesWorkloadHostAccess,
        type: kubernetes.pod,
        given: fixtures.pod,
        path: "spec.containers",
        refused: { ...container, securityContext: unknownValue, ports: [{ hostPort: 80 }] },
        unknown: { ...container, name: unknownValue },
        message: /^spec\.containers\[sidecar\]\.ports\[0\]\.hostPort is 80; accepted: 0, or not set\.$/,
    },
    {
        title: "a container with an SELinux user",
        policy: kubernetesWorkloadKernelProfiles,
        type: kubernetes.pod,
        given: fixtures.pod,
        path: "spec.containers",
        refused: {
            ...container,
            securityContext: { seccompProfile: { type: unknownValue }, seLinuxOptions: { user: "a" } },
        },
        unknown: unknownValue,
        message: /^spec\.containers\[sidecar\]\.securityContext\.seLinuxOptions\.user is "a"; accepted: not set\.$/,
    },
    {
        title: "a rule of an ingress without a host",
        policy: kubernetesIngressTls,
        type: kubernetes.ingress,
        given: fixtures.ingress,
        before: set("spec.tls", [{ hosts: [unknownValue] }]),
        path: "spec.rules",
        refused: {},
        unknown: { host: unknownValue },
        message: /^spec\.rules\[[01]\]\.host is not set; accepted: a host name\.$/,
    },
    {
        title: "an address outside of the cluster",
        policy: kubernetesServiceExposure,
        type: kubernetes.service,
        given: fixtures.service,
        before: set("spec.type", unknownValue),
        path: "spec.externalIPs",
        refused: "192.0.2.1",
        message: /^spec\.externalIPs is \["192\.0\.2\.1"\] and what is not known yet; accepted: not set\.$/,
    },
    {
        title: "a statement that allows everything",
        policy: iamPolicyWildcardActions,
        type: aws.rolePolicy,
        given: awsFixtures.rolePolicy,
        before: set("policy", { Version: "2012-10-17" }),
        path: "policy.Statement",
        refused: { ...statement, Action: "*" },
        unknown: { ...statement, Resource: unknownValue },
        message: /^policy Statement\[[01]\] allows "\*"; accepted: the actions that are needed, by name\.$/,
    },
];

describe("A policy over a list, in a preview", () => {
    for (const { title, policy, type, given, path, refused, unknown = unknownValue, message, before } of lists)
        for (const [order, list] of [
            ["before", [refused, unknown]],
            ["after", [unknown, refused]],
        ] as const)
            it(`should refuse ${title} ${order} a value that is not known yet (${policy.name})`, () => {
                const properties = structuredClone(given) as Properties;
                before?.(properties);
                set(path, list)(properties);
                const { messages } = judge(policy, type, properties);
                assert.equal(messages.filter((each) => message.test(each)).length, 1, messages.join("\n"));
            });

    it("should refuse an environment that nobody reviews, when another setting is not known yet", () => {
        const given = { ...githubFixtures.environment, environment: "production", reviewers: [] };
        const { messages, unknown } = judge(githubEnvironmentReviewers, github.environment, {
            ...given,
            preventSelfReview: unknownValue,
        });
        assert.deepEqual(messages, ["reviewers is []; accepted: at least one team or user."]);
        assert.match(unknown!, /preventSelfReview/);
    });

    it("should accept what a known item settles, and say so of nothing else", () => {
        const good = awsFixtures.bucketLifecycle.rules[0]!;
        const judged = (rules: readonly unknown[]) =>
            judge(s3LifecycleUnfinishedUploads, aws.bucketLifecycle, { ...awsFixtures.bucketLifecycle, rules });
        for (const rules of [
            [good, unknownValue],
            [unknownValue, good],
        ])
            assert.deepEqual(judged(rules), { messages: [], unknown: undefined });
        assert.deepEqual(judged([unknownValue]).messages, []);
        assert.match(judged([unknownValue]).unknown!, /rules\.0/);
    });

    it("should not refuse for lack of a statement that may be the one that is not known yet", () => {
        const policy = { Version: "2012-10-17", Statement: [{ ...statement, Resource: unknownValue }] };
        const { messages, unknown } = judge(s3BucketPolicyTls, aws.bucketPolicy, { bucket: "b", policy });
        assert.deepEqual(messages, []);
        assert.match(unknown!, /policy\.Statement\.0\.Resource/);
    });

    it("should refuse an analysis that is not declared before and after one that is not known yet", () => {
        for (const names of [
            ["backend-other", unknownValue],
            [unknownValue, "backend-other"],
        ]) {
            const spec = {
                strategy: { canary: { analysis: { templates: names.map((templateName) => ({ templateName })) } } },
            };
            const properties = { metadata: { namespace: "relaypacs-prod" }, spec };
            const { reported, unknown } = judgeStack(kubernetesRolloutAnalyses, {
                backend: { type: kubernetes.rollout, properties },
            });
            assert.deepEqual(
                reported.map(({ message }) => message.split(",")[0]),
                ["backend is judged by backend-other"],
            );
            assert.match(unknown!, /templateName/);
        }
    });
});

describe("What is known of a list", () => {
    const list = (...items: readonly unknown[]) => (unknownCheckingProxy({ items }) as { items: string[] }).items;
    const isA = (item: string) => item === "a";

    it("should decide when it can, in any order", () => {
        for (const items of [list("a", unknownValue), list(unknownValue, "a")]) {
            assert.equal(someKnown(items, isA), true);
            assert.equal(
                everyKnown(items, (item) => item !== "a"),
                false,
            );
        }
    });

    it("should not decide when what is not known matters", () => {
        for (const items of [list("b", unknownValue), list(unknownValue, "b")]) {
            assert.throws(() => someKnown(items, isA), UnknownValueError);
            assert.throws(() => everyKnown(items, (item) => item === "b"), UnknownValueError);
        }
        assert.equal(someKnown(list("b"), isA), false);
        assert.equal(someKnown(undefined, isA), false);
        assert.equal(everyKnown([], isA), true);
    });
});
