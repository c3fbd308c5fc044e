import { fromMerge } from "./shared/checkpoints";
import { gate } from "./shared/gate";
import { countsOf, failuresOf, flakyOf, passedOf } from "./shared/tests";
import { counted } from "./shared/wording";

/** All critical paths pass, none is skipped, none is lost (specification, section 5, PR merge gates). */
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
    measure: (found, { limits }) => {
        const run = found["e2e-critical"][0].predicate;
        // Not tests: one scenario in five browsers is five of these. The schema asks this suite for the number.
        const { scenarios = 0 } = countsOf(run);
        const few = scenarios < limits.criticalPaths;
        const lost = few ? [`only ${counted(scenarios, "critical path")} in the suite`] : [];
        return {
            measured: passedOf(run, "critical path"),
            problems: [...failuresOf(run, "critical path", "refused"), ...lost],
            concerns: flakyOf(run, "critical path"),
        };
    },
});
