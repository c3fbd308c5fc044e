import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../machine/command";
import { selectServices } from "./aws-provider/selection";
import { selectResources } from "./kubernetes-provider/selection";
import { moduleFolder, pinnedVersion } from "./program";
import { adapted, type Adaptations, type Selection } from "./selection";

interface ChangedModule {
    /** The module that is copied; `originals/go.mod` has its version, and the checksum is in the go.sum beside it. */
    readonly original: string;
    /** Folder with the files that are added or replaced. @default none */
    readonly changes?: string;
    /** Selects the files that are copied, of the originals in the given folder. @default all files */
    readonly select?: (originalFiles: string) => Selection;
}

/** Prometheus wants a newer libopenapi than Pulumi's engine, whose package for YAML has another name. */
const prometheusAdaptations: Adaptations = {
    [path.join("web", "api", "v1", "openapi_helpers.go")]: ['"github.com/pb33f/go-yaml"', '"go.yaml.in/yaml/v4"'],
};

/** Modules that are built with changed files, by the folder that `go.mod` replaces them with. */
const changedModules: Readonly<Record<string, ChangedModule>> = {
    "terraform-provider-aws": { original: "github.com/upbound/terraform-provider-aws", select: selectServices },
    prometheus: {
        original: "github.com/prometheus/prometheus",
        changes: path.join("history", "_changes"),
        select: (files) => ({ takes: () => true, contents: adapted(files, prometheusAdaptations, "Prometheus") }),
    },
    "pulumi-kubernetes": {
        original: "github.com/pulumi/pulumi-kubernetes/provider/v4",
        select: selectResources,
    },
    lego: { original: "github.com/go-acme/lego/v5", changes: path.join("traefik", "_changes", "lego") },
    "go-http-auth": {
        original: "github.com/abbot/go-http-auth",
        changes: path.join("traefik", "_changes", "go-http-auth"),
    },
};

const originals = path.join(moduleFolder, "originals");

/** Whether Go reads a file of the toolchain's folder, or a folder may have such files: not ours in TypeScript. */
const isSource = (file: string) => !file.endsWith(".ts") && path.basename(file) !== "_changes";

/** A module's files in Go's cache, fetched and verified if they are missing. */
async function originalFiles(module: string): Promise<string> {
    const answer = await run("go", ["mod", "download", "-json", `${module}@${pinnedVersion(module, originals)}`], {
        directory: originals,
    });
    return (JSON.parse(answer) as { readonly Dir: string }).Dir;
}

/** Digest of the files of a folder of the toolchain, or of one file. */
export function digestOf(...names: readonly string[]): string {
    const hash = createHash("sha256");
    for (const name of names) {
        const full = path.join(moduleFolder, name);
        const files = fs.statSync(full).isFile()
            ? [name]
            : fs
                  .readdirSync(full, { recursive: true, encoding: "utf8" })
                  .map((file) => path.join(name, file))
                  .sort();
        for (const file of files) {
            const content = path.join(moduleFolder, file);
            if (fs.statSync(content).isFile()) hash.update(`${file}\0`).update(fs.readFileSync(content));
        }
    }
    return hash.digest("hex");
}

/**
 * Makes the folder in which everything is built, below `parent`: a copy of this one, with the originals of the changed
 * modules and the changes over them, because Go refuses changes in its cache. The caller removes it.
 */
export async function makeSources(parent: string): Promise<string> {
    fs.mkdirSync(parent, { recursive: true });
    const made = fs.mkdtempSync(path.join(parent, "source-"));
    fs.cpSync(moduleFolder, made, { recursive: true, filter: isSource });
    for (const [name, { original, changes, select }] of Object.entries(changedModules)) {
        const target = path.join(made, name);
        const files = await originalFiles(original);
        const selection = select?.(files);
        fs.cpSync(files, target, {
            recursive: true,
            filter: (file) => selection?.takes(path.relative(files, file)) ?? true,
        });
        // Go's cache is read-only.
        await run("chmod", ["-R", "u+w", target]);
        for (const [file, content] of Object.entries(selection?.contents ?? {}))
            fs.writeFileSync(path.join(target, file), content);
        if (changes !== undefined) fs.cpSync(path.join(moduleFolder, changes), target, { recursive: true });
    }
    return made;
}
