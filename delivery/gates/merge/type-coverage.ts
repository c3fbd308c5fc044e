import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { listed, percent } from "../../core/text";

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
    limit: (limits) => `more than ${limits.typeCoveragePercent} % of backend and frontend`,
    measure: (found, { limits }) => {
        const reports = [found["type-coverage-backend"][0].predicate, found["type-coverage-frontend"][0].predicate];
        const say = ({ component, typedCount, totalCount }: (typeof reports)[number]) =>
            totalCount === 0
                ? `nothing of the ${component} was measured`
                : `${percent(typedCount, totalCount)} of the ${component}`;
        const few = reports.filter((one) => one.typedCount * 100 <= limits.typeCoveragePercent * one.totalCount);
        return { measured: listed(reports.map(say)), problems: few.map(say) };
    },
});
