import * as fs from "node:fs";
import * as path from "node:path";
import type * as emulate from "emulate";
import { SandboxError } from "../../machine/part";
import { packageFile } from "./packages";
import type { Store } from "./store";

type Emulate = typeof emulate;

export interface Application {
    fetch(request: Request): Promise<Response>;
}

export type Tokens = Map<string, { login: string; id: number; scopes: string[] }>;

export interface Plugin {
    register(app: Application, store: Store, webhooks: unknown, baseUrl: string, tokens: Tokens): void;
}

export async function loadEmulate(): Promise<Emulate> {
    return (await import(packageFile("emulate", "dist", "api.js"))) as Emulate;
}

/**
 * Where emulate keeps its GitHub plugin. Its documented interface (`createEmulator`) does not give out the store of the
 * services that it brings, which the front reads and writes, and its package `@emulators/github` is not published. So the
 * file is named here, for the one version that it was found in: `grep -A1 'import("./dist' dist/api.js` shows it.
 */
export const pinned = { version: "0.12.2", file: "dist-DWLNEG6M.js" } as const;

/**
 * @param folder of the installed package
 * @throws SandboxError when another version is installed, or the file is not what it was
 */
export async function loadPlugin(folder: string = packageFile("emulate")): Promise<Plugin> {
    const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as { version: string };
    if (version !== pinned.version)
        throw new SandboxError(
            `emulate ${version} is installed; accepted: ${pinned.version}, whose GitHub plugin is in dist/${pinned.file}. ` +
                'Run "npm ci", or name the new version and its file in sandbox/parts/github/emulate.ts',
        );
    const module = (await import(path.join(folder, "dist", pinned.file))) as { githubPlugin?: Plugin };
    if (typeof module.githubPlugin?.register !== "function")
        throw new SandboxError(
            `dist/${pinned.file} of emulate ${version} has no githubPlugin; name its file in sandbox/parts/github/emulate.ts`,
        );
    return module.githubPlugin;
}
