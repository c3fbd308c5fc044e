import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { countsOf } from "../engine/tests";
import { formatSeconds } from "../../core/time";

/** The critical paths take less than 10 minutes (specification, section 3, stage 5). */
export const endToEndDuration = gate({
    id: "end-to-end-duration",
    section: "3, stage 5: Quality Gates",
    title: "Critical path duration",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["e2e-critical"],
    limit: (limits) => `less than ${formatSeconds(limits.criticalPathSeconds)}`,
    measure: (found, { limits }) => {
        const { durationSeconds } = countsOf(found["e2e-critical"][0].predicate);
        const measured = formatSeconds(durationSeconds);
        return { measured, problems: durationSeconds >= limits.criticalPathSeconds ? [measured] : [] };
    },
});
