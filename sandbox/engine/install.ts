import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as typescript from "typescript";
import { packageVersion, projectRoot } from "../machine/instance";

const sources = path.join(projectRoot, "sandbox", "engine");

/**
 * Transpiles the language host to JavaScript, so that plain Node.js starts it fast, and returns the folder that holds
 * it. The folder is named by the sources' content: nothing is done when they have not changed, and processes that run
 * from an older folder are not disturbed. It is inside the project, so that node_modules resolves.
 */
export function compileHost(): string {
    const files = fs
        .readdirSync(sources, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && file !== "install.ts")
        .sort();
    const digest = createHash("sha256").update(typescript.version);
    for (const file of files) digest.update(file).update(fs.readFileSync(path.join(sources, file)));
    const parent = path.join(projectRoot, ".sandbox", "hosts");
    const target = path.join(parent, digest.digest("hex").slice(0, 16));
    if (fs.existsSync(target)) return target;

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
        // Another process was faster; its files are the same.
        fs.rmSync(draft, { recursive: true, force: true });
        if (!fs.existsSync(target)) throw error;
    }
    return target;
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * Puts the language host where the engine looks for it: `<pulumiHome>/plugins/language-nodejs-v<version>`, in the version
 * of the installed `@pulumi/pulumi`. Running it again changes nothing.
 */
export function installLanguageHost(pulumiHome: string): void {
    const script = path.join(compileHost(), "language", "host.js");
    const folder = path.join(pulumiHome, "plugins", `language-nodejs-v${packageVersion("@pulumi/pulumi")}`);
    const file = path.join(folder, "pulumi-language-nodejs");
    const text = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(script)} "$@"\n`;
    if (fs.existsSync(file) && fs.readFileSync(file, "utf8") === text) return;
    fs.mkdirSync(folder, { recursive: true });
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, text, { mode: 0o755 });
    fs.renameSync(draft, file);
}
