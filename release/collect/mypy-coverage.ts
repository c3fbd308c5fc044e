import { quote, ReportError } from "./shared/error";
import { Attributes, childrenOf, descendants, parseXml } from "./shared/xml";
import type { TypeCoverageResult } from "./results";

const precisions = new Set(["precise", "imprecise", "any", "empty", "unanalyzed"]);

/**
 * mypy's report on types in Cobertura format (`mypy --cobertura-xml-report`): lines whose types are all known, of all
 * lines with expressions. `--any-exprs-report` is not used, because it ignores functions without annotations.
 */
export function readMypyCoverage(text: string, file: string): TypeCoverageResult {
    const root = parseXml(text, file, "mypy (mypy --cobertura-xml-report)");
    const attributes = new Attributes(root, file);
    if (root.name !== "coverage" || attributes.has("branches-valid"))
        throw new ReportError(file, root.place, "This is not mypy's report (mypy --cobertura-xml-report).");
    const files = new Set<string>();
    let [typed, total] = [0, 0];
    for (const one of descendants(root, "class")) {
        const name = new Attributes(one, file).text("filename");
        if (files.has(name)) throw new ReportError(file, one.place, `The file ${quote(name)} is listed twice.`);
        files.add(name);
        for (const line of childrenOf(one, "lines").flatMap((lines) => childrenOf(lines, "line"))) {
            const own = new Attributes(line, file);
            if (!precisions.has(own.text("precision")))
                throw new ReportError(file, line.place, `${quote(own.text("precision"))} is not a precision of mypy.`);
            total++;
            if (own.count("hits") > 0) typed++;
        }
    }
    const said = [attributes.count("lines-covered"), attributes.count("lines-valid")];
    if (said[0] !== typed || said[1] !== total)
        throw new ReportError(
            file,
            root.place,
            `<coverage> says ${said.join(" of ")} lines, but its lines give ${String(typed)} of ${String(total)}.`,
        );
    if (total === 0) throw new ReportError(file, root.place, "The report has no lines; nothing was measured.");
    const rate = attributes.decimal("line-rate", "a rate from 0 to 1");
    if (Math.abs(rate - typed / total) > 0.0001)
        throw new ReportError(
            file,
            root.place,
            `<coverage> says line-rate="${String(rate)}" but its lines give ${(typed / total).toFixed(4)}.`,
        );
    return {
        kind: "typeCoverage",
        tool: "mypy",
        version: attributes.text("version"),
        typed,
        total,
        measuredAt: new Date(attributes.count("timestamp") * 1000),
    };
}
