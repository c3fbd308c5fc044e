/** For how long a green that fails is felt, now and at the base commit: the same two drills in both, under the same load. */
import * as path from "node:path";
import * as readline from "node:readline";
import { execa } from "execa";
import { z } from "zod";
import { run as runCommand } from "../../sandbox/machine/command";
import type { Progress } from "../../sandbox/machine/part";
import { spreadOf } from "./statistics";

/** What one drill showed. */
const outage = z.strictObject({
    drill: z.enum(["crash", "errors"]),
    /** From the first failed answer to the last (`crash`), or to green's last answer of any kind (`errors`). */
    seconds: z.number(),
    /** Requests that failed. */
    lost: z.number(),
});

export type Outage = z.infer<typeof outage>;

export interface OutageComparison {
    readonly drill: Outage["drill"];
    readonly base: readonly Outage[];
    readonly now: readonly Outage[];
}

/** How much of the base's median the present one may take. */
export const maximumOutageShare = 0.6;

export const outageShare = ({ base, now }: OutageComparison): number => median(now) / median(base);

const median = (outages: readonly Outage[]): number => spreadOf(outages.map(({ seconds }) => seconds)).median;

/** Where each project has the modules that `failing-green.mjs` uses. */
export const modules = {
    base: {
        drills: "./test/sandbox/drills",
        node: "./test/sandbox/node",
        world: "./test/sandbox/world",
        stack: "./sandbox/stack",
        certificate: "./sandbox/cluster/public-certificate",
    },
    now: {
        drills: "./test/end-to-end/drills",
        node: "./test/end-to-end/node",
        world: "./test/end-to-end/world",
        stack: "./sandbox/stacks/stack",
        certificate: "./sandbox/parts/cluster/public-certificate",
    },
} as const;

const sandbox = (command: string) => ["-r", "ts-node/register", "sandbox/main.ts", command, "--instance", "test"];

/** The base builds programs of its own, with what Go has compiled already. */
const environmentOf = async (which: keyof typeof modules, folder: string): Promise<Record<string, string>> =>
    which === "now"
        ? {}
        : {
              XDG_CACHE_HOME: path.join(folder, ".caches"),
              GOCACHE: (await runCommand("go", ["env", "GOCACHE"])).trim(),
          };

/** Brings up a project's sandbox of the tests, runs the drills, and takes the sandbox away, whatever happened. */
async function drillIn(which: keyof typeof modules, folder: string, runs: number, progress: Progress) {
    const script = path.join(__dirname, "failing-green.mjs");
    const environment = await environmentOf(which, folder);
    const outages: Outage[] = [];
    try {
        progress(`${which}: sandbox`);
        await runCommand("node", sandbox("clean"), { directory: folder, environment });
        await runCommand("node", sandbox("up"), { directory: folder, environment });
        progress(`${which}: first release to production`);
        const args = ["-r", "ts-node/register", script, JSON.stringify(modules[which]), String(runs)];
        const drills = execa("node", args, { cwd: folder, env: environment, stdin: "ignore", stderr: "inherit" });
        for await (const line of readline.createInterface(drills.stdout)) {
            if (!line.startsWith("{")) continue;
            const one = outage.parse(JSON.parse(line));
            outages.push(one);
            progress(`${which}: ${outages.length} of ${2 * runs} drills; ${one.drill} was felt for ${one.seconds} s`);
        }
        await drills;
    } finally {
        await runCommand("node", sandbox("clean"), { directory: folder, environment });
    }
    return outages;
}

/**
 * Runs both drills in both projects, one project after the other, since their sandboxes have the same addresses.
 *
 * @throws Error when a sandbox does not come up, or a drill fails
 */
export async function compareOutages(
    folders: Readonly<Record<"base" | "now", string>>,
    runs: number,
    progress: Progress,
): Promise<OutageComparison[]> {
    const base = await drillIn("base", folders.base, runs, progress);
    const now = await drillIn("now", folders.now, runs, progress);
    return (["crash", "errors"] as const).map((drill) => ({
        drill,
        base: base.filter((one) => one.drill === drill),
        now: now.filter((one) => one.drill === drill),
    }));
}
