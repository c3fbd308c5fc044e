import * as assert from "node:assert/strict";
import { abandonedReplicaSets, deleteReplicaSets } from "../../../delivery/rollouts/abandoned-replica-sets";
import { followRollout } from "../../../delivery/rollouts/follow-rollout";
import { abortRelease } from "../../../delivery/rollouts/abort-release";
import { restoreReplicas } from "../../../delivery/rollouts/restore-replicas";
import type { ReplicaSet, Rollout } from "../../../delivery/rollouts/objects";
import { ApiServer } from "./api-server";
import * as o from "./objects";

const hotfix = "7c9f5d8b66";
const older = o.replicaSet("5f6b7c8d99", "1.4.0", { replicas: 0, created: -172_800, revision: 1 });
const blue = o.replicaSet(o.blue, "1.4.1", { created: -86_400, revision: 2 });
const failed = o.replicaSet(o.green, "1.4.2", { replicas: 0, revision: 3 });
const green = o.replicaSet(hotfix, "1.4.3", { created: 60, revision: 4 });
const replacing = (status: Rollout["status"] = {}) =>
    o.rollout({ currentPodHash: hotfix, ...status }, { version: "1.4.3", revision: 4 });

describe("Releases that were given up before", () => {
    const names = (rollout: Rollout, replicaSets: readonly ReplicaSet[] = [older, blue, failed, green]) =>
        abandonedReplicaSets({ ...o.world(0).objects!, replicaSets }, rollout).map(({ metadata }) => metadata.name);

    it("should be those between the stable and the wanted release", () => {
        assert.deepEqual(names(replacing()), [`backend-${o.green}`]);
        assert.deepEqual(names(replacing(), [older, blue, green]), []);
    });

    it("should not be listed while the failed release is still the wanted one, nor when no rollout is in progress", () => {
        assert.deepEqual(names(o.rollout(o.aborted(""), { revision: 3 })), []);
        assert.deepEqual(names(replacing({ stableRS: hotfix })), []);
    });

    it("should not be listed when the stable release is unknown, or another Rollout owns them", () => {
        assert.deepEqual(names(replacing({ stableRS: "gone" })), []);
        const foreign = { ...failed, metadata: { ...failed.metadata, ownerReferences: [{ uid: "another" }] } };
        assert.deepEqual(names(replacing(), [blue, foreign, green]), []);
    });

    it("should not be deleted while they have pods, as the green of a canary has that this release ends", () => {
        const underWay = o.replicaSet(o.green, "1.4.2", { replicas: 2, revision: 3 });
        assert.deepEqual(names(replacing(), [older, blue, underWay, green]), []);
        const unknown = { ...underWay, spec: {} };
        assert.deepEqual(names(replacing(), [older, blue, unknown, green]), []);
    });

    it("should not be deleted while they have weight", () => {
        const weights = (weight: number) => ({
            canary: { weights: { canary: { weight, podTemplateHash: o.green }, stable: { weight: 100 - weight } } },
        });
        assert.deepEqual(names(replacing(weights(50))), []);
        assert.deepEqual(names(replacing(weights(0))), [`backend-${o.green}`]);
    });

    it("should not be deleted twice", () => {
        const going = { ...failed, metadata: { ...failed.metadata, deletionTimestamp: o.at(70) } };
        assert.deepEqual(names(replacing(), [blue, going, green]), []);
    });
});

describe("Changing a cluster while a release is followed", () => {
    let server: ApiServer;
    beforeEach(async () => {
        server = new ApiServer();
        await server.start();
    });
    afterEach(() => server.stop());

    it("should delete ReplicaSets that failed before, once, and continue to follow", async () => {
        server.put("replicasets", older, blue, failed, green);
        server.put("rollouts", replacing());
        const asked: (readonly string[])[] = [];
        const { cluster } = server;
        await followRollout({
            cluster,
            namespace: "relaypacs-prod",
            name: "backend",
            say: () => undefined,
            deleteAbandoned: async (left) => {
                asked.push(left);
                await deleteReplicaSets(cluster, "relaypacs-prod", [...left, "backend-gone"]);
                server.put("rollouts", replacing({ ...o.promoted, stableRS: hotfix }));
            },
        });
        assert.deepEqual(asked, [[`backend-${o.green}`]]);
        assert.deepEqual(
            server.changes.map(([method, path]) => `${method} ${path}`),
            [`DELETE replicasets/backend-${o.green}`, "DELETE replicasets/backend-gone"],
        );
    });

    it("should abort a release wherever it is in progress, and nothing else", async () => {
        const named = (name: string, rollout: Rollout): Rollout => ({
            ...rollout,
            metadata: { ...rollout.metadata, name },
        });
        server.put(
            "rollouts",
            named("backend", o.rollout(o.aborted(""))),
            named("frontend", o.rollout()),
            named("viewer", o.rollout(o.promoted)),
            named("other", o.rollout({}, { version: "1.4.1" })),
        );
        assert.deepEqual(await abortRelease(server.cluster, "relaypacs-prod", "1.4.2"), ["frontend"]);
        assert.deepEqual(server.changes, [["PATCH", "rollouts/frontend/status", { status: { abort: true } }]]);
    });

    it("should scale a Rollout up that asks for too few pods, and leave one that asks for more", async () => {
        const asking = (replicas?: number): Rollout => {
            const { spec, ...rest } = o.rollout(o.promoted, { generation: 5 });
            const { replicas: _, ...others } = spec;
            return { ...rest, spec: { ...others, ...(replicas !== undefined && { replicas }) } };
        };
        for (const [replicas, restored] of [
            [0, { was: 0, generation: 5 }],
            [1, { was: 1, generation: 5 }],
            [undefined, { was: 1, generation: 5 }],
            [2, undefined],
            [7, undefined],
        ] as const) {
            server.put("rollouts", asking(replicas));
            server.changes.length = 0;
            assert.deepEqual(await restoreReplicas(server.cluster, "relaypacs-prod", "backend", 2), restored);
            assert.deepEqual(
                server.changes,
                restored ? [["PATCH", "rollouts/backend", { spec: { replicas: 2 } }]] : [],
            );
        }
    });

    it("should report when the cluster refuses", async () => {
        server.refusal = 403;
        await assert.rejects(abortRelease(server.cluster, "relaypacs-prod", "1.4.2"), {
            message: "The Rollouts of relaypacs-prod can't be listed: answered with 403.",
        });
        await assert.rejects(restoreReplicas(server.cluster, "relaypacs-prod", "backend", 2), {
            message: "The Rollout backend can't be scaled: answered with 403.",
        });
        await assert.rejects(deleteReplicaSets(server.cluster, "relaypacs-prod", ["backend-1"]), {
            message: "The ReplicaSet backend-1 can't be deleted: answered with 403.",
        });
    });
});
