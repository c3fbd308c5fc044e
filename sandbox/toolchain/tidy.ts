/**
 * `make tidy`: has Go tidy go.mod and go.sum, and records of which sources that is true. Go reads the modules of all tests
 * of all dependencies for it, which are minutes of downloads on a machine that has none of them, so tests compare the record.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { toolchainCache } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { digestOf, makeSources } from "./changed-modules";
import { moduleFolder } from "./program";

const files = ["go.mod", "go.sum"] as const;

const recordFile = path.join(moduleFolder, "tidy.txt");

/** Tests of the provider's module import packages that Kubernetes no longer has. */
const gone = /^k8s\.io\/api\/(autoscaling|scheduling|storage|flowcontrol)\//;

/** Digest of all that decides which modules are needed: sources, their changes and selections, go.mod and go.sum. */
export function sourcesDigest(): string {
    const folders = fs.readdirSync(moduleFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return digestOf(...files, "changed-modules.ts", "selection.ts", ...folders.map(({ name }) => name).sort());
}

/** Digest of the sources for which Go last found nothing to change. */
export const tidiedDigest = () => fs.readFileSync(recordFile, "utf8").trim();

async function tidy(): Promise<void> {
    const made = await makeSources(toolchainCache);
    try {
        // Without -e, Go would stop at the packages that are gone.
        const { exitCode, stderr } = await execa("go", ["mod", "tidy", "-e"], { cwd: made, reject: false });
        if (exitCode !== 0) throw new SandboxError(`go mod tidy failed:\n${stderr}`);
        const missing = [...stderr.matchAll(/^\t(\S+): module .* does not contain package/gm)].map(
            ([, name]) => name ?? "",
        );
        const unexpected = missing.filter((name) => !gone.test(name));
        if (unexpected.length > 0) throw new SandboxError(`No module has the packages ${unexpected.join(", ")}`);
        for (const file of files) fs.copyFileSync(path.join(made, file), path.join(moduleFolder, file));
        fs.writeFileSync(recordFile, `${sourcesDigest()}\n`);
    } finally {
        fs.rmSync(made, { recursive: true, force: true });
    }
}

if (require.main === module) void tidy();
