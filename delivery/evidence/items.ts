import type { Predicate, PredicateName } from "./predicates";
import { predicateNamed, scannerOf } from "./predicates";

/**
 * Every item of evidence that gates may need. An item is the subject of one statement: a predicate and, for predicates
 * that occur several times, which of them. `each-image` items may name one image of the release; all others name all.
 */
export const items = {
    "lint-backend": { predicate: "lint", title: "Backend lint", scope: "release" },
    "lint-frontend": { predicate: "lint", title: "Frontend lint", scope: "release" },
    "type-coverage-backend": { predicate: "typeCoverage", title: "Backend type coverage", scope: "release" },
    "type-coverage-frontend": { predicate: "typeCoverage", title: "Frontend type coverage", scope: "release" },
    "unit-backend": { predicate: "testResult", title: "Backend unit test", scope: "release" },
    "unit-frontend": { predicate: "testResult", title: "Frontend unit test", scope: "release" },
    "coverage-backend": { predicate: "coverage", title: "Backend coverage", scope: "release" },
    "coverage-frontend": { predicate: "coverage", title: "Frontend coverage", scope: "release" },
    integration: { predicate: "testResult", title: "Integration test", scope: "release" },
    "e2e-critical": { predicate: "testResult", title: "Critical path test", scope: "release" },
    trivy: { predicate: "vulnerabilities", title: "Trivy image scan", scope: "each-image" },
    "npm-audit": { predicate: "vulnerabilities", title: "npm audit", scope: "release" },
    "python-audit": { predicate: "vulnerabilities", title: "Python audit", scope: "release" },
    bandit: { predicate: "sast", title: "Bandit", scope: "release" },
    "eslint-security": { predicate: "sast", title: "ESLint security", scope: "release" },
    "code-review": { predicate: "codeReview", title: "Code review", scope: "release" },
    provenance: { predicate: "provenance", title: "SLSA provenance", scope: "each-image" },
    build: { predicate: "build", title: "Build", scope: "release" },
    "migration-staging": { predicate: "migration", title: "Staging migration", scope: "release" },
    "migration-prod": { predicate: "migration", title: "Production migration", scope: "release" },
    "staging-deployment": { predicate: "stagingDeployment", title: "Staging deployment", scope: "release" },
    smoke: { predicate: "testResult", title: "Smoke test", scope: "release" },
    soak: { predicate: "soak", title: "Staging soak", scope: "release" },
    approval: { predicate: "approval", title: "Approval", scope: "release" },
    rehearsal: { predicate: "rehearsal", title: "Rollback rehearsal", scope: "release" },
    "restore-rehearsal": { predicate: "restoreRehearsal", title: "Restore rehearsal", scope: "release" },
    "rollback-plan": { predicate: "rollbackPlan", title: "Rollback plan", scope: "release" },
    incidents: { predicate: "incidents", title: "Incident count", scope: "release" },
    hotfix: { predicate: "hotfix", title: "Hotfix", scope: "release" },
    monitoring: { predicate: "monitoring", title: "Post-deployment monitoring", scope: "release" },
    "admission-staging": { predicate: "admission", title: "Staging admission", scope: "release" },
    "admission-prod": { predicate: "admission", title: "Production admission", scope: "release" },
} as const satisfies Record<
    string,
    { readonly predicate: PredicateName; readonly title: string; readonly scope: "release" | "each-image" }
>;

export type ItemName = keyof typeof items;

/** Folder of the evidence bucket with the rehearsals of rollbacks and restores, which count for later releases too. */
export const rehearsalsFolder = "rehearsals";

/** The items whose evidence lies there. */
export const rehearsals: readonly ItemName[] = ["rehearsal", "restore-rehearsal"];

/** Items whose evidence lies in the folder of its release. */
export const releaseItems: readonly ItemName[] = (Object.keys(items) as ItemName[]).filter(
    (item) => !rehearsals.includes(item),
);

/** What an item's statement contains. */
export type ItemPredicate<Item extends ItemName> = Predicate<(typeof items)[Item]["predicate"]>;

interface Traits<Name extends PredicateName> {
    readonly item: (predicate: Predicate<Name>) => ItemName;
    /** When the statement's facts were measured; its age counts from then. */
    readonly measuredAt: (predicate: Predicate<Name>) => string;
}

const traits: { readonly [Name in PredicateName]: Traits<Name> } = {
    provenance: { item: () => "provenance", measuredAt: (one) => one.runDetails.metadata.finishedOn },
    testResult: {
        item: (one) => one.configuration[0].name,
        measuredAt: (one) => one.configuration[0].annotations.finishedOn,
    },
    vulnerabilities: {
        item: (one) => scannerOf(one.scanner.uri) ?? "trivy",
        measuredAt: (one) => one.metadata.scanFinishedOn,
    },
    coverage: { item: (one) => `coverage-${one.component}`, measuredAt: (one) => one.measuredAt },
    lint: { item: (one) => `lint-${one.component}`, measuredAt: (one) => one.measuredAt },
    typeCoverage: { item: (one) => `type-coverage-${one.component}`, measuredAt: (one) => one.measuredAt },
    sast: { item: (one) => one.tool.name, measuredAt: (one) => one.measuredAt },
    codeReview: { item: () => "code-review", measuredAt: (one) => one.measuredAt },
    build: { item: () => "build", measuredAt: (one) => one.finishedAt },
    migration: { item: (one) => `migration-${one.environment}`, measuredAt: (one) => one.finishedAt },
    stagingDeployment: { item: () => "staging-deployment", measuredAt: (one) => one.completedAt },
    soak: { item: () => "soak", measuredAt: (one) => one.endedAt },
    approval: { item: () => "approval", measuredAt: (one) => one.measuredAt },
    rehearsal: { item: () => "rehearsal", measuredAt: (one) => one.testedAt },
    restoreRehearsal: { item: () => "restore-rehearsal", measuredAt: (one) => one.testedAt },
    rollbackPlan: { item: () => "rollback-plan", measuredAt: (one) => one.measuredAt },
    incidents: { item: () => "incidents", measuredAt: (one) => one.windowEndedAt },
    hotfix: { item: () => "hotfix", measuredAt: (one) => one.measuredAt },
    monitoring: { item: () => "monitoring", measuredAt: (one) => one.endedAt },
    admission: { item: (one) => `admission-${one.environment}`, measuredAt: (one) => one.admittedAt },
};

/** The item that a predicate is evidence of. */
export function itemOf(name: PredicateName, predicate: Predicate): ItemName {
    return (traits[name] as Traits<PredicateName>).item(predicate);
}

/** The item that a statement claims to be about, valid and trusted or not; for messages only. */
export function claimedItem(statement: unknown): ItemName | undefined {
    try {
        const { predicateType, predicate } = statement as { predicateType: string; predicate: Predicate };
        const name = predicateNamed(predicateType);
        const item = name && itemOf(name, predicate);
        return item !== undefined && Object.hasOwn(items, item) ? item : undefined;
    } catch {
        return undefined;
    }
}

/** When a predicate's facts were measured, RFC 3339. */
export function measuredAt(name: PredicateName, predicate: Predicate): string {
    return (traits[name] as Traits<PredicateName>).measuredAt(predicate);
}
