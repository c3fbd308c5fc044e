import { sastTools } from "../../evidence/predicates";
import { fromMerge } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { counted, few } from "../../core/text";

/**
 * No high finding of Bandit or ESLint's security rules, unless it is shown to be a false positive. Other findings are
 * fixed, accepted by a ticket, or reported as a warning (specification, section 3, stages 1 and 6).
 */
export const staticAnalysis = gate({
    id: "static-analysis",
    section: "3, stage 6: Quality Gates",
    title: "Static security analysis",
    level: "blocking",
    stage: "merge",
    checkpoints: fromMerge,
    releases: "all",
    needs: sastTools,
    limit: () => "0 high findings that are not shown to be false positives; others addressed",
    measure: (found) => {
        const findings = sastTools.flatMap((tool) =>
            found[tool][0].predicate.findings.map((one) => ({
                ...one,
                name: `${one.rule} at ${one.file}:${one.line} (${tool})`,
            })),
        );
        const high = findings.filter((one) => one.severity === "high" && one.resolution?.kind !== "false-positive");
        const open = findings.filter((one) => one.severity !== "high" && one.resolution === undefined);
        const names = (list: typeof findings) => few(list.map((one) => one.name));
        return {
            measured: `${counted(high.length, "high finding")} of ${findings.length} in all`,
            problems: high.length > 0 ? [`${counted(high.length, "high finding")}: ${names(high)}`] : [],
            concerns:
                open.length > 0 ? [`${counted(open.length, "lesser finding")} not addressed: ${names(open)}`] : [],
        };
    },
});
