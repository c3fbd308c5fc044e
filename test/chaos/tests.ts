import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { projectRoot } from "../../sandbox/machine/instance";
import type { Result } from "./page";
import type { Tested } from "./fault";

interface Report {
    readonly passes: readonly { readonly title: string; readonly duration?: number }[];
    readonly failures: readonly { readonly title: string; readonly err?: { readonly message?: string } }[];
}

/**
 * The mocha configuration that a test runs with. The journey of `test/end-to-end` needs its earlier tests; releases to
 * production need those of production.
 */
const configurationOf = (file: string) =>
    file.startsWith("test/end-to-end/6") ? ".mocharc.drills.json" : ".mocharc.json";

/** Runs the tests of some rows and says of each row what came out. */
export async function runTests(
    rows: readonly ({ readonly name: string } & Tested)[],
    progress: (line: string) => void,
): Promise<Result[]> {
    const files = [...new Set(rows.map(({ test }) => test.file))];
    const results: Result[] = [];
    const sandboxes = path.join(projectRoot, ".sandbox");
    fs.mkdirSync(sandboxes, { recursive: true });
    for (const file of files) {
        progress(`running ${file}`);
        const folder = fs.mkdtempSync(path.join(sandboxes, "chaos-tests-"));
        const output = path.join(folder, "report.json");
        const configuration = configurationOf(file);
        const only = configuration === ".mocharc.json" ? [file] : [];
        await execa(
            "npx",
            [
                "mocha",
                "--config",
                configuration,
                "--reporter",
                "json",
                "--reporter-option",
                `output=${output}`,
                ...only,
            ],
            {
                cwd: projectRoot,
                // They have a sandbox of their own.
                env: { TEST_SANDBOX: "" },
                reject: false,
                stdin: "ignore",
                stdout: "ignore",
                stderr: "ignore",
            },
        );
        const report = fs.existsSync(output)
            ? (JSON.parse(fs.readFileSync(output, "utf8")) as Report)
            : { passes: [], failures: [] };
        fs.rmSync(folder, { recursive: true });
        for (const { name, test } of rows.filter((row) => row.test.file === file)) {
            const passed = report.passes.find(({ title }) => title === test.title);
            const failed = report.failures.find(({ title }) => title === test.title);
            if (passed) results.push({ name, kept: "yes", seen: test.holds, recoverySeconds: undefined });
            else results.push({ name, kept: "no", seen: failed?.err?.message ?? `${file} has not run it` });
        }
    }
    return results;
}
