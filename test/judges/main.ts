import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../support/project";
import { checkov } from "./checkov";
import { judge, type Decision } from "./decisions";
import { prowler } from "./prowler";

const judges = { checkov, prowler } as const;

type Judge = keyof typeof judges;

/** Has a judge look, and compares what it finds to what was decided. @param name `checkov` or `prowler` */
async function main([name = "", program = name, instance = "main"]: readonly string[]): Promise<void> {
    if (!(name in judges)) throw new Error(`"${name}" is no judge; these are: ${Object.keys(judges).join(", ")}.`);
    const file = path.join(projectRoot, "test/judges/decisions.yaml");
    const decisions = parse(fs.readFileSync(file, "utf8")) as Readonly<Record<Judge, readonly Decision[]>>;
    const { failures, passed } = await judges[name as Judge](program, instance);
    const { decided, outdated, undecided } = judge(failures, decisions[name as Judge]);
    for (const { decision, failures: known } of decided)
        console.log(`decided    ${decision.check.padEnd(12)} ${String(known.length).padStart(2)}  ${decision.reason}`);
    for (const { check, resource, title } of undecided)
        console.log(`UNDECIDED  ${check.padEnd(12)} ${resource}: ${title}`);
    for (const sentence of outdated) console.log(`OUTDATED   ${sentence}`);
    console.log(
        `\n${name}: ${passed} checks pass, ${failures.length} fail; of these ${failures.length - undecided.length} are ` +
            `decided and ${undecided.length} not. ${outdated.length} decisions apply to nothing.`,
    );
    if (undecided.length + outdated.length > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`Error: ${(error as Error).message}`);
    process.exitCode = 1;
});
