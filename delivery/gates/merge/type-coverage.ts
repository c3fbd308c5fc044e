import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { counted, listed, percent } from "../../core/text";
import { typeCoverageTools } from "../../evidence/predicates";

/** Types for more than 90 % of backend and frontend, each (specification, section 3, stage 1). */
export const typeCoverage = gate({
    id: "type-coverage",
    section: "3, stage 1: Quality Thresholds",
    title: "Type coverage",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["type-coverage-backend", "type-coverage-frontend"],
    limit: (limits) =>
        `more than ${limits.typeCoveragePercent} % of backend (mypy) and frontend (type-coverage), each of ` +
        `${limits.coverageLines} or more lines or expressions`,
    measure: (found, { limits }) => {
        const reports = [found["type-coverage-backend"][0].predicate, found["type-coverage-frontend"][0].predicate];
        const say = ({ component, typedCount, totalCount }: (typeof reports)[number]) =>
            totalCount < limits.coverageLines
                ? `only ${counted(totalCount, "line or expression", "lines or expressions")} of the ${component} measured`
                : `${percent(typedCount, totalCount)} of the ${component}`;
        const few = reports.filter(
            ({ totalCount, typedCount }) =>
                totalCount < limits.coverageLines || typedCount * 100 <= limits.typeCoveragePercent * totalCount,
        );
        const others = reports.filter(({ component, tool }) => tool.name !== typeCoverageTools[component]);
        const problems = others.map(({ component, tool }) => `the ${component} was measured by ${tool.name}`);
        return { measured: listed(reports.map(say)), problems: [...problems, ...few.map(say)] };
    },
});
