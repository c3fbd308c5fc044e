/** Faults of the API server and of etcd. */
import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { stopProcess } from "../../sandbox/machine/process";
import { startApiServer, startEtcd } from "../../sandbox/parts/cluster/control-plane";
import { inside } from "../../sandbox/parts/cluster/namespaces";
import { assertFailedWith, oneUpdate, type Seen } from "./fault";
import { instance, type Ground } from "./ground";

/** Seconds in which the API server does not answer. */
const away = 5;

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
    const { exitCode } = await update.ended;
    assert.ok(restart, "the update has made no namespace");
    await restart;
    const seconds = await oneUpdate(ground);
    const how = exitCode === 0 ? "ended well by itself" : "failed";
    return { seen: `Away for ${away} s in an update that ${how}; the next one converged.`, recoverySeconds: seconds };
}

/** etcd's own API, by JSON. */
async function etcd(path: string, body: object): Promise<Record<string, unknown>> {
    const request = ["--silent", "--show-error", "--fail-with-body", "--data", JSON.stringify(body)];
    const { stdout } = await execa(...inside(instance, "curl", [...request, `http://127.0.0.1:2379/v3/${path}`]));
    return JSON.parse(stdout) as Record<string, unknown>;
}

async function restartEtcd(quotaBytes?: number): Promise<void> {
    await stopProcess(instance, "etcd");
    if (quotaBytes === undefined) Reflect.deleteProperty(process.env, "ETCD_QUOTA_BACKEND_BYTES");
    else process.env.ETCD_QUOTA_BACKEND_BYTES = String(quotaBytes);
    try {
        await startEtcd(instance);
    } finally {
        Reflect.deleteProperty(process.env, "ETCD_QUOTA_BACKEND_BYTES");
    }
}

interface Status {
    readonly dbSize: string;
    readonly header: { readonly revision: string };
}

export async function fullEtcd(ground: Ground): Promise<Seen> {
    await ground.restore();
    const { dbSize } = (await etcd("maintenance/status", {})) as unknown as Status;
    await restartEtcd(Number(dbSize) + 4 * 1024 * 1024);
    try {
        const filling = Buffer.alloc(700_000, "x").toString("base64");
        let full = false;
        for (let at = 0; at < 40 && !full; at++) {
            const key = Buffer.from(`/chaos/${at}`).toString("base64");
            full = await etcd("kv/put", { key, value: filling }).then(
                () => false,
                () => true,
            );
        }
        assert.ok(full, "etcd did not become full");
        // The namespace's quota follows the number of pods.
        assertFailedWith(await ground.up([], { RELAYPACS_INGRESS_NAMESPACE: "elsewhere" }), /database space exceeded/);
        const prefix = Buffer.from("/chaos/").toString("base64");
        const end = Buffer.from("/chaos0").toString("base64");
        await etcd("kv/deleterange", { key: prefix, range_end: end });
        const { header } = (await etcd("maintenance/status", {})) as unknown as Status;
        await etcd("kv/compaction", { revision: header.revision, physical: true });
        await etcd("maintenance/defragment", {});
        await etcd("maintenance/alarm", { action: "DEACTIVATE", alarm: "NOSPACE" });
    } finally {
        await restartEtcd();
    }
    const seconds = await oneUpdate(ground, "--refresh");
    return {
        seen: 'The update failed with "database space exceeded"; after compaction the next one converged.',
        recoverySeconds: seconds,
    };
}
