import type { Duty } from "../../delivery/evidence/duties";
import type { RoleName } from "../../delivery/core/names";

export { signingKeyAlias } from "../../delivery/evidence/duties";

/**
 * The roles that sign release evidence: one a duty, each with its own key. AWS KMS does not see what it signs, so the
 * key's policy restricts the role, and `relaypacs:trustedKeys` names the key's duty, which restricts what it may state
 * (`delivery/evidence/duties.ts`) when evidence is verified.
 */
export const signingDuties = {
    pipeline: { role: "sign-evidence" },
    staging: { role: "deploy-staging" },
    production: { role: "deploy-prod" },
} as const satisfies Readonly<Record<Duty, { readonly role: RoleName }>>;

export type SigningDuty = Duty;
