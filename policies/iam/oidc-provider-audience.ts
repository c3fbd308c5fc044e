import type { OpenIdConnectProviderArgs } from "@pulumi/aws/iam/openIdConnectProvider";
import type { Unwrap } from "@pulumi/pulumi";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly audience: string;
    readonly issuers: readonly string[];
}

export const iamOidcProviderAudience = resourcePolicy<Unwrap<OpenIdConnectProviderArgs>, Settings>({
    name: "iam-oidc-provider-audience",
    description: "The account trusts known token issuers only, for one audience.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...nist("IA-9", "Service Identification and Authentication"),
    remediationSteps: 'Set clientIdLists to ["sts.amazonaws.com"] and url to the issuer of GitHub Actions.',
    configSchema: {
        properties: {
            audience: {
                type: "string",
                minLength: 1,
                default: "sts.amazonaws.com",
                description: "The only audience",
            },
            issuers: {
                type: "array",
                items: { type: "string", pattern: "^https://" },
                minItems: 1,
                uniqueItems: true,
                default: ["https://token.actions.githubusercontent.com"],
                description: "Token issuers that are trusted",
            },
        },
    },
    types: [aws.oidcProvider],
    judge: (given, findings) => {
        const { audience, issuers } = findings.settings;
        findings.part(() => {
            const { clientIdLists } = given;
            if (clientIdLists?.length === 1 && clientIdLists[0] === audience) return;
            findings.deviates("clientIdLists", clientIdLists, JSON.stringify([audience]));
        });
        const { url } = given;
        // The provider drops the scheme when it reads the resource back.
        const issuer = url?.startsWith("https://") ? url : `https://${url ?? ""}`;
        if (!issuers.includes(issuer)) findings.deviates("url", url, issuers.join(" or "));
    },
});
