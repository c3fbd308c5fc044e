import * as assert from "node:assert/strict";
import type { Pod, ReplicaSet, Rollout } from "../../../delivery/rollouts/objects";
import { remainsOf, takeWayBack, waysBack, type Remains } from "../../../delivery/rollouts/way-back";
import { ApiServer } from "./api-server";
import * as o from "./objects";

const digest = `sha256:${"b".repeat(64)}`;
const images = { backend: digest };

/** A ReplicaSet of a version, so many days old. */
function replicaSet(hash: string, version: string, days: number, secret = "backend-1", image = digest): ReplicaSet {
    const { metadata, spec } = o.replicaSet(hash, version, { replicas: 0, created: -86_400 * days });
    const template = {
        metadata: {
            labels: { ...spec?.template?.metadata?.labels, "rollouts-pod-template-hash": hash },
            annotations: { "relaypacs.com/image-digest": image },
        },
        spec: { containers: [{ name: "backend", envFrom: [{ secretRef: { name: secret } }] }] },
    };
    return { metadata, spec: { replicas: 0, template } };
}

/** 1.4.2 has all traffic. */
function promoted(revisions: number | undefined = 3): Rollout {
    const { spec, ...rest } = o.rollout(o.promoted);
    return { ...rest, spec: { ...spec, ...(revisions !== undefined && { rollbackWindow: { revisions } }) } };
}

const stable = replicaSet(o.green, "1.4.2", 1);
const before = replicaSet(o.blue, "1.4.1", 2);
const older = ["a", "b", "c"].map((hash, at) => replicaSet(hash, `1.3.${9 - at}`, 3 + at));

describe("The way back to a release", () => {
    const find = (change: Partial<Remains> = {}, version = "1.4.1") =>
        waysBack(
            {
                rollouts: [promoted()],
                replicaSets: [stable, before, ...older],
                pods: [],
                secrets: new Set(["backend-1"]),
                ...change,
            },
            version,
            images,
        ).map(({ service, ready, wanted }) => [service, ready, wanted]);

    it("should be there where its ReplicaSet is, with the pods that are ready", () => {
        assert.deepEqual(find(), [["backend", 0, 2]]);
        assert.deepEqual(find({ pods: o.bluePods }), [["backend", 2, 2]]);
        const [one] = o.bluePods as [Pod];
        assert.deepEqual(find({ pods: [one, o.pod(o.blue, 2, o.unready), o.pod(o.green, 1)] }), [["backend", 1, 2]]);
    });

    it("should not be there without its ReplicaSet, with another image, or for another Rollout", () => {
        assert.deepEqual(find({}, "1.4.0"), []);
        assert.deepEqual(find({ replicaSets: [stable] }), []);
        const other = replicaSet(o.blue, "1.4.1", 2, "backend-1", `sha256:${"c".repeat(64)}`);
        assert.deepEqual(find({ replicaSets: [stable, other] }), []);
        const foreign = { ...before, metadata: { ...before.metadata, ownerReferences: [{ uid: "another" }] } };
        assert.deepEqual(find({ replicaSets: [stable, foreign] }), []);
        assert.deepEqual(find({ rollouts: [] }), []);
    });

    it("should not be there when a Secret is gone that its pods need", () => {
        assert.deepEqual(find({ secrets: new Set(["backend-2"]) }), []);
    });

    it("should be there as far as the controller skips the steps, and no further", () => {
        // Between 1.3.8 and what is stable lie 1.4.1 and 1.3.9, one less than the window.
        assert.deepEqual(find({}, "1.3.8"), [["backend", 0, 2]]);
        assert.deepEqual(find({}, "1.3.7"), []);
        assert.deepEqual(find({ rollouts: [promoted(0)] }), []);
        const newer = replicaSet("d", "1.4.3", 0);
        assert.deepEqual(find({ replicaSets: [stable, newer] }, "1.4.3"), []);
    });

    it("should lead back to what is still stable in the middle of a canary", () => {
        const canary = o.rollout({ currentStepIndex: 3, ...o.weights(50) });
        assert.deepEqual(find({ rollouts: [canary] }), [["backend", 0, 2]]);
    });

    it("should be the newest of two ReplicaSets with the same images", () => {
        const again = replicaSet("e", "1.4.1", 1.5, "backend-2");
        const [way] = waysBack(
            {
                rollouts: [promoted()],
                replicaSets: [before, again, stable],
                pods: [],
                secrets: new Set(["backend-1", "backend-2"]),
            },
            "1.4.1",
            images,
        );
        assert.deepEqual(way?.template, again.spec?.template);
    });
});

describe("Taking the way back", () => {
    let server: ApiServer;
    beforeEach(async () => {
        server = new ApiServer();
        await server.start();
    });
    afterEach(() => server.stop());

    it("should have the Rollout ask for the earlier pods, without the controller's own label", async () => {
        server.put("rollouts", promoted());
        server.put("replicasets", stable, before);
        server.put("pods", ...o.bluePods);
        server.put("secrets", { metadata: { name: "backend-1" } });
        const asked: string[] = [];
        server.seen = ({ url }) => asked.push(url ?? "");
        const [way] = waysBack(await remainsOf(server.cluster, "relaypacs-prod"), "1.4.1", images);
        assert.ok(way);
        // The deployer's role may get the Secrets that it names, and list none.
        assert.deepEqual(
            asked.filter((url) => url.includes("/secrets")),
            ["/api/v1/namespaces/relaypacs-prod/secrets/backend-1"],
        );
        assert.equal(way.ready, 2);
        await takeWayBack(server.cluster, "relaypacs-prod", way);
        const template = {
            ...before.spec?.template,
            metadata: {
                labels: { "app.kubernetes.io/version": "1.4.1" },
                annotations: { "relaypacs.com/image-digest": digest },
            },
        };
        assert.deepEqual(server.changes, [
            ["PATCH", "rollouts/backend", [{ op: "replace", path: "/spec/template", value: template }]],
        ]);
    });

    it("should report when the cluster refuses", async () => {
        server.refusal = 403;
        const way = { service: "backend", template: {}, ready: 2, wanted: 2 };
        await assert.rejects(takeWayBack(server.cluster, "relaypacs-prod", way), {
            message: "The Rollout backend can't go back: answered with 403.",
        });
        await assert.rejects(remainsOf(server.cluster, "relaypacs-prod"));
    });
});
