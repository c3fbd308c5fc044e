/** Faults in staging while it serves requests, after its first release. */
import * as assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { secretName } from "../../delivery/core/names";
import type { SecretEntryName } from "../../delivery/core/stored-secrets";
import { backendVariables } from "../../delivery/core/variables";
import { admissionOf } from "../../delivery/gates/engine/admission-statement";
import { duration, scenarios } from "../../release/rollback/matrix";
import { clean } from "../../sandbox/commands/down";
import { up } from "../../sandbox/commands/up";
import { waitUntil } from "../../sandbox/machine/process";
import { throttle } from "../../sandbox/parts/registry/part";
import { judge, sign } from "../../sandbox/stacks/evidence/dossier";
import { releaseFolder } from "../../sandbox/stacks/evidence/folders";
import { untilAnswering } from "../../sandbox/stacks/public-address";
import { logsIn } from "../../sandbox/drill/rotation";
import { api } from "../end-to-end/drills";
import { isReady } from "../end-to-end/node";
import { losingNothing, secondsMore, stagingRate, underLoad } from "../end-to-end/requests";
import * as world from "../end-to-end/world";
import { assertFailedWith, assertSucceeded, timed, type Seen } from "./fault";

/** Brings the whole sandbox up, as `make up` does. */
export async function startStaging(): Promise<void> {
    await clean(world.instance);
    await up(world.instance, "staging");
    await untilAnswering(world.instance, "staging");
}

/** What staging runs; at first the release that the sandbox started with. */
let running: world.RunOptions = {};

/** One update to a release, after which nothing is left to do. @returns its seconds */
async function update(options: world.RunOptions): Promise<number> {
    running = options;
    const seconds = await timed(async () => {
        assertSucceeded(await world.up(options));
    });
    const { version } = JSON.parse(world.variables(options).RELAYPACS_RELEASE ?? "{}") as { version: string };
    await world.assertRuns(version);
    assertSucceeded(await world.pulumi(["preview", "--refresh", "--expect-no-changes"], options));
    return seconds;
}

/** A release whose images are not in the registry, or no longer. */
export async function missingImage(): Promise<Seen> {
    const { release: missing, push } = await world.build("1.1.0");
    let recoverySeconds = 0;
    const { requests } = await losingNothing("missing-image", async () => {
        const limits = { RELAYPACS_ROLLOUT_TIMEOUT_SECONDS: "30", RELAYPACS_MIGRATION_TIMEOUT_SECONDS: "30" };
        const failed = await world.up({ release: missing, variables: limits });
        assertFailedWith(failed, /ImagePullBackOff|ErrImagePull/);
        assert.ok(failed.output.includes(missing.images.backend), failed.output);
        await push();
        recoverySeconds = await update({ release: missing });
    });
    return {
        seen: `The update failed and named the image that can't be pulled; once it was pushed, the next one ended well. 0 of ${requests} requests failed.`,
        recoverySeconds,
    };
}

/** Seconds of the slowest pull since a moment, as the kubelet tells it. */
async function slowestPull(since: number): Promise<number> {
    const fieldSelector = "reason=Pulled";
    const { items } = await api.core.listNamespacedEvent({ namespace: world.namespace, fieldSelector });
    const seconds = items
        .filter(({ lastTimestamp }) => (lastTimestamp?.getTime() ?? 0) >= since)
        .flatMap(({ message = "" }) => [...message.matchAll(/^Successfully pulled image \S+ in (?:(\d+)m)?([\d.]+)s/g)])
        .map(([, minutes = "0", rest = "0"]) => Number(minutes) * 60 + Number(rest));
    return Math.max(0, ...seconds);
}

/** A registry that gives 300 kB a second for each layer. */
export async function slowRegistry(): Promise<Seen> {
    const slow = await world.publish("1.2.0");
    throttle(world.instance, 300_000);
    let recoverySeconds = 0;
    try {
        const began = Date.now();
        const { requests } = await losingNothing("slow-registry", async () => {
            recoverySeconds = await update({ release: slow });
        });
        const slowest = await slowestPull(began);
        assert.ok(slowest > 3, `the slowest pull took ${slowest} s: the registry was not slow`);
        return {
            seen: `A pull took ${Math.round(slowest)} s; the update waited and ended well. 0 of ${requests} requests failed.`,
            recoverySeconds,
        };
    } finally {
        throttle(world.instance);
    }
}

const traefik = async () => {
    const labelSelector = "app.kubernetes.io/name=traefik-staging";
    const { items } = await api.core.listNamespacedPod({ namespace: "traefik", labelSelector });
    return items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
};

/** Each pod of Traefik in turn is replaced, as a new version of it or a drained node does. */
export async function restartedTraefik(): Promise<Seen> {
    const before = await traefik();
    assert.ok(before.length >= 2, `${before.length} pods of Traefik`);
    let recoverySeconds = 0;
    const { failed, requests } = await underLoad("restarted-traefik", async (load) => {
        await secondsMore(() => load.records(), 2);
        for (const { metadata: { name = "" } = {} } of before) {
            await api.core.deleteNamespacedPod({ namespace: "traefik", name });
            const began = performance.now();
            await sleep(1000);
            const ready = async () => (await traefik()).filter(isReady).length === before.length;
            await waitUntil(ready, "Traefik's pods", 90, 250);
            recoverySeconds = Math.max(recoverySeconds, (performance.now() - began) / 1000);
            await secondsMore(() => load.records(), 3);
        }
    });
    // The kernel sends to a pod that ends until its proxy has heard of it.
    const most = stagingRate;
    assert.ok(failed <= most, `${failed} requests failed; at most ${most}`);
    return {
        seen: `Each of ${before.length} pods replaced: ${failed} of ${requests} requests failed.`,
        recoverySeconds,
    };
}

/** The value that the store gives out for an entry. */
async function stored(entry: SecretEntryName): Promise<string> {
    const options = ["--secret-id", secretName("staging", entry)];
    const answer = await world.aws<{ SecretString: string }>("secretsmanager", "get-secret-value", ...options);
    return answer.SecretString;
}

const changed = "application-secret-key";

/** The key that the backend's pods were started with. */
async function keyOfPods(): Promise<string> {
    interface Deployment {
        readonly spec: {
            readonly template: {
                readonly spec: {
                    readonly containers: readonly { readonly envFrom?: readonly { secretRef?: { name: string } }[] }[];
                };
            };
        };
    }
    const { spec } = await world.kubernetesObject<Deployment>("deployment", "backend");
    const name = spec.template.spec.containers[0]?.envFrom?.find(({ secretRef }) => secretRef)?.secretRef?.name;
    assert.ok(name, "the backend has no Secret");
    const { data } = await world.kubernetesObject<{ data: Record<string, string> }>("secret", name);
    return Buffer.from(data[backendVariables[changed]] ?? "", "base64").toString();
}

/** Someone changes a secret twice: the store is ahead, and no update may write an older value back. */
export async function changedSecret(): Promise<Seen> {
    const before = await stored(changed);
    assert.equal(await keyOfPods(), before);
    const [first, second] = [0, 1].map(() => randomBytes(32).toString("hex")) as [string, string];
    const of = ["--secret-id", secretName("staging", changed)];
    let recoverySeconds = 0;
    const { requests } = await losingNothing("changed-secret", async () => {
        let newest = "";
        for (const value of [first, second]) {
            const put = ["secretsmanager", "put-secret-value", ...of, "--secret-string", value];
            ({ VersionId: newest } = await world.aws<{ VersionId: string }>(...put));
        }
        const preview = await world.pulumi(["preview", "--diff"], running);
        assertSucceeded(preview);
        assert.match(preview.output, /application-secret-key/);
        assert.ok(newest !== "" && preview.output.includes(newest), preview.output);
        const status = await world.release(["status", "--stack", "staging"], running);
        assert.equal(status.exitCode, 1, status.output);
        assert.match(
            status.output,
            /backend: application-secret-key has version \S+, and the store is ahead with \S+;/,
        );
        for (const text of [before, first, second])
            assert.ok(!(preview.output + status.output).includes(text), "a value of the secret is in the output");
        assert.equal(await keyOfPods(), before, "a preview has changed the pods");
        recoverySeconds = await update(running);
    });
    assert.equal(await stored(changed), second);
    assert.equal(await keyOfPods(), second);
    assertSucceeded(await world.release(["status", "--stack", "staging"], running));
    return {
        seen: `Preview and release status named the secret, not its value; one update brought the newest value to the pods, and the store kept it. 0 of ${requests} requests failed.`,
        recoverySeconds,
    };
}

const scenario = "security-breach";

/** Copies a release's evidence, with the admission of a deployment, to where `release rollback` finds it. @returns that folder */
async function admit(release: world.Release): Promise<string> {
    const { instance } = world;
    const own = releaseFolder(instance, "staging", release);
    const judgement = judge(instance, release, "staging", own);
    const admission = admissionOf("staging", judgement, new Date().toISOString());
    await sign(instance, own, release, { "admission-staging": admission });
    const releases = path.join(instance.root, "evidence", "admitted-to-staging");
    fs.cpSync(own, path.join(releases, release.version), { recursive: true });
    return releases;
}

/** A release leaks credentials: the decision matrix's rollback and rotation, by one command, with its own times. */
export async function breached(): Promise<Seen> {
    const good = await world.publish("1.4.0");
    await update({ release: good });
    const releases = await admit(good);
    await update({ release: await world.publish("1.4.1") });
    const leaked = await stored("database-url");
    assert.equal(await logsIn(leaked), true);
    const limits = [scenarios[scenario].limitSeconds, scenarios[scenario].rotationLimitSeconds].map(duration);
    let recoverySeconds = 0;
    let times: readonly string[] = [];
    const { requests } = await losingNothing("security-breach", async () => {
        let outcome: world.Outcome | undefined;
        recoverySeconds = await timed(async () => {
            const options = ["--stack", "staging", "--releases", releases, "--scenario", scenario, "--yes"];
            outcome = await world.release(["rollback", ...options]);
        });
        assertSucceeded(outcome!);
        times = [...outcome!.output.matchAll(/(?:begins|rotated) after (.*): in time \(limit (.*)\)\.$/gm)].map(
            ([, time = "", limit = ""], at) => (limit === limits[at] ? time : ""),
        );
        assert.ok(times.length === 2 && !times.includes(""), outcome!.output);
    });
    assert.equal(await logsIn(leaked), false, "the leaked password is accepted");
    assert.equal(await logsIn(await stored("database-url")), true);
    running = { release: { ...good, rollback: true } };
    await world.assertRuns(good.version);
    assertSucceeded(await world.release(["status", "--stack", "staging"], running));
    assertSucceeded(await world.pulumi(["preview", "--refresh", "--expect-no-changes"], running));
    return {
        seen: `Users were back after ${times[0]} (limit ${limits[0]}), all credentials rotated ${times[1]} later (limit ${limits[1]}), and the leaked password was refused. 0 of ${requests} requests failed.`,
        recoverySeconds,
    };
}
