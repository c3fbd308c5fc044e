import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../machine/command";
import { projectRoot } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { transpile } from "../machine/transpiled";
import type { ImageFile } from "./oci";

/** The folder of an npm package that a module in `from` imports: the nearest one. */
function packageFolder(name: string, from: string): string {
    for (let at = from; ; at = path.dirname(at)) {
        const folder = path.join(at, "node_modules", name);
        if (fs.existsSync(path.join(folder, "package.json"))) return folder;
        if (at === projectRoot) throw new SandboxError(`the npm package ${name} is not installed; run "npm ci"`);
    }
}

/** An npm package and those it depends on, as far as Node.js reads them. */
function packageFiles(name: string, target: string, found: Map<string, ImageFile>, from = projectRoot): void {
    const folder = packageFolder(name, from);
    const manifest = path.join(folder, "package.json");
    const at = `${target}/${path.relative(projectRoot, folder)}`;
    if (found.has(`${at}/package.json`)) return;
    for (const file of fs.readdirSync(folder, { recursive: true, encoding: "utf8" }))
        if (/\.([cm]?js|json)$/.test(file) && !file.startsWith("node_modules/"))
            found.set(`${at}/${file}`, { path: `${at}/${file}`, source: path.join(folder, file) });
    const { dependencies = {} } = JSON.parse(fs.readFileSync(manifest, "utf8")) as {
        readonly dependencies?: Readonly<Record<string, string>>;
    };
    for (const dependency of Object.keys(dependencies)) packageFiles(dependency, target, found, folder);
}

/**
 * A TypeScript program of this project, compiled, with the modules and npm packages that it imports, in the folder
 * `target` of an image.
 *
 * @param entry path of its main module below the project's folder
 */
export function compiledProgram(entry: string, target: string): ImageFile[] {
    const found = new Map<string, ImageFile>();
    const { modules, packages } = transpile(entry);
    for (const [file, content] of modules) {
        const at = `${target}/${file.replace(/\.ts$/, ".js")}`;
        found.set(at, { path: at, content });
    }
    for (const name of packages) packageFiles(name, target, found);
    return [...found.values()];
}

/** This machine's Node.js as /usr/local/bin/node, with the loader and the shared libraries that it needs. */
export const nodeFiles = (): Promise<ImageFile[]> => programFiles("node", process.execPath);

/** A program of this machine in /usr/local/bin, with the loader and the shared libraries that it needs. */
export async function programFiles(name: string, file: string): Promise<ImageFile[]> {
    const program = fs.realpathSync(file);
    const needed = (await run("ldd", [program])).split("\n").flatMap((line) => {
        const [library = "", where] = line.trim().split(" => ");
        if (where?.startsWith("not found") === true)
            throw new SandboxError(`${program} needs ${library}, which is missing`);
        return /^(\/\S+) \(0x/.exec(where ?? library)?.[1] ?? [];
    });
    return [
        { path: `/usr/local/bin/${name}`, source: program, mode: 0o755 },
        ...needed.map((file) => ({ path: file, source: file, mode: 0o755 })),
    ];
}
