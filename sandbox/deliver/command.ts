import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../machine/command";
import { inWords } from "../machine/bar";
import { toolchainCache, type Instance } from "../machine/instance";
import { installPackages } from "../machine/debian";
import { author } from "../parts/github/relaypacs";
import type { TriggerEvent } from "../runner/repository";
import type { Run } from "../runner/run";
import { localGit, makeFeature, makeMain, makeRepository, nextVersion, ownFiles } from "./repositories";
import { startPlayer } from "./story";

const yqVersion = "v4.47.2";

/** Programs that GitHub's machines have, and that come from registries here. */
async function installPrograms(): Promise<string> {
    const folder = path.join(toolchainCache, `yq-${yqVersion}`);
    if (!fs.existsSync(path.join(folder, "yq")))
        await run("go", ["install", `github.com/mikefarah/yq/v4@${yqVersion}`], { environment: { GOBIN: folder } });
    const missing = ["chromium", "jq"].filter(
        (name) => !(process.env.PATH ?? "").split(":").some((one) => fs.existsSync(path.join(one, name))),
    );
    if (missing.length > 0) await installPackages(missing);
    return folder;
}

const refOf = (number: number) => `refs/pull/${number}/merge`;

interface Change {
    readonly number: number;
    readonly title: string;
    readonly branch: string;
    readonly base: string;
    readonly head: string;
}

function pullRequest({ number, title, branch, base, head }: Change): TriggerEvent {
    const repo = { full_name: "relaypacs/gateway" };
    const pull_request = { number, title, head: { ref: branch, sha: head, repo }, base: { ref: "main", sha: base } };
    const payload = { action: "opened", number, pull_request };
    return { name: "pull_request", ref: refOf(number), sha: head, actor: author.login, payload };
}

/** Results of the status checks that branch protection asks for, by name. */
function checksOf(run: Run): ReadonlyMap<string, string> {
    const own = [...run.jobs].filter(([name]) => !name.includes(" / ") && run.jobs.has(`ci / ${name}`));
    return new Map(own.map(([name, { result }]) => [name, result]));
}

const described = (checks: ReadonlyMap<string, string>) =>
    `${[...checks.values()].filter((one) => one === "success").length} of ${checks.size} checks passed`;

/**
 * Plays the pull request of a change to the gateway through the shipped workflows, and prints what each job did, how long
 * it took and what did not run itself. It needs no sandbox: no job of a pull request has a role in AWS.
 *
 * @throws SandboxError with the end of a job's log when a check fails
 */
export async function deliver(instance: Instance): Promise<void> {
    const place = path.join(instance.root, "deliver");
    fs.rmSync(place, { recursive: true, force: true });
    const programs = await installPrograms();
    const folder = path.join(place, "gateway");
    await makeRepository(folder);
    const base = await makeMain(folder, "1.1.0");
    const { branch, title, main, head } = await makeFeature(folder, base, nextVersion(["1.1.0"]));
    const player = await startPlayer({
        folder: place,
        path: [programs],
        repositories: { "relaypacs/gateway": localGit(folder), "relaypacs/platform": ownFiles() },
        assumeRole: () => Promise.reject(new Error("There is no AWS beside the sandbox.")),
        print: (line) => {
            console.log(line);
        },
    });
    const began = performance.now();
    try {
        console.log(`Pull request 1, "${title}", from ${branch}`);
        const run = await player.play(pullRequest({ number: 1, title, branch, base: main, head }));
        const took = inWords((performance.now() - began) / 1000);
        console.log(`\n${described(checksOf(run))}, after ${took}. Logs and artifacts: ${place}`);
    } finally {
        console.log("\nWhat did not run itself, and why");
        for (const [what, { does, why, times }] of player.replaced())
            console.log(`  ${what} (${times}): ${does}, because ${why}`);
        await player.close();
    }
}
