import { fromMerge } from "./shared/checkpoints";
import { gate } from "./shared/gate";
import { countsOf } from "./shared/tests";
import { duration } from "./shared/time";

/** Each half's unit tests take less than 5 minutes; the two run side by side (specification, section 3, stage 2). */
export const unitTestDuration = gate({
    id: "unit-test-duration",
    section: "3, stage 2: Quality Gates",
    title: "Unit test duration",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["unit-backend", "unit-frontend"],
    limit: (limits) => `less than ${duration(limits.unitTestSeconds * 1000)} for backend and for frontend`,
    measure: (found, { limits }) => {
        const runs = [
            { what: "backend", ...countsOf(found["unit-backend"][0].predicate) },
            { what: "frontend", ...countsOf(found["unit-frontend"][0].predicate) },
        ];
        const say = (run: (typeof runs)[number]) => `${run.what} ${duration(run.durationSeconds * 1000)}`;
        const slow = runs.filter((run) => run.durationSeconds >= limits.unitTestSeconds);
        return { measured: runs.map(say).join(", "), problems: slow.map(say) };
    },
});
