import type { RepositoryRulesetArgs } from "@pulumi/github/repositoryRuleset";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { github } from "../shared/types";

const rulesOfImmutability = ["update", "deletion", "nonFastForward"] as const;

export const githubRulesetReleaseTags = resourcePolicy<Unwrap<RepositoryRulesetArgs>>({
    name: "github-ruleset-release-tags",
    description: "A ruleset about tags makes them immutable, for everyone.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...specification("Stage 7", "Create versioned release for traceability"),
    remediationSteps: `Set enforcement to "active" and rules.${rulesOfImmutability.join(", rules.")} to true; name no bypass actors.`,
    types: [github.ruleset],
    judge: ({ bypassActors, conditions, enforcement, rules, target }, findings) => {
        if (target !== "tag") return;
        findings.part(() => {
            if (enforcement !== "active") findings.deviates("enforcement", enforcement, '"active"');
        });
        for (const rule of rulesOfImmutability) {
            findings.part(() => {
                if (rules?.[rule] !== true) findings.deviates(`rules.${rule}`, rules?.[rule], "true");
            });
        }
        findings.part(() => {
            if (bypassActors?.length) findings.deviates("bypassActors", bypassActors, "no one");
        });
        findings.part(() => {
            const excludes = conditions?.refName?.excludes;
            if (excludes?.length) findings.deviates("conditions.refName.excludes", excludes, "an empty list");
        });
    },
});
