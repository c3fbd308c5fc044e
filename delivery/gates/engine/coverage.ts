import type { ItemName } from "../../evidence/items";
import { fromMerge } from "./checkpoints";
import { gate } from "./gate";
import type { LimitName } from "./limits";
import type { Gate } from "./types";
import { coverageTools } from "../../evidence/predicates";
import { counted, percent } from "../../core/text";

/** The gate on one component's line coverage. The percentage is computed from the lines, without rounding. */
export function coverageGate(
    component: "backend" | "frontend",
    minimum: LimitName,
    item: ItemName & `coverage-${string}`,
): Gate {
    const expected = coverageTools[component];
    return gate({
        id: `unit-coverage-${component}`,
        section: "5, PR merge gates: Unit Tests",
        title: `${component === "backend" ? "Backend" : "Frontend"} coverage`,
        level: "blocking",
        stage: "merge",
        checkpoints: fromMerge,
        releases: "all",
        needs: [item],
        limit: (limits) => `at least ${limits[minimum]} % of ${limits.coverageLines} or more lines by ${expected}`,
        measure: (found, { limits }) => {
            const { linesCovered, linesTotal, tool } = found[item][0].predicate;
            const problems = tool.name === expected ? [] : [`measured by ${tool.name}`];
            if (linesTotal < limits.coverageLines) {
                const few = `only ${counted(linesTotal, "line")} of the ${component} measured`;
                return { measured: few, problems: [...problems, few] };
            }
            const measured = `${percent(linesCovered, linesTotal)} of lines (${linesCovered} of ${linesTotal})`;
            const enough = linesCovered * 100 >= limits[minimum] * linesTotal;
            return { measured, problems: enough ? problems : [...problems, measured] };
        },
    });
}
