import { fromStagingVerified } from "./shared/checkpoints";
import { gate } from "./shared/gate";
import { countsOf } from "./shared/tests";

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
        // The schema asks every smoke test for the time; without one, there was no answer.
        const { slowestHealthSeconds = Infinity } = countsOf(found.smoke[0].predicate);
        const measured = `slowest answer after ${slowestHealthSeconds} s`;
        return { measured, problems: slowestHealthSeconds < limits.healthSeconds ? [] : [measured] };
    },
});
