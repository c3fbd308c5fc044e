import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { cluster } from "../../../sandbox/parts/cluster/part";
import { ctr, pauseImage } from "../../../sandbox/parts/cluster/containerd";
import { hostLink, namespaceFile } from "../../../sandbox/parts/cluster/network";
import { createNamespaces, initPid } from "../../../sandbox/parts/cluster/namespaces";
import { run } from "../../../sandbox/machine/command";
import { down } from "../../../sandbox/commands/down";
import { instanceNamed, type Instance } from "../../../sandbox/machine/instance";
import { claim, sweep } from "../../../sandbox/machine/owner";
import { parts } from "../../../sandbox/parts";
import { killProcesses, markedProcesses, recordedPids, runningPid, waitUntil } from "../../../sandbox/machine/process";
import { installClusterPrograms, programFile } from "../../../sandbox/toolchain/toolchain";
import { snapshot } from "./machine";

const quiet = () => undefined;

/** The same instance in another clone's folder. */
function inClone(instance: Instance, clone: string): Instance {
    const root = path.join(clone, ".sandbox", instance.name);
    return {
        ...instance,
        root,
        run: path.join(root, "run"),
        logs: path.join(root, "logs"),
        kubeconfig: path.join(root, "kubeconfig"),
    };
}

/** Waits for the kernel, which may still be ending killed processes. Nothing else may be delayed. */
async function assertSame(instance: Instance, clean: ReturnType<typeof snapshot>): Promise<void> {
    const same = () => Promise.resolve(isDeepStrictEqual(snapshot(instance), clean));
    await waitUntil(same, "the machine", 5).catch(() => undefined);
    assert.deepEqual(snapshot(instance), clean);
}

const kubectl = (instance: Instance, ...args: string[]) =>
    run(programFile("kubectl"), ["--kubeconfig", instance.kubeconfig, ...args]);

const podIsReady = (instance: Instance) =>
    kubectl(instance, "wait", "--for=condition=Ready", "pod/sleeper", "--timeout=150s");

async function runPod(instance: Instance): Promise<void> {
    await kubectl(instance, "run", "sleeper", `--image=${pauseImage}`, "--image-pull-policy=Never");
    await podIsReady(instance);
}

describe("The shutdown of a sandbox", function () {
    this.timeout(180_000);

    const instance = instanceNamed("test");
    let clean: ReturnType<typeof snapshot>;

    const start = async () => {
        await createNamespaces(instance);
        await Promise.all(parts.map((part) => part.up(instance, quiet)));
    };

    before(async () => {
        await installClusterPrograms(instance, quiet);
        // Packages that a part installs are not removed.
        await start();
        await down(instance);
        clean = snapshot(instance);
    });

    afterEach(() => down(instance));

    it("should leave nothing on the machine", async () => {
        await start();
        for (const part of parts) assert.equal((await part.state(instance)).running, true, part.name);
        assert.notDeepEqual(snapshot(instance), clean);
        await down(instance);
        await assertSame(instance, clean);
    });

    it("should leave nothing when half of the processes were killed and the records are gone", async () => {
        await start();
        await killProcesses(recordedPids(instance.run).filter((_, index) => index % 2 === 0));
        for (const file of fs.readdirSync(instance.run).slice(0, 4)) fs.rmSync(path.join(instance.run, file));
        await down(instance);
        await assertSame(instance, clean);
    });
});

describe("The shutdown of a cluster", function () {
    this.timeout(300_000);

    const instance = instanceNamed("test");
    let clean: ReturnType<typeof snapshot>;

    before(async () => {
        await installClusterPrograms(instance, quiet);
        await cluster.down(instance);
        await sweep(instance);
        fs.rmSync(instance.root, { recursive: true, force: true });
        clean = snapshot(instance);
    });

    beforeEach(async () => {
        await cluster.up(instance, quiet);
    });

    afterEach(async () => {
        await cluster.down(instance);
    });

    it("should leave nothing on the machine, with a pod running", async () => {
        await runPod(instance);
        assert.notDeepEqual(snapshot(instance), clean);
        await cluster.down(instance);
        await assertSame(instance, clean);
        assert.deepEqual(await cluster.state(instance), { running: false, detail: "not running" });
    });

    it("should keep what was stored, so that pods run again at the next start", async () => {
        const stored = await kubectl(instance, "get", "pod", "sleeper", "--ignore-not-found", "--output=name");
        await (stored.trim() === "" ? runPod(instance) : podIsReady(instance));
        await cluster.down(instance);
        await cluster.up(instance, quiet);
        assert.match(await kubectl(instance, "get", "pod", "sleeper", "--output=name"), /^pod\/sleeper$/);
    });

    it("should be complete when the kernel has killed the namespaces' first process", async () => {
        await killProcesses([initPid(instance)!]);
        await cluster.down(instance);
        await assertSame(instance, clean);
    });

    it("should be complete when link, name and records are gone but the processes run", async () => {
        await run("ip", ["link", "delete", hostLink(instance)]);
        await run("ip", ["netns", "delete", instance.networkNamespace]);
        fs.rmSync(instance.run, { recursive: true });
        await cluster.down(instance);
        await assertSame(instance, clean);
    });

    it("should change nothing when the cluster is already down", async () => {
        await cluster.down(instance);
        await cluster.down(instance);
        await assertSame(instance, clean);
    });

    for (const name of ["etcd", "containerd", "kube-apiserver", "kubelet", "kube-network-policies"])
        it(`should not be needed after ${name} was killed, since up starts it again`, async () => {
            await killProcesses([runningPid(instance, name)!]);
            assert.deepEqual(await cluster.state(instance), { running: false, detail: `ended: ${name}` });
            await cluster.up(instance, quiet);
            assert.equal((await cluster.state(instance)).running, true);
        });

    it("should not be needed after the namespaces' first process was killed, since up creates all of it again", async () => {
        await killProcesses([initPid(instance)!]);
        await cluster.up(instance, quiet);
        assert.equal((await cluster.state(instance)).running, true);
        assert.match(await ctr(instance, ["version"]), /Server:/);
    });

    describe("of another clone", () => {
        const clone = path.join(os.tmpdir(), "relaypacs-clone");
        const gone = `${clone}-gone`;
        const other = inClone(instance, clone);

        beforeEach(async () => {
            await cluster.down(instance);
            await cluster.up(other, quiet);
        });

        afterEach(async () => {
            await cluster.down(other);
            for (const folder of [clone, gone]) fs.rmSync(folder, { recursive: true, force: true });
        });

        it("should be left to that clone while its folder exists", async () => {
            await assert.rejects(claim(instance), {
                name: "SandboxError",
                message: `The sandbox "test" of this machine belongs to ${clone}; run "make down" there first`,
            });
            assert.equal((await cluster.state(other)).running, true);
        });

        it("should be done by this clone when that clone's folder is gone", async () => {
            // In one step: its processes would keep writing while the folder is deleted file by file.
            fs.renameSync(clone, gone);
            await claim(instance);
            assert.deepEqual(
                markedProcesses().filter(({ root }) => root === other.root),
                [],
            );
            assert.equal(fs.existsSync(namespaceFile(instance)), true);
            await cluster.up(instance, quiet);
            assert.equal((await cluster.state(instance)).running, true);
            await cluster.down(instance);
            await assertSame(instance, clean);
        });
    });
});
