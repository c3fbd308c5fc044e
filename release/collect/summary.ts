import type { Predicate, PredicateName } from "../../delivery/evidence/predicates";
import type { Collected, Collection } from "./index";

const plural = (number: number, one: string) => `${String(number)} ${one}${number === 1 ? "" : "s"}`;
const share = (part: number, all: number) => `${((part / all) * 100).toFixed(1)} % (${String(part)} of ${String(all)})`;

type Sentences = { readonly [Name in PredicateName]?: (predicate: Predicate<Name>) => string };

/** A short description of each predicate. */
const sentences: Sentences = {
    testResult: ({ result, configuration: [suite] }) => {
        const { passed, failed, skipped, durationSeconds } = suite.annotations;
        return `${result}: ${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped in ${durationSeconds.toFixed(1)} s`;
    },
    coverage: (one) => `${share(one.linesCovered, one.linesTotal)} of the lines`,
    typeCoverage: (one) => `${share(one.typedCount, one.totalCount)} typed`,
    lint: ({ tools }) =>
        tools.map((one) => `${one.name} ${plural(one.errors, "error")}, ${plural(one.warnings, "warning")}`).join("; "),
    sast: ({ findings }) => {
        const high = findings.filter(({ severity }) => severity === "high").length;
        return `${plural(findings.length, "finding")}, ${String(high)} of them high`;
    },
    vulnerabilities: ({ scanner }) => {
        const unrated = scanner.result.filter(({ severity }) => severity.length === 0).length;
        const critical = scanner.result.filter(({ severity }) =>
            severity.some(({ score }) => score === "critical"),
        ).length;
        return `${plural(scanner.result.length, "vulnerability").replace("ys", "ies")}, ${String(critical)} critical, ${String(unrated)} unrated`;
    },
};

const summaryOf = (one: Collected) =>
    (sentences[one.name] as ((predicate: Predicate) => string) | undefined)?.(one.predicate) ?? "";

/** The collection as a table for people: the predicates, then the problems. */
export function table({ collected, problems }: Collection): string {
    const rows = collected.map((one) => [
        [one.item, ...(one.services ?? [])].join(" "),
        summaryOf(one),
        one.files.join(", "),
    ]);
    const width = (column: number) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
    const lines = rows.map(([item = "", summary = "", files = ""]) =>
        `  ✔ ${item.padEnd(width(0))}  ${summary.padEnd(width(1))}  ${files}`.trimEnd(),
    );
    return [...lines, ...problems.map(({ message }) => `  ✖ ${message}`)].join("\n");
}

/** The collection as JSON, for machines. */
export function json({ collected, problems }: Collection): string {
    return JSON.stringify(
        {
            collected: collected.map(({ item, services, files, predicate }) => ({ item, services, files, predicate })),
            problems: problems.map(({ file, place, sentence }) => ({ file, place, sentence })),
        },
        null,
        2,
    );
}
