import { fromStagingVerified } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { countsOf } from "../engine/tests";
import { counted } from "../../core/text";

/** No answer with a status from 500 to 599 during the smoke tests (specification, section 4, stage 10). */
export const serverErrors = gate({
    id: "server-errors",
    section: "4, stage 10: Quality Gates",
    title: "Server errors",
    level: "blocking",
    stage: "staging",
    checkpoints: fromStagingVerified,
    releases: "all",
    needs: ["smoke"],
    limit: () => "0",
    measure: (found) => {
        // The schema requires the count in every smoke test; a missing one counts as failing.
        const { serverErrors: errors = Infinity } = countsOf(found.smoke[0].predicate);
        const measured = counted(errors, "answer with status 5xx", "answers with status 5xx");
        return { measured, problems: errors === 0 ? [] : [measured] };
    },
});
