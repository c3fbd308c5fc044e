import * as assert from "node:assert/strict";
import { bindSecrets } from "../../delivery/rollouts/secrets";
import { kubeConfig } from "../../sandbox/drill/cluster";
import { namespace } from "../../sandbox/drill/production";
import { waitUntil } from "../../sandbox/machine/process";
import { api } from "./drills";
import { instance } from "./world";

const names = ["kept-by-both", "of-the-older"] as const;
const labels = { test: "secrets" };

/** ReplicaSets without pods, each with the Secrets that its pods would need. */
const replicaSets = { older: names, newer: ["kept-by-both"] } as const;

const isThere = async (name: string) =>
    (await api.core.listNamespacedSecret({ namespace })).items.some(({ metadata }) => metadata?.name === name);

const deleteReplicaSet = (name: string) =>
    api.apps.deleteNamespacedReplicaSet({ namespace, name, propagationPolicy: "Background" });

describe("A release's Secret", () => {
    before(async () => {
        for (const name of names) await api.core.createNamespacedSecret({ namespace, body: { metadata: { name } } });
        for (const [name, secrets] of Object.entries(replicaSets)) {
            const envFrom = secrets.map((secret) => ({ secretRef: { name: secret } }));
            const spec = { containers: [{ name: "one", image: "registry/one", envFrom }] };
            const matchLabels = { ...labels, name };
            const template = { metadata: { labels: matchLabels }, spec };
            const body = { metadata: { name }, spec: { replicas: 0, selector: { matchLabels }, template } };
            await api.apps.createNamespacedReplicaSet({ namespace, body });
        }
        await bindSecrets(kubeConfig(instance), namespace);
    });
    after(async () => {
        for (const name of names) if (await isThere(name)) await api.core.deleteNamespacedSecret({ namespace, name });
        for (const { metadata } of (await api.apps.listNamespacedReplicaSet({ namespace })).items)
            if (metadata?.name !== undefined && metadata.name in replicaSets) await deleteReplicaSet(metadata.name);
    });

    it("should go with the last ReplicaSet that names it, and stay until then", async () => {
        await deleteReplicaSet("older");
        await waitUntil(async () => !(await isThere("of-the-older")), "the end of the Secret", 60, 250);
        assert.ok(await isThere("kept-by-both"), "a Secret is gone that a ReplicaSet still names");
        await deleteReplicaSet("newer");
        await waitUntil(async () => !(await isThere("kept-by-both")), "the end of the other Secret", 60, 250);
    });
});
