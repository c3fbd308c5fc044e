import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { elapsedSeconds } from "../../core/time";
import { counted, few } from "../../core/text";

const daySeconds = 86_400;

/** Fewer than 2 P1 or P2 incidents in the last 7 days, as a warning (specification, section 5, production gates). */
export const incidentCount = gate({
    id: "incident-count",
    section: "5, Production deployment gates: Incident Count",
    title: "Incidents",
    level: "warning",
    stage: "production",
    checkpoints: atProduction,
    releases: "all",
    needs: ["incidents"],
    limit: (limits) => `fewer than ${limits.incidents} of priority P1 or P2 in ${limits.incidentDays} days`,
    measure: (found, { limits, now }) => {
        const { incidents, windowEndedAt, windowStartedAt } = found.incidents[0].predicate;
        const span = limits.incidentDays * daySeconds;
        const serious = incidents.filter(
            (one) => (one.priority === "P1" || one.priority === "P2") && elapsedSeconds(one.openedAt, now) <= span,
        );
        const measured = counted(serious.length, "P1 or P2 incident");
        const problems =
            serious.length >= limits.incidents
                ? [`${measured}: ${few(serious.map((one) => `${one.id} (${one.priority})`))}`]
                : [];
        if (elapsedSeconds(windowStartedAt, windowEndedAt) < span) {
            problems.push(`the tracker was only asked about the time since ${windowStartedAt}`);
        }
        return { measured, problems };
    },
});
