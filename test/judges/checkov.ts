import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import type { Failure } from "./decisions";
import { rendered } from "./rendered";

/** A report of checkov about one framework (`--output json`), as far as it is read. */
const report = z.object({
    check_type: z.string(),
    summary: z.object({ passed: z.int(), parsing_errors: z.int() }),
    results: z.object({
        failed_checks: z.array(z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() })),
    }),
});

/** The frameworks that must have reported: with nothing to judge, checkov ends well and writes a report without any. */
const frameworks = ["kubernetes", "terraform_plan"];

/**
 * What checkov found. A resource that both stacks register counts once.
 *
 * @throws Error when it has judged nothing of a framework, or not everything
 */
export function reported(output: string): { readonly failures: readonly Failure[]; readonly passed: number } {
    const parsed: unknown = JSON.parse(output);
    const reports = z.array(report).safeParse(Array.isArray(parsed) ? parsed : [parsed]);
    const judged = reports.success ? reports.data : [];
    for (const framework of frameworks) {
        const found = judged.find(({ check_type }) => check_type === framework);
        if (!found?.summary.passed) throw new Error(`checkov has judged nothing of ${framework}.`);
        if (found.summary.parsing_errors > 0) throw new Error(`checkov can't read a file of ${framework}.`);
    }
    const failures = judged.flatMap(({ results }) =>
        results.failed_checks.map(({ check_id: check, check_name: title, resource }) => ({ check, title, resource })),
    );
    return {
        failures: [...new Map(failures.map((one) => [`${one.check} ${one.resource}`, one])).values()],
        passed: judged.reduce((sum, { summary }) => sum + summary.passed, 0),
    };
}

/** Runs checkov over what the program registers. @param program checkov's command line */
export async function checkov(program: string): Promise<ReturnType<typeof reported>> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-judges-"));
    try {
        const { objects, plan } = await rendered();
        const list = { apiVersion: "v1", kind: "List", items: objects };
        fs.writeFileSync(path.join(folder, "objects.json"), JSON.stringify(list));
        fs.writeFileSync(path.join(folder, "plan.json"), JSON.stringify(plan));
        const options = ["--directory", ".", "--framework", "kubernetes", "terraform_plan", "--output", "json"];
        const { error, status, stderr, stdout } = spawnSync(
            program,
            [...options, "--compact", "--quiet", "--skip-download"],
            { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 },
        );
        // It ends with 1 when a check fails.
        if (error || (status !== 0 && status !== 1))
            throw new Error(`checkov ends with ${status ?? error?.message}: ${stderr.trim().slice(-2000)}`);
        return reported(stdout);
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}
