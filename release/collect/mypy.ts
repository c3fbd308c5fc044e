import { ReportError } from "./shared/error";
import { Attributes, childrenOf, parseXml, type Element } from "./shared/xml";
import type { LintResult } from "./results";

/** One message, as text (`app/a.py:3: error: …`) or as `--output json` writes it. */
const message = /^(?:\{.*"severity": "(error|note)"\}|.*?: (error|note): .*)$/;

/** A finding in any other place would be overlooked. */
function checkParts(element: Element, accepted: ReadonlySet<string>, file: string): void {
    const unknown = element.children.find(({ name }) => !accepted.has(name));
    if (unknown !== undefined)
        throw new ReportError(
            file,
            unknown.place,
            `<${element.name}> contains <${unknown.name}>, which does not belong there.`,
        );
}

/**
 * mypy's JUnit report (`mypy --junit-xml`). mypy's other outputs are empty after a run without findings, so they do not
 * show that mypy ran at all, and a truncated one looks like a better result. Notes are not findings.
 */
export function readMypy(text: string, file: string): LintResult {
    const root = parseXml(text, file, "mypy (mypy --junit-xml)");
    const attributes = new Attributes(root, file);
    if (root.name !== "testsuite" || root.attributes.name !== "mypy")
        throw new ReportError(file, root.place, "This is not mypy's report (mypy --junit-xml).");
    attributes.decimal("time", "its duration in seconds");
    const cases = childrenOf(root, "testcase");
    const problems = cases.flatMap((one) => [...childrenOf(one, "failure"), ...childrenOf(one, "error")]);
    checkParts(root, new Set(["testcase"]), file);
    for (const one of cases) checkParts(one, new Set(["failure", "error"]), file);
    for (const one of problems) checkParts(one, new Set(), file);
    const failing = cases.filter((one) => one.children.length > 0);
    if (cases.length === 0 || attributes.count("tests") !== cases.length)
        throw new ReportError(
            file,
            root.place,
            `<testsuite> lists ${String(cases.length)} cases, but its counts differ.`,
        );
    if (attributes.count("errors") + attributes.count("failures") !== failing.length)
        throw new ReportError(
            file,
            root.place,
            `<testsuite> lists ${String(failing.length)} cases with errors or failures, but its counts differ.`,
        );
    let errors = 0;
    for (const problem of problems) {
        const lines = problem.text.split("\n").filter((line) => line.trim() !== "");
        if (problem.name === "error" || lines.length === 0)
            throw new ReportError(file, problem.place, "mypy itself failed; nothing was checked.");
        const words = lines.map((line) => message.exec(line)).map((match) => match?.[1] ?? match?.[2]);
        const found = words.filter((word) => word === "error").length;
        // Other lines are from a crash, or from a setting that wraps messages: there is at least one error.
        errors += Math.max(found, words.includes(undefined) ? 1 : 0);
    }
    return { kind: "lint", tool: "mypy", errors, warnings: 0 };
}
