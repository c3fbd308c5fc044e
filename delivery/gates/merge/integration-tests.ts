import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { failuresOf, flakyOf, passedOf } from "../engine/tests";

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
    limit: (limits) => `100 % of the tests, of which at most ${limits.skippedTestPercent} % are skipped`,
    measure: (found, context) => {
        const run = found.integration[0].predicate;
        return {
            measured: passedOf(run, "integration"),
            problems: failuresOf(run, "integration", "accepted", context),
            concerns: flakyOf(run, "integration"),
        };
    },
});
