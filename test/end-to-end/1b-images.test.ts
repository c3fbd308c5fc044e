import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { crane, reference } from "../../sandbox/parts/registry/client";
import { waitUntil } from "../../sandbox/machine/process";
import { api } from "./drills";
import * as world from "./world";

const podsOf = async (service: string) =>
    (
        await api.core.listNamespacedPod({
            namespace: world.namespace,
            labelSelector: `app.kubernetes.io/name=${service},app.kubernetes.io/component=server`,
        })
    ).items;

/** Starts a pod like one of the backend's, with another image and without the labels by which a Service finds it. */
async function startLikeBackend(name: string, image: string): Promise<void> {
    const [pod] = await podsOf("backend");
    const { containers, nodeName: _, ...spec } = pod!.spec!;
    const body = {
        metadata: { name },
        spec: { ...spec, containers: containers.map((one) => ({ ...one, image })) },
    };
    await api.core.createNamespacedPod({ namespace: world.namespace, body });
}

describe("The images of staging", () => {
    for (const service of ["backend", "frontend"] as const)
        it(`should have one digest for ${service}: in the release, in the registry, in ECR and in the pods`, async () => {
            const { images } = JSON.parse(world.variables().RELAYPACS_RELEASE!) as { images: Record<string, string> };
            const digest = images[service]!;
            const repository = `relaypacs/${service}`;
            const manifest = await crane(world.instance, ["manifest", reference(repository, digest)]);
            assert.equal(`sha256:${createHash("sha256").update(manifest).digest("hex")}`, digest);
            const { imageDetails } = await world.aws<{ imageDetails: { imageDigest: string; imageTags: string[] }[] }>(
                ...["ecr", "describe-images", "--repository-name", repository],
            );
            assert.deepEqual(
                imageDetails.map(({ imageDigest }) => imageDigest),
                [digest],
            );
            const pods = await podsOf(service);
            assert.ok(pods.length > 0);
            for (const { status } of pods)
                assert.equal(status?.containerStatuses?.[0]?.imageID, reference(repository, digest));
        });

    it("should not run when they were not pushed", async () => {
        const name = "not-pushed";
        await startLikeBackend(name, reference("relaypacs/backend", `sha256:${"0".repeat(64)}`));
        try {
            await waitUntil(
                async () => {
                    const { status } = await api.core.readNamespacedPod({ namespace: world.namespace, name });
                    assert.equal(status?.phase, "Pending");
                    return status.containerStatuses?.[0]?.state?.waiting?.reason === "ImagePullBackOff";
                },
                "The kubelet's second refusal",
                120,
            );
        } finally {
            await world.kubectl("delete", "pod", name, "--grace-period=0", "--force");
        }
    });
});
