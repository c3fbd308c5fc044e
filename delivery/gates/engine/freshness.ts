import type { ItemName } from "../../evidence/items";
import type { LimitName } from "./limits";

interface Freshness {
    /** The limit on the age of what was measured. */
    readonly maximumAge: LimitName & `${string}AgeHours`;
    /** Whether it can only be measured once the images exist, unlike linting. */
    readonly afterBuild: boolean;
}

const pipeline = (afterBuild: boolean): Freshness => ({ maximumAge: "pipelineAgeHours", afterBuild });
const staging: Freshness = { maximumAge: "stagingAgeHours", afterBuild: true };

/** Items with moments after the one from which their age counts: a soak lists later stretches, an admission its end. */
export const outlastsMeasurement: readonly ItemName[] = ["soak", "admission-staging", "admission-prod"];

/** How old the evidence of each item may be. */
export const freshness: Readonly<Record<ItemName, Freshness>> = {
    "lint-backend": pipeline(false),
    "lint-frontend": pipeline(false),
    "type-coverage-backend": pipeline(false),
    "type-coverage-frontend": pipeline(false),
    "unit-backend": pipeline(false),
    "unit-frontend": pipeline(false),
    "coverage-backend": pipeline(false),
    "coverage-frontend": pipeline(false),
    integration: pipeline(false),
    "e2e-critical": pipeline(false),
    trivy: { maximumAge: "scanAgeHours", afterBuild: true },
    "npm-audit": { maximumAge: "scanAgeHours", afterBuild: false },
    "python-audit": { maximumAge: "scanAgeHours", afterBuild: false },
    bandit: pipeline(false),
    "eslint-security": pipeline(false),
    "code-review": pipeline(false),
    provenance: pipeline(true),
    build: pipeline(true),
    "migration-staging": staging,
    "migration-prod": staging,
    "staging-deployment": staging,
    smoke: staging,
    soak: staging,
    approval: { maximumAge: "approvalAgeHours", afterBuild: true },
    rehearsal: { maximumAge: "rollbackTestAgeHours", afterBuild: false },
    "restore-rehearsal": { maximumAge: "rollbackTestAgeHours", afterBuild: false },
    "rollback-plan": { maximumAge: "rollbackAgeHours", afterBuild: false },
    incidents: { maximumAge: "incidentAgeHours", afterBuild: false },
    hotfix: { maximumAge: "hotfixAgeHours", afterBuild: false },
    monitoring: { maximumAge: "monitoringAgeHours", afterBuild: true },
    "admission-staging": { maximumAge: "admissionAgeHours", afterBuild: true },
    "admission-prod": { maximumAge: "admissionAgeHours", afterBuild: true },
};
