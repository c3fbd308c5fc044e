import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";

/** A hotfix answers a P1 incident (specification, section 6, Hotfix). */
export const hotfixIncident = gate({
    id: "hotfix-incident",
    section: "6, Hotfix Deployment: When",
    title: "Hotfix incident",
    level: "blocking",
    stage: "hotfix",
    checkpoints: atProduction,
    releases: "hotfix",
    needs: ["hotfix"],
    limit: () => "an incident of priority P1",
    measure: (found) => {
        const { id, priority } = found.hotfix[0].predicate.incident;
        const measured = `${id} (${priority})`;
        return { measured, problems: priority === "P1" ? [] : [measured] };
    },
});
