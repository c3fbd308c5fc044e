import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { list } from "tar";
import { writeOciLayout, type ImageDescription } from "../../../sandbox/application/oci";

interface Entry {
    readonly path: string;
    readonly type: string;
    readonly mode: number;
    readonly link: string;
    readonly time: number;
    readonly content: Buffer;
}

/** The entries of a tar file, read by a common library. */
async function entries(file: string): Promise<Entry[]> {
    const found: Entry[] = [];
    await list({
        file,
        strict: true,
        onReadEntry: (entry) => {
            const chunks: Buffer[] = [];
            entry.on("data", (chunk: Buffer) => chunks.push(chunk));
            entry.on("end", () => {
                const { path: name, type, mode = 0, linkpath = "", mtime } = entry;
                const time = mtime?.getTime() ?? -1;
                found.push({ path: name, type, mode, link: linkpath, time, content: Buffer.concat(chunks) });
            });
        },
    });
    return found;
}

const digestOf = (content: Buffer | string) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

describe("An OCI image layout", () => {
    let folder: string;
    before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-oci-"))));
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });

    const image: ImageDescription = {
        reference: "registry.example:5000/team/tool:v1.0.0",
        files: [
            { path: "/usr/local/bin/tool", content: "program", mode: 0o755 },
            { path: "/usr/local/bin/alias", link: "tool", mode: 0o777 },
            { path: "/etc/settings", content: "x".repeat(1000) },
        ],
        entrypoint: ["/usr/local/bin/tool"],
        user: "65532:65532",
        environment: { PATH: "/usr/local/bin", FAULT_LOGIN: "error" },
        labels: { b: "2", a: "1" },
        exposedPorts: ["8000/tcp"],
    };
    const write = (description: ImageDescription, name = "image") =>
        writeOciLayout(description, path.join(folder, name));

    /** All files of a layout by their paths in it. */
    const files = (name: string) => {
        const at = (file: string) => path.join(folder, name, file);
        const all = fs.readdirSync(at(""), { recursive: true, encoding: "utf8" }).sort();
        return new Map(
            all.filter((file) => fs.statSync(at(file)).isFile()).map((file) => [file, fs.readFileSync(at(file))]),
        );
    };

    const read = (name = "image") => {
        const blobs = files(name);
        const blob = (digest: string) => blobs.get(`blobs/${digest.replace(":", "/")}`)!;
        const json = <T>(content: Buffer) => JSON.parse(content.toString()) as T;
        const index = json<{ manifests: { digest: string; size: number; annotations: Record<string, string> }[] }>(
            blobs.get("index.json")!,
        );
        const descriptor = index.manifests[0]!;
        const manifest = json<Record<"config", { digest: string; size: number }> & { layers: { digest: string }[] }>(
            blob(descriptor.digest),
        );
        const configuration = json<{ config: Record<string, unknown>; rootfs: { diff_ids: string[] } }>(
            blob(manifest.config.digest),
        );
        return { blobs, blob, descriptor, manifest, configuration };
    };

    it("should name every blob by its digest and describe itself consistently", async () => {
        const written = await write(image);
        const { blobs, blob, descriptor, manifest, configuration } = read();
        for (const [name, content] of blobs)
            if (name.startsWith("blobs/")) assert.equal(name, `blobs/${digestOf(content).replace(":", "/")}`);
        assert.equal(blobs.get("oci-layout")!.toString(), '{"imageLayoutVersion":"1.0.0"}');
        assert.equal(descriptor.digest, written.digest);
        assert.equal(blobs.size, 5);
        assert.equal(descriptor.size, blob(written.digest).length);
        assert.equal(descriptor.annotations["io.containerd.image.name"], image.reference);
        assert.equal(descriptor.annotations["org.opencontainers.image.ref.name"], "v1.0.0");
        assert.deepEqual(configuration.rootfs.diff_ids, [manifest.layers[0]!.digest]);
        assert.equal(written.size, manifest.config.size + blob(manifest.layers[0]!.digest).length);
        assert.deepEqual(configuration.config, {
            User: "65532:65532",
            ExposedPorts: { "8000/tcp": {} },
            Env: ["FAULT_LOGIN=error", "PATH=/usr/local/bin"],
            Entrypoint: ["/usr/local/bin/tool"],
            WorkingDir: "/",
            Labels: { a: "1", b: "2" },
        });
    });

    it("should put files, links and their folders into the layer, sorted, owned by root and without a time", async () => {
        await write(image);
        const { blob, manifest } = read();
        const layer = path.join(folder, "layer.tar");
        fs.writeFileSync(layer, blob(manifest.layers[0]!.digest));
        const found = await entries(layer);
        assert.deepEqual(
            found.map(({ path: name, type, mode, link }) => [name, type, mode.toString(8), link]),
            [
                ["etc/", "Directory", "755", ""],
                ["etc/settings", "File", "644", ""],
                ["usr/", "Directory", "755", ""],
                ["usr/local/", "Directory", "755", ""],
                ["usr/local/bin/", "Directory", "755", ""],
                ["usr/local/bin/alias", "SymbolicLink", "777", "tool"],
                ["usr/local/bin/tool", "File", "755", ""],
            ],
        );
        assert.deepEqual([...new Set(found.map(({ time }) => time))], [0]);
        assert.equal(found.find(({ path: name }) => name === "etc/settings")!.content.toString(), "x".repeat(1000));
    });

    it("should have the same bytes for the same image, in whatever order it is described", async () => {
        await write(image);
        await write(
            {
                ...image,
                files: image.files.toReversed(),
                environment: { FAULT_LOGIN: "error", PATH: "/usr/local/bin" },
                labels: { a: "1", b: "2" },
            },
            "again",
        );
        assert.deepEqual(files("again"), files("image"));
        assert.equal(
            (await write(image)).digest,
            "sha256:a2cc730f4f01f8fc3eb7fc0957d6050ecc7aaceaf075efbc7ec82f48523381e7",
            "the digest of an unchanged image changed: every deployment would be replaced",
        );
    });

    it("should have another digest when anything differs", async () => {
        const variants: ImageDescription[] = [
            image,
            { ...image, environment: { ...image.environment, FAULT_LOGIN: "reject" } },
            { ...image, labels: { a: "1" } },
            { ...image, user: "0:0" },
            { ...image, files: [...image.files.slice(1), { ...image.files[0]!, mode: 0o644 }] },
            { ...image, files: [...image.files.slice(1), { ...image.files[0]!, content: "another" }] },
        ];
        const digests = await Promise.all(variants.map((it, i) => write(it, i.toString())));
        assert.equal(new Set(digests.map(({ digest }) => digest)).size, variants.length);
    });

    it("should not be written for what no image can have", async () => {
        const file = image.files[0]!;
        const cases: [Partial<ImageDescription>, RegExp][] = [
            [{ reference: "registry.example:5000/team/tool" }, /must be registry\/repository:tag/],
            [{ files: [{ ...file, path: "bin/tool" }] }, /bin\/tool, but must be an absolute path/],
            [{ files: [{ ...file, path: "/bin/" }] }, /must be an absolute path of a file/],
            [{ files: [file, file] }, /\/usr\/local\/bin\/tool is given twice/],
            [{ files: [{ path: "/tool" }] }, /\/tool has neither source, content nor link/],
            [{ files: [{ ...file, path: `/${"x".repeat(300)}` }] }, /does not fit a ustar header/],
        ];
        for (const [part, message] of cases) await assert.rejects(write({ ...image, ...part }, "refused"), message);
        assert.equal(fs.existsSync(path.join(folder, "refused")), false);
    });
});
