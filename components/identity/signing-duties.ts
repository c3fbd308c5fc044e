import type { PredicateName } from "../../delivery/evidence/predicates";
import type { RoleName } from "../../delivery/core/names";

/**
 * The roles that sign release evidence, and what each may state. Each duty has its own key: the key for test results
 * can't sign an approval, and staging, which has no approver, can't sign for production. AWS KMS does not see what it
 * signs, so the key's policy restricts the role, and `relaypacs:trustedKeys` restricts the predicates when evidence is
 * verified.
 */
export const signingDuties = {
    /** `publish.yml`: what was tested, scanned, reviewed and built. */
    pipeline: {
        role: "sign-evidence",
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
    /** `deploy.yml` in staging: what happened there, including smoke tests (`testResult`), and what approvers review. */
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
 * What an environment's stack trusts a duty's key to state. An admission says that an environment has run a release,
 * which is then judged by the evidence of that time. Only the environment's own key may state it.
 */
export function trustedPredicates(duty: SigningDuty, environment: Environment): PredicateName[] {
    const { predicates, admits }: Duty = signingDuties[duty];
    return admits === environment ? [...predicates, "admission"] : [...predicates];
}

/** KMS alias of a duty's key, the value of `--kms-key`. */
export const signingKeyAlias = (duty: SigningDuty): string => `alias/relaypacs-evidence-${duty}`;
