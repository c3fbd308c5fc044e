import * as fs from "node:fs";
import { isBuiltin } from "node:module";
import * as path from "node:path";
import * as ts from "typescript";
import { run } from "../machine/command";
import { projectRoot } from "../machine/instance";
import { SandboxError } from "../machine/part";
import type { ImageFile } from "./oci";

const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    esModuleInterop: true,
};

/** An npm package and those it depends on, as far as Node.js reads them. */
function packageFiles(name: string, target: string, found: Map<string, ImageFile>): void {
    const folder = path.join(projectRoot, "node_modules", name);
    const manifest = path.join(folder, "package.json");
    const at = `${target}/node_modules/${name}`;
    if (found.has(`${at}/package.json`)) return;
    if (!fs.existsSync(manifest)) throw new SandboxError(`the npm package ${name} is not installed; run "npm ci"`);
    for (const file of fs.readdirSync(folder, { recursive: true, encoding: "utf8" }))
        if (/\.([cm]?js|json)$/.test(file) && !file.startsWith("node_modules/"))
            found.set(`${at}/${file}`, { path: `${at}/${file}`, source: path.join(folder, file) });
    const { dependencies = {} } = JSON.parse(fs.readFileSync(manifest, "utf8")) as {
        readonly dependencies?: Readonly<Record<string, string>>;
    };
    for (const dependency of Object.keys(dependencies)) packageFiles(dependency, target, found);
}

function moduleFiles(file: string, target: string, found: Map<string, ImageFile>): void {
    const at = `${target}/${file.replace(/\.ts$/, ".js")}`;
    if (found.has(at)) return;
    const text = fs.readFileSync(path.join(projectRoot, file), "utf8");
    found.set(at, {
        path: at,
        content: ts.transpileModule(text, { compilerOptions: options, fileName: file }).outputText,
    });
    for (const { fileName: name } of ts.preProcessFile(text).importedFiles) {
        if (name.startsWith(".")) moduleFiles(path.join(path.dirname(file), `${name}.ts`), target, found);
        else if (!isBuiltin(name)) packageFiles(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name, target, found);
    }
}

/**
 * A TypeScript program of this project, compiled, with the modules and npm packages that it imports, in the folder
 * `target` of an image.
 *
 * @param entry path of its main module below the project's folder
 */
export function compiledProgram(entry: string, target: string): ImageFile[] {
    const found = new Map<string, ImageFile>();
    moduleFiles(entry, target, found);
    return [...found.values()];
}

/** This machine's Node.js as /usr/local/bin/node, with the loader and the shared libraries that it needs. */
export async function nodeFiles(): Promise<ImageFile[]> {
    const program = fs.realpathSync(process.execPath);
    const needed = (await run("ldd", [program])).split("\n").flatMap((line) => {
        const [name = "", where] = line.trim().split(" => ");
        if (where?.startsWith("not found") === true)
            throw new SandboxError(`${program} needs ${name}, which is missing`);
        return /^(\/\S+) \(0x/.exec(where ?? name)?.[1] ?? [];
    });
    return [
        { path: "/usr/local/bin/node", source: program, mode: 0o755 },
        ...needed.map((file) => ({ path: file, source: file, mode: 0o755 })),
    ];
}
