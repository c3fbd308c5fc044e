import * as fs from "node:fs";
import * as path from "node:path";
import { SandboxError } from "../machine/part";

/** The files that are copied from a module, and their contents. Paths are relative to the module's folder. */
export interface Selection {
    /** Whether a file, or a folder with what is in it, is copied. */
    readonly takes: (file: string) => boolean;
    /** Files with other contents than the original's, by their path. */
    readonly contents: Readonly<Record<string, string>>;
}

/** Text that other versions of a module's dependencies want otherwise, by its file. */
export type Adaptations = Readonly<Record<string, readonly [from: string, to: string]>>;

/** The contents of adapted files, whose originals are in `folder`. Fails when a file no longer has the text. */
export function adapted(folder: string, adaptations: Adaptations, module: string): Record<string, string> {
    const contents: Record<string, string> = {};
    for (const [file, [from, to]] of Object.entries(adaptations)) {
        const original = fs.readFileSync(path.join(folder, file), "utf8");
        if (!original.includes(from))
            throw new SandboxError(
                `${file} of ${module} has no ${JSON.stringify(from)} any more; adapt sandbox/toolchain/changed-modules.ts ` +
                    "to the version that originals/go.mod names",
            );
        contents[file] = original.replaceAll(from, to);
    }
    return contents;
}
