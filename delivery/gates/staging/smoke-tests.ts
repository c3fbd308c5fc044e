import { fromStagingVerified } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { failuresOf, flakyOf, passedOf } from "../engine/tests";

/** All smoke tests pass in staging, none is skipped (specification, section 5, staging gates). */
export const smokeTests = gate({
    id: "smoke-tests",
    section: "5, Staging deployment gates: Smoke Tests",
    title: "Smoke tests",
    level: "blocking",
    stage: "staging",
    checkpoints: fromStagingVerified,
    releases: "all",
    needs: ["smoke"],
    limit: () => "100 %",
    measure: (found) => {
        const run = found.smoke[0].predicate;
        return {
            measured: passedOf(run, "smoke"),
            problems: failuresOf(run, "smoke", "refused"),
            concerns: flakyOf(run, "smoke"),
        };
    },
});
