import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { reusable } from "./files";

export interface Given {
    /** Scripts that replace programs, by name, or by their path in the working folder. */
    readonly programs?: Readonly<Record<string, string>>;
    /** Files in the working folder, by path. */
    readonly files?: Readonly<Record<string, string>>;
}

/** Runs a step's script as the runner does, with substitutes for the programs that it calls. */
export async function run(
    script: string,
    variables: Readonly<Record<string, string>>,
    { programs = {}, files = {} }: Given = {},
) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "step-"));
    try {
        for (const [name, text] of Object.entries(programs)) {
            fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
            fs.writeFileSync(path.join(folder, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
        }
        for (const [name, text] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
            fs.writeFileSync(path.join(folder, name), text);
        }
        const output = path.join(folder, "output");
        fs.writeFileSync(output, "");
        const result = await execa("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], {
            cwd: folder,
            env: {
                PATH: `${folder}:${process.env.PATH}`,
                GITHUB_OUTPUT: output,
                GITHUB_STEP_SUMMARY: path.join(folder, "summary"),
                RUNNER_TEMP: folder,
                ...variables,
            },
            extendEnv: false,
            reject: false,
            all: true,
        });
        const calls = path.join(folder, "calls");
        return {
            code: result.exitCode,
            text: result.all,
            output: fs.readFileSync(output, "utf8").trim(),
            written: new Map(
                fs
                    .readdirSync(folder, { recursive: true, withFileTypes: true })
                    .filter((one) => one.isFile())
                    .map((one) => path.join(one.parentPath, one.name))
                    .map((file) => [path.relative(folder, file), fs.readFileSync(file, "utf8")]),
            ),
            calls: fs.existsSync(calls) ? fs.readFileSync(calls, "utf8").trim().split("\n") : [],
        };
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

export const commit = "a".repeat(40);
export const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

/** The script of the step that contains these words. */
export function step(workflow: string, job: string, words: string): string {
    const found = reusable(workflow).jobs[job]!.steps!.find((one) => one.run?.includes(words));
    assert.ok(found?.run, `${workflow} ${job} has no step with ${words}`);
    return found.run;
}
