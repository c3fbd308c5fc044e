import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { isFuture, isOlder } from "../engine/clock";

/** The rollback of this hotfix was rehearsed in the last day (specification, section 6, Risk Mitigation). */
export const hotfixRollback = gate({
    id: "hotfix-rollback",
    section: "6, Hotfix Deployment: Risk Mitigation",
    title: "Hotfix rollback",
    level: "blocking",
    stage: "hotfix",
    checkpoints: atProduction,
    releases: "hotfix",
    needs: ["hotfix"],
    limit: (limits) => `rehearsed in the last ${limits.hotfixAgeHours} h`,
    measure: (found, { limits, now }) => {
        const { rollbackRehearsedAt } = found.hotfix[0].predicate;
        if (rollbackRehearsedAt === undefined) return { measured: "never rehearsed", problems: ["never rehearsed"] };
        const measured = `rehearsed at ${rollbackRehearsedAt}`;
        const counts =
            !isFuture(rollbackRehearsedAt, now, limits) && !isOlder(rollbackRehearsedAt, now, limits.hotfixAgeHours);
        return { measured, problems: counts ? [] : [measured] };
    },
});
