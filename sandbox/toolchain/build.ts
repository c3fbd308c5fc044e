import { execa } from "execa";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as readline from "node:readline";
import { run, tail } from "../machine/command";
import { toolchainCache } from "../machine/instance";
import { withLock } from "../machine/lock";
import { SandboxError, type Progress } from "../machine/part";
import { makeSources } from "./changed-modules";
import { mainPackage, type Program } from "./program";
import { buildDigest, buildFlags, programPath, tagFlags } from "./programs";

/** One build at a time on a machine: `go build` uses all cores by itself. */
const lockFile = path.join(toolchainCache, "build.lock");

/** What a package costs beside its size, in bytes of source: a compiler starts, reads its imports and writes. */
const packageCost = 40_000;

/** What linking a program costs, in the same unit. */
const linkCost = 2_000_000;

const gibibyte = 1024 ** 3;

/**
 * Go's compiler and linker are Go programs, and spend much of their time collecting garbage. Each may use memory instead,
 * up to its share of what is free.
 */
function garbageCollection(): Record<string, string> {
    const share = os.freemem() / (2 * os.availableParallelism());
    return { GOGC: "off", GOMEMLIMIT: String(Math.round(Math.min(Math.max(share, gibibyte), 3 * gibibyte))) };
}

const environment = () => ({ CGO_ENABLED: "0", ...garbageCollection() });

/** Programs that are not there yet. */
export const missingPrograms = (programs: readonly Program[]): Program[] =>
    programs.filter((program) => !fs.existsSync(programPath(program)));

/** The size of each package that the programs consist of, in bytes. */
async function packageSizes(source: string, mains: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const format = "{{.ImportPath}}\t{{.Dir}}{{range .GoFiles}}\t{{.}}{{end}}";
    const listed = await run("go", ["list", "-deps", ...tagFlags, "-f", format, ...mains], {
        directory: source,
        environment: environment(),
    });
    return new Map(
        listed.split("\n").map((line) => {
            const [name = "", folder = "", ...files] = line.split("\t");
            const sizes = files.map((file) => fs.statSync(path.join(folder, file)).size);
            return [name, sizes.reduce((sum, size) => sum + size, packageCost)];
        }),
    );
}

/**
 * Packages that an interrupted build has compiled: `go build` says nothing of what it finds in its cache. Other flags or
 * versions are another build.
 */
const recordFile = () => path.join(toolchainCache, `compiled-${buildDigest().slice(0, 16)}.txt`);

/** Reports each package that `go build -v` prints when it starts to compile it, and the share that is done. */
function describeProgress(sizes: ReadonlyMap<string, number>, programs: number, progress: Progress) {
    const record = recordFile();
    const known = new Set(fs.existsSync(record) ? fs.readFileSync(record, "utf8").split("\n") : []);
    let total = programs * linkCost;
    for (const [name, size] of sizes) if (!known.has(name)) total += size;
    let done = 0;
    return (line: string) => {
        const size = sizes.get(line);
        if (/^go: downloading /.test(line)) progress(`fetching ${line.slice("go: downloading ".length)}`);
        if (size === undefined) return;
        // Go's cache may have been emptied in between.
        if (known.delete(line)) total += size;
        else fs.appendFileSync(record, `${line}\n`);
        done += size;
        progress(`compiling ${line}`, done / total);
    };
}

async function build(programs: readonly Program[], progress: Progress): Promise<void> {
    progress("preparing the sources");
    const source = await makeSources(toolchainCache);
    try {
        const mains = programs.map(mainPackage);
        const drafts = path.join(source, "built");
        fs.mkdirSync(drafts);
        const describe = describeProgress(await packageSizes(source, mains), programs.length, progress);
        const building = execa("go", ["build", "-v", ...buildFlags(), "-o", `${drafts}/`, ...mains], {
            cwd: source,
            env: environment(),
            reject: false,
            stdin: "ignore",
            all: true,
        });
        const output: string[] = [];
        for await (const line of readline.createInterface({ input: building.all })) {
            output.push(line);
            describe(line);
        }
        const result = await building;
        if (result.exitCode !== 0)
            throw new SandboxError(
                `Building the toolchain failed:\n${tail(output.join("\n"))}\n${result.message ?? ""}`.trim(),
            );
        for (const program of programs) {
            const target = programPath(program);
            fs.mkdirSync(path.dirname(target), { recursive: true });
            fs.renameSync(path.join(drafts, path.basename(mainPackage(program))), target);
        }
        fs.rmSync(recordFile(), { force: true });
    } finally {
        fs.rmSync(source, { recursive: true, force: true });
    }
}

/**
 * Builds the programs that do not exist yet, all in one run of `go build`. Other processes that need the same ones wait
 * for them.
 */
export async function buildPrograms(programs: readonly Program[], progress: Progress): Promise<void> {
    if (missingPrograms(programs).length === 0) return;
    progress("waiting for another build");
    await withLock(lockFile, async () => {
        const missing = missingPrograms(programs);
        if (missing.length > 0) await build(missing, progress);
    });
}

/** Builds one program unless it exists, and returns its path. */
export async function buildProgram(program: Program, progress: Progress): Promise<string> {
    await buildPrograms([program], progress);
    return programPath(program);
}
