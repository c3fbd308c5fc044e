import { elapsedSeconds } from "../../core/time";
import { atProduction } from "../engine/checkpoints";
import { isOlder } from "../engine/clock";
import { gate } from "../engine/gate";

/** A hotfix answers a P1 incident of the last day, by the incident tracker's own list (specification, section 6, Hotfix). */
export const hotfixIncident = gate({
    id: "hotfix-incident",
    section: "6, Hotfix Deployment: When",
    title: "Hotfix incident",
    level: "blocking",
    stage: "hotfix",
    checkpoints: atProduction,
    releases: "hotfix",
    needs: ["hotfix", "incidents"],
    limit: (limits) =>
        `an incident of priority P1 in the tracker's list, opened at most ${limits.hotfixAgeHours} h ago`,
    measure: (found, { limits, now }) => {
        const { id, openedAt, priority, uri } = found.hotfix[0].predicate.incident;
        const measured = `${id} (${priority})`;
        const problems = priority === "P1" ? [] : [measured];
        const { incidents, source } = found.incidents[0].predicate;
        const listed = incidents.find((one) => (one.uri === undefined ? one.id === id : one.uri === uri));
        if (!listed) return { measured, problems: [...problems, `${id} (${uri}) is not in the list of ${source}`] };
        if (listed.priority !== "P1") problems.push(`${source} lists ${listed.id} as ${listed.priority}`);
        if (Math.abs(elapsedSeconds(listed.openedAt, openedAt)) > limits.clockSkewSeconds) {
            problems.push(`${source} says that ${listed.id} was opened at ${listed.openedAt}, not at ${openedAt}`);
        }
        if (isOlder(listed.openedAt, now, limits.hotfixAgeHours)) {
            problems.push(`${listed.id} was opened at ${listed.openedAt}`);
        }
        return { measured: `${measured}, opened at ${listed.openedAt}`, problems };
    },
});
