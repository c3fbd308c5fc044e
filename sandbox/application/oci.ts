import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Header } from "tar";
import { SandboxError } from "../machine/part";

/** One entry of the image's only layer: a file from disk, a file given here, or a symbolic link. */
export interface ImageFile {
    /** Absolute path in the image. */
    readonly path: string;
    readonly source?: string;
    readonly content?: string | Buffer;
    readonly link?: string;
    /** Permission bits. @default 0o644 */
    readonly mode?: number;
}

export interface ImageDescription {
    /** `registry/repository:tag`: the image's name, in the layout too. */
    readonly reference: string;
    readonly files: readonly ImageFile[];
    readonly entrypoint: readonly string[];
    /** `uid:gid`. */
    readonly user: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    /** For example `8000/tcp`. */
    readonly exposedPorts?: readonly string[];
}

export interface WrittenImage {
    /** `sha256:…` of the manifest: what a deployment pins. */
    readonly digest: string;
    /** Size of configuration and layer in bytes, as a registry stores them. */
    readonly size: number;
}

type Entry = { path: string; mode: number } & (
    { type: "File"; content: Buffer } | { type: "Directory" } | { type: "SymbolicLink"; link: string }
);

/** Every layer has the same time in it, so that the same content has the same digest whenever it is built. */
const epoch = new Date(0);

function tarEntry(entry: Entry): Buffer[] {
    const content = entry.type === "File" ? entry.content : Buffer.alloc(0);
    const header = new Header({
        path: entry.type === "Directory" ? `${entry.path}/` : entry.path,
        type: entry.type,
        mode: entry.mode,
        size: content.length,
        uid: 0,
        gid: 0,
        mtime: epoch,
        ...(entry.type === "SymbolicLink" ? { linkpath: entry.link } : {}),
    });
    const block = Buffer.alloc(512);
    // The header needs an extension that a plain ustar archive does not have.
    if (header.encode(block)) throw new SandboxError(`${entry.path} does not fit a ustar header: use a shorter path`);
    return [block, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}

const archive = (entries: readonly Entry[]) => Buffer.concat([...entries.flatMap(tarEntry), Buffer.alloc(1024)]);

/** The entries of the layer: sorted, each folder once and before what is in it. */
function layerEntries(files: readonly ImageFile[]): Entry[] {
    const entries = new Map<string, Entry>();
    for (const file of files) {
        const name = path.posix.normalize(file.path).replace(/^\//, "");
        if (!file.path.startsWith("/") || name === "" || name.endsWith("/"))
            throw new SandboxError(`a file's path in an image is ${file.path}, but must be an absolute path of a file`);
        if (entries.has(name)) throw new SandboxError(`${file.path} is given twice for one image`);
        for (let folder = path.posix.dirname(name); folder !== "."; folder = path.posix.dirname(folder))
            entries.set(folder, { type: "Directory", path: folder, mode: 0o755 });
        entries.set(name, {
            path: name,
            mode: file.mode ?? 0o644,
            ...(file.link === undefined
                ? { type: "File", content: contentOf(file) }
                : { type: "SymbolicLink", link: file.link }),
        });
    }
    return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function contentOf(file: ImageFile): Buffer {
    if (file.source !== undefined) return fs.readFileSync(file.source);
    if (file.content !== undefined) return Buffer.from(file.content);
    throw new SandboxError(`${file.path} has neither source, content nor link`);
}

const sorted = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`;

/**
 * Writes an image for linux/amd64 as an OCI image layout in a folder (OCI image specification 1.1), with one layer.
 *
 * The same description always gives the same bytes: times are fixed, entries and keys sorted, and the layer is not
 * compressed, because compressors differ between versions.
 */
export async function writeOciLayout(image: ImageDescription, outFolder: string): Promise<WrittenImage> {
    const tag = /[^/]:([\w][\w.-]{0,127})$/.exec(image.reference)?.[1];
    if (tag === undefined)
        throw new SandboxError(`the image reference is ${image.reference}, but must be registry/repository:tag`);

    const layer = archive(layerEntries(image.files));
    const configuration = Buffer.from(
        JSON.stringify({
            created: epoch.toISOString(),
            architecture: "amd64",
            os: "linux",
            config: {
                User: image.user,
                ExposedPorts: Object.fromEntries([...(image.exposedPorts ?? [])].sort().map((port) => [port, {}])),
                Env: Object.entries(sorted(image.environment ?? {})).map(([name, value]) => `${name}=${value}`),
                Entrypoint: image.entrypoint,
                WorkingDir: "/",
                Labels: sorted(image.labels ?? {}),
            },
            rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
            history: [{ created: epoch.toISOString(), created_by: "relaypacs sandbox" }],
        }),
    );
    const manifest = Buffer.from(
        JSON.stringify({
            schemaVersion: 2,
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            config: {
                mediaType: "application/vnd.oci.image.config.v1+json",
                digest: digestOf(configuration),
                size: configuration.length,
            },
            layers: [
                { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digestOf(layer), size: layer.length },
            ],
        }),
    );
    const index = {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [
            {
                mediaType: "application/vnd.oci.image.manifest.v1+json",
                digest: digestOf(manifest),
                size: manifest.length,
                platform: { architecture: "amd64", os: "linux" },
                annotations: {
                    "io.containerd.image.name": image.reference,
                    "org.opencontainers.image.ref.name": tag,
                },
            },
        ],
    };
    const blobs = path.join(outFolder, "blobs", "sha256");
    await fs.promises.rm(outFolder, { recursive: true, force: true });
    await fs.promises.mkdir(blobs, { recursive: true });
    for (const blob of [layer, configuration, manifest])
        await fs.promises.writeFile(path.join(blobs, digestOf(blob).slice("sha256:".length)), blob);
    const write = (name: string, content: object) =>
        fs.promises.writeFile(path.join(outFolder, name), JSON.stringify(content));
    await write("oci-layout", { imageLayoutVersion: "1.0.0" });
    await write("index.json", index);
    return { digest: digestOf(manifest), size: configuration.length + layer.length };
}
