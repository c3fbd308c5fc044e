import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../support/project";
import { reported } from "./checkov";
import { judge, type Decision, type Failure } from "./decisions";
import { rendered } from "./rendered";

/** Runs checkov over what the program registers. @param program checkov's command line */
async function checkov(program: string): Promise<{ readonly failures: readonly Failure[]; readonly passed: number }> {
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

async function main([program = "checkov"]: readonly string[]): Promise<void> {
    const file = path.join(projectRoot, "test/judges/decisions.yaml");
    const decisions = parse(fs.readFileSync(file, "utf8")) as { readonly checkov: readonly Decision[] };
    const { failures, passed } = await checkov(program);
    const { decided, outdated, undecided } = judge(failures, decisions.checkov);
    for (const { decision, failures: known } of decided)
        console.log(`decided    ${decision.check.padEnd(12)} ${String(known.length).padStart(2)}  ${decision.reason}`);
    for (const { check, resource, title } of undecided)
        console.log(`UNDECIDED  ${check.padEnd(12)} ${resource}: ${title}`);
    for (const sentence of outdated) console.log(`OUTDATED   ${sentence}`);
    console.log(
        `\ncheckov: ${passed} checks pass, ${failures.length} fail; of these ${failures.length - undecided.length} are ` +
            `decided and ${undecided.length} not. ${outdated.length} decisions apply to nothing.`,
    );
    if (undecided.length + outdated.length > 0) process.exitCode = 1;
}

void main(process.argv.slice(2));
