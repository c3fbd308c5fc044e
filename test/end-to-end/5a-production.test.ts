import * as assert from "node:assert/strict";
import { kubeConfig } from "../../sandbox/drill/cluster";
import { namespace } from "../../sandbox/drill/production";
import { listRollouts } from "../../delivery/rollouts/list";
import { production, publish, releaseFirst } from "./drills";
import { instance, kubernetesObject } from "./world";

describe("Production's first release", () => {
    it("should be deployed once every gate has passed, with both services blue-green", async () => {
        await releaseFirst();
        const rollouts = await listRollouts(kubeConfig(instance), namespace);
        assert.deepEqual(rollouts.map((one) => one.metadata.name).sort(), ["backend", "frontend"]);
        const { items } = await kubernetesObject<{ items: object[] }>("deployments", "--namespace", namespace);
        assert.deepEqual(items, []);
    });

    it("should be followed by a preview that changes nothing", async () => {
        const preview = production.pulumi(await publish("2.0.0"), ["preview", "--expect-no-changes"]);
        const { exitCode, output } = await preview.ended;
        assert.equal(exitCode, 0, output);
    });
});
