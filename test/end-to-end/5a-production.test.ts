import * as assert from "node:assert/strict";
import { kubeConfig } from "../../sandbox/drill/cluster";
import { namespace } from "../../sandbox/drill/production";
import { createStack } from "../../sandbox/stacks/stack";
import { listRollouts } from "../../delivery/rollouts/list";
import { admit, production, publish } from "./drills";
import { instance, kubernetesObject } from "./world";

describe("Production's first release", () => {
    it("should be deployed once every gate has passed, with both services blue-green", async () => {
        const release = await publish("2.0.0");
        await createStack(instance, "prod", () => undefined);
        const { exitCode, output } = await production.up(release).ended;
        assert.equal(exitCode, 0, output);
        await admit(release);
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
