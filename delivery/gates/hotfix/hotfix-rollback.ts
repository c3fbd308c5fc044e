import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { elapsedSeconds } from "../../core/time";
import { isOlder } from "../engine/clock";

/** The rollback of this hotfix was rehearsed in the last day (specification, section 6, Risk Mitigation). */
export const hotfixRollback = gate({
    id: "hotfix-rollback",
    section: "6, Hotfix Deployment: Risk Mitigation",
    title: "Hotfix rollback",
    level: "blocking",
    stage: "hotfix",
    checkpoints: atProduction,
    releases: "hotfix",
    needs: ["hotfix", "rollback-plan"],
    limit: (limits) => `rehearsed in the last ${limits.hotfixAgeHours} h, as the rollback plan says`,
    measure: (found, { limits, now }) => {
        const { rollbackRehearsedAt } = found.hotfix[0].predicate;
        if (rollbackRehearsedAt === undefined) return { measured: "never rehearsed", problems: ["never rehearsed"] };
        const measured = `rehearsed at ${rollbackRehearsedAt}`;
        const problems = isOlder(rollbackRehearsedAt, now, limits.hotfixAgeHours) ? [measured] : [];
        const testedAt = found["rollback-plan"][0].predicate.test?.testedAt;
        if (testedAt === undefined || elapsedSeconds(testedAt, rollbackRehearsedAt) !== 0) {
            const planned = testedAt === undefined ? "was never tested" : `was last tested at ${testedAt}`;
            problems.push(`rehearsed at ${rollbackRehearsedAt}, but the rollback plan ${planned}`);
        }
        return { measured, problems };
    },
});
