import * as assert from "node:assert/strict";
import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { kubeConfig } from "../../sandbox/drill/cluster";
import { rolloutKind } from "../../delivery/rollouts/list";
import type { PodTemplate } from "../../delivery/rollouts/objects";
import { secretsOf } from "../../delivery/rollouts/secrets";
import { secretsInUse } from "../../delivery/rollouts/secrets-in-use";
import { secondsUntilLastAnswer } from "../../sandbox/drill/measures";
import { namespace } from "../../sandbox/drill/production";
import { constantLoad } from "../../sandbox/drill/recorder";
import { connectedUsers, dropConnections, rotateDatabaseUrl } from "../../sandbox/drill/rotation";
import { waitUntil } from "../../sandbox/machine/process";
import { requestPublicly } from "../../sandbox/stacks/public-address";
import { variableOf } from "../../settings/parse";
import {
    admit,
    api,
    assertFailed,
    assertNothingLost,
    drill,
    type Drill,
    good,
    load,
    measurement,
    production,
    publish,
    reaches,
    rolledBackTo,
} from "./drills";
import { backendPods, crash, evict, readyPods } from "./node";
import { assertFailedByProxy, failures } from "./requests";
import { instance } from "./world";

/** Every Secret of the backend is owned by the ReplicaSets that name it, the only ones that may need it again. */
async function assertSecretsAreOwned(): Promise<void> {
    const labelSelector = "app.kubernetes.io/name=backend";
    const { items } = await api.apps.listNamespacedReplicaSet({ namespace, labelSelector });
    const naming: Record<string, string[]> = {};
    for (const { metadata, spec } of items)
        for (const secret of secretsOf(spec?.template as PodTemplate | undefined))
            (naming[secret] ??= []).push(metadata?.name ?? "");
    const secrets = (await api.core.listNamespacedSecret({ namespace })).items;
    const owned = secrets
        .filter(({ metadata }) => metadata?.name !== undefined && metadata.name in naming)
        .map(({ metadata }) => [metadata?.name, metadata?.ownerReferences?.map(({ name }) => name).sort()]);
    assert.deepEqual(Object.fromEntries(owned), sorted(naming));
    assert.equal(Object.keys(naming).length, 2, "the changed secret has no Secret of its own");
}

const sorted = (naming: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(Object.entries(naming).map(([secret, names]) => [secret, [...names].sort()]));

/** Patches the backend's Rollout as a person would with kubectl. */
async function patchRollout(change: object, part: "spec" | "status"): Promise<void> {
    const api = kubeConfig(instance).makeApiClient(CustomObjectsApi);
    const of = { ...rolloutKind, namespace, name: "backend" };
    const body = { [part]: change };
    const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    if (part === "status") await api.patchNamespacedCustomObjectStatus({ ...of, body }, merge);
    else await api.patchNamespacedCustomObject({ ...of, body }, merge);
}

const failuresOf = ({ recorder }: Drill) => failures(recorder.records);

const assertNoOtherServiceAnswered = ({ recorder }: Drill) => {
    assertFailedByProxy(recorder.records);
};

/** The version of `database-url` with which the backend's serving pods were started. */
async function servingDatabaseUrl(): Promise<string | undefined> {
    const services = await secretsInUse(kubeConfig(instance), namespace);
    const backend = services.find(({ service }) => service === "backend");
    return backend?.secrets[0]?.versions?.["database-url"];
}

describe("Incidents in production", () => {
    it("should lose at most green's share for two seconds when green crashes in the canary", async () => {
        const release = await publish("2.11.0");
        void publish("2.12.0");
        await drill("crash-at-half", async (on) => {
            const blue = good();
            const update = production.up(release);
            await reaches(on, release, "canary");
            await load(on, 4);
            assert.equal(crash(await readyPods(release.version)), 2);
            on.recorder.mark("green crashes", true);
            await load(on, 6);
            update.interrupt();
            await update.ended;
            const rollback = await production.rollBack("--to", blue.version).ended;
            assert.equal(rollback.exitCode, 0, rollback.output);
            const { backend } = await on.recorder.stop();
            assertNoOtherServiceAnswered(on);
            const most = constantLoad.backend * 0.5 * 2;
            assert.ok(backend.failed <= most, `${backend.failed} requests failed; at most ${most}`);
            const outcome = `${backend.failed} of ${backend.requests} requests failed, at most green's share for 2 s.`;
            return { title: "Green crashes in the canary", outcome, green: release };
        });
    });

    it("should give all requests back to blue within seconds when green crashes with all of them", async () => {
        const release = await publish("2.12.0");
        void publish("2.13.0");
        await drill("crash-at-full", async (on) => {
            const blue = good();
            const update = production.up(release);
            await reaches(on, release, "watch");
            await load(on, 4);
            assert.equal(crash(await readyPods(release.version)), 2);
            on.recorder.mark("green crashes", true);
            await load(on, 6);
            update.interrupt();
            await update.ended;
            const rollback = await production.rollBack("--to", blue.version).ended;
            assert.equal(rollback.exitCode, 0, rollback.output);
            const { backend } = await on.recorder.stop();
            assertNoOtherServiceAnswered(on);
            const most = constantLoad.backend * 4;
            assert.ok(backend.failed <= most, `${backend.failed} requests failed; at most ${most}`);
            const outcome = `${backend.failed} of ${backend.requests} requests failed, at most all for 4 s.`;
            return { title: "Green crashes with all requests", outcome, green: release };
        });
    });

    it("should lose nothing when a newer release comes in the middle of a canary", async () => {
        const [older, newer] = [await publish("2.13.0"), await publish("2.14.0", { FAULT_READY_AFTER_SECONDS: "20" })];
        void publish("2.15.0", { FAULT_ERROR_FIRST: "150" });
        await drill("newer-in-canary", async (on) => {
            const first = production.up(older);
            await reaches(on, older, "canary");
            await load(on, 3);
            first.interrupt();
            await first.ended;
            const second = await production.up(newer).ended;
            assert.equal(second.exitCode, 0, second.output);
            assert.match(second.output, /Deleted the ReplicaSets of releases that failed before: backend-/);
            await admit(newer);
            const requests = await assertNothingLost(on);
            const outcome = `0 of ${requests} requests failed.`;
            return { title: "A newer release in the middle of a canary", outcome, green: newer };
        });
    });

    it("should give all requests back to blue when only green's first answers are errors", async () => {
        const release = await publish("2.15.0", { FAULT_ERROR_FIRST: "150" });
        void publish("2.16.0");
        await drill("first-errors", async (on) => {
            const update = await production.up(release).ended;
            assertFailed(
                update,
                /2\.15\.0 of backend in relaypacs-prod was aborted at step 4 of 6.*error-increase was/,
            );
            const { value } = await measurement(on, "error-increase", "Failed", 1);
            const { backend } = await on.recorder.stop();
            assert.equal(backend.failed, backend.failedVersions[release.version]);
            const outcome = `Aborted at ${String(value)}. ${backend.failed} of ${backend.requests} requests failed.`;
            return { title: "Only green's first answers are errors", outcome, green: release };
        });
    });

    it("should answer 503 while nothing serves, call that no success, and restore what was scaled to zero", async () => {
        const release = good();
        await drill("scaled-to-zero", async (on) => {
            await patchRollout({ replicas: 0 }, "spec");
            on.recorder.mark("scaled to zero", true);
            await waitUntil(async () => (await backendPods()).length === 0, "the end of all pods", 60, 250);
            await load(on, 3);
            await assert.rejects(requestPublicly(instance, "prod", "/health"), /\/health answered 503$/);
            const update = await production.up(release).ended;
            assert.equal(update.exitCode, 0, update.output);
            assert.match(update.output, /backend was scaled by hand: it asked for 0 of 2 pods, and gets them back\./);
            assert.match(update.output, new RegExp(`runs ${release.version} on 2 of 2 pods`));
            // Both pods of Traefik learn of the pods a moment after the Rollout.
            await load(on, 3);
            const failed = failuresOf(on).length;
            await load(on, 3);
            assert.equal(failuresOf(on).length, failed, "requests failed after the update");
            assertNoOtherServiceAnswered(on);
            await on.recorder.stop();
            const outcome = `${failed} requests failed with 503 until the update, none after it.`;
            return { title: "Scaled to zero by hand", outcome, green: release };
        });
    });

    it("should not call a release failed that someone aborts when it is complete", async () => {
        const release = good();
        await drill("abort-at-rest", async (on) => {
            await patchRollout({ abort: true }, "status");
            await on.rollout.until("an abort", ({ rollout }) => rollout.status?.abort === true, 30);
            const update = await production.up(release).ended;
            assert.equal(update.exitCode, 0, update.output);
            assert.match(update.output, new RegExp(`Backend in ${namespace} runs ${release.version} on 2 of 2 pods`));
            assert.doesNotMatch(update.output, /was aborted/);
            const requests = await assertNothingLost(on);
            const outcome = `The update ended well. 0 of ${requests} requests failed.`;
            return { title: "An abort outside a release", outcome, green: release };
        });
    });

    it("should go back within seconds after a release that changed a secret, with a pod of blue evicted", async () => {
        const [blue, release] = [good(), await publish("2.16.0")];
        await drill("back-across-secret", async (on) => {
            const changed = { [variableOf("applicationSecretKey", "prod")]: "x".repeat(64) };
            const update = await production.up(release, changed).ended;
            assert.equal(update.exitCode, 0, update.output);
            await admit(release);
            const [pod] = await readyPods(blue.version);
            assert.ok(pod, "blue is idle");
            assert.equal(await evict(pod), true);
            on.recorder.mark("a pod of blue is evicted");
            // Argo Rollouts takes an idle ReplicaSet's missing pod for one too many, and does not bring it back.
            await waitUntil(async () => (await readyPods(blue.version)).length === 1, "one pod of blue", 60, 250);
            const began = new Date().toISOString();
            const rollback = await production.rollBack().ended;
            assert.equal(rollback.exitCode, 0, rollback.output);
            rolledBackTo(blue);
            assert.match(
                rollback.output,
                /backend: 1 of its 2 pods are ready; the others start first, without the steps\./,
            );
            on.recorder.mark("rolled back");
            const seconds = secondsUntilLastAnswer(on.recorder.records, release.version, began);
            assert.ok(seconds !== undefined && seconds < 40, `${String(seconds)} s`);
            await assertSecretsAreOwned();
            const requests = await assertNothingLost(on);
            const outcome = `Back ${seconds} s after release rollback began. 0 of ${requests} requests failed.`;
            return { title: "Back across a changed secret", outcome, green: release };
        });
    });

    it("should lose nothing when the database's password is rotated and all connections are dropped", async () => {
        const release = good();
        await drill("rotated-password", async (on) => {
            const users = await connectedUsers(instance, "prod");
            const version = await rotateDatabaseUrl(instance, "prod");
            on.recorder.mark("rotated");
            assert.notEqual(await servingDatabaseUrl(), version);
            assert.ok((await dropConnections(instance, "prod")) > 0, "there was no connection");
            on.recorder.mark("connections dropped", true);
            // Readiness is lost after three probes that fail, five seconds apart.
            await load(on, 20);
            assert.equal((await readyPods(release.version)).length >= 2, true, "pods have lost their readiness");
            await requestPublicly(instance, "prod", "/health");
            assert.deepEqual(await connectedUsers(instance, "prod"), users);

            const behind = await production.status().ended;
            assert.equal(behind.exitCode, 1, behind.output);
            assert.match(behind.output, new RegExp(`backend: database-url has version .* is ahead with ${version}; `));
            const preview = await production.pulumi(release, ["preview", "--diff"]).ended;
            assert.equal(preview.exitCode, 0, preview.output);
            assert.ok(preview.output.includes(version), preview.output);

            const update = await production.up(release).ended;
            assert.equal(update.exitCode, 0, update.output);
            assert.equal(await servingDatabaseUrl(), version);
            const current = await production.status().ended;
            assert.equal(current.exitCode, 0, current.output);
            await dropConnections(instance, "prod");
            on.recorder.mark("connections dropped again", true);
            await load(on, 20);
            const [other] = (await connectedUsers(instance, "prod")).filter((user) => !users.includes(user));
            assert.ok(other, "the new pods have not changed the user");
            const requests = await assertNothingLost(on);
            const outcome = `0 of ${requests} requests failed.`;
            return { title: "A rotated password, and all connections dropped", outcome, green: release };
        });
    });
});
