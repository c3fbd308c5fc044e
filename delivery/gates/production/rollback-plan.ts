import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { formatSeconds } from "../../core/time";
import { isFuture, isOlder } from "../engine/clock";

/** The rollback is documented and was tested (specification, section 5, production gates). */
export const rollbackPlan = gate({
    id: "rollback-plan",
    section: "5, Production deployment gates: Rollback Plan",
    title: "Rollback plan",
    level: "blocking",
    stage: "production",
    checkpoints: atProduction,
    releases: "all",
    needs: ["rollback-plan"],
    limit: (limits) => `documented, and tested with success in the last ${limits.rollbackTestAgeHours / 24} days`,
    measure: (found, { limits, now }) => {
        const { documentation, documentSha256, previousVersion, test } = found["rollback-plan"][0].predicate;
        const plan = `to ${previousVersion} by ${documentation}`;
        if (!test) return { measured: `${plan}, never tested`, problems: ["it was never tested"] };
        const { durationSeconds, environment, result, testedAt } = test;
        const problems = result === "succeeded" ? [] : [`its test in ${environment} at ${testedAt} failed`];
        if (test.documentSha256 === undefined)
            problems.push(`its test at ${testedAt} does not say which plan it followed`);
        else if (test.documentSha256 !== documentSha256)
            problems.push(`it has changed since it was tested at ${testedAt}`);
        if (isFuture(testedAt, now, limits)) problems.push(`its test is dated in the future (${testedAt})`);
        if (isOlder(testedAt, now, limits.rollbackTestAgeHours)) problems.push(`it was last tested at ${testedAt}`);
        const took = formatSeconds(durationSeconds);
        return { measured: `${plan}, tested in ${environment} at ${testedAt} in ${took}`, problems };
    },
});
