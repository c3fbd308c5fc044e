import type { BranchProtectionArgs } from "@pulumi/github/branchProtection";
import type { Unwrap } from "@pulumi/pulumi";
import { branches, protects } from "./protected-branches";
import type { BranchSettings } from "./protected-branches";
import { show } from "../shared/findings";
import { knownOf } from "../shared/known";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { github } from "../shared/types";

interface Settings extends BranchSettings {
    readonly contexts: readonly string[];
}

export const githubBranchProtectionChecks = resourcePolicy<Unwrap<BranchProtectionArgs>, Settings>({
    name: "github-branch-protection-checks",
    description: "A pull request merges only when it is up to date and every check of the pipeline has passed on it.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...scorecard("Branch-Protection", "Status checks are required, on branches that are up to date"),
    remediationSteps: "Set requiredStatusChecks with strict true and every context that the message names.",
    configSchema: {
        properties: {
            branches,
            contexts: {
                type: "array",
                items: { type: "string", minLength: 1 },
                minItems: 1,
                uniqueItems: true,
                default: [
                    "commit-messages",
                    "lint-backend",
                    "lint-frontend",
                    "test-backend",
                    "test-frontend",
                    "e2e-tests",
                    "security-scan",
                ],
                description: "Checks that must be required",
            },
        },
    },
    types: [github.branchProtection],
    judge: (protection, findings) => {
        const { settings } = findings;
        if (!protects(protection, settings)) return;
        const checks = protection.requiredStatusChecks?.[0];
        findings.part(() => {
            if (checks?.strict !== true) findings.deviates("requiredStatusChecks[0].strict", checks?.strict, "true");
        });
        findings.part(() => {
            const contexts = checks?.contexts;
            const { known, unknown } = knownOf(contexts);
            const missing = settings.contexts.filter((context) => !known.includes(context));
            if (missing.length === 0) return;
            // Each check that is not known yet may be one of those.
            if (unknown && missing.length <= (contexts?.length ?? 0) - known.length) throw unknown;
            const accepted = `a list that includes ${missing.map(show).join(", ")}`;
            findings.deviates("requiredStatusChecks[0].contexts", contexts, accepted);
        });
    },
});
