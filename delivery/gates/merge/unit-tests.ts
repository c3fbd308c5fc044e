import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { failuresOf, flakyOf, passedOf } from "../engine/tests";

/** All unit tests pass (specification, section 5, PR merge gates). */
export const unitTests = gate({
    id: "unit-tests",
    section: "5, PR merge gates: Unit Tests",
    title: "Unit tests",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["unit-backend", "unit-frontend"],
    limit: (limits) => `100 % of the tests, of which at most ${limits.skippedTestPercent} % are skipped`,
    measure: (found, context) => {
        const [backend, frontend] = [found["unit-backend"][0].predicate, found["unit-frontend"][0].predicate];
        return {
            measured: `${passedOf(backend, "backend")}, ${passedOf(frontend, "frontend")}`,
            problems: [
                ...failuresOf(backend, "backend", "accepted", context),
                ...failuresOf(frontend, "frontend", "accepted", context),
            ],
            concerns: [...flakyOf(backend, "backend"), ...flakyOf(frontend, "frontend")],
        };
    },
});
