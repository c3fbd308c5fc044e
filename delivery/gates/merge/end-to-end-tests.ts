import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { countsOf, failuresOf, flakyOf, passedOf } from "../engine/tests";
import { counted } from "../../core/text";

/** All critical paths pass, and none is skipped or missing (specification, section 5, PR merge gates). */
export const endToEndTests = gate({
    id: "end-to-end-tests",
    section: "5, PR merge gates: E2E Tests",
    title: "Critical path tests",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["e2e-critical"],
    limit: (limits) => `100 % of at least ${limits.criticalPaths} critical paths`,
    measure: (found, context) => {
        const run = found["e2e-critical"][0].predicate;
        // Scenarios, not tests: one scenario in five browsers is five tests. The schema requires the number in this suite.
        const { scenarios = 0 } = countsOf(run);
        const few = scenarios < context.limits.criticalPaths;
        const lost = few ? [`only ${counted(scenarios, "critical path")} in the suite`] : [];
        return {
            measured: passedOf(run, "critical path"),
            problems: [...failuresOf(run, "critical path", "refused", context), ...lost],
            concerns: flakyOf(run, "critical path"),
        };
    },
});
