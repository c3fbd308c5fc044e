import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { Unwrap } from "@pulumi/pulumi";
import { judgeDocument } from "../shared/document-rules";
import { hasWildcard } from "../shared/documents";
import type { Statement } from "../shared/documents";
import { show } from "../shared/findings";
import type { Findings } from "../shared/findings";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly audience: string;
    readonly owner: string;
}

/**
 * Without an exact subject, any workflow of any repository on GitHub could take the role; with a repository's
 * `pull_request`, code that no one has reviewed.
 */
export const iamRoleTrustSubject = resourcePolicy<Unwrap<RoleArgs>, Settings>({
    name: "iam-role-trust-subject",
    description:
        "A role that trusts an identity provider names its audience and exactly one subject, and no pull request as such.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("IA-9", "Service Identification and Authentication"),
    remediationSteps:
        "Give each statement with a federated principal one Condition StringEquals with the provider's aud and sub, the " +
        "sub as repo:OWNER/REPOSITORY:environment:NAME, without wildcards. Where pull requests need a role, let their job " +
        "run in an environment with reviewers.",
    configSchema: {
        properties: {
            audience: {
                type: "string",
                minLength: 1,
                default: "sts.amazonaws.com",
                description: "The audience that tokens must have",
            },
            owner: {
                type: "string",
                pattern: "^[A-Za-z0-9-]+$",
                default: "relaypacs",
                description: "GitHub organisation whose repositories may take roles",
            },
        },
    },
    types: [aws.role],
    judge: ({ assumeRolePolicy }, findings) => {
        judgeDocument(findings, "assumeRolePolicy", assumeRolePolicy, (statement) => {
            const federated = statement.principals.some(({ kind }) => kind === "Federated");
            if (statement.allows && federated) judgeTrust(statement, findings);
        });
    },
});

function judgeTrust(statement: Statement, findings: Findings<Settings>): void {
    const { audience, owner } = findings.settings;
    const place = `assumeRolePolicy ${statement.label}`;
    const given = (claim: string) => {
        const conditions = statement.conditions.filter(({ key }) => key.endsWith(`:${claim}`));
        return conditions.length > 0 ? conditions.map(({ operator, values }) => ({ operator, values })) : undefined;
    };
    const exactly = (claim: string) => {
        const [condition, ...others] = given(claim) ?? [];
        const [value, ...rest] = condition?.values ?? [];
        const single = condition?.operator === "StringEquals" && others.length === 0 && rest.length === 0;
        return single ? value : undefined;
    };

    if (exactly("aud") !== audience) {
        findings.deviates(`${place}: aud`, given("aud"), `StringEquals ${show(audience)}`);
    }
    const subject = exactly("sub");
    const repository = new RegExp(`^repo:${owner}/[A-Za-z0-9._-]+:(?!pull_request$).+$`);
    if (subject === undefined || hasWildcard(subject) || !repository.test(subject)) {
        const accepted = `StringEquals one subject without wildcards, as repo:${owner}/REPOSITORY:environment:NAME`;
        findings.deviates(`${place}: sub`, given("sub"), accepted);
    }
}
