import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../command";
import { moduleFolder, pinnedVersion, type Program } from "./programs";

/** Folder of a program's changes, which Go's own commands pass over: below it a folder a changed module. */
const changesFolder = "_changes";

/** The module that requires the originals, whose go.sum says what they must be. */
const originalsFolder = "originals";

/** What is taken of a module, and with which contents. Paths are relative to the module's folder. */
export interface Selection {
    /** Whether a file, or a folder with what is in it, is copied. */
    readonly takes: (file: string) => boolean;
    /** Files that are there with other contents, by their path. */
    readonly contents: Readonly<Record<string, string>>;
}

/** Where `sourceFolder` puts copies, in the folder of the program that is built of them. */
export const changedSources = (folder: string) => path.join(folder, "source");

/** A module's files from Go's cache, fetched and checked where they are not there yet. */
async function originalFiles(program: Program, module: string): Promise<string> {
    const version = pinnedVersion(path.join(program.module, originalsFolder), module);
    const answer = await run("go", ["mod", "download", "-json", `${module}@${version}`], {
        directory: path.join(moduleFolder(program), originalsFolder),
    });
    return (JSON.parse(answer) as { readonly Dir: string }).Dir;
}

/**
 * Where a program is built: its module's folder, or, when it has changed modules, a copy of that in `folder`, with copies
 * of the originals and the changes over them: Go refuses changes to what it has in its cache.
 */
export async function sourceFolder(program: Program, folder: string): Promise<string> {
    const module = moduleFolder(program);
    const changed = Object.entries(program.changedModules ?? {});
    if (changed.length === 0) return module;
    const sources = changedSources(folder);
    // The folder's name tells what is in it, so another process's copies are as good.
    if (fs.existsSync(sources)) return sources;
    const draft = `${sources}.${process.pid}`;
    fs.cpSync(module, draft, { recursive: true, filter: (file) => path.basename(file) !== changesFolder });
    for (const [name, original] of changed) {
        const target = path.join(draft, name);
        const files = await originalFiles(program, original);
        const selection = program.select?.(files);
        fs.cpSync(files, target, {
            recursive: true,
            filter: (file) => selection?.takes(path.relative(files, file)) ?? true,
        });
        // Go's cache is read-only.
        await run("chmod", ["-R", "u+w", target]);
        for (const [file, content] of Object.entries(selection?.contents ?? {}))
            fs.writeFileSync(path.join(target, file), content);
        const changes = path.join(module, changesFolder, name);
        if (fs.existsSync(changes)) fs.cpSync(changes, target, { recursive: true });
    }
    try {
        fs.renameSync(draft, sources);
    } catch (error) {
        fs.rmSync(draft, { recursive: true, force: true });
        if (!fs.existsSync(sources)) throw error;
    }
    return sources;
}
