import * as assert from "node:assert/strict";
import type { Load } from "../../sandbox/drill/load";
import { waitUntil } from "../../sandbox/machine/process";
import { releaseFirst } from "./drills";
import { backendPods, evict, isReady, readyPods, versionOf } from "./node";
import { losingNothing } from "./requests";
import * as world from "./world";

interface Deployment {
    readonly spec: { readonly template: { readonly spec: { readonly containers: { readonly image: string }[] } } };
    readonly status: { readonly availableReplicas?: number };
}

const imageOf = (deployment: Deployment) => deployment.spec.template.spec.containers[0]!.image;
const backend = () => world.kubernetesObject<Deployment>("deployment", "backend");

const answered = (load: Load, version: string) =>
    load.records().some((record) => record.type === "second" && (record.versions[version] ?? 0) > 0);

/** A drain takes a pod that never became ready, and of those that serve one at a time. */
async function assertDrained(bad: string, good: string): Promise<void> {
    const broken = (await backendPods(world.namespace)).find((pod) => versionOf(pod) === bad && !isReady(pod));
    assert.ok(broken, `no pod of ${bad} is left`);
    assert.equal(await evict(broken), true, "the broken pod can't be drained");
    const [first, second] = await readyPods(good, world.namespace);
    assert.ok(first && second, "the pods that serve are gone");
    assert.equal(await evict(first), true);
    assert.equal(await evict(second), false, "the disruption budget let the last ready pod go");
}

describe("A release to staging", () => {
    it("should replace pods without a failed request under load", async () => {
        const { version: before } = JSON.parse(String(world.variables().RELAYPACS_RELEASE)) as { version: string };
        const release = await world.publish("1.1.0");
        const { requests, versions } = await losingNothing("release", async (load) => {
            const outcome = await world.up({ release });
            assert.equal(outcome.exitCode, 0, outcome.output);
            // An open connection keeps its old pod until the pod ends, which is after the new ones are ready.
            await waitUntil(() => Promise.resolve(answered(load, "1.1.0")), "An answer of version 1.1.0", 60);
        });
        assert.ok(requests > 500, `only ${String(requests)} requests`);
        assert.ok((versions[before] ?? 0) > 0 && (versions["1.1.0"] ?? 0) > 0, JSON.stringify(versions));
        await world.assertRuns("1.1.0");
        assert.deepEqual(await world.tagsOf("relaypacs/backend", release.images.backend), [
            "running-staging-1.1.0",
            "v1.1.0",
        ]);
        console.log(`      ${String(requests)} requests, 0 failed: ${JSON.stringify(versions)}`);
    });

    it("should stop with the old version serving when it never becomes ready, and let pods be drained", async () => {
        // This test mostly waits, and production's stack is another.
        void releaseFirst();
        const bad = await world.publish("1.2.0", { FAULT_NEVER_READY: "true" });
        const { versions } = await losingNothing("never-ready", async () => {
            const outcome = await world.up({ release: bad, variables: { RELAYPACS_ROLLOUT_TIMEOUT_SECONDS: "30" } });
            assert.notEqual(outcome.exitCode, 0);
            assert.match(outcome.output, /backend/);
            assert.match(outcome.output, /progress|ready/i);
            assert.ok(((await backend()).status.availableReplicas ?? 0) >= 2);
            await assertDrained(bad.version, "1.1.0");
            await waitUntil(async () => (await readyPods("1.1.0", world.namespace)).length === 2, "two pods", 90, 250);
        });
        assert.deepEqual(Object.keys(versions), ["1.1.0"]);
    });

    it("should change no Deployment when its migration fails, and recover with the next one", async () => {
        // The pods that never become ready are still there.
        const running = await backend();
        const bad = await world.publish("1.3.0", { FAULT_MIGRATION: "fail" });
        const outcome = await world.up({ release: bad });
        assert.notEqual(outcome.exitCode, 0);
        assert.match(outcome.output, /backend-migration/);
        assert.equal(imageOf(await backend()), imageOf(running));
        await world.assertRuns("1.1.0");

        const good = await world.publish("1.3.1");
        const recovered = await world.up({ release: good });
        assert.equal(recovered.exitCode, 0, recovered.output);
        await world.assertRuns("1.3.1");
    });

    it("should be stopped by the pack before any change when it has a credential in a plain variable", async () => {
        const services = JSON.stringify([
            {
                name: "backend",
                port: 8000,
                routes: ["/api", "/health"],
                database: true,
                environment: { API_TOKEN: "not-a-real-token" },
            },
            { name: "frontend", port: 8080, routes: ["/"] },
        ]);
        const running = await backend();
        const outcome = await world.up({
            release: await world.publish("1.3.1"),
            variables: { RELAYPACS_SERVICES: services },
        });
        assert.notEqual(outcome.exitCode, 0);
        assert.match(outcome.output, /API_TOKEN/);
        assert.deepEqual((await backend()).spec, running.spec);
    });
});
