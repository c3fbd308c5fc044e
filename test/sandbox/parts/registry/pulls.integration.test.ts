import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { buildImage, pushImages, type BuiltImage } from "../../../../sandbox/application/images";
import { down } from "../../../../sandbox/commands/down";
import { run } from "../../../../sandbox/machine/command";
import { instanceNamed } from "../../../../sandbox/machine/instance";
import { logFile, waitUntil } from "../../../../sandbox/machine/process";
import { cloud } from "../../../../sandbox/parts/cloud/moto";
import { imageReferences, pauseImage } from "../../../../sandbox/parts/cluster/containerd";
import { dnsImage } from "../../../../sandbox/parts/cluster/dns";
import { createNamespaces } from "../../../../sandbox/parts/cluster/namespaces";
import { cluster } from "../../../../sandbox/parts/cluster/part";
import { reference } from "../../../../sandbox/parts/registry/client";
import { registry, throttle } from "../../../../sandbox/parts/registry/part";
import { installClusterPrograms, programFile } from "../../../../sandbox/toolchain/toolchain";

const quiet = () => undefined;

describe("The node's pulls", function () {
    this.timeout(300_000);
    const instance = instanceNamed("test");
    const kubectl = (...args: string[]) => run(programFile("kubectl"), ["--kubeconfig", instance.kubeconfig, ...args]);

    before(async () => {
        await installClusterPrograms(instance, quiet);
        await down(instance);
        fs.rmSync(instance.root, { recursive: true, force: true });
        await createNamespaces(instance);
        await Promise.all([cluster, cloud, registry].map((part) => part.up(instance, quiet)));
    });
    after(async () => {
        await down(instance);
        fs.rmSync(instance.root, { recursive: true, force: true });
    });

    /** Pushes an image of the pause program, beside a file of the given size. */
    async function push(tag: string, bytes: number): Promise<BuiltImage> {
        const program = { path: "/pause", source: programFile("pause"), mode: 0o755 };
        const content = { path: "/content", content: Buffer.alloc(bytes, tag) };
        const image = await buildImage(instance, "backend", tag, { files: [program, content], entrypoint: ["/pause"] });
        await pushImages(instance, { backend: image });
        return image;
    }

    const start = (name: string, image: string) => kubectl("run", name, `--image=${image}`, "--restart=Never");
    const ready = (name: string) => kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=120s");
    const waiting = async (name: string) => {
        const state = "jsonpath={.status.containerStatuses[0].state.waiting}";
        const found = await kubectl("get", "pod", name, `--output=${state}`);
        return (found === "" ? {} : JSON.parse(found)) as { readonly reason?: string; readonly message?: string };
    };

    it("should bring an image to the node by its digest, over TLS, with the credentials of ECR", async () => {
        // What a node of the sandbox brings along: the pause container, and the cluster's name server.
        assert.deepEqual(
            (await imageReferences(instance)).filter((name) => !name.startsWith("sha256:")).sort(),
            [dnsImage(), pauseImage].sort(),
        );
        const { digest, repository } = await push("v1.0.0", 1);
        const name = reference(repository, digest);
        await start("pulled", name);
        await ready("pulled");
        assert.equal(
            await kubectl("get", "pod", "pulled", "--output=jsonpath={.status.containerStatuses[0].imageID}"),
            name,
        );
        const log = fs.readFileSync(logFile(instance, "registry"), "utf8");
        assert.match(log, new RegExp(`GET /v2/${repository}/blobs/sha256:[0-9a-f]{64} 200 .*containerd/`));
        assert.ok(log.includes(`/v2/${repository}/manifests/${digest} 200`), log);
    });

    it("should fail for an image that was not pushed, and its pod not run until it is", async () => {
        const image = reference("relaypacs/backend", "v2.0.0");
        await start("missing", image);
        const failed = async () => /^(ErrImagePull|ImagePullBackOff)$/.test((await waiting("missing")).reason ?? "");
        await waitUntil(failed, "The refusal of a missing image", 60);
        const phase = await kubectl("get", "pod", "missing", "--output=jsonpath={.status.phase}");
        assert.equal(phase, "Pending");
        const events = await kubectl("get", "events", "--field-selector=involvedObject.name=missing");
        assert.match(events, /Failed to pull image "\S+:v2\.0\.0": .*: not found/);
        await push("v2.0.0", 1);
        await ready("missing");
    });

    it("should be as slow as the registry", async () => {
        throttle(instance, 500_000);
        const { digest, repository } = await push("v3.0.0", 2_000_000);
        await start("slow", reference(repository, digest));
        await ready("slow");
        throttle(instance);
        const events = await kubectl("get", "events", "--field-selector=involvedObject.name=slow,reason=Pulled");
        const [, minutes = "0", seconds = "0"] =
            /Successfully pulled image \S+ in (?:(\d+)m)?([\d.]+)s/.exec(events) ?? [];
        // Two megabytes, and the program, at half a megabyte a second.
        assert.ok(Number(minutes) * 60 + Number(seconds) > 3.5, events);
    });
});
