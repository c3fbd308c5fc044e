import { quote, ReportError } from "./shared/error";
import { Attributes, childrenOf, descendants, parseXml, type Element } from "./shared/xml";
import type { CoverageResult } from "./results";

/** coverage.py rounds rates to four digits. */
const tolerance = 0.0001;

function checkRate(element: Element, file: string, name: string, covered: number, total: number, empty: number): void {
    const said = new Attributes(element, file).decimal(name, "a rate from 0 to 1");
    const counted = total === 0 ? empty : covered / total;
    if (Math.abs(said - counted) > tolerance)
        throw new ReportError(
            file,
            element.place,
            `<${element.name}> says ${name}="${String(said)}" but its lines give ${counted.toFixed(4)} (${String(covered)} of ${String(total)}).`,
        );
}

interface Counted {
    readonly lines: number;
    readonly hit: number;
    readonly branches: number;
    readonly taken: number;
}

function countLines(file: string, lines: readonly Element[]): Counted {
    const seen = new Set<number>();
    const sum = { lines: 0, hit: 0, branches: 0, taken: 0 };
    for (const line of lines) {
        const attributes = new Attributes(line, file);
        if (attributes.has("precision"))
            throw new ReportError(file, line.place, "This is mypy's report on types, not a report of coverage.py.");
        const number = attributes.count("number");
        if (seen.has(number)) throw new ReportError(file, line.place, `Line ${String(number)} is listed twice.`);
        seen.add(number);
        sum.lines++;
        if (attributes.count("hits") > 0) sum.hit++;
        if (line.attributes.branch !== "true") continue;
        const condition = /^\d+(?:\.\d+)?% \((\d+)\/(\d+)\)$/.exec(attributes.text("condition-coverage"));
        const [taken, branches] = [Number(condition?.[1]), Number(condition?.[2])];
        if (condition === null || taken > branches)
            throw new ReportError(
                file,
                line.place,
                'condition-coverage must have the number of branches, such as "50% (1/2)".',
            );
        sum.branches += branches;
        sum.taken += taken;
    }
    return sum;
}

/** coverage.py's XML report (`--cov-report=xml`, Cobertura format): lines and, with `--cov-branch`, branches. */
export function readCoveragePy(text: string, file: string): CoverageResult {
    const root = parseXml(text, file, "coverage.py (pytest --cov-report=xml)");
    const attributes = new Attributes(root, file);
    if (root.name !== "coverage" || !attributes.has("branches-valid"))
        throw new ReportError(file, root.place, "This is not coverage.py's XML report (pytest --cov-report=xml).");
    const files = new Set<string>();
    const counted = descendants(root, "class").map((one): Counted => {
        const name = new Attributes(one, file).text("filename");
        if (files.has(name)) throw new ReportError(file, one.place, `The file ${quote(name)} is listed twice.`);
        files.add(name);
        const sum = countLines(
            file,
            childrenOf(one, "lines").flatMap((lines) => childrenOf(lines, "line")),
        );
        checkRate(one, file, "line-rate", sum.hit, sum.lines, 1);
        return sum;
    });
    const total = (name: keyof Counted) => counted.reduce((sum, one) => sum + one[name], 0);
    for (const [name, number] of [
        ["lines-valid", total("lines")],
        ["lines-covered", total("hit")],
        ["branches-valid", total("branches")],
        ["branches-covered", total("taken")],
    ] as const) {
        const said = attributes.count(name);
        const roots = descendants(root, "source").length;
        // coverage.py counts all files, but lists only one of two with the same path below their roots.
        if (said > number && roots > 1)
            throw new ReportError(
                file,
                root.place,
                `<coverage> says ${name}="${String(said)}" but its lines give ${String(number)}, because files in ${String(roots)} source folders have the same name; measure one folder (pytest --cov=.), or set source_pkgs instead of source in the settings of coverage.py.`,
            );
        if (said !== number)
            throw new ReportError(
                file,
                root.place,
                `<coverage> says ${name}="${String(said)}" but its lines give ${String(number)}.`,
            );
    }
    if (total("lines") === 0) throw new ReportError(file, root.place, "The report has no lines; nothing was measured.");
    checkRate(root, file, "line-rate", total("hit"), total("lines"), 1);
    return {
        kind: "coverage",
        tool: "coverage.py",
        version: attributes.text("version"),
        linesCovered: total("hit"),
        linesTotal: total("lines"),
        branches: total("branches") === 0 ? undefined : { covered: total("taken"), total: total("branches") },
        measuredAt: new Date(attributes.count("timestamp")),
    };
}
