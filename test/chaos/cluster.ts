/** Faults of the API server and of etcd. */
import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { stopProcess, waitUntil } from "../../sandbox/machine/process";
import { answers } from "../../sandbox/parts/cluster/api";
import { startApiServer, startEtcd } from "../../sandbox/parts/cluster/control-plane";
import { inside } from "../../sandbox/parts/cluster/namespaces";
import { assertFailedWith, oneUpdate, type Seen } from "./fault";
import { instance, type Ground } from "./ground";

/** Seconds in which the API server does not answer. */
const away = 5;

/** How clients say that nothing answers at an address. */
const unreachable = /connection refused|ECONNREFUSED|unreachable|connection reset/;

export async function apiServerRestarted(ground: Ground): Promise<Seen> {
    await ground.reset();
    const update = ground.startUp();
    let restart: Promise<void> | undefined;
    update.onLine((line) => {
        if (!restart && /kubernetes:core\/v1:Namespace .* created/.test(line))
            restart = (async () => {
                await stopProcess(instance, "kube-apiserver", 0);
                await sleep(away * 1000);
                await startApiServer(instance);
            })();
    });
    const outcome = await update.ended;
    assert.ok(restart, "the update has made no namespace");
    await restart;
    if (outcome.exitCode !== 0) assertFailedWith(outcome, unreachable);
    const seconds = await oneUpdate(ground);
    const how = outcome.exitCode === 0 ? "ended well by itself" : "failed and said so";
    return { seen: `Away for ${away} s in an update that ${how}; the next one converged.`, recoverySeconds: seconds };
}

/** Sends standard input to an address: a value of etcd is longer than an argument may be. */
const post = `
    const chunks = [];
    for await (const chunk of process.stdin) chunks.push(chunk);
    const response = await fetch(process.argv[1], { method: "POST", body: Buffer.concat(chunks) });
    process.stdout.write(await response.text());
    process.exitCode = response.ok ? 0 : 1;`;

/** etcd's own API, by JSON. @throws Error with etcd's answer when it refuses */
async function etcd(path: string, body: object): Promise<unknown> {
    const address = `http://127.0.0.1:2379/v3/${path}`;
    const node = inside(instance, process.execPath, ["--input-type=module", "--eval", post, address]);
    const { exitCode, stdout, stderr } = await execa(...node, { input: JSON.stringify(body), reject: false });
    if (exitCode !== 0) throw new Error(`${path}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
}

async function restartEtcd(quotaBytes?: number): Promise<void> {
    await stopProcess(instance, "etcd");
    if (quotaBytes !== undefined) process.env.ETCD_QUOTA_BACKEND_BYTES = String(quotaBytes);
    try {
        await startEtcd(instance);
    } finally {
        Reflect.deleteProperty(process.env, "ETCD_QUOTA_BACKEND_BYTES");
    }
    const ready = () => answers(instance, `${instance.kubernetesApi}/readyz`);
    await waitUntil(ready, "The API server, after etcd's restart,");
}

interface Status {
    readonly dbSize: string;
    readonly header: { readonly revision: string };
}

const status = async () => (await etcd("maintenance/status", {})) as Status;

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Writes until etcd refuses it. */
async function fill(): Promise<void> {
    const value = base64("x".repeat(700_000));
    for (let at = 0; at < 40; at++) {
        const refused = await etcd("kv/put", { key: base64(`/chaos/${at}`), value }).then(
            () => undefined,
            (error: unknown) => (error as Error).message,
        );
        if (refused === undefined) continue;
        assert.match(refused, /database space exceeded/);
        return;
    }
    assert.fail("etcd did not become full");
}

/** What etcd's documentation says to do: compaction, defragmentation, and each alarm ended by itself. */
async function makeSpace(): Promise<void> {
    await etcd("kv/deleterange", { key: base64("/chaos/"), range_end: base64("/chaos0") });
    await etcd("kv/compaction", { revision: (await status()).header.revision, physical: true });
    await etcd("maintenance/defragment", {});
    const { alarms = [] } = (await etcd("maintenance/alarm", { action: "GET" })) as { alarms?: readonly object[] };
    for (const alarm of alarms) await etcd("maintenance/alarm", { action: "DEACTIVATE", ...alarm });
}

export async function fullEtcd(ground: Ground): Promise<Seen> {
    await ground.restore();
    await restartEtcd(Number((await status()).dbSize) + 4 * 1024 * 1024);
    try {
        await fill();
        // A NetworkPolicy names it.
        assertFailedWith(await ground.up([], { RELAYPACS_INGRESS_NAMESPACE: "elsewhere" }), /database space exceeded/);
    } finally {
        await makeSpace();
        await restartEtcd();
    }
    const seconds = await oneUpdate(ground, "--refresh");
    return {
        seen: 'The update failed with "database space exceeded"; after compaction the next one converged.',
        recoverySeconds: seconds,
    };
}
