import { githubBranchProtectionAdmins } from "../../../policies/github/branch-protection-admins";
import { githubBranchProtectionChecks } from "../../../policies/github/branch-protection-checks";
import { githubBranchProtectionHistory } from "../../../policies/github/branch-protection-history";
import { githubBranchProtectionReviews } from "../../../policies/github/branch-protection-reviews";
import { githubBranchProtectionStaleReviews } from "../../../policies/github/branch-protection-stale-reviews";
import { githubBranchProtectionType } from "../../../policies/github/branch-protection-type";
import { githubRepositoryCompanions } from "../../../policies/github/repository-companions";
import { githubRulesetReleaseTags } from "../../../policies/github/ruleset-release-tags";
import { github } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/github";
import { accepts, all, refuses, set, unchanged, unknownAt, unknownValue, unset } from "../support/cases";
import {
    acceptsStack,
    describeResourcePolicy,
    describeStackPolicy,
    of,
    refusesStack,
    together,
    unknownInStack,
    without,
} from "../support/suites";

const protection = { type: github.branchProtection, given: fixtures.branchProtection };

const elsewhere = set("pattern", "feature/*");

const reviews = "requiredPullRequestReviews.0";

const reviewCount = "requiredPullRequestReviews[0].requiredApprovingReviewCount";

const bypassers = "requiredPullRequestReviews[0].pullRequestBypassers";

const bypassedBy = (...actors: readonly string[]) => set(`${reviews}.pullRequestBypassers`, actors);

const oneActor = "accepted: at most one user (/login) or app (its node id).";

const staging = set("pattern", "staging");

describeResourcePolicy(githubBranchProtectionReviews, {
    ...protection,
    cases: [
        refuses(
            "a protection without reviews",
            unset("requiredPullRequestReviews"),
            `${reviewCount} is not set; accepted: 1 to 6.`,
        ),
        refuses(
            "a protection that asks for no approval",
            set(`${reviews}.requiredApprovingReviewCount`, 0),
            `${reviewCount} is 0; accepted: 1 to 6.`,
        ),
        accepts("six approvals", set(`${reviews}.requiredApprovingReviewCount`, 6)),
        refuses(
            "seven approvals, more than GitHub supports",
            set(`${reviews}.requiredApprovingReviewCount`, 7),
            `${reviewCount} is 7; accepted: 1 to 6.`,
        ),
        refuses("one approval where the setting asks for two", unchanged, `${reviewCount} is 1; accepted: 2 to 6.`, {
            settings: { minimumApprovals: 2 },
        }),
        refuses("an actor who bypasses the reviews", bypassedBy("/octocat"), [
            `${bypassers} is ["/octocat"]; accepted: no one.`,
        ]),
        ...["*", "?????ng", "sta*"].map((pattern) => {
            const both = ["main", "staging", "stable"];
            const change = all(set("pattern", pattern), bypassedBy("/octocat"));
            return refuses(
                `an actor who bypasses ${pattern}, which matches more than a mirror`,
                change,
                `${bypassers} is ["/octocat"]; accepted: no one.`,
                { settings: { branches: [...both, "landing"] } },
            );
        }),
        ...["/octocat", "A_kwHOAA0123", "MDM6QXBwMTIzNDU="].map((actor) =>
            accepts(`${actor} as the only actor who moves staging`, all(staging, bypassedBy(actor))),
        ),
        accepts("a staging branch that no actor moves", all(staging, bypassedBy())),
        refuses(
            "two actors who move staging",
            all(staging, bypassedBy("/octocat", "/hubot")),
            `${bypassers} is ["/octocat","/hubot"]; ${oneActor}`,
        ),
        ...["relaypacs/deployers", "T_kwDOAbcdef", "octocat", ""].map((actor) =>
            refuses(
                `${JSON.stringify(actor)} as the actor who moves staging`,
                all(staging, bypassedBy(actor)),
                `${bypassers} is ${JSON.stringify([actor])}; ${oneActor}`,
            ),
        ),
        refuses(
            "the same actor where staging is not a mirror",
            all(staging, bypassedBy("/octocat")),
            [`${bypassers} is ["/octocat"]; accepted: no one.`],
            { settings: { mirrors: [] } },
        ),
        refuses(
            "a staging branch without approvals, even if one actor moves it",
            all(staging, bypassedBy("/octocat"), set(`${reviews}.requiredApprovingReviewCount`, 0)),
            `${reviewCount} is 0; accepted: 1 to 6.`,
        ),
        refuses(
            "a pattern that matches staging",
            all(set("pattern", "sta*"), unset("requiredPullRequestReviews")),
            `${reviewCount} is not set; accepted: 1 to 6.`,
        ),
        accepts("any protection of other branches", all(elsewhere, unset("requiredPullRequestReviews"))),
        accepts(
            "a pattern that only looks like a regular expression",
            all(set("pattern", "ma.n"), unset("requiredPullRequestReviews")),
        ),
        unknownAt("pattern"),
        unknownAt(`${reviews}.pullRequestBypassers`),
        unknownAt(`${reviews}.pullRequestBypassers.0`, {
            given: {
                ...fixtures.branchProtection,
                pattern: "staging",
                requiredPullRequestReviews: [
                    { ...fixtures.branchProtection.requiredPullRequestReviews[0], pullRequestBypassers: ["/octocat"] },
                ],
            },
        }),
    ],
});

describeResourcePolicy(githubBranchProtectionStaleReviews, {
    ...protection,
    cases: [
        refuses("approvals that stay after a push", set(`${reviews}.dismissStaleReviews`, false), [
            "requiredPullRequestReviews[0].dismissStaleReviews is false; accepted: true.",
        ]),
        accepts("any protection of other branches", all(elsewhere, unset("requiredPullRequestReviews"))),
        unknownAt(`${reviews}.dismissStaleReviews`),
    ],
});

const contexts = fixtures.branchProtection.requiredStatusChecks[0]!.contexts;

describeResourcePolicy(githubBranchProtectionChecks, {
    ...protection,
    cases: [
        refuses(
            "a merge of branches that are not up to date",
            set("requiredStatusChecks.0.strict", false),
            "requiredStatusChecks[0].strict is false; accepted: true.",
        ),
        ...contexts.map((context, index) => {
            const rest = contexts.filter((each) => each !== context);
            return refuses(`required checks without ${context}`, unset(`requiredStatusChecks.0.contexts.${index}`), [
                `requiredStatusChecks[0].contexts is ${JSON.stringify(rest)}; accepted: a list that includes "${context}".`,
            ]);
        }),
        refuses("a protection without checks", unset("requiredStatusChecks"), [
            "requiredStatusChecks[0].strict is not set; accepted: true.",
            `requiredStatusChecks[0].contexts is not set; accepted: a list that includes ${contexts.map((each) => `"${each}"`).join(", ")}.`,
        ]),
        accepts("an additional check", set("requiredStatusChecks.0.contexts.7", "preview")),
        accepts("the checks that the setting names", set("requiredStatusChecks.0.contexts", ["build"]), {
            settings: { contexts: ["build"] },
        }),
        accepts("any protection of other branches", all(elsewhere, unset("requiredStatusChecks"))),
        unknownAt("requiredStatusChecks.0.contexts"),
    ],
});

describeResourcePolicy(githubBranchProtectionHistory, {
    ...protection,
    cases: [
        refuses(
            "merge commits",
            set("requiredLinearHistory", false),
            "requiredLinearHistory is false; accepted: true.",
        ),
        refuses(
            "a missing value, since the default allows merge commits",
            unset("requiredLinearHistory"),
            "requiredLinearHistory is not set; accepted: true.",
        ),
        refuses(
            "force pushes",
            set("allowsForcePushes", true),
            "allowsForcePushes is true; accepted: false, or not set.",
        ),
        refuses("deletion", set("allowsDeletions", true), "allowsDeletions is true; accepted: false, or not set."),
        refuses(
            "an actor who may force a push",
            set("forcePushBypassers", ["/octocat"]),
            'forcePushBypassers is ["/octocat"]; accepted: no one.',
        ),
        refuses(
            "an actor who may force a push to staging, which may only move forward",
            all(staging, set("forcePushBypassers", ["/octocat"])),
            'forcePushBypassers is ["/octocat"]; accepted: no one.',
        ),
        accepts("any protection of other branches", all(elsewhere, set("allowsForcePushes", true))),
        unknownAt("requiredLinearHistory"),
    ],
});

describeResourcePolicy(githubBranchProtectionAdmins, {
    ...protection,
    cases: [
        refuses(
            "rules that leave administrators out",
            set("enforceAdmins", false),
            "enforceAdmins is false; accepted: true.",
        ),
        refuses(
            "a missing value, since the default leaves administrators out",
            unset("enforceAdmins"),
            "enforceAdmins is not set; accepted: true.",
        ),
        accepts("any protection of other branches", all(elsewhere, unset("enforceAdmins"))),
        unknownAt("enforceAdmins"),
    ],
});

describeResourcePolicy(githubBranchProtectionType, {
    type: github.branchProtectionV3,
    cases: [
        refuses(
            "the type BranchProtectionV3",
            unchanged,
            `the type is "${github.branchProtectionV3}"; accepted: github.BranchProtection.`,
        ),
        refuses(
            "the type BranchProtectionV3, whatever values are known",
            set("branch", unknownValue),
            `the type is "${github.branchProtectionV3}"; accepted: github.BranchProtection.`,
        ),
    ],
});

describeResourcePolicy(githubRulesetReleaseTags, {
    type: github.ruleset,
    given: fixtures.ruleset,
    cases: [
        ...["update", "deletion", "nonFastForward"].flatMap((rule) => [
            refuses(
                `the rule ${rule} switched off`,
                set(`rules.${rule}`, false),
                `rules.${rule} is false; accepted: true.`,
            ),
            refuses(
                `a ruleset without the rule ${rule}`,
                unset(`rules.${rule}`),
                `rules.${rule} is not set; accepted: true.`,
            ),
        ]),
        refuses(
            "a ruleset that is only evaluated",
            set("enforcement", "evaluate"),
            'enforcement is "evaluate"; accepted: "active".',
        ),
        refuses(
            "an actor who bypasses the ruleset",
            set("bypassActors", [{ actorType: "OrganizationAdmin", bypassMode: "always" }]),
            ['bypassActors is [{"actorType":"OrganizationAdmin","bypassMode":"always"}]; accepted: no one.'],
        ),
        refuses("a ruleset that excludes some tags", set("conditions.refName.excludes", ["refs/tags/v0*"]), [
            'conditions.refName.excludes is ["refs/tags/v0*"]; accepted: an empty list.',
        ]),
        accepts("a ruleset about branches", all(set("target", "branch"), set("rules", {}))),
        unknownAt("enforcement"),
    ],
});

const governed = {
    gateway: { type: github.repository, properties: { ...fixtures.repository, nodeId: "R_kgDOAbcdef" } },
    main: { type: github.branchProtection, properties: fixtures.branchProtection },
    staging: { type: github.branchProtection, properties: { ...fixtures.branchProtection, pattern: "staging" } },
    tags: { type: github.ruleset, properties: fixtures.ruleset },
};

const unprotected = (branch: string) =>
    `gateway has no protection of the branch ${branch}; accepted: a github.BranchProtection with pattern "${branch}".`;

const movable =
    'gateway has no immutable release tags; accepted: a github.RepositoryRuleset with target "tag" that includes "refs/tags/v*".';

const silent =
    "gateway has no vulnerability alerts; accepted: github.RepositoryVulnerabilityAlerts, or vulnerabilityAlerts true.";

describeStackPolicy(githubRepositoryCompanions, {
    given: governed,
    cases: [
        refusesStack("a repository whose branch main is not protected", without("main"), unprotected("main"), {
            on: "gateway",
        }),
        refusesStack("a repository whose branch staging is not protected", without("staging"), unprotected("staging")),
        refusesStack(
            "a protection of another repository",
            of("main", set("repositoryId", "R_other")),
            unprotected("main"),
        ),
        acceptsStack("a protection that refers to the repository by name", of("main", set("repositoryId", "gateway"))),
        acceptsStack(
            "one protection that matches every branch",
            together(without("staging"), of("main", set("pattern", "*"))),
        ),
        refusesStack("a repository without a ruleset", without("tags"), movable, { on: "gateway" }),
        refusesStack("a repository with a ruleset about branches only", of("tags", set("target", "branch")), movable),
        refusesStack(
            "a repository with a ruleset about other tags",
            of("tags", set("conditions.refName.includes", ["refs/tags/nightly"])),
            movable,
        ),
        acceptsStack("a ruleset about every tag", of("tags", set("conditions.refName.includes", ["~ALL"]))),
        refusesStack("a repository without vulnerability alerts", of("gateway", unset("vulnerabilityAlerts")), silent),
        acceptsStack("vulnerability alerts as a resource", (stack) => {
            unset("vulnerabilityAlerts")(stack.gateway!.properties);
            stack.alerts = { type: github.vulnerabilityAlerts, properties: { repository: "gateway" } };
        }),
        acceptsStack("protections of the branches that the setting names", without("staging"), { branches: ["main"] }),
        acceptsStack(
            "an archived repository without protections",
            together(without("main", "staging", "tags"), of("gateway", set("archived", true))),
        ),
        acceptsStack("protections of a new repository, linked by dependency", (stack) => {
            stack.gateway!.properties.nodeId = unknownValue;
            for (const name of ["main", "staging"]) {
                stack[name] = { ...stack[name]!, dependencies: { repositoryId: ["gateway"] } };
                stack[name].properties.repositoryId = unknownValue;
            }
        }),
        unknownInStack(
            "the pattern of a protection is not known yet",
            together(of("main", set("pattern", unknownValue)), without("tags")),
            "pattern",
            movable,
        ),
    ],
});
