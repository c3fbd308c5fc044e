import { githubEnvironmentBranchPattern } from "../../../policies/github/environment-branch-pattern";
import { githubEnvironmentGuarded } from "../../../policies/github/environment-guarded";
import { githubRulesetBypass } from "../../../policies/github/ruleset-bypass";
import { github } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/github";
import { accepts, all, refuses, set, unknownAt, unset } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

const actors = [{ actorId: 1, actorType: "Integration", bypassMode: "always" }];

describeResourcePolicy(githubRulesetBypass, {
    type: github.ruleset,
    given: { ...fixtures.ruleset, target: "branch" },
    cases: [
        refuses(
            "a ruleset that only counts",
            set("enforcement", "evaluate"),
            'enforcement is "evaluate"; accepted: "active".',
        ),
        refuses("a ruleset without enforcement", unset("enforcement"), 'enforcement is not set; accepted: "active".'),
        refuses(
            "someone whom it does not bind",
            set("bypassActors", actors),
            `bypassActors is ${JSON.stringify(actors)}; accepted: no one.`,
        ),
        refuses(
            "someone whom a ruleset about pushes does not bind",
            all(set("target", "push"), set("bypassActors", actors)),
            `bypassActors is ${JSON.stringify(actors)}; accepted: no one.`,
        ),
        accepts("a list of no one", set("bypassActors", [])),
        accepts(
            "a ruleset about tags, which another policy judges",
            all(set("target", "tag"), set("bypassActors", actors)),
        ),
        unknownAt("target"),
        unknownAt("enforcement", {
            given: { target: "branch", bypassActors: actors },
            messages: [`bypassActors is ${JSON.stringify(actors)}; accepted: no one.`],
        }),
    ],
});

const open = "reviewers and deploymentBranchPolicy are not set; accepted: an approver, or branches that may deploy.";

describeResourcePolicy(githubEnvironmentGuarded, {
    type: github.environment,
    given: fixtures.environment,
    cases: [
        accepts("an environment with an approver alone", unset("deploymentBranchPolicy")),
        accepts("an environment with protected branches alone", unset("reviewers")),
        accepts("a person who approves", all(unset("deploymentBranchPolicy"), set("reviewers", [{ users: [7] }]))),
        refuses("an environment without either", unset("deploymentBranchPolicy", "reviewers"), open),
        refuses(
            "an approver that is nobody",
            all(unset("deploymentBranchPolicy"), set("reviewers", [{ teams: [], users: [] }])),
            open,
        ),
        refuses(
            "a policy that limits nothing",
            all(
                unset("reviewers"),
                set("deploymentBranchPolicy", { protectedBranches: false, customBranchPolicies: false }),
            ),
            open,
        ),
        unknownAt("deploymentBranchPolicy"),
        unknownAt("reviewers", { given: { environment: "staging" } }),
    ],
});

describeResourcePolicy(githubEnvironmentBranchPattern, {
    type: github.environmentDeploymentPolicy,
    given: fixtures.environmentDeploymentPolicy,
    cases: [
        accepts("one tag", all(unset("branchPattern"), set("tagPattern", "v1.4.2"))),
        ...["*", "release/*", "v?", "v[0-9]"].map((pattern) =>
            refuses(
                `the pattern ${pattern}`,
                set("branchPattern", pattern),
                `branchPattern is "${pattern}"; accepted: one name, without wildcards.`,
            ),
        ),
        refuses("all tags", set("tagPattern", "*"), 'tagPattern is "*"; accepted: one name, without wildcards.'),
        unknownAt("tagPattern"),
        unknownAt("branchPattern", {
            given: { tagPattern: "*" },
            messages: ['tagPattern is "*"; accepted: one name, without wildcards.'],
        }),
    ],
});
