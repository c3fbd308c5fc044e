import { fromMerge } from "./shared/checkpoints";
import { gate } from "./shared/gate";
import { failuresOf, flakyOf, passedOf } from "./shared/tests";

/** All integration tests pass (specification, section 3, stage 4). */
export const integrationTests = gate({
    id: "integration-tests",
    section: "3, stage 4: Integration Tests",
    title: "Integration tests",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["integration"],
    limit: () => "100 % of the tests that ran",
    measure: (found) => {
        const run = found.integration[0].predicate;
        return {
            measured: passedOf(run, "integration"),
            problems: failuresOf(run, "integration", "accepted"),
            concerns: flakyOf(run, "integration"),
        };
    },
});
