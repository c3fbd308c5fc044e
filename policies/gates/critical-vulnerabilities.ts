import { fromMerge } from "./shared/checkpoints";
import { gate } from "./shared/gate";
import { duration, elapsed } from "./shared/time";
import { nameOf, scans, vulnerabilitiesOf } from "./shared/vulnerabilities";
import { counted, few } from "./shared/wording";

const hour = 3_600_000;

/** No critical vulnerability, by scans with a current database (specification, section 5, PR merge gates). */
export const criticalVulnerabilities = gate({
    id: "critical-vulnerabilities",
    section: "5, PR merge gates: Security Scan",
    title: "Critical vulnerabilities",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: scans,
    limit: (limits) => `0, with a database updated at most ${limits.scanDatabaseAgeHours} h before the scan`,
    measure: (found, { limits }) => {
        const critical = vulnerabilitiesOf(found).filter((one) => one.rating === "critical");
        const outdated = scans.flatMap((scan) =>
            found[scan]
                .map(({ predicate }) => elapsed(predicate.scanner.db.lastUpdate, predicate.metadata.scanFinishedOn))
                .filter((age) => age > limits.scanDatabaseAgeHours * hour)
                .map((age) => `the database of ${scan} was ${duration(age)} old`),
        );
        const measured = counted(critical.length, "critical vulnerability", "critical vulnerabilities");
        const problems = critical.length > 0 ? [`${measured}: ${few(critical.map(nameOf))}`] : [];
        return { measured, problems: [...problems, ...outdated] };
    },
});
