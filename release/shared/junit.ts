import type { SmokeResult } from "../smoke/smoke-tests";

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const attribute = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character] ?? character);

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3);

/** Results of the smoke tests as a JUnit report. */
export function junitReport(suite: string, results: readonly SmokeResult[], at: Date): string {
    const failures = results.filter(({ failure }) => failure !== undefined).length;
    const total = seconds(results.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
    const cases = results.map(({ name, failure, milliseconds }) => {
        const open = `<testcase classname="${attribute(suite)}" name="${attribute(name)}" time="${seconds(milliseconds)}"`;
        return failure === undefined
            ? `    ${open}/>`
            : `    ${open}>\n      <failure message="${attribute(failure)}"/>\n    </testcase>`;
    });
    const counts = `tests="${results.length}" failures="${failures}" errors="0" time="${total}"`;
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites ${counts}>`,
        `  <testsuite name="${attribute(suite)}" ${counts} timestamp="${at.toISOString()}">`,
        ...cases,
        "  </testsuite>",
        "</testsuites>",
        "",
    ].join("\n");
}
