import { fromStagingVerified } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { counted } from "../../core/text";
import { elapsedSeconds } from "../../core/time";
import { countsOf, failuresOf, flakyOf, passedOf } from "../engine/tests";

/** All smoke tests pass in staging after the deployment, none is skipped (specification, section 5, staging gates). */
export const smokeTests = gate({
    id: "smoke-tests",
    section: "5, Staging deployment gates: Smoke Tests",
    title: "Smoke tests",
    level: "blocking",
    stage: "staging",
    checkpoints: fromStagingVerified,
    releases: "all",
    needs: ["smoke", "staging-deployment"],
    limit: (limits) => `100 % of at least ${limits.smokeTests}, after the deployment`,
    measure: (found, context) => {
        const run = found.smoke[0].predicate;
        const { startedOn, total } = countsOf(run);
        const problems = failuresOf(run, "smoke", "refused", context);
        if (total < context.limits.smokeTests) problems.push(`only ${counted(total, "smoke test")} in the suite`);
        const { completedAt } = found["staging-deployment"][0].predicate;
        if (elapsedSeconds(completedAt, startedOn) < 0) {
            problems.push(`they began at ${startedOn}, before the deployment completed at ${completedAt}`);
        }
        return {
            measured: passedOf(run, "smoke"),
            problems,
            concerns: flakyOf(run, "smoke"),
        };
    },
});
