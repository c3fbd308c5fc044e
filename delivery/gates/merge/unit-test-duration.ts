import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { countsOf } from "../engine/tests";
import { formatSeconds } from "../../core/time";

/** Unit tests of backend and frontend, which run in parallel, take less than 5 minutes each (section 3, stage 2). */
export const unitTestDuration = gate({
    id: "unit-test-duration",
    section: "3, stage 2: Quality Gates",
    title: "Unit test duration",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["unit-backend", "unit-frontend"],
    limit: (limits) => `less than ${formatSeconds(limits.unitTestSeconds)} for backend and for frontend`,
    measure: (found, { limits }) => {
        const runs = [
            { what: "backend", ...countsOf(found["unit-backend"][0].predicate) },
            { what: "frontend", ...countsOf(found["unit-frontend"][0].predicate) },
        ];
        const say = (run: (typeof runs)[number]) => `${run.what} ${formatSeconds(run.durationSeconds)}`;
        const slow = runs.filter((run) => run.durationSeconds >= limits.unitTestSeconds);
        return { measured: runs.map(say).join(", "), problems: slow.map(say) };
    },
});
