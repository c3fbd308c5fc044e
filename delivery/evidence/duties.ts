import type { ItemName } from "./items";

/**
 * Who may state what: the one table that decides it. A duty is a job of the pipeline with a signing key of its own. What
 * tests and builds is not what runs in staging, and neither is what production's approver stands behind, so each key
 * states the items of its duty and no others, whatever predicate they share: `testResult` is the pipeline's for
 * `unit-backend`, and staging's for `smoke`.
 */
export const duties = {
    /** `publish.yml`: what was tested, scanned, reviewed and built. */
    pipeline: [
        "lint-backend",
        "lint-frontend",
        "type-coverage-backend",
        "type-coverage-frontend",
        "unit-backend",
        "unit-frontend",
        "coverage-backend",
        "coverage-frontend",
        "integration",
        "e2e-critical",
        "trivy",
        "npm-audit",
        "python-audit",
        "bandit",
        "eslint-security",
        "code-review",
        "provenance",
        "build",
    ],
    /** `deploy.yml` and `rollback.yml` in staging: what happened there, and what approvers review. */
    staging: [
        "migration-staging",
        "staging-deployment",
        "smoke",
        "soak",
        "rehearsal",
        "restore-rehearsal",
        "rollback-plan",
        "incidents",
        "hotfix",
        "admission-staging",
    ],
    /** `deploy.yml` in production, behind its approver. */
    production: ["migration-prod", "approval", "incidents", "monitoring", "admission-prod"],
} as const satisfies Readonly<Record<string, readonly ItemName[]>>;

export type Duty = keyof typeof duties;

export const dutyNames = Object.keys(duties) as [Duty, ...Duty[]];

/** KMS alias of a duty's key, the value of `--kms-key`. */
export const signingKeyAlias = (duty: Duty): string => `alias/relaypacs-evidence-${duty}`;

/** Whether the key of a duty may state an item. */
export function mayState(duty: Duty, item: ItemName): boolean {
    return (duties[duty] as readonly ItemName[]).includes(item);
}

/** What a key is refused for stating: a clause that names its duty, the item, and what it may state. */
export function notEntitled(duty: Duty, item: ItemName): string {
    return `has the duty ${duty} and may not state ${item}; it may state ${duties[duty].join(", ")}`;
}
