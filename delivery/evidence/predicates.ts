import type { z } from "zod";
import { approval, hotfix, incidents, rehearsal, restoreRehearsal, rollbackPlan } from "./predicates/decisions";
import { admission, build, migration, monitoring, soak, stagingDeployment } from "./predicates/delivery";
import { codeReview, coverage, lint, sast, typeCoverage } from "./predicates/pull-request";
import { provenance, testResult, vulnerabilities } from "./predicates/standard";

export { approverRoles } from "./predicates/decisions";
export { artifactKinds, checkpointOf, type ArtifactKind } from "./predicates/delivery";
export { coverageTools, lintTools, sastTools, typeCoverageTools, type SastTool } from "./predicates/pull-request";
export { packageOf, scannerOf, scanners, suites, type Scanner, type Suite } from "./predicates/standard";

const own = (name: string) => `https://relaypacs.com/attestation/${name}/v1` as const;

/**
 * Every predicate that evidence may have, by name: its type URI and its schema. Standard types of in-toto and SLSA are
 * used where they exist; the others are RelayPACS's own, versioned in their URI.
 */
export const predicates = {
    provenance: { type: "https://slsa.dev/provenance/v1", schema: provenance },
    testResult: { type: "https://in-toto.io/attestation/test-result/v0.1", schema: testResult },
    vulnerabilities: { type: "https://in-toto.io/attestation/vulns/v0.1", schema: vulnerabilities },
    coverage: { type: own("coverage"), schema: coverage },
    lint: { type: own("lint"), schema: lint },
    typeCoverage: { type: own("type-coverage"), schema: typeCoverage },
    sast: { type: own("sast"), schema: sast },
    codeReview: { type: own("code-review"), schema: codeReview },
    build: { type: own("build"), schema: build },
    migration: { type: own("migration"), schema: migration },
    stagingDeployment: { type: own("staging-deployment"), schema: stagingDeployment },
    soak: { type: own("soak"), schema: soak },
    approval: { type: own("approval"), schema: approval },
    rehearsal: { type: own("rehearsal"), schema: rehearsal },
    restoreRehearsal: { type: own("restore-rehearsal"), schema: restoreRehearsal },
    rollbackPlan: { type: own("rollback-plan"), schema: rollbackPlan },
    incidents: { type: own("incidents"), schema: incidents },
    hotfix: { type: own("hotfix"), schema: hotfix },
    monitoring: { type: own("monitoring"), schema: monitoring },
    admission: { type: own("admission"), schema: admission },
} as const;

export type PredicateName = keyof typeof predicates;

/** A predicate's contents, by its name: `Predicate<"soak">`. */
export type Predicate<Name extends PredicateName = PredicateName> = z.output<(typeof predicates)[Name]["schema"]>;

/** The predicate's name for a type URI, or undefined for an unknown type. */
export function predicateNamed(type: string): PredicateName | undefined {
    return (Object.keys(predicates) as PredicateName[]).find((name) => predicates[name].type === type);
}
