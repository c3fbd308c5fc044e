import type { RoleArgs } from "@pulumi/aws/iam/role";
import type { Unwrap } from "@pulumi/pulumi";
import { judgeDocument } from "../shared/document-rules";
import type { Statement } from "../shared/documents";
import { show } from "../shared/findings";
import type { Findings } from "../shared/findings";
import { resourcePolicy } from "../shared/policy";
import { nist } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly audience: string;
    readonly owner: string;
    readonly ownerId: string;
    readonly namedRepositories: readonly string[];
    readonly branches: readonly string[];
    readonly platform: string;
    readonly approvedEnvironments: readonly string[];
}

/** Issuer of the tokens of GitHub Actions, without scheme: the beginning of its condition keys. */
const issuer = "token.actions.githubusercontent.com";

const names = (description: string, defaults: readonly string[]) => ({
    type: "array" as const,
    items: { type: "string" as const, pattern: "^[A-Za-z0-9._-]+$" },
    uniqueItems: true,
    default: [...defaults],
    description,
});

/**
 * Without an exact subject, any workflow of any repository on GitHub could take the role; with a repository's
 * `pull_request`, code that no one has reviewed. With the subject alone, any job that someone merges to the repository
 * could take it, whatever it runs. A subject in the form that the repository does not send lets nothing in, or, where a
 * name is taken by someone else later, the wrong repository.
 */
export const iamRoleTrustSubject = resourcePolicy<Unwrap<RoleArgs>, Settings>({
    name: "iam-role-trust-subject",
    description:
        "A role that trusts an identity provider trusts GitHub, for one audience, one subject in the form that its " +
        "repository sends, and the platform's called workflows at a commit; no pull request as such.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...nist("IA-9", "Service Identification and Authentication"),
    remediationSteps:
        "Give each statement with a federated principal one Condition StringEquals with GitHub's aud, sub and " +
        "job_workflow_ref: the sub as repo:OWNER@ID/REPOSITORY@ID:environment:NAME, the workflows each at a full commit. " +
        "List a repository that still sends repo:OWNER/REPOSITORY in the setting namedRepositories. Where pull requests " +
        "need a role, let their job run in an environment with reviewers.",
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
            ownerId: {
                type: "string",
                pattern: "^([1-9][0-9]*)?$",
                default: "",
                description: "GitHub's id of the organisation; empty for any",
            },
            namedRepositories: names(
                "Repositories whose subjects have no ids, because they are from before 15 July 2026 and have not opted in",
                [],
            ),
            branches: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: ["main"],
                description: "Branches, changed by reviews only, whose jobs may take roles outside of an environment",
            },
            platform: {
                type: "string",
                pattern: "^[A-Za-z0-9._-]+$",
                default: "platform",
                description: "Repository of the organisation whose called workflows may take roles",
            },
            approvedEnvironments: names(
                "Environments of that repository whose jobs may take a role: an approver reads a pull request before it, or only main runs there",
                ["drift-prod", "drift-staging", "preview-prod", "preview-staging"],
            ),
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
    const { audience, owner, platform } = findings.settings;
    const place = `assumeRolePolicy ${statement.label}`;
    const given = (claim: string) => {
        const conditions = statement.conditions.filter(({ key }) => key === `${issuer}:${claim}`);
        return conditions.length > 0 ? conditions.map(({ operator, values }) => ({ operator, values })) : undefined;
    };
    /** The values of a claim's only condition, where it is StringEquals; none otherwise. */
    const equals = (claim: string) => {
        const [condition, ...others] = given(claim) ?? [];
        return condition?.operator === "StringEquals" && others.length === 0 ? condition.values : [];
    };
    const exactly = (claim: string) => {
        const [value, ...rest] = equals(claim);
        return rest.length === 0 ? value : undefined;
    };

    for (const { value } of statement.principals) {
        if (!value.endsWith(`:oidc-provider/${issuer}`))
            findings.deviates(`${place}: principal`, value, `the account's identity provider ${issuer}`);
    }
    if (exactly("aud") !== audience) {
        findings.deviates(`${place}: aud`, given("aud"), `StringEquals ${show(audience)}`);
    }
    const subject = exactly("sub") ?? "";
    if (!isSubject(subject, findings.settings)) {
        findings.deviates(`${place}: sub`, given("sub"), acceptedSubject(subject, findings.settings));
    }
    if (isApproved(subject, findings.settings)) return;
    const workflows = equals("job_workflow_ref");
    const reviewed = new RegExp(`^${owner}/${literal(platform)}/\\.github/workflows/[\\w.-]+\\.yml@[0-9a-f]{40}$`);
    const unreviewed = workflows.filter((workflow) => !reviewed.test(workflow));
    if (workflows.length === 0 || unreviewed.length > 0) {
        const accepted = `StringEquals workflows of ${owner}/${platform}, as ${owner}/${platform}/.github/workflows/FILE.yml@COMMIT with 40 hexadecimal digits`;
        findings.deviates(`${place}: job_workflow_ref`, unreviewed[0] ?? given("job_workflow_ref"), accepted);
    }
}

/** Repository and job of a subject, in either form. Names can't contain "@" (GitHub's OIDC reference). */
const subjectParts =
    /^repo:(?<owner>[A-Za-z0-9-]+)(?:@(?<ownerId>[1-9]\d*))?\/(?<name>[\w.-]+)(?:@(?<id>[1-9]\d*))?:(?:environment:(?<environment>[^:*?]+)|ref:refs\/heads\/(?<branch>[^:*?]+))$/;

function isSubject(subject: string, { owner, ownerId, namedRepositories, branches }: Settings): boolean {
    const parts = subjectParts.exec(subject)?.groups;
    if (parts?.owner !== owner) return false;
    if (parts.branch !== undefined && !branches.includes(parts.branch)) return false;
    if (namedRepositories.includes(parts.name ?? "")) return parts.ownerId === undefined && parts.id === undefined;
    if (ownerId !== "" && parts.ownerId !== ownerId) return false;
    return parts.ownerId !== undefined && parts.id !== undefined;
}

function acceptedSubject(subject: string, { owner, ownerId, namedRepositories, branches }: Settings): string {
    const name = subjectParts.exec(subject)?.groups?.name ?? "";
    const form = namedRepositories.includes(name)
        ? `repo:${owner}/${name}`
        : `repo:${owner}@${ownerId || "ID"}/REPOSITORY@ID`;
    return `StringEquals one subject without wildcards, as ${form}:environment:NAME or :ref:refs/heads/${branches.join("|")}`;
}

/** Whether an approver reads what runs with this subject: a pull request's own workflow, at no reviewed commit. */
function isApproved(subject: string, { platform, approvedEnvironments }: Settings): boolean {
    const parts = subjectParts.exec(subject)?.groups;
    return parts?.name === platform && approvedEnvironments.includes(parts.environment ?? "");
}

const literal = (text: string) => text.replaceAll(".", "\\.");
