import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { followedRollout, type RolloutTools } from "../../components/rollout-watch";
import { clusterOf, RolloutError, type FollowOptions } from "../../release/watch/follow";
import { ApiServer } from "./api-server";

class Stand extends pulumi.CustomResource {
    declare readonly metadata: pulumi.Output<object>;
    constructor(name: string) {
        super("test:index:Rollout", name, { metadata: { generation: 7 } });
    }
}

/** Tools that touch no cluster. */
const tools = (follow: RolloutTools["follow"], more: Partial<RolloutTools> = {}): RolloutTools => ({
    follow,
    giveUp: () => Promise.resolve([]),
    deleteReplicaSets: () => Promise.resolve(),
    ...more,
});

const valueOf = (output: pulumi.Output<string>): Promise<string> =>
    (output as unknown as { promise(): Promise<string> }).promise();

describe("following a rollout as part of an update", () => {
    const before = process.env.KUBECONFIG;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kubeconfig-"));
    const args = { namespace: "relaypacs-prod", name: "backend", version: "1.4.2" };

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

    it("follows the generation that the update wrote, and answers with the version", async () => {
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

    it("deletes what is left of releases that failed before, and goes on where the cluster refuses", async () => {
        await mocks(false);
        const deleted: unknown[] = [];
        const follow = async ({ forget }: FollowOptions) => forget?.(["backend-1", "backend-2"]);
        const by = (deleteReplicaSets: RolloutTools["deleteReplicaSets"]) =>
            valueOf(followedRollout(new Stand("backend"), args, tools(follow, { deleteReplicaSets })));
        await by((_, namespace, names) => Promise.resolve(void deleted.push(namespace, ...names)));
        assert.deepEqual(deleted, ["relaypacs-prod", "backend-1", "backend-2"]);
        assert.equal(await by(() => Promise.reject(new Error("replicasets is forbidden"))), "1.4.2");
    });

    it("does not follow in a preview", async () => {
        await mocks(true);
        const follow = () => Promise.reject(new Error("followed"));
        assert.equal(await valueOf(followedRollout(new Stand("backend"), args, tools(follow))), "1.4.2");
    });

    it("refuses a context that the kubeconfig has not", () => {
        assert.throws(() => clusterOf("prod-cluster"), {
            message: 'The kubeconfig has no context "prod-cluster"; it has loaded-context.',
        });
    });

    // The last one: a failure ends all following in this process, as it does in a program's own.
    it("ends the following of all rollouts when one has failed, and offers the way back for that one", async () => {
        await mocks(false);
        const waits = ({ signal }: FollowOptions) =>
            new Promise((_, reject) => {
                signal?.addEventListener("abort", () => {
                    reject(new Error("aborted"));
                });
            });
        const other = valueOf(followedRollout(new Stand("frontend"), { ...args, name: "frontend" }, tools(waits)));
        const failing = valueOf(
            followedRollout(
                new Stand("backend"),
                args,
                tools(() => Promise.reject(new RolloutError("It was aborted.", true)), {
                    giveUp: (_, ...release) => {
                        assert.deepEqual(release, ["relaypacs-prod", "1.4.2"]);
                        return Promise.resolve(["frontend"]);
                    },
                }),
            ),
        );
        const [first, second] = await Promise.allSettled([failing, other]);
        assert.equal(
            ((first as PromiseRejectedResult).reason as Error).message,
            "It was aborted. 1.4.2 of frontend is given up now. The last good release comes back by: npx ts-node release/main.ts rollback --stack prod",
        );
        assert.equal(
            ((second as PromiseRejectedResult).reason as Error).message,
            "frontend is not followed any further: another rollout has failed. Its controller goes on.",
        );
        assert.equal(((first as PromiseRejectedResult).reason as Error).stack, undefined);
    });
});
