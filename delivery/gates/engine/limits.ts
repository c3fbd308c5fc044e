/** A number that gates measure against. It can be configured to be stricter, never looser. */
interface Limit {
    readonly value: number;
    /** Which way a configured value may differ. */
    readonly stricter: "higher" | "lower";
    readonly why: string;
}

const higher = (value: number, why: string): Limit => ({ value, stricter: "higher", why });
const lower = (value: number, why: string): Limit => ({ value, stricter: "lower", why });

/** Every threshold of the specification, and how old each kind of evidence may be, with the reason. */
export const limits = {
    typeCoveragePercent: higher(90, "Section 3, stage 1: type coverage above 90 %."),
    backendCoveragePercent: higher(90, "Section 5: backend coverage of at least 90 %."),
    frontendCoveragePercent: higher(80, "Section 5: frontend coverage of at least 80 %."),
    unitTestSeconds: lower(300, "Section 3, stage 2: under 5 minutes."),
    skippedTestPercent: lower(10, "Section 5: 100 % pass; a suite that skips more than a tenth has not shown that."),
    coverageLines: higher(10, "A report about fewer lines is not about the application."),
    criticalPathSeconds: lower(600, "Section 3, stage 5: under 10 minutes."),
    criticalPaths: higher(5, "Section 3, stage 5 names five critical scenarios; a suite with fewer lost one."),
    reviewApprovals: higher(1, "Section 5: one approval or more."),
    smokeTests: higher(3, "Section 4, stage 10 names three: health check, availability of the API, login."),
    healthSeconds: lower(1, "Section 4, stage 10: health checks answer in less than a second."),
    soakSeconds: higher(14_400, "Section 5: at least 4 hours in staging."),
    soakRequests: higher(1, "A soak without a single request has judged nothing."),
    incidents: lower(2, "Section 5: fewer than 2 P1 or P2 incidents."),
    incidentDays: higher(7, "Section 5: in the last 7 days."),
    hotfixFiles: lower(1, "Section 6: a change of one file is preferred."),
    monitoringSeconds: higher(3600, "Section 6: one hour of monitoring after a hotfix."),
    monitoringErrorPercent: lower(1, "Section 7: an error rate above 1 % rolls back."),
    monitoringUnhealthyPercent: lower(20, "Section 7: more than 20 % unhealthy pods roll back."),

    pipelineAgeHours: lower(336, "After two weeks base images and dependencies have changed: build again."),
    scanAgeHours: lower(24, "Vulnerabilities are published every day: an older scan knows less than attackers do."),
    scanDatabaseAgeHours: lower(48, "Trivy's database is built every 6 hours; one of two days ago was not updated."),
    stagingAgeHours: lower(168, "After a week in which other releases ran in staging, its data and neighbours differ."),
    approvalAgeHours: lower(24, "An approval is for the facts that were seen; a day later there are others."),
    rollbackAgeHours: lower(336, "The plan belongs to this release, which is no older than the pipeline's evidence."),
    rollbackTestAgeHours: lower(2160, "A rollback that was tried more than 90 days ago was tried on other schemas."),
    incidentAgeHours: lower(1, "An incident that opened during the last hour must count."),
    hotfixAgeHours: lower(24, "A P1 incident is ended within a day; later, a release can soak."),
    monitoringAgeHours: lower(24, "The obligation ends with the next working day."),
    admissionAgeHours: lower(8760, "An admission older than a year says nothing about today's risks."),
    clockSkewSeconds: lower(60, "Clocks that time servers keep differ by less than a minute."),
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;
export type Limits = Readonly<Record<LimitName, number>>;

/**
 * The limits, with those that are configured stricter.
 *
 * @throws Error that names a limit that is unknown, not a number, or looser than the specification
 */
export function stricterLimits(configured: Readonly<Record<string, unknown>> = {}): Limits {
    const effective: Record<string, number> = {};
    for (const [name, limit] of Object.entries(limits)) effective[name] = limit.value;
    for (const [name, value] of Object.entries(configured)) {
        const limit = (limits as Readonly<Record<string, Limit>>)[name];
        if (!limit) throw new Error(`There is no limit "${name}"; accepted: ${Object.keys(limits).join(", ")}.`);
        const looser = limit.stricter === "higher" ? "at least" : "at most";
        const accepted = `a number of ${looser} ${limit.value}${limit.stricter === "lower" ? " and at least 0" : ""}`;
        const strict =
            typeof value === "number" &&
            Number.isFinite(value) &&
            (limit.stricter === "higher" ? value >= limit.value : value >= 0 && value <= limit.value);
        if (!strict) {
            throw new Error(
                `Limit ${name} is ${JSON.stringify(value)}; accepted: ${accepted}. Gates can only be made stricter.`,
            );
        }
        effective[name] = value;
    }
    return effective as Limits;
}
