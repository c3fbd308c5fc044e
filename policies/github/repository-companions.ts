import type { PolicyResource } from "@pulumi/policy";
import { branches, matches } from "./protected-branches";
import type { BranchSettings } from "./protected-branches";
import { stackPolicy } from "../shared/policy";
import { property } from "../shared/stack-index";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

interface Settings extends BranchSettings {
    readonly releaseTags: string;
}

interface RulesetProperties {
    readonly target?: string;
    readonly conditions?: { readonly refName?: { readonly includes?: readonly string[] } };
}

const byNode = { input: "repositoryId", value: property("repositoryId") };
const byName = { input: "repository", value: property("repository") };
const nodeIdentities = [property("nodeId"), property("name"), property("id")];
const nameIdentities = [property("name"), property("id")];

export const githubRepositoryCompanions = stackPolicy<Settings>({
    name: "github-repository-companions",
    description: "A repository's long-lived branches are protected, its release tags immutable, its alerts on.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...scorecard("Branch-Protection", "Branches are protected"),
    remediationSteps:
        "Declare a github.BranchProtection for each branch, a github.RepositoryRuleset with target tag for the release " +
        "tags, and github.RepositoryVulnerabilityAlerts.",
    configSchema: {
        properties: {
            branches,
            releaseTags: {
                type: "string",
                minLength: 1,
                default: "refs/tags/v*",
                description: "Pattern of the release tags",
            },
        },
    },
    judge: (stack, findings) => {
        const { branches: names, releaseTags } = findings.settings;
        const protections = stack.pointers(github.branchProtection, byNode);
        const rulesets = stack.pointers(github.ruleset, byName);
        const alerts = stack.pointers(github.vulnerabilityAlerts, byName);
        const refuse = (repository: PolicyResource, lacks: string, accepted: string) => {
            findings.refuse(`${repository.name} has no ${lacks}; accepted: ${accepted}.`, repository.urn);
        };
        findings.each(stack.ofTypes(github.repository), (repository) => {
            const repositoryProperties = repository.props as { archived?: boolean; vulnerabilityAlerts?: boolean };
            if (findings.part(() => repositoryProperties.archived) === true) return;
            findings.part(() => {
                const patterns = protections
                    .to(repository, nodeIdentities)
                    .map((each) => property("pattern")(each) as string);
                for (const branch of names.filter((name) => !patterns.some((pattern) => matches(pattern, name)))) {
                    refuse(
                        repository,
                        `protection of the branch ${branch}`,
                        `a github.BranchProtection with pattern "${branch}"`,
                    );
                }
            });
            findings.part(() => {
                const found = rulesets.to(repository, nameIdentities).map(({ props }) => props as RulesetProperties);
                const reaches = (pattern: string) => pattern === releaseTags || pattern === "~ALL";
                const covered = found.some(
                    ({ target, conditions }) => target === "tag" && (conditions?.refName?.includes ?? []).some(reaches),
                );
                const accepted = `a github.RepositoryRuleset with target "tag" that includes "${releaseTags}"`;
                if (!covered) refuse(repository, "immutable release tags", accepted);
            });
            findings.part(() => {
                if (repositoryProperties.vulnerabilityAlerts === true) return;
                if (alerts.to(repository, nameIdentities).length > 0) return;
                refuse(
                    repository,
                    "vulnerability alerts",
                    "github.RepositoryVulnerabilityAlerts, or vulnerabilityAlerts true",
                );
            });
        });
    },
});
