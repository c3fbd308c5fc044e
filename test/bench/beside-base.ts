/** What runs beside an older commit and in no other way than by its `BENCH_ONLY`. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { projectRoot } from "../../sandbox/machine/instance";
import { SandboxError, type Progress } from "../../sandbox/machine/part";
import { inTurn, runSteps } from "../../sandbox/machine/steps";
import { compile } from "../../sandbox/stacks/stack";
import { baseCommit, checkOutBase } from "./loading";
import { endMeasured } from "./measure";
import { compareOutages, maximumOutageShare, outageShare } from "./outage";
import {
    isReportMissed,
    machine,
    outageMarkdown,
    outagePlain,
    reportsMarkdown,
    reportsPlain,
    sandboxMarkdown,
    sandboxPlain,
    writePage,
} from "./report";
import { compareReports, liftLimit } from "./reports";
import { compareSandboxes, isMissed, type Folders } from "./sandbox";
import { runsToWrite } from "./statistics";

/** Ends the sandbox of a project at once, in a session of its own: a second Ctrl-C must not stop the cleaning. */
export function cleanNow(project: string, name: string): void {
    const command = [process.execPath, "-r", "ts-node/register", "sandbox/main.ts", "clean"];
    spawnSync("setsid", ["--wait", ...command, "--instance", name], {
        cwd: project,
        stdio: ["ignore", "ignore", "inherit"],
    });
}

/** What a comparison with the base commit came to. */
interface Compared {
    readonly plain: string;
    readonly markdown: string;
    /** What takes more than its target allows. */
    readonly missed: readonly string[];
}

interface Comparison {
    readonly title: string;
    /** Fewest runs that are written into the documentation. */
    readonly runsToWrite: number;
    readonly cost?: { readonly cpu: number };
    /** What must not stay behind, called however the command ends. */
    clean(folders: Folders): void;
    compare(folders: Folders, runs: number, progress: Progress): Promise<Compared>;
}

/** The same for an older commit and for the present, side by side, each with a part of docs/benchmarks.md of its own. */
const comparisons: Readonly<Record<"outage" | "reports" | "sandbox", Comparison>> = {
    reports: {
        title: "Read reports of 100 MB, now and as it was",
        runsToWrite,
        clean: () => undefined,
        async compare(folders, runs, progress) {
            liftLimit(folders.base);
            const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-reports-"));
            try {
                const compared = await compareReports(folders, folder, runs, progress);
                return {
                    plain: reportsPlain(compared),
                    markdown: reportsMarkdown(compared),
                    missed: compared.filter(isReportMissed).map(({ tool }) => tool),
                };
            } finally {
                fs.rmSync(folder, { recursive: true, force: true });
            }
        },
    },
    outage: {
        title: "Release a green that fails, now and as it was",
        runsToWrite,
        cost: { cpu: 6000 },
        clean({ base, now }) {
            for (const folder of [base, now]) cleanNow(folder, "test");
        },
        async compare(folders, runs, progress) {
            const compared = await compareOutages(folders, runs, progress);
            return {
                plain: outagePlain(compared),
                markdown: outageMarkdown(compared),
                missed: compared.filter((one) => outageShare(one) > maximumOutageShare).map(({ drill }) => drill),
            };
        },
    },
    sandbox: {
        title: "Build, bring up and keep a sandbox, now and as it was",
        runsToWrite: 1,
        cost: { cpu: 4000 },
        clean({ base, now }) {
            for (const folder of [base, now]) cleanNow(folder, "bench");
        },
        async compare(folders, _runs, progress) {
            const compared = await compareSandboxes(folders, progress);
            return {
                plain: sandboxPlain(compared),
                markdown: sandboxMarkdown(compared),
                missed: compared.filter(isMissed).map(({ figure }) => figure),
            };
        },
    },
};

/** Compares with the base commit, and writes that part. @throws SandboxError when a target is missed */
export async function measureBesideBase(part: keyof typeof comparisons, runs: number, load: number): Promise<void> {
    const { title, cost, ...one } = comparisons[part];
    const base = await checkOutBase();
    if (!base)
        throw new SandboxError(`This clone has no commit ${baseCommit} to compare with; fetch the whole history`);
    const folders = { base: base.folder, now: projectRoot };
    process.once("exit", () => {
        endMeasured();
        one.clean(folders);
        base.remove();
    });
    let compared: Compared | undefined;
    const measured = async (progress: Progress) => {
        compared = await one.compare(folders, runs, progress);
    };
    await runSteps(
        inTurn([
            { title: "Compile the policy pack and the command line", run: (progress) => compile(progress) },
            { title, ...(cost && { cost }), run: measured },
        ]),
    );
    if (!compared) throw new Error("Nothing was measured");
    console.log(`\n${compared.plain}\n`);
    if (runs < one.runsToWrite)
        console.log(
            `Not written into the documentation: that takes ${one.runsToWrite} runs (BENCH_RUNS=${one.runsToWrite}).`,
        );
    else {
        const date = new Date().toISOString().slice(0, 10);
        const counted = one.runsToWrite === 1 ? "1 run" : `${runs} runs: median (least–most)`;
        console.log(
            `Written into ${writePage(part, `Measured ${date} on ${machine(load)}; ${counted}.\n\n${compared.markdown}`)}`,
        );
    }
    if (compared.missed.length > 0)
        throw new SandboxError(
            `More than the target allows: ${compared.missed.join("; ")}. Measure again when the machine is idle.`,
        );
}

/** Whether this part of the benchmark is such a comparison. */
export const isBesideBase = (part: string | undefined): part is keyof typeof comparisons =>
    part !== undefined && part in comparisons;
