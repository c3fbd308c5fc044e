/**
 * `make bench`: what preview and up cost, with and without the policy pack, by the number of services; and what judging
 * costs by the number of resources.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { clean } from "../../sandbox/commands/down";
import { clearSandboxVariables } from "../../sandbox/stacks/environment";
import { instanceNamed, projectRoot } from "../../sandbox/machine/instance";
import { SandboxError, type Progress } from "../../sandbox/machine/part";
import { compile, createStack } from "../../sandbox/stacks/stack";
import { inTurn, runSteps } from "../../sandbox/machine/steps";
import { up } from "../../sandbox/commands/up";
import {
    analyzedSizes,
    analyzeWithEngine,
    growth,
    installEngine,
    maximumGrowth,
    maximumOfIdle,
    ofIdle,
    smallestSize,
    writeIdlePack,
    type Analysis,
} from "./analysis";
import { cleanNow, isBesideBase, measureBesideBase } from "./beside-base";
import {
    baseCommit,
    checkOutBase,
    compareLoading,
    loadingTasks,
    ratio,
    type LoadingComparison,
    type Project,
} from "./loading";
import { endMeasured } from "./measure";
import {
    analysisMarkdown,
    analysisPlain,
    loadingMarkdown,
    loadingPlain,
    machine,
    markdown,
    plain,
    writePage,
} from "./report";
import type { Analyses, Table } from "./report";
import { Series } from "./series";
import { maximumPackShare, packShare, runsToWrite } from "./statistics";
import { runCase, sizes, type Case } from "./workload";

const instance = instanceNamed("bench");

function countedRuns(): number {
    const text = process.env.BENCH_RUNS ?? String(runsToWrite);
    if (!/^[1-9]\d?$/.test(text))
        throw new SandboxError(
            `BENCH_RUNS is "${text}"; accepted: a whole number from 1 to 99, ${runsToWrite} by default`,
        );
    return Number(text);
}

/** The parts that `BENCH_ONLY` runs alone. What a sandbox costs takes an hour and runs in no other way. */
const parts = ["analysis", "loading", "outage", "reports", "sandbox", "updates"] as const;

function onlyPart(): (typeof parts)[number] | undefined {
    const { BENCH_ONLY: only } = process.env;
    const part = parts.find((one) => one === only);
    if (only !== undefined && part === undefined)
        throw new SandboxError(`BENCH_ONLY is "${only}"; accepted: ${parts.join(", ")}, or not set for everything`);
    return part;
}

/** Without the pack first in one run, with it in the next, so that what changes over time favours neither. */
const order = (run: number): readonly boolean[] => (run % 2 === 0 ? [false, true] : [true, false]);

const describe = ({ services, pack }: Case): string =>
    `${services} ${services === 1 ? "service" : "services"}, ${pack ? "with" : "without"} the pack`;

async function freshServers(): Promise<void> {
    await clean(instance);
    await up(instance, "servers");
    await runSteps(
        inTurn([
            { title: "Compile the policy pack and the command line", run: (progress) => compile(progress) },
            { title: "Create the stack", run: (progress) => createStack(instance, "staging", progress) },
        ]),
    );
}

async function previewNewStack(series: Series, runs: number, progress: Progress): Promise<void> {
    const measured = async (one: Case, title: string) => {
        progress(`${describe(one)}: ${title}`);
        return runCase(instance, one);
    };
    for (const pack of [false, true])
        await measured({ command: "preview", services: sizes[0], pack, release: true }, "warming up, not counted");
    for (let run = 0; run < runs; run++)
        for (const services of sizes)
            for (const pack of order(run)) {
                const one: Case = { command: "preview", services, pack, release: true };
                series.add(one, await measured(one, `run ${run + 1} of ${runs}`));
            }
}

/** Grows the stack from nothing through all sizes; `atRest` is called at each. */
async function grow(
    series: Series,
    pack: boolean,
    progress: Progress,
    atRest: (services: number) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
    for (const services of sizes) {
        const one: Case = { command: "up", services, pack, release: false };
        progress(describe(one));
        series.add(one, await runCase(instance, one));
        await atRest(services);
    }
}

async function updateUnchanged(series: Series, services: number, runs: number, progress: Progress): Promise<void> {
    for (let run = 0; run < runs; run++)
        for (const pack of order(run)) {
            const one: Case = { command: "up", services, pack, release: false };
            progress(`${describe(one)}, nothing to change: run ${run + 1} of ${runs}`);
            const outcome = await runCase(instance, one);
            if (outcome.changes > 0) throw new Error(`An update of ${describe(one)} that should change nothing did`);
            series.add(one, outcome);
        }
}

async function measureAll(runs: number): Promise<Table[]> {
    const [preview, growth, unchanged] = [new Series(), new Series(), new Series()];
    await freshServers();
    await runSteps(
        inTurn([
            { title: "Preview a new stack", run: (progress) => previewNewStack(preview, runs, progress) },
            {
                title: "Update with the pack, and update again with nothing to change",
                run: (progress) =>
                    grow(growth, true, progress, (services) => updateUnchanged(unchanged, services, runs, progress)),
            },
        ]),
    );
    await freshServers();
    await runSteps(inTurn([{ title: "Update without the pack", run: (progress) => grow(growth, false, progress) }]));
    return [
        {
            title: "`pulumi preview` of a new stack, release included",
            rows: preview.comparisons(),
            comparable: true,
        },
        {
            title: "`pulumi up --skip-preview` with nothing to change, without a release",
            rows: unchanged.comparisons(),
            comparable: true,
        },
        {
            title: "`pulumi up --skip-preview` that grows the stack from the row before, without a release; one run each",
            rows: growth.comparisons(),
            comparable: false,
        },
    ];
}

async function measureAnalysis(): Promise<Analyses> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-analysis-"));
    process.once("exit", () => {
        endMeasured();
        fs.rmSync(folder, { recursive: true, force: true });
    });
    const costs: Analysis[] = [];
    let idle: Analysis | undefined;
    const judge = async (progress: Progress) => {
        const engine = await installEngine(folder, progress);
        for (const resources of [smallestSize, ...analyzedSizes]) {
            progress(`${resources} resources`);
            costs.push(await analyzeWithEngine(engine, resources));
        }
        progress(`${analyzedSizes.at(-1)!} resources, and a pack that judges nothing`);
        idle = await analyzeWithEngine(engine, analyzedSizes.at(-1)!, writeIdlePack(folder));
    };
    await runSteps(
        inTurn([
            { title: "Compile the policy pack and the command line", run: (progress) => compile(progress) },
            { title: "Judge whole stacks", run: judge },
        ]),
    );
    const [start, ...stacks] = costs;
    if (!start || !idle) throw new Error("Nothing was measured");
    return { start, stacks, idle };
}

/** What starts cost, side by side with the base commit, and writes that part. @throws SandboxError when a target is missed */
async function measureLoading(runs: number, load: number): Promise<void> {
    const comparisons: LoadingComparison[] = [];
    let base: Project | undefined;
    process.once("exit", () => {
        endMeasured();
        base?.remove();
    });
    await runSteps(
        inTurn([
            { title: "Compile the policy pack and the command line", run: (progress) => compile(progress) },
            {
                title: `Check out ${baseCommit}`,
                run: async () => {
                    base = await checkOutBase();
                },
            },
            {
                title: "Start programs, now and as they were",
                run: async (progress) => {
                    if (!base) return;
                    const projects = { base: base.folder, now: projectRoot };
                    for (const task of loadingTasks)
                        comparisons.push(await compareLoading(task, projects, runs, progress));
                },
            },
        ]),
    );
    if (!base) {
        console.log(`What starts cost is not compared: this clone has no commit ${baseCommit}.`);
        return;
    }
    console.log(`\n${loadingPlain(comparisons)}\n`);
    if (runs < runsToWrite)
        console.log(`Not written into the documentation: that takes ${runsToWrite} runs (BENCH_RUNS=${runsToWrite}).`);
    else {
        const date = new Date().toISOString().slice(0, 10);
        const conditions = `${machine(load)}; ${runs} runs: median (least–most).`;
        const text = `Measured ${date} on ${conditions}\n\n${loadingMarkdown(comparisons)}`;
        console.log(`Written into ${writePage("loading", text)}`);
    }
    const missed = comparisons.filter((one) => one.most !== undefined && ratio(one) > one.most);
    if (missed.length > 0)
        throw new SandboxError(
            `More CPU time than the target allows: ${missed.map(({ task }) => task).join("; ")}. Measure again when the machine is idle.`,
        );
}

/** Writes the part about judging. @throws SandboxError when a resource costs more in a larger stack */
function reportAnalysis(analyses: Analyses, load: number): void {
    console.log(`\n${analysisPlain(analyses)}\n`);
    const date = new Date().toISOString().slice(0, 10);
    const text = `Measured ${date} on ${machine(load)}; 1 run.\n\n${analysisMarkdown(analyses)}`;
    console.log(`Written into ${writePage("analysis", text)}`);
    const { start, stacks, idle } = analyses;
    const beside = ofIdle(stacks.at(-1)!, idle);
    if (beside > maximumOfIdle)
        throw new SandboxError(
            `Judging ${stacks.at(-1)!.resources} resources costs ${beside.toFixed(2)} times a pack that judges nothing; ` +
                `accepted: at most ${maximumOfIdle}. Profile the pack, or measure again when the machine is idle.`,
        );
    const grown = growth(start, stacks[0]!, stacks.at(-1)!);
    if (grown > maximumGrowth)
        throw new SandboxError(
            `A resource of the largest stack costs ${grown.toFixed(2)} times one of the smallest; accepted: ` +
                `at most ${maximumGrowth}. Profile the pack, or measure again when the machine is idle.`,
        );
}

/** Whatever ends this process but SIGKILL, nothing stays behind. */
function cleanAtExit(): void {
    process.once("exit", () => {
        endMeasured();
        cleanNow(projectRoot, instance.name);
    });
}

async function main(): Promise<void> {
    clearSandboxVariables();
    const [runs, only] = [countedRuns(), onlyPart()];
    const [load = 0] = os.loadavg();
    if (load > os.availableParallelism() / 4)
        console.warn(`This machine is busy (load average ${load.toFixed(2)}); wall times will be too long.`);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
        process.once(signal, () => {
            process.exit(1);
        });
    if (isBesideBase(only)) {
        await measureBesideBase(only, runs, load);
        return;
    }
    if (only === undefined || only === "loading") await measureLoading(runs, load);
    if (only === undefined || only === "analysis") reportAnalysis(await measureAnalysis(), load);
    if (only === undefined || only === "updates") await measureUpdates(runs, load);
}

/**
 * What previews and updates cost, with and without the pack, and writes that part.
 *
 * @throws SandboxError when the pack takes more of a preview than the target allows
 */
async function measureUpdates(runs: number, load: number): Promise<void> {
    cleanAtExit();
    const tables = await measureAll(runs);
    const conditions = `${machine(load)}; ${runs} ${runs === 1 ? "run" : "runs"}: median (least–most).`;
    console.log(`\n${plain(tables)}\n\n${conditions}`);
    if (runs < runsToWrite)
        console.log(`Not written into the documentation: that takes ${runsToWrite} runs (BENCH_RUNS=${runsToWrite}).`);
    else {
        const date = new Date().toISOString().slice(0, 10);
        const text = `Measured ${date} on ${conditions}\n\n${markdown(tables)}`;
        console.log(`Written into ${writePage("benchmark", text)}`);
    }
    const share = packShare(tables[0]!.rows.at(-1)!);
    if (share > maximumPackShare)
        throw new SandboxError(
            `The pack takes ${(share * 100).toFixed(0)} % of the CPU time of a preview of ${sizes.at(-1)!} services; accepted: ` +
                `at most ${maximumPackShare * 100} %. Profile the pack, or measure again when the machine is idle.`,
        );
}

main().catch((error: unknown) => {
    console.error(error instanceof SandboxError ? error.message : error);
    process.exitCode = 1;
});
