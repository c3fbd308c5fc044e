/** State files that are damaged, and what the runbooks say then. */
import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { assertFailedWith, assertSucceeded, oneUpdate, timed, type Seen } from "./fault";
import { instance, type Ground } from "./ground";

/** The newest copy that Pulumi has made of the state before an update, as docs/runbooks/lost-state.md says. */
function newestBackup(): string {
    const folder = path.join(instance.pulumiState, ".pulumi", "backups", "relaypacs", "staging");
    const files = fs.readdirSync(folder).filter((file) => file.endsWith(".json"));
    const newest = files.sort().at(-1);
    assert.ok(newest, `${folder} has no copy`);
    return path.join(folder, newest);
}

/** Makes the state unreadable, sees that nothing is touched, and puts the newest copy back. */
async function damaged(ground: Ground, damage: (file: string) => void, sentence: RegExp): Promise<number> {
    await ground.restore();
    // The copy is from before an update, so the last update has changed nothing.
    assertSucceeded(await ground.up());
    damage(ground.stateFile);
    assertFailedWith(await ground.up(), sentence);
    assert.deepEqual(await ground.everything(), ground.whole, "something was touched");
    let seconds = 0;
    const all = await timed(async () => {
        fs.copyFileSync(newestBackup(), ground.stateFile);
        seconds = await oneUpdate(ground);
    });
    assert.ok(all >= seconds);
    return seconds;
}

export async function cutState(ground: Ground): Promise<Seen> {
    const cut = (file: string) => {
        fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2));
    };
    const seconds = await damaged(ground, cut, /unexpected (end of JSON input|EOF)/);
    return { seen: "Refused before anything was touched; the newest copy brought it back.", recoverySeconds: seconds };
}

export async function lostState(ground: Ground): Promise<Seen> {
    const lose = (file: string) => {
        for (const one of [file, `${file}.bak`]) fs.rmSync(one, { force: true });
    };
    const seconds = await damaged(ground, lose, /no stack named 'staging' found/);
    return {
        seen: "Refused, since there was no such stack; the newest copy brought it back.",
        recoverySeconds: seconds,
    };
}

/** What an update changes and makes that the older state does not know. */
const newer = { RELAYPACS_KEEP_RELEASES: "31", RELAYPACS_HOSTNAME: "newer.relaypacs.com" };

export async function olderState(ground: Ground): Promise<Seen> {
    await ground.restore();
    const older = fs.readFileSync(ground.stateFile);
    assertSucceeded(await ground.up([], newer));
    fs.writeFileSync(ground.stateFile, older);
    const seconds = await oneUpdate(ground, "--refresh");
    return { seen: "An update with --refresh saw what was newer and changed it back.", recoverySeconds: seconds };
}

/** The state's file system is full: a small one takes its place. */
export async function fullDisk(ground: Ground): Promise<Seen> {
    await ground.restore();
    const folder = instance.pulumiState;
    const kept = `${folder}.kept`;
    fs.renameSync(folder, kept);
    fs.mkdirSync(folder);
    const size = Number(
        execFileSync("du", ["--summarize", "--block-size=1024", kept], { encoding: "utf8" }).split("\t")[0],
    );
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size + 64}k`, "tmpfs", folder]);
    try {
        execFileSync("cp", ["--archive", `${kept}/.`, folder]);
        assertFailedWith(await ground.up([], newer), /no space left on device/);
        const locked = fs.readdirSync(path.join(folder, ".pulumi", "locks"), { recursive: true, withFileTypes: true });
        const leftLock = locked.some((entry) => entry.isFile());
        execFileSync("mount", ["-o", "remount,size=64m", folder]);
        if (leftLock) assertSucceeded(await ground.pulumi(["cancel", "--yes"]));
        const seconds = await oneUpdate(ground, "--refresh");
        execFileSync("rm", ["-rf", kept]);
        execFileSync("cp", ["--archive", folder, kept]);
        return {
            seen: `The update failed with "no space left on device"${leftLock ? " and left its lock, which pulumi cancel released" : ""}; with space, the next one converged.`,
            recoverySeconds: seconds,
        };
    } finally {
        execFileSync("umount", [folder]);
        fs.rmdirSync(folder);
        fs.renameSync(kept, folder);
    }
}
