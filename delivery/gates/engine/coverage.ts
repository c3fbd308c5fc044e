import type { ItemName } from "../../evidence/items";
import { fromMerge } from "./checkpoints";
import { gate } from "./gate";
import type { LimitName } from "./limits";
import type { Gate } from "./types";
import { percent } from "../../core/text";

/** The gate on one component's line coverage. The percentage is computed from the lines, without rounding. */
export function coverageGate(
    component: "backend" | "frontend",
    minimum: LimitName,
    item: ItemName & `coverage-${string}`,
): Gate {
    return gate({
        id: `unit-coverage-${component}`,
        section: "5, PR merge gates: Unit Tests",
        title: `${component === "backend" ? "Backend" : "Frontend"} coverage`,
        level: "blocking",
        stage: "merge",
        checkpoints: fromMerge,
        releases: "all",
        needs: [item],
        limit: (limits) => `at least ${limits[minimum]} % of lines`,
        measure: (found, { limits }) => {
            const { linesCovered, linesTotal } = found[item][0].predicate;
            if (linesTotal === 0)
                return { measured: "no lines", problems: [`no line of the ${component} was measured`] };
            const measured = `${percent(linesCovered, linesTotal)} of lines (${linesCovered} of ${linesTotal})`;
            const enough = linesCovered * 100 >= limits[minimum] * linesTotal;
            return { measured, problems: enough ? [] : [measured] };
        },
    });
}
