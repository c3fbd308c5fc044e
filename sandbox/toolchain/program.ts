import * as fs from "node:fs";
import * as path from "node:path";
import { SandboxError } from "../machine/part";

/** A program that is built from Go modules. `go.mod` next to this file pins what all of them need. */
export interface Program {
    readonly name: string;
    /** The folder next to this file with the program's own sources or changes; what is in it is part of its digest. */
    readonly folder?: string;
    /** The main package. @default the one in `folder` */
    readonly package?: string;
    /** The linker's `-X` settings: a variable's full name and its value. */
    readonly variables?: Readonly<Record<string, string>>;
}

/** The folder of the module that all programs are built in. */
export const moduleFolder = __dirname;

/** The main package of a program, as `go build` takes it. */
export function mainPackage({ name, folder, package: main }: Program): string {
    if (main !== undefined) return main;
    if (folder === undefined) throw new SandboxError(`${name} of the toolchain has neither a package nor a folder`);
    return `./${folder}`;
}

/** The version of `dependency` that the toolchain pins, with its "v". */
export function pinnedVersion(dependency: string, folder = moduleFolder): string {
    const file = path.join(folder, "go.mod");
    const pinned = fs
        .readFileSync(file, "utf8")
        .split("\n")
        .map((line) =>
            line
                .trim()
                .replace(/^require /, "")
                .split(" "),
        )
        .find(([name, version]) => name === dependency && version?.startsWith("v"))?.[1];
    if (pinned === undefined) throw new SandboxError(`${file} does not require ${dependency}`);
    return pinned;
}
