import { lintTools } from "../../evidence/predicates";
import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { counted, listed } from "../../core/text";

/** No lint error, by any of the tools; warnings need a justification (specification, section 3, stage 1). */
export const codeLint = gate({
    id: "code-lint",
    section: "5, PR merge gates: Code Lint",
    title: "Code lint",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: ["lint-backend", "lint-frontend"],
    limit: () => "0 errors; warnings with a justification",
    measure: (found) => {
        const reports = [found["lint-backend"][0].predicate, found["lint-frontend"][0].predicate];
        const tools = reports.flatMap((report) => report.tools);
        const problems = reports.flatMap(({ component, tools: ran }) => [
            ...lintTools[component]
                .filter((needed) => !ran.some((tool) => tool.name === needed))
                .map((needed) => `${needed} did not run over the ${component}`),
            ...ran
                .filter((tool) => tool.errors > 0)
                .map((tool) => `${tool.name} found ${counted(tool.errors, "error")} in the ${component}`),
        ]);
        const concerns = tools
            .filter((tool) => tool.warnings > 0 && tool.justification === undefined)
            .map((tool) => `${counted(tool.warnings, "warning")} of ${tool.name} without a justification`);
        const errors = tools.reduce((sum, tool) => sum + tool.errors, 0);
        return {
            measured: `${counted(errors, "error")} by ${listed(tools.map((tool) => tool.name))}`,
            problems,
            concerns,
        };
    },
});
