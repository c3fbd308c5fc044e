import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as typescript from "typescript";
import { projectRoot } from "../instance";

const sources = path.join(projectRoot, "sandbox", "engine");
const load = createRequire(__filename);

/** Which of the stand-ins a Pulumi home needs: those that no registry of this machine serves. */
export interface WantedStandIns {
    readonly languageHost: boolean;
    readonly kubernetes: boolean;
}

/**
 * Transpiles the stand-ins to JavaScript, so that plain Node.js starts them fast, and returns the folder that holds
 * them. The folder is named by the sources' content: nothing is done when they have not changed, and processes that
 * run from an older folder are not disturbed. It lies inside the project, so that node_modules resolves.
 */
export function compileHosts(): Promise<string> {
    const files = fs
        .readdirSync(sources, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && file !== "install.ts")
        .sort();
    const digest = createHash("sha256").update(typescript.version);
    for (const file of files) digest.update(file).update(fs.readFileSync(path.join(sources, file)));
    const parent = path.join(projectRoot, ".sandbox", "hosts");
    const target = path.join(parent, digest.digest("hex").slice(0, 16));
    if (fs.existsSync(target)) return Promise.resolve(target);

    fs.mkdirSync(parent, { recursive: true });
    const draft = fs.mkdtempSync(path.join(parent, "draft-"));
    for (const file of files) {
        const { outputText } = typescript.transpileModule(fs.readFileSync(path.join(sources, file), "utf8"), {
            fileName: file,
            compilerOptions: {
                target: typescript.ScriptTarget.ES2022,
                module: typescript.ModuleKind.CommonJS,
                esModuleInterop: true,
                inlineSourceMap: true,
            },
        });
        const output = path.join(draft, file.replace(/\.ts$/, ".js"));
        fs.mkdirSync(path.dirname(output), { recursive: true });
        fs.writeFileSync(output, outputText);
    }
    try {
        fs.renameSync(draft, target);
    } catch (error) {
        // Another process was faster; what it wrote is the same.
        fs.rmSync(draft, { recursive: true, force: true });
        if (!fs.existsSync(target)) throw error;
    }
    return Promise.resolve(target);
}

function installedVersion(name: string): string {
    return (load(`${name}/package.json`) as { version: string }).version;
}

function writeLauncher(pulumiHome: string, plugin: string, version: string, script: string): void {
    const folder = path.join(pulumiHome, "plugins", `${plugin}-v${version}`);
    const file = path.join(folder, `pulumi-${plugin}`);
    const text = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(script)} "$@"\n`;
    if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === text) return;
    fs.mkdirSync(folder, { recursive: true });
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, text, { mode: 0o755 });
    fs.renameSync(draft, file);
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Puts the stand-ins where the engine looks for its plugins: `<pulumiHome>/plugins/<kind>-<name>-v<version>`, in the
 * versions that the installed npm packages ask for. Running it again changes nothing.
 */
export async function installStandIns(pulumiHome: string, wanted: WantedStandIns): Promise<void> {
    const hosts = await compileHosts();
    if (wanted.languageHost) {
        const script = path.join(hosts, "language", "host.js");
        writeLauncher(pulumiHome, "language-nodejs", installedVersion("@pulumi/pulumi"), script);
    }
    if (wanted.kubernetes) {
        const script = path.join(hosts, "kubernetes", "main.js");
        writeLauncher(pulumiHome, "resource-kubernetes", installedVersion("@pulumi/kubernetes"), script);
    }
}
