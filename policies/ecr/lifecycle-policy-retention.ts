import type { LifecyclePolicyArgs } from "@pulumi/aws/ecr/lifecyclePolicy";
import type { Unwrap } from "@pulumi/pulumi";
import type { Findings } from "../shared/findings";
import { show } from "../shared/findings";
import { resourcePolicy } from "../shared/policy";
import { securityHub } from "../shared/standards";
import { aws } from "../shared/types";

interface Settings {
    readonly maximumUntaggedDays: number;
    readonly minimumReleases: number;
}

interface Rule {
    readonly rulePriority?: unknown;
    readonly selection?: {
        readonly tagStatus?: unknown;
        readonly tagPatternList?: unknown;
        readonly countType?: unknown;
        readonly countUnit?: unknown;
        readonly countNumber?: unknown;
    };
    readonly action?: { readonly type?: unknown };
}

export const ecrLifecyclePolicyRetention = resourcePolicy<Unwrap<LifecyclePolicyArgs>, Settings>({
    name: "ecr-lifecycle-policy-retention",
    description: "Untagged images expire soon, and enough tagged releases stay to roll back to.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...securityHub("ECR.3", "ECR repositories should have at least one lifecycle policy configured"),
    remediationSteps:
        "Expire untagged images by sinceImagePushed in days, and tagged images only by imageCountMoreThan, with the " +
        "number of releases to keep.",
    configSchema: {
        properties: {
            maximumUntaggedDays: {
                type: "integer",
                minimum: 1,
                maximum: 90,
                default: 14,
                description: "Days after which untagged images must be gone",
            },
            minimumReleases: {
                type: "integer",
                minimum: 2,
                maximum: 1000,
                default: 10,
                description: "Tagged images that must stay",
            },
        },
    },
    types: [aws.ecrLifecyclePolicy],
    judge: ({ policy }, findings) => {
        const rules = rulesOf(policy);
        if (!rules) {
            findings.refuse('policy is not an ECR lifecycle policy; accepted: a JSON object with a list "rules".');
            return;
        }
        judgeUntagged(rules, findings);
        for (const rule of rules.filter(expiresTagged)) {
            if (!keepsItsTags(rule)) judgeTagged(rule, findings);
        }
    },
});

function judgeUntagged(rules: readonly Rule[], findings: Findings<Settings>): void {
    const { maximumUntaggedDays } = findings.settings;
    const accepted = `a rule that expires untagged images at most ${maximumUntaggedDays} days after the push`;
    const days = rules
        .filter(({ selection, action }) => selection?.tagStatus === "untagged" && action?.type === "expire")
        .filter(({ selection }) => selection?.countType === "sinceImagePushed" && selection.countUnit === "days")
        .map(({ selection }) => Number(selection?.countNumber));
    if (days.length === 0) findings.refuse(`policy has no rule for untagged images; accepted: ${accepted}.`);
    else if (!days.some((count) => count >= 1 && count <= maximumUntaggedDays)) {
        findings.refuse(`policy expires untagged images after ${Math.min(...days)} days; accepted: ${accepted}.`);
    }
}

function judgeTagged({ rulePriority, selection }: Rule, findings: Findings<Settings>): void {
    const { minimumReleases } = findings.settings;
    const accepted = `countType "imageCountMoreThan" with countNumber at least ${minimumReleases}`;
    const place = `policy rule ${show(rulePriority)} for tagged images`;
    if (selection?.countType !== "imageCountMoreThan") {
        findings.deviates(`${place}: countType`, selection?.countType, accepted);
    } else if (!(Number(selection.countNumber) >= minimumReleases)) {
        findings.deviates(`${place}: countNumber`, selection.countNumber, accepted);
    }
}

/** `any` covers tagged images too. */
function expiresTagged({ selection, action }: Rule): boolean {
    return action?.type === "expire" && selection?.tagStatus !== "untagged";
}

/** A tag is on one image at most: as many images as exact tags never expire. Such a rule protects the running images. */
function keepsItsTags({ selection }: Rule): boolean {
    const tags = selection?.tagPatternList;
    if (!Array.isArray(tags) || tags.length === 0 || selection?.countType !== "imageCountMoreThan") return false;
    return (
        tags.every((tag) => typeof tag === "string" && !tag.includes("*")) &&
        Number(selection.countNumber) >= tags.length
    );
}

function rulesOf(policy: unknown): Rule[] | undefined {
    try {
        const document = (typeof policy === "string" ? JSON.parse(policy) : policy) as { rules?: unknown } | null;
        return Array.isArray(document?.rules) ? (document.rules as Rule[]) : undefined;
    } catch (error) {
        if (error instanceof SyntaxError) return undefined;
        throw error;
    }
}
