import type { RepositoryArgs } from "@pulumi/github/repository";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { github } from "../shared/types";

interface Settings {
    readonly accepted: readonly string[];
}

export const githubRepositoryVisibility = resourcePolicy<Unwrap<RepositoryArgs>, Settings>({
    name: "github-repository-visibility",
    description: "Repositories are private.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("AC-22", "Publicly Accessible Content"),
    remediationSteps: 'Set visibility to "private".',
    configSchema: {
        properties: {
            accepted: {
                type: "array",
                items: { type: "string", enum: ["private", "internal", "public"] },
                minItems: 1,
                uniqueItems: true,
                default: ["private"],
                description: "Accepted values of visibility",
            },
        },
    },
    types: [github.repository],
    judge: ({ visibility, private: isPrivate }, findings) => {
        const { accepted } = findings.settings;
        // A repository is public when neither property is set; the older one counts when the newer is not.
        const given = visibility ?? (isPrivate === true ? "private" : undefined);
        if (given && accepted.includes(given)) return;
        findings.deviates("visibility", visibility, accepted.map((each) => JSON.stringify(each)).join(" or "));
    },
});
