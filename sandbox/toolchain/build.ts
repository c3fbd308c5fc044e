import { execa } from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { tail } from "../command";
import { toolchainCache } from "../instance";
import { SandboxError, type Progress } from "../part";
import { changedSources, sourceFolder } from "./changed-modules";
import { buildFlags, programPath, type Program } from "./programs";

/** One build at a time on a machine: `go build` uses all cores by itself. */
const lockFile = path.join(toolchainCache, "build.lock");

/** `go build -v` names a package when it starts to compile it; modules are named while they are fetched. */
function describeProgress(program: Program, progress: Progress): (line: string) => void {
    let compiled = 0;
    return (line) => {
        if (/^go: downloading /.test(line)) {
            progress(`${program.name}: fetching ${line.slice("go: downloading ".length)}`);
        } else if (/^[\w.-]+(\/[\w.@-]+)*$/.test(line)) {
            compiled += 1;
            progress(`${program.name}: ${compiled} packages compiled, now ${line}`);
        }
    };
}

/**
 * Builds a program unless it is there already. Others that want the same one at the same time wait and find it. The
 * lock is the kernel's, on an open file: it ends with its holder, however that ends.
 */
export async function buildProgram(program: Program, progress: Progress): Promise<string> {
    const target = programPath(program);
    if (fs.existsSync(target)) return target;
    const folder = path.dirname(target);
    const draft = path.join(folder, `${program.name}.draft`);
    fs.mkdirSync(folder, { recursive: true });
    const go = ["go", "build", "-v", ...buildFlags(program), "-o", draft, program.package];
    const script = `
        set -e
        target=$1 draft=$2 source=$3 changed=$4
        shift 4
        if [ ! -e "$target" ]; then cd "$source"; "$@"; mv "$draft" "$target"; cd /; fi
        rm -rf "$changed"`;
    const source = await sourceFolder(program, folder);
    progress(`${program.name}: waiting for its turn`);
    const build = execa(
        "flock",
        [lockFile, "sh", "-c", script, "sh", target, draft, source, changedSources(folder), ...go],
        {
            env: { CGO_ENABLED: "0" },
            reject: false,
            stdin: "ignore",
            all: true,
        },
    );
    const output: string[] = [];
    const describe = describeProgress(program, progress);
    const lines = readline.createInterface({ input: build.all });
    for await (const line of lines) {
        output.push(line);
        describe(line);
    }
    const result = await build;
    if (result.exitCode !== 0)
        throw new SandboxError(
            `Building ${program.name} failed:\n${tail(output.join("\n"))}\n${result.message ?? ""}`.trim(),
        );
    return target;
}
