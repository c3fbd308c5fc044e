import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../machine/command";
import { toolchainCache } from "../machine/instance";
import type { Progress } from "../machine/part";
import { goVersion, sharedFlags } from "../toolchain/programs";

/** Flags that keep folder names, times and commits out of the programs: the same source gives the same bytes. */
const flags = [...sharedFlags, "-buildvcs=false", "-ldflags", "-s -w -buildid="];

/** The application's Go sources and what they embed, without their tests. */
function sourceFiles(): string[] {
    return fs
        .readdirSync(__dirname, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/\.(ts|md)$|_test\.go$/.test(entry.name))
        .map((entry) => path.relative(__dirname, path.join(entry.parentPath, entry.name)))
        .sort();
}

/** SHA-256 of the application's sources, in hexadecimal. Stands in for the commit that a repository would have. */
export function sourceDigest(): string {
    const hash = createHash("sha256");
    for (const file of sourceFiles()) {
        const content = fs.readFileSync(path.join(__dirname, file));
        hash.update(`${file}\0${String(content.length)}\0`).update(content);
    }
    return hash.digest("hex");
}

/** Builds the programs of both services unless they are there, and returns their folder. */
export async function buildApplication(progress: Progress): Promise<string> {
    const hash = createHash("sha256").update(JSON.stringify([goVersion(), flags, sourceDigest()]));
    const folder = path.join(toolchainCache, `application-${hash.digest("hex").slice(0, 16)}`);
    if (fs.existsSync(folder)) return folder;
    progress("compiling backend and frontend");
    fs.mkdirSync(toolchainCache, { recursive: true });
    const draft = fs.mkdtempSync(`${folder}.`);
    try {
        await run("go", ["build", ...flags, "-o", `${draft}/`, "./cmd/..."], {
            directory: __dirname,
            environment: { CGO_ENABLED: "0", GOOS: "linux", GOARCH: "amd64" },
        });
        fs.renameSync(draft, folder);
    } catch (error) {
        // Another process may have been faster: what it built is the same.
        if (!fs.existsSync(folder)) throw error;
    } finally {
        fs.rmSync(draft, { recursive: true, force: true });
    }
    return folder;
}
