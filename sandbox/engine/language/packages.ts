import * as fs from "node:fs";
import * as path from "node:path";

interface Manifest {
    readonly name?: string;
    readonly version?: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
    readonly pulumi?: {
        readonly resource?: boolean;
        readonly name?: string;
        readonly version?: string;
        readonly server?: string;
    };
}

/** A provider plugin that a program's SDKs ask for. */
export interface RequiredPlugin {
    readonly name: string;
    /** With a leading `v`. */
    readonly version: string;
    /** Where to download it from; empty for the default. */
    readonly server: string;
}

const sdk = "@pulumi/pulumi";

function readManifest(file: string): Manifest | undefined {
    if (!fs.existsSync(file)) return undefined;
    try {
        return JSON.parse(fs.readFileSync(file, "utf8")) as Manifest;
    } catch (error) {
        throw new Error(`${file} is not valid JSON: ${(error as Error).message}`, { cause: error });
    }
}

function* withParents(directory: string): Generator<string> {
    for (let at = path.resolve(directory); ; at = path.dirname(at)) {
        yield at;
        if (at === path.dirname(at)) return;
    }
}

/** The nearest package.json, as Node.js finds it: in the folder itself or the first parent that has one. */
function nearestManifest(directory: string): { directory: string; manifest: Manifest } | undefined {
    for (const at of withParents(directory)) {
        const manifest = readManifest(path.join(at, "package.json"));
        if (manifest) return { directory: at, manifest };
    }
    return undefined;
}

/** The folder of an installed dependency, by Node.js' rule: node_modules here, then in each parent. */
function installed(name: string, from: string): string | undefined {
    for (const at of withParents(from)) {
        const candidate = path.join(at, "node_modules", name);
        if (fs.existsSync(path.join(candidate, "package.json"))) return fs.realpathSync(candidate);
    }
    return undefined;
}

const dependenciesOf = (manifest: Manifest): string[] => [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.optionalDependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
];

/**
 * The provider plugins that a program needs, each once.
 *
 * Every SDK depends on `@pulumi/pulumi`, so only such packages are followed: a few files are read, however large
 * node_modules is.
 */
export function requiredPlugins(directory: string): RequiredPlugin[] {
    const program = nearestManifest(directory);
    if (!program) return [];
    const found = new Map<string, RequiredPlugin>();
    const seen = new Set<string>();
    const visit = (names: readonly string[], from: string): void => {
        for (const name of names) {
            const folder = installed(name, from);
            if (folder === undefined || seen.has(folder)) continue;
            seen.add(folder);
            const manifest = readManifest(path.join(folder, "package.json")) ?? {};
            if (manifest.pulumi?.resource) {
                const plugin = {
                    name: manifest.pulumi.name ?? name.replace(/^@pulumi\//, ""),
                    version: `v${(manifest.pulumi.version ?? manifest.version ?? "").replace(/^v/, "")}`,
                    server: manifest.pulumi.server ?? "",
                };
                found.set(`${plugin.name} ${plugin.version}`, plugin);
            }
            const next = dependenciesOf(manifest);
            if (next.includes(sdk)) visit(next, folder);
        }
    };
    const { manifest } = program;
    visit([...dependenciesOf(manifest), ...Object.keys(manifest.devDependencies ?? {})], program.directory);
    return [...found.values()];
}

/** What the program's package.json asks for, with the installed version where there is one. */
export function programDependencies(directory: string): { name: string; version: string }[] {
    const program = nearestManifest(directory);
    if (!program) return [];
    return Object.entries(program.manifest.dependencies ?? {}).map(([name, range]) => {
        const folder = installed(name, program.directory);
        const manifest = folder === undefined ? undefined : readManifest(path.join(folder, "package.json"));
        return { name, version: manifest?.version ?? range };
    });
}
