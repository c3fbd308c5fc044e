import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot, toolchainCache, type Instance } from "../machine/instance";
import type { Progress } from "../machine/part";
import { pinnedVersion } from "../toolchain/program";
import { signIn } from "../parts/registry/client";
import { programPath, toolPrograms } from "../toolchain/programs";
import { compiledProgram, nodeFiles } from "./bundle";
import { buildImage, isPushed, pushImages, type BuiltImage } from "./images";
import type { ImageDescription, ImageFile } from "./oci";

/** What runs in the cluster beside the application; each has the repository `relaypacs/<name>`. */
export const tools = ["argo-rollouts", "traefik", "prometheus", "smoke-tests"] as const;

export type ToolName = (typeof tools)[number];

interface Description extends Pick<ImageDescription, "files" | "entrypoint"> {
    readonly version: string;
    readonly exposedPorts?: readonly string[];
}

function describeProgram(name: keyof typeof toolPrograms, version: string, ports: readonly string[]): Description {
    const program = toolPrograms[name];
    const file = { path: `/usr/local/bin/${program.name}`, source: programPath(program), mode: 0o755 };
    return { version, files: [file], entrypoint: [file.path], exposedPorts: ports };
}

/** Prometheus 3.16.0 is the Go module v0.316.0. */
const prometheusVersion = (module: string) => module.replace(/^v0\.(\d)0?(\d+)\./, "$1.$2.");

async function describeTool(name: ToolName): Promise<Description> {
    switch (name) {
        case "argo-rollouts": {
            const version = pinnedVersion("github.com/argoproj/argo-rollouts").slice(1);
            return describeProgram(name, version, ["8080/tcp", "8090/tcp"]);
        }
        case "traefik":
            return describeProgram(name, pinnedVersion("github.com/traefik/traefik/v3").slice(1), []);
        case "prometheus": {
            const version = prometheusVersion(pinnedVersion("github.com/prometheus/prometheus"));
            return describeProgram(name, version, ["9090/tcp"]);
        }
        case "smoke-tests": {
            const manifest = fs.readFileSync(path.join(projectRoot, "package.json"), "utf8");
            return {
                version: (JSON.parse(manifest) as { readonly version: string }).version,
                files: [...(await nodeFiles()), ...compiledProgram("release/smoke/main.ts", "/smoke")],
                entrypoint: ["/usr/local/bin/node", "/smoke/release/smoke/main.js"],
            };
        }
    }
}

/** What an image is made from, in twelve hexadecimal digits. A built program's folder is named by what it was made from. */
function contentDigest(files: readonly ImageFile[]): string {
    const hash = createHash("sha256");
    for (const { path: name, source, content } of files) {
        hash.update(`${name}\0`);
        if (source?.startsWith(toolchainCache) === true) hash.update(path.relative(toolchainCache, source));
        else if (source !== undefined) hash.update(fs.readFileSync(source));
        else hash.update(content ?? "");
    }
    return hash.digest("hex").slice(0, 12);
}

type Recorded = Partial<Record<ToolName, BuiltImage>>;

/** What was published last time: images are large and rarely change. */
const recordFile = (instance: Instance) => path.join(instance.root, "tool-images.json");

function recorded(instance: Instance): Recorded {
    const file = recordFile(instance);
    return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Recorded) : {};
}

/** The digest of each tool's image: what the program takes as its setting `relaypacs:toolImages`. Undefined before there are any. */
export function toolImages(instance: Instance): Record<string, string> | undefined {
    const images = recorded(instance);
    if (tools.some((name) => images[name] === undefined)) return undefined;
    return Object.fromEntries(tools.map((name) => [name, images[name]?.digest ?? ""]));
}

/** Builds the tools' images and pushes them, where what they are made from has changed or the registry lacks them. */
export async function publishTools(instance: Instance, progress: Progress): Promise<void> {
    const known = recorded(instance);
    await signIn(instance);
    const images: Record<string, BuiltImage> = {};
    for (const name of tools) {
        const { version, ...description } = await describeTool(name);
        const tag = `v${version}-g${contentDigest(description.files)}`;
        const last = known[name];
        if (last?.tag === tag && (await isPushed(instance, last))) {
            images[name] = last;
            continue;
        }
        progress(`image of ${name} ${version}`);
        const image = await buildImage(instance, name, tag, {
            ...description,
            environment: { PATH: "/usr/local/bin" },
            labels: { "org.opencontainers.image.title": name, "org.opencontainers.image.version": version },
        });
        await pushImages(instance, { [name]: image });
        fs.rmSync(image.folder, { recursive: true });
        images[name] = image;
    }
    const draft = `${recordFile(instance)}.${process.pid}`;
    fs.writeFileSync(draft, `${JSON.stringify(images, undefined, 2)}\n`);
    fs.renameSync(draft, recordFile(instance));
}
