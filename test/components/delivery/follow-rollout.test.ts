import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { followedRollout, type RolloutTools } from "../../../components/delivery/follow-rollout";
import { clusterOf, RolloutError, type FollowOptions } from "../../../delivery/rollouts/follow-rollout";
import { ApiServer } from "../../delivery/rollouts/api-server";

class Stand extends pulumi.CustomResource {
    declare readonly metadata: pulumi.Output<object>;
    constructor(name: string) {
        super("test:index:Rollout", name, { metadata: { generation: 7 } });
    }
}

/** Tools that touch no cluster. */
const tools = (follow: RolloutTools["follow"], more: Partial<RolloutTools> = {}): RolloutTools => ({
    follow,
    abortRelease: () => Promise.resolve([]),
    deleteReplicaSets: () => Promise.resolve(),
    restoreReplicas: () => Promise.resolve(undefined),
    ...more,
});

const valueOf = (output: pulumi.Output<string>): Promise<string> =>
    (output as unknown as { promise(): Promise<string> }).promise();

describe("Following a rollout as part of an update", () => {
    const before = process.env.KUBECONFIG;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kubeconfig-"));
    const args = { namespace: "relaypacs-prod", name: "backend", version: "1.4.2", replicas: 2 };

    const mocks = (preview: boolean) =>
        pulumi.runtime.setMocks(
            { newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }), call: () => ({}) },
            "relaypacs",
            "prod",
            preview,
        );

    beforeEach(() => {
        process.env.KUBECONFIG = path.join(folder, "config");
        fs.writeFileSync(process.env.KUBECONFIG, new ApiServer().kubeconfig);
    });
    after(() => {
        if (before === undefined) delete process.env.KUBECONFIG;
        else process.env.KUBECONFIG = before;
        fs.rmSync(folder, { recursive: true });
    });

    it("should follow the generation that the update wrote, and return the version", async () => {
        await mocks(false);
        const followed: FollowOptions[] = [];
        const follow = (options: FollowOptions) => {
            followed.push(options);
            return Promise.resolve();
        };
        assert.equal(await valueOf(followedRollout(new Stand("backend"), args, tools(follow))), "1.4.2");
        assert.deepEqual(
            followed.map(({ namespace, name, version, generation }) => ({ namespace, name, version, generation })),
            [{ namespace: "relaypacs-prod", name: "backend", version: "1.4.2", generation: 7 }],
        );
    });

    it("should delete the ReplicaSets of releases that failed before, and continue where the cluster refuses", async () => {
        await mocks(false);
        const deleted: unknown[] = [];
        const follow = async ({ deleteAbandoned }: FollowOptions) => deleteAbandoned?.(["backend-1", "backend-2"]);
        const by = (deleteReplicaSets: RolloutTools["deleteReplicaSets"]) =>
            valueOf(followedRollout(new Stand("backend"), args, tools(follow, { deleteReplicaSets })));
        await by((_, namespace, names) => Promise.resolve(void deleted.push(namespace, ...names)));
        assert.deepEqual(deleted, ["relaypacs-prod", "backend-1", "backend-2"]);
        assert.equal(await by(() => Promise.reject(new Error("replicasets is forbidden"))), "1.4.2");
    });

    it("should give a Rollout that was scaled by hand its pods back, and follow what it then asks for", async () => {
        await mocks(false);
        const followed: unknown[] = [];
        const follow = ({ generation, replicas }: FollowOptions) =>
            Promise.resolve(void followed.push([generation, replicas]));
        const by = (restoreReplicas: RolloutTools["restoreReplicas"]) =>
            valueOf(followedRollout(new Stand("backend"), args, tools(follow, { restoreReplicas })));
        const asked: unknown[] = [];
        await by((_, ...where) => {
            asked.push(where);
            return Promise.resolve({ was: 0, generation: 9 });
        });
        assert.deepEqual(asked, [["relaypacs-prod", "backend", 2]]);
        await by(() => Promise.reject(new Error("The Rollout backend can't be scaled: answered with 403.")));
        assert.deepEqual(followed, [
            [9, 2],
            [7, 2],
        ]);
    });

    it("should not happen in a preview", async () => {
        await mocks(true);
        const follow = () => Promise.reject(new Error("followed"));
        assert.equal(await valueOf(followedRollout(new Stand("backend"), args, tools(follow))), "1.4.2");
    });

    it("should refuse a context that is not in the kubeconfig", () => {
        assert.throws(() => clusterOf("prod-cluster"), {
            message: 'The kubeconfig has no context "prod-cluster"; it has loaded-context.',
        });
    });

    describe("when one of two has failed", () => {
        /** Follows a backend that fails and a frontend that waits, and returns both sentences. */
        async function both(failure: Error, abortRelease: RolloutTools["abortRelease"]) {
            await mocks(false);
            // A failure stops all following in this process, as it does in a program's: each case has its own module.
            const file = require.resolve("../../../components/delivery/follow-rollout");
            Reflect.deleteProperty(require.cache, file);
            // eslint-disable-next-line @typescript-eslint/no-require-imports
            const { followedRollout: follow } = require(file) as { followedRollout: typeof followedRollout };
            const waits = ({ signal }: FollowOptions) =>
                new Promise((_, reject) => {
                    signal?.addEventListener("abort", () => {
                        reject(new Error("aborted"));
                    });
                });
            const other = valueOf(follow(new Stand("frontend"), { ...args, name: "frontend" }, tools(waits)));
            const fails = tools(() => Promise.reject(failure), { abortRelease });
            const ended = await Promise.allSettled([valueOf(follow(new Stand("backend"), args, fails)), other]);
            return ended.map((one) => {
                const { message, stack } = (one as PromiseRejectedResult).reason as Error;
                assert.equal(stack, undefined);
                return message;
            });
        }
        const failure = new RolloutError("It was aborted.", true);
        const advice = "To go back to the last good release: npx release rollback --stack prod";
        const goesOn = "frontend is no longer followed, because backend has failed. Its controller continues.";

        it("should end for both with errors that agree, and offer the rollback for that one", async () => {
            const sentences = await both(failure, (_, ...release) => {
                assert.deepEqual(release, ["relaypacs-prod", "1.4.2"]);
                return Promise.resolve(["frontend"]);
            });
            assert.deepEqual(sentences, [
                `It was aborted. 1.4.2 of frontend has been aborted. ${advice}`,
                "1.4.2 of frontend has been aborted, because that of backend has failed: a release is one unit.",
            ]);
        });

        it("should not say that the other was aborted where it was not", async () => {
            assert.deepEqual(await both(failure, () => Promise.resolve([])), [`It was aborted. ${advice}`, goesOn]);
            assert.deepEqual(await both(failure, () => Promise.reject(new Error("answered with 403."))), [
                `It was aborted. Other rollouts of 1.4.2 could not be aborted and continue (answered with 403). ${advice}`,
                goesOn,
            ]);
        });

        it("should abort nothing where it is not known how the one went on", async () => {
            const unseen = new RolloutError("The cluster can't be seen.", false);
            assert.deepEqual(await both(unseen, () => Promise.reject(new Error("aborted"))), [
                "The cluster can't be seen.",
                goesOn,
            ]);
        });
    });
});
