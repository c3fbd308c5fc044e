import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { show } from "../shared/findings";
import { builtIn } from "../shared/types";
import { inputOf, isEmpty } from "./inputs";

interface Settings {
    readonly owner: string;
    readonly endpoints: readonly string[];
}

export const providerGithubOrganization = resourcePolicy<object, Settings>({
    name: "provider-github-organization",
    description: "A provider of GitHub works in the platform's organisation alone, through GitHub's own API.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("AC-4", "Information Flow Enforcement"),
    remediationSteps:
        "Set owner to this policy's setting owner, and leave baseUrl out; another API is listed in the setting endpoints.",
    configSchema: {
        properties: {
            owner: {
                type: "string",
                minLength: 1,
                default: "relaypacs",
                description: "GitHub organisation of the repositories",
            },
            endpoints: {
                type: "array",
                items: { type: "string", pattern: "^https?://[^\\s]+/$" },
                minItems: 1,
                uniqueItems: true,
                default: ["https://api.github.com/"],
                description: "Addresses of the API that may be used, each with a slash at its end",
            },
        },
    },
    types: [builtIn.githubProvider],
    judge: (given, findings) => {
        const { endpoints, owner } = findings.settings;
        const texts = given as Readonly<Record<"baseUrl" | "organization" | "owner", unknown>>;
        findings.part(() => {
            const found = texts.owner;
            if (found !== owner) findings.deviates("owner", found, show(owner));
        });
        findings.part(() => {
            const found = texts.organization;
            if (!isEmpty(found) && found !== owner) findings.deviates("organization", found, show(owner));
        });
        findings.part(() => {
            const found = texts.baseUrl;
            if (isEmpty(found) || endpoints.includes(String(found))) return;
            findings.deviates("baseUrl", found, endpoints.map(show).join(" or "));
        });
        findings.part(() => {
            if (isEmpty(inputOf(given, "insecure"))) return;
            findings.deviates("insecure", true, "not set: certificates are checked");
        });
    },
});
