import type { PredicateName } from "../release/evidence/predicates";
import type { RoleName } from "./names";

/**
 * Who signs release evidence, and what each may state. One key a duty: what signs test results can't sign an approval,
 * and staging, where nobody approves, can't sign for production. AWS KMS does not see what it signs, so the role is
 * bound by the key's policy, and the predicates by `relaypacs:trustedKeys`, where evidence is verified.
 */
export const signingDuties = {
    /** `publish.yml`: what was tested, scanned, reviewed and built. */
    pipeline: {
        role: "publish",
        predicates: [
            "build",
            "codeReview",
            "coverage",
            "lint",
            "provenance",
            "sast",
            "testResult",
            "typeCoverage",
            "vulnerabilities",
        ],
    },
    /** `deploy.yml` in staging: what happened there, smoke tests (`testResult`) among it, and what approvers look at. */
    staging: {
        role: "deploy-staging",
        predicates: ["hotfix", "incidents", "migration", "rollbackPlan", "soak", "stagingDeployment", "testResult"],
        admits: "staging",
    },
    /** `deploy.yml` in production, behind its approver. */
    production: {
        role: "deploy-prod",
        predicates: ["approval", "incidents", "migration", "monitoring"],
        admits: "prod",
    },
} as const satisfies Record<string, Duty>;

interface Duty {
    readonly role: RoleName;
    /** What the key may state about any environment. */
    readonly predicates: readonly PredicateName[];
    /** The environment whose releases it may admit. */
    readonly admits?: Environment;
}

type Environment = "staging" | "prod";

export type SigningDuty = keyof typeof signingDuties;

/**
 * What the stack of an environment trusts a duty's key to state. An admission says that an environment ran a release
 * before, which then passes on the evidence of that day: only the environment's own key may say so.
 */
export function trustedPredicates(duty: SigningDuty, environment: Environment): PredicateName[] {
    const { predicates, admits }: Duty = signingDuties[duty];
    return admits === environment ? [...predicates, "admission"] : [...predicates];
}

/** Name by which a duty's key is found, as `--kms-key` takes it. */
export const signingKeyAlias = (duty: SigningDuty): string => `alias/relaypacs-evidence-${duty}`;
