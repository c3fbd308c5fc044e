/**
 * `make definitions`: writes components/cluster/definitions, the custom resource definitions of Argo Rollouts and
 * Traefik. They are in the controllers' own Go modules, in the versions that the sandbox builds; Go checks the modules
 * against the sums in go.sum.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { run } from "../machine/command";
import { projectRoot } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { moduleFolder, pinnedVersion } from "./program";

interface Release {
    readonly name: string;
    /** Path of the Go module, which `sandbox/toolchain/go.mod` requires. */
    readonly module: string;
    /** Files and folders below the module. */
    readonly definitions: string;
    readonly license: string;
    /**
     * Kinds that this project does not write: the controller creates them, or they are not used. They keep the API server's
     * acceptance of every field, because a schema of theirs costs each preview a fifth of a second and checks nothing.
     */
    readonly unchecked?: readonly string[];
}

export const releases: readonly Release[] = [
    {
        name: "argo-rollouts",
        module: "github.com/argoproj/argo-rollouts",
        definitions: "manifests/crds",
        license: "LICENSE",
        unchecked: ["AnalysisRun", "ClusterAnalysisTemplate", "Experiment"],
    },
    {
        name: "traefik",
        module: "github.com/traefik/traefik/v3",
        definitions: "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml",
        license: "LICENSE.md",
    },
];

const target = path.join(projectRoot, "components", "cluster", "definitions");

interface Definition {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec: {
        readonly names: { readonly kind: string };
        readonly versions: readonly { readonly schema: unknown }[];
    };
}

const unchecked = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };

/** Descriptions are two thirds of Traefik's text, and each stack's state would hold it three times. */
function withoutDescriptions(value: unknown, names = false): unknown {
    if (Array.isArray(value)) return value.map((item) => withoutDescriptions(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value)
            // Below `properties` it is a field's name.
            .filter(([key]) => names || key !== "description")
            .map(([key, inner]) => [key, withoutDescriptions(inner, key === "properties" && !names)]),
    );
}

function read(place: string): Definition[] {
    const files = fs.statSync(place).isDirectory()
        ? fs.readdirSync(place).map((file) => path.join(place, file))
        : [place];
    return files
        .sort()
        .flatMap((file) => parseAllDocuments(fs.readFileSync(file, "utf8")))
        .map((document) => document.toJS() as Definition | null)
        .filter((one) => one?.kind === "CustomResourceDefinition") as Definition[];
}

/** The files of a release by path below the project: its definitions, one a line, and its licence. */
export async function definitionFiles(release: Release): Promise<Record<string, string>> {
    const { name, module, definitions, license } = release;
    const version = pinnedVersion(module);
    const text = await run("go", ["mod", "download", "-json", `${module}@${version}`], { directory: moduleFolder });
    const { Dir: folder } = JSON.parse(text) as { Dir: string };
    const found = read(path.join(folder, definitions));
    if (found.length === 0)
        throw new SandboxError(`${module} ${version} has no custom resource definitions in ${definitions}`);
    const lines = found.map(({ metadata, spec }) => {
        const versions = release.unchecked?.includes(spec.names.kind)
            ? spec.versions.map((one) => ({ ...one, schema: unchecked }))
            : spec.versions;
        return `${JSON.stringify(metadata.name)}: ${JSON.stringify(withoutDescriptions({ ...spec, versions }))}`;
    });
    const place = path.relative(projectRoot, target);
    return {
        [path.join(place, `${name}.json`)]:
            `{\n"source": ${JSON.stringify(`${module} ${version}, ${definitions}`)},\n` +
            `"definitions": {\n${lines.join(",\n")}\n}\n}\n`,
        [path.join(place, `${name}.license.txt`)]: fs.readFileSync(path.join(folder, license), "utf8"),
    };
}

export async function writeDefinitions(): Promise<void> {
    for (const release of releases)
        for (const [file, text] of Object.entries(await definitionFiles(release))) {
            fs.writeFileSync(path.join(projectRoot, file), text);
            console.log(file);
        }
}

if (require.main === module) void writeDefinitions();
