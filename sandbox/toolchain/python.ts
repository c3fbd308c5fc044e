import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../machine/command";
import { toolchainCache, type Instance } from "../machine/instance";
import type { Progress } from "../machine/part";
import { binFolder, pointTo } from "./toolchain";

/** Pinned packages of Moto and the AWS command line. */
const cloudRequirements = path.join(__dirname, "..", "parts", "cloud", "requirements.txt");

let pythonVersionFound: string | undefined;

/**
 * The folder of a Python environment, named by the digest of its requirements.
 *
 * @param requirements file of pinned packages with their hashes; those of Moto and the AWS command line by default
 */
export function pythonFolder(requirements = cloudRequirements): string {
    pythonVersionFound ??= execFileSync("python3", ["--version"], { encoding: "utf8" }).trim();
    const hash = createHash("sha256").update(pythonVersionFound).update(fs.readFileSync(requirements));
    return path.join(toolchainCache, `python-${hash.digest("hex").slice(0, 16)}`);
}

/** A program of a Python environment, such as "moto_proxy" or "aws". */
export const pythonProgram = (name: string, requirements = cloudRequirements) =>
    path.join(pythonFolder(requirements), "bin", name);

/** Creates a Python environment unless it exists. Every package is checked against its pinned hash. */
export async function installPython(progress: Progress, requirements = cloudRequirements): Promise<void> {
    const folder = pythonFolder(requirements);
    const complete = path.join(folder, ".complete");
    if (fs.existsSync(complete)) return;
    progress(
        requirements === cloudRequirements ? "Python packages for Moto and the AWS command line" : "Python packages",
    );
    // An environment's scripts contain its path, so it cannot be created elsewhere and moved.
    const script = `
        set -e
        if [ -e "$3" ]; then exit; fi
        python3 -m venv --clear "$1"
        "$1/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$2"
        touch "$3"`;
    fs.mkdirSync(toolchainCache, { recursive: true });
    const lock = path.join(toolchainCache, "python.lock");
    await run("flock", [lock, "sh", "-c", script, "sh", folder, requirements, complete]);
}

/** Puts `aws` beside the sandbox's other programs. */
export function linkPython(instance: Instance): void {
    pointTo(pythonProgram("aws"), path.join(binFolder(instance), "aws"));
}
