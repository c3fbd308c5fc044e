import { fromStagingVerified } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { countsOf } from "../engine/tests";

/** The slowest health check answers in less than a second (specification, section 4, stage 10). */
export const healthResponse = gate({
    id: "health-response",
    section: "4, stage 10: Quality Gates",
    title: "Health response",
    level: "blocking",
    stage: "staging",
    checkpoints: fromStagingVerified,
    releases: "all",
    needs: ["smoke"],
    limit: (limits) => `less than ${limits.healthSeconds} s`,
    measure: (found, { limits }) => {
        // The schema requires the time in every smoke test; a missing one counts as no answer.
        const { slowestHealthSeconds = Infinity } = countsOf(found.smoke[0].predicate);
        const measured = `slowest answer after ${slowestHealthSeconds} s`;
        return { measured, problems: slowestHealthSeconds < limits.healthSeconds ? [] : [measured] };
    },
});
