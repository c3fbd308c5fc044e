import type { RepositoryRulesetArgs } from "@pulumi/github/repositoryRuleset";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

/** `github-ruleset-release-tags` asks the same of rulesets about tags, and more. */
export const githubRulesetBypass = resourcePolicy<Unwrap<RepositoryRulesetArgs>>({
    name: "github-ruleset-bypass",
    description: "A ruleset about branches or pushes is in force, for everyone.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Branch-Protection", "Administrators are included"),
    remediationSteps: 'Set enforcement to "active", and name no bypass actors.',
    types: [github.ruleset],
    judge: (given, findings) => {
        if (given.target === "tag") return;
        findings.part(() => {
            const { enforcement } = given;
            if (enforcement !== "active") findings.deviates("enforcement", enforcement, '"active"');
        });
        findings.part(() => {
            const { bypassActors } = given;
            if (bypassActors?.length) findings.deviates("bypassActors", bypassActors, "no one");
        });
    },
});
