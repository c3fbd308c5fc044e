import { fromMerge } from "./shared/checkpoints";
import { gate } from "./shared/gate";
import { countsOf } from "./shared/tests";
import { duration } from "./shared/time";

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
    limit: (limits) => `less than ${duration(limits.criticalPathSeconds * 1000)}`,
    measure: (found, { limits }) => {
        const { durationSeconds } = countsOf(found["e2e-critical"][0].predicate);
        const measured = duration(durationSeconds * 1000);
        return { measured, problems: durationSeconds >= limits.criticalPathSeconds ? [measured] : [] };
    },
});
