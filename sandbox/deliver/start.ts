import * as fs from "node:fs";
import * as path from "node:path";
import type { ReleaseIdentity } from "../../delivery/core/release";
import { up } from "../commands/up";
import { run } from "../machine/command";
import type { Instance } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { administrator, deployment, organization, platformRepository } from "../parts/github/relaypacs";
import { outputs } from "../stacks/stack";
import { gatewayPath } from "./exchange";
import { github } from "./github";
import { fetchMain, merge, openPull, reportCheck, requiredChecks } from "./pull-request";
import { makeFirst, makeRepository } from "./repositories";

const marker = (instance: Instance) => path.join(instance.root, "delivered");

/** Records that the sandbox may run a release of the gateway from now on, which its own is older than. */
export function markDelivered(instance: Instance): void {
    fs.writeFileSync(marker(instance), "");
}

/**
 * Brings the sandbox up with both environments, where a delivery has not changed what they run.
 *
 * @returns what production runs
 * @throws SandboxError when its AWS was ended after a delivery, and with it the keys of the evidence
 */
export async function bringUp(instance: Instance): Promise<ReleaseIdentity> {
    const delivered = fs.existsSync(marker(instance));
    await up(instance, delivered ? "servers" : "prod");
    if (delivered && fs.existsSync(path.join(instance.root, "cloud-forgotten-prod")))
        throw new SandboxError(
            `The AWS of sandbox "${instance.name}" was ended after a delivery and is empty; run make clean INSTANCE=${instance.name}, then deliver again.`,
        );
    const { release } = await outputs(instance, "prod");
    return release as ReleaseIdentity;
}

export interface OpenedRepository {
    /** The commit of `main`. */
    readonly main: string;
    /** Versions that have a tag. */
    readonly released: readonly string[];
    /** Whether the checks of the first version were stated just now. */
    readonly isNew: boolean;
}

interface Ref {
    readonly ref: string;
    readonly object: { readonly sha: string };
}

/** Brings GitHub's tags to the repository of this machine, and answers their names. */
export async function fetchTags(instance: Instance, folder: string): Promise<string[]> {
    const found = await github(instance, administrator)<readonly Ref[]>(
        "GET",
        `${gatewayPath}/git/matching-refs/tags/`,
    );
    for (const { ref, object } of found) await run("git", ["update-ref", ref, object.sha], { directory: folder });
    return found.map(({ ref }) => ref);
}

/**
 * Opens the gateway's repository, on GitHub and on this machine. Where GitHub's is empty, it gets a first version by a pull
 * request whose checks are stated, and the sandbox's own release counts as built from that: a tag has its name.
 *
 * @param running what the environments run
 */
export async function openRepository(
    instance: Instance,
    folder: string,
    running: ReleaseIdentity,
): Promise<OpenedRepository> {
    const admin = github(instance, administrator);
    // Whose token deployments have: it moves the branch `staging`, and sets what the program sets.
    for (const repository of [gatewayPath, `repos/${organization}/${platformRepository}`])
        await admin("PUT", `${repository}/collaborators/${deployment.login}`, { permission: "admin" });
    if (!fs.existsSync(path.join(folder, ".git"))) await makeRepository(folder);
    let main = await fetchMain(instance, folder);
    const isNew = (await fetchTags(instance, folder)).length === 0;
    if (isNew) {
        const first = await makeFirst(folder, main, "1.1.0");
        const pull = await openPull(instance, folder, first);
        for (const check of requiredChecks) await reportCheck(instance, pull.head, check, "success");
        main = await merge(instance, folder, pull);
        for (const tag of ["v1.1.0", /-g([0-9a-f]+)$/.exec(running.version)?.[1]])
            if (tag !== undefined)
                await admin("POST", `${gatewayPath}/git/refs`, { ref: `refs/tags/${tag}`, sha: main });
        console.log(`  the first version of the gateway is ${main}; its checks are stated`);
    }
    const tags = await fetchTags(instance, folder);
    // After a delivery that failed before its tag, `main` has the version already.
    const present = (await run("git", ["show", `${main}:VERSION`], { directory: folder })).trim();
    return {
        main,
        isNew,
        released: [present, ...tags.flatMap((one) => /^refs\/tags\/v(\d+\.\d+\.\d+)$/.exec(one)?.[1] ?? [])],
    };
}
