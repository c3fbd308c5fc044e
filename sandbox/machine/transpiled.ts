import * as fs from "node:fs";
import { isBuiltin } from "node:module";
import * as path from "node:path";
import { transformSync, type Options } from "@swc/core";
import { preProcessFile } from "typescript";
import { projectRoot } from "./instance";

/** What a TypeScript program of this project consists of. */
export interface TranspiledProgram {
    /** JavaScript of its modules, by their paths below the project's folder. */
    readonly modules: ReadonlyMap<string, string>;
    /** Names of the npm packages that they import. */
    readonly packages: ReadonlySet<string>;
}

/** As ts-node runs every other program of the sandbox. */
const options: Options = {
    swcrc: false,
    jsc: { target: "es2022", parser: { syntax: "typescript" } },
    module: { type: "commonjs" },
};

/** The file of a module: a folder is its index. */
const moduleFile = (name: string) =>
    fs.existsSync(path.join(projectRoot, `${name}.ts`)) ? `${name}.ts` : path.join(name, "index.ts");

/**
 * Transpiles a program and the modules that it imports.
 *
 * @param entry path of its main module below the project's folder
 * @param sourceMaps whether each module brings its source map, for `node --enable-source-maps`
 */
export function transpile(entry: string, { sourceMaps = false } = {}): TranspiledProgram {
    const modules = new Map<string, string>();
    const packages = new Set<string>();
    const add = (file: string): void => {
        if (modules.has(file)) return;
        const text = fs.readFileSync(path.join(projectRoot, file), "utf8");
        const filename = path.join(projectRoot, file);
        const { code } = transformSync(text, { ...options, filename, sourceMaps: sourceMaps && "inline" });
        modules.set(file, code);
        for (const { fileName: name } of preProcessFile(text).importedFiles) {
            if (name.startsWith(".")) add(moduleFile(path.join(path.dirname(file), name)));
            else if (!isBuiltin(name)) packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
        }
    };
    add(entry);
    return { modules, packages };
}

/**
 * Transpiles a program into a file, for a process that has no compiler in its memory: TypeScript and ts-node would take
 * 80 MiB there for as long as it runs.
 *
 * @param entry path of its main module below the project's folder
 */
export function transpileTo(file: string, entry: string): void {
    const { modules } = transpile(entry, { sourceMaps: true });
    const located = Object.fromEntries(Array.from(modules, ([name, code]) => [path.join(projectRoot, name), code]));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, JSON.stringify({ entry: path.join(projectRoot, entry), modules: located }));
    fs.renameSync(draft, file);
}

/** The arguments with which `node` runs what `transpileTo` has written; its own follow. */
export const transpiledArguments = (file: string): string[] => [
    "--enable-source-maps",
    path.join(__dirname, "run-transpiled.mjs"),
    file,
];
