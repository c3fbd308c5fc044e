/** `make chaos`: causes each fault of the table in the sandbox, and prints what was promised and what was seen. */
import "./own-sandbox";
import * as fs from "node:fs";
import * as path from "node:path";
import Table from "cli-table3";
import { clean } from "../../sandbox/commands/down";
import { SandboxError } from "../../sandbox/machine/part";
import { clearSandboxVariables } from "../../sandbox/stacks/environment";
import type { Caused, Row, Tested } from "./fault";
import { Ground, instance } from "./ground";
import { writePage, type Result } from "./page";
import { startStaging } from "./staging";
import { rows } from "./table";
import { runTests } from "./tests";

/** The rows that `FAULT` names, in its order, or all. */
function chosen(): readonly Row[] {
    const { FAULT: text = "" } = process.env;
    if (text === "") return rows;
    const names = text.split(",");
    const unknown = names.find((one) => !rows.some(({ name }) => name === one));
    if (unknown !== undefined)
        throw new SandboxError(`FAULT is "${unknown}"; accepted: ${rows.map(({ name }) => name).join(", ")}`);
    return names.flatMap((one) => rows.find(({ name }) => name === one) ?? []);
}

const progress = (line: string) => {
    console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
};

/** Writes what was seen into the documentation when the promise was kept. */
function remember(result: Result): void {
    if (result.kept === "yes") writePage(rows, [result]);
}

async function cause({ name, fault, run }: Row & Caused, ground: Ground): Promise<Result> {
    progress(`${name}: ${fault}`);
    let result: Result;
    try {
        result = { name, kept: "yes", ...(await run(ground)) };
    } catch (error) {
        ground.converged = false;
        const file = path.join(path.dirname(instance.root), `chaos-${name}.txt`);
        fs.writeFileSync(file, (error as Error).stack ?? String(error));
        const [first = ""] = (error as Error).message.split("\n");
        result = { name, kept: "no", seen: `${first} (${file})` };
    }
    progress(`  ${result.kept}: ${result.seen}`);
    remember(result);
    return result;
}

async function causeAll(list: readonly Row[]): Promise<Result[]> {
    const results: Result[] = [];
    const caused = (on: Caused["on"]) => list.filter((row): row is Row & Caused => "run" in row && row.on === on);
    const ground = new Ground();
    try {
        if (caused("account").length > 0) await ground.start(progress);
        for (const row of caused("account")) results.push(await cause(row, ground));
        if (caused("staging").length > 0) {
            progress("bringing up the whole sandbox");
            await startStaging();
        }
        for (const row of caused("staging")) results.push(await cause(row, ground));
    } finally {
        if (process.env.KEEP_SANDBOX !== "1") await clean(instance);
    }
    const tested = list.filter((row): row is Row & Tested => "test" in row);
    const judged = await runTests(tested, progress);
    judged.forEach(remember);
    results.push(...judged);
    return results;
}

function printed(list: readonly Row[], results: readonly Result[]): string {
    const table = new Table({
        head: ["Fault", "Promise", "Seen", "Recovered in", "Kept"],
        colWidths: [22, 38, 46, 14, 12],
        wordWrap: true,
        style: { head: [], border: [] },
    });
    for (const row of list) {
        const { seen, kept, recoverySeconds } = results.find(({ name }) => name === row.name) ?? {
            seen: "cannot" in row ? `${row.cannot.reason} ${row.cannot.evidence}` : "",
            kept: "not caused",
            recoverySeconds: undefined,
        };
        const recovered = recoverySeconds === undefined ? "" : `${Math.max(1, Math.round(recoverySeconds))} s`;
        table.push([row.name, row.promise, seen, recovered, kept]);
    }
    return table.toString();
}

async function main(): Promise<void> {
    const list = chosen();
    const results = await causeAll(list);
    console.log(printed(list, results));
    const broken = results.filter(({ kept }) => kept !== "yes");
    const count = (one: string) => results.filter(({ kept }) => kept === one).length;
    console.log(`kept ${count("yes")} of ${results.length}; ${list.length - results.length} can't be caused here`);
    if (broken.length > 0) process.exitCode = 1;
}

clearSandboxVariables();
main().catch((error: unknown) => {
    console.error(error instanceof SandboxError ? error.message : error);
    process.exitCode = 1;
});
