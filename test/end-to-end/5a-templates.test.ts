import * as assert from "node:assert/strict";
import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { colourPod } from "../../components/delivery/blue-green-deployment";
import { serverLabels } from "../../components/shared/pod-template";
import { rolloutKind } from "../../delivery/rollouts/list";
import type { Rollout } from "../../delivery/rollouts/objects";
import { kubeConfig } from "../../sandbox/drill/cluster";
import { namespace } from "../../sandbox/drill/production";
import { waitUntil } from "../../sandbox/machine/process";
import { runnableServices } from "../support/service-drafts";
import { instance } from "./world";

interface FieldsOf {
    readonly manager?: string;
    readonly subresource?: string;
    readonly fieldsV1?: Readonly<Record<string, object>>;
}

const manager = "relaypacs-test";
const image = `registry/backend@sha256:${"0".repeat(64)}`;
const rollouts = () => kubeConfig(instance).makeApiClient(CustomObjectsApi);

/** Applies a Rollout as Pulumi's provider does, on the server's side, and without force. */
const apply = async (body: { readonly metadata: { readonly name: string } }): Promise<Rollout> =>
    (await rollouts().patchNamespacedCustomObject(
        { ...rolloutKind, namespace, name: body.metadata.name, fieldManager: manager, body },
        setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply),
    )) as Rollout;

const read = async (name: string): Promise<Rollout> =>
    (await rollouts().getNamespacedCustomObject({ ...rolloutKind, namespace, name })) as Rollout;

/** A Rollout without pods, which the controller reads and writes as any other. */
const rolloutOf = (name: string, template: object) => ({
    apiVersion: `${rolloutKind.group}/${rolloutKind.version}`,
    kind: "Rollout",
    metadata: { name },
    spec: { replicas: 0, selector: { matchLabels: serverLabels(name) }, template, strategy: { canary: {} } },
});

/** Who else owns fields of what was asked for. */
function othersOf({ metadata }: Rollout): string[] {
    const { managedFields = [] } = metadata as { readonly managedFields?: readonly FieldsOf[] };
    return managedFields
        .filter((one) => one.manager !== manager && one.subresource === undefined && one.fieldsV1?.["f:spec"])
        .map((one) => `${one.manager ?? ""}: ${JSON.stringify(one.fieldsV1?.["f:spec"])}`);
}

const containersOf = (pod: { readonly spec?: unknown } | undefined) =>
    (pod?.spec as { readonly containers: readonly { readonly env?: unknown }[] }).containers;

describe("A template that settings accept", () => {
    const applied: { readonly metadata: { readonly name: string } }[] = [];

    /** Applies it, and waits until the controller has dealt with it. */
    async function dealtWith(body: ReturnType<typeof rolloutOf>): Promise<Rollout> {
        applied.push(body);
        await apply(body);
        const { name } = body.metadata;
        await waitUntil(
            async () => {
                const { metadata, status } = await read(name);
                return (
                    status?.currentPodHash !== undefined && status.observedGeneration === String(metadata.generation)
                );
            },
            `Argo Rollouts has dealt with ${name}`,
            30,
            50,
        );
        return read(name);
    }

    after(async () => {
        for (const { metadata } of applied)
            await rollouts().deleteNamespacedCustomObject({ ...rolloutKind, namespace, name: metadata.name });
    });

    it("should be left as it was applied by Argo Rollouts, which takes no field over", async () => {
        assert.ok(runnableServices.length > 30);
        const each = runnableServices.map((service, at) => {
            const name = `template-${at}`;
            const secretName = service.database ? "secrets" : undefined;
            return rolloutOf(name, colourPod({ service: { ...service, name }, image, version: "1.4.2", secretName }));
        });
        await Promise.all(
            each.map(async (body) => {
                const written = await dealtWith(body);
                assert.deepEqual(othersOf(written), [], JSON.stringify(body));
                // Refused with a conflict where another manager owns a field; a change would count the generation up.
                const { metadata } = await apply(body);
                assert.equal(metadata.generation, written.metadata.generation, JSON.stringify(body));
            }),
        );
    });

    it("should not have an empty value, which Argo Rollouts writes back as none", async () => {
        const [service] = runnableServices;
        assert.ok(service);
        const name = "template-with-empty-value";
        const pod = colourPod({ service: { ...service, name }, image, version: "1.4.2", secretName: undefined });
        const [first] = containersOf(pod);
        const spec = { ...pod.spec, containers: [{ ...first, env: [{ name: "TRACE", value: "" }] }] };
        const body = rolloutOf(name, { ...pod, spec });
        const written = await dealtWith(body);
        assert.deepEqual(containersOf(written.spec.template)[0]?.env, [{ name: "TRACE" }]);
        assert.notEqual((await apply(body)).metadata.generation, written.metadata.generation);
    });
});
