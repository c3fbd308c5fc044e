import { formatSeconds } from "../../core/time";
import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";

/** The monitoring after a hotfix is planned for an hour at least (specification, section 6, step 7). */
export const hotfixWatch = gate({
    id: "hotfix-watch",
    section: "6, Hotfix Deployment: Process",
    title: "Hotfix watch",
    level: "blocking",
    stage: "hotfix",
    checkpoints: atProduction,
    releases: "hotfix",
    needs: ["hotfix"],
    limit: (limits) => `monitoring for at least ${formatSeconds(limits.monitoringSeconds)} afterwards`,
    measure: (found, { limits }) => {
        const seconds = found.hotfix[0].predicate.monitoringMinutes * 60;
        const measured = `monitoring for ${formatSeconds(seconds)}`;
        return { measured, problems: seconds < limits.monitoringSeconds ? [measured] : [] };
    },
});
