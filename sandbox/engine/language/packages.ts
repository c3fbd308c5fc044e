import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

interface Manifest {
    readonly version?: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly pulumi?: { readonly resource?: boolean; readonly name?: string };
}

/** A provider plugin that a program's SDKs ask for. */
export interface RequiredPlugin {
    readonly name: string;
    /** With a leading `v`. */
    readonly version: string;
}

function readManifest(file: string): Manifest {
    try {
        return JSON.parse(fs.readFileSync(file, "utf8")) as Manifest;
    } catch (error) {
        throw new Error(`${file} is not valid JSON: ${(error as Error).message}`, { cause: error });
    }
}

/**
 * The provider plugins of the SDKs that the program in `directory` depends on, in the installed versions. SDKs that ask
 * for other SDKs' plugins are not followed: this project has none.
 */
export function requiredPlugins(directory: string): RequiredPlugin[] {
    const file = path.join(directory, "package.json");
    if (!fs.existsSync(file)) return [];
    const resolve = createRequire(file);
    return Object.keys(readManifest(file).dependencies ?? {}).flatMap((name) => {
        const folder = resolve.resolve.paths(name)?.map((at) => path.join(at, name, "package.json"));
        const installed = folder?.find((at) => fs.existsSync(at));
        const { pulumi, version } = installed === undefined ? {} : readManifest(installed);
        if (!pulumi?.resource) return [];
        return [{ name: pulumi.name ?? path.basename(name), version: `v${version ?? ""}` }];
    });
}
