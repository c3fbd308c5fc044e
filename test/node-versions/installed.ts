import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { toolchainCache } from "../../sandbox/machine/instance";

/** The major versions that package.json of this folder names. */
export const majors = ["22", "24"] as const;
export type Major = (typeof majors)[number];

/**
 * Installs these versions of Node.js, once for all clones: npm checks them against the sums in this folder's
 * package-lock.json. They take 250 MB in the toolchain's folder.
 *
 * @returns the folder of each version's program `node`
 */
export async function installedVersions(): Promise<Readonly<Record<Major, string>>> {
    const lock = fs.readFileSync(path.join(__dirname, "package-lock.json"));
    const key = crypto.createHash("sha256").update(lock).digest("hex").slice(0, 16);
    const folder = path.join(toolchainCache, `node-versions-${key}`);
    if (!fs.existsSync(folder)) {
        fs.mkdirSync(toolchainCache, { recursive: true });
        const draft = fs.mkdtempSync(`${folder}.draft-`);
        try {
            for (const file of ["package.json", "package-lock.json"])
                fs.copyFileSync(path.join(__dirname, file), path.join(draft, file));
            await execa("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: draft });
            fs.renameSync(draft, folder);
        } catch (error) {
            fs.rmSync(draft, { recursive: true });
            // Another run may have been faster.
            if (!fs.existsSync(folder)) throw error;
        }
    }
    const place = (major: Major) => path.join(folder, "node_modules", `node-${major}-${process.arch}`, "bin");
    return { "22": place("22"), "24": place("24") };
}
