import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { elapsedSeconds, formatSeconds } from "../../core/time";
import { nameOf, scans, vulnerabilitiesOf } from "../engine/vulnerabilities";
import { counted, few } from "../../core/text";

const hour = 3600;

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
                .map(({ predicate }) =>
                    elapsedSeconds(predicate.scanner.db.lastUpdate, predicate.metadata.scanFinishedOn),
                )
                .filter((age) => age > limits.scanDatabaseAgeHours * hour)
                .map((age) => `the database of ${scan} was ${formatSeconds(age)} old`),
        );
        const measured = counted(critical.length, "critical vulnerability", "critical vulnerabilities");
        const problems = critical.length > 0 ? [`${measured}: ${few(critical.map(nameOf))}`] : [];
        return { measured, problems: [...problems, ...outdated] };
    },
});
