// Checks the files of the index, not of the working tree: what is committed is what was checked.
//
// Types are checked in the staged files, and in those of the same top-level folder that import one directly. On a busy
// machine of two cores that took 3 seconds of CPU time for a gate, 8 for a policy or a Kubernetes component, and 11 for a
// component of AWS. Importers elsewhere would load the declarations of every provider's SDK: the whole project takes 40
// seconds, and with a build info file still 13.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/** The top of the working tree: git starts hooks there. */
const root = process.cwd();

const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
const names = (...args) =>
    git(...args, "-z")
        .split("\0")
        .filter(Boolean);
const isSource = (file) => /(?<!\.d)\.ts$/.test(file);

/** Whether Prettier accepts the files; it prints the names of those that it does not. */
function isFormatted(tree, files) {
    const prettier = path.join(root, "node_modules/prettier/bin/prettier.cjs");
    try {
        const options = ["--check", "--ignore-unknown", "--log-level", "warn"];
        execFileSync(process.execPath, [prettier, ...options, "--", ...files], { cwd: tree, stdio: "inherit" });
        return true;
    } catch {
        return false;
    }
}

const topFolder = (file) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "");

/** The files that import one of `targets` from the same top-level folder. A target may have been deleted. */
function importersOf(ts, tree, sources, targets) {
    const wanted = new Set(targets);
    return sources.filter((source) => {
        const { importedFiles } = ts.preProcessFile(fs.readFileSync(path.join(tree, source), "utf8"), true, true);
        return importedFiles.some(({ fileName }) => {
            if (!fileName.startsWith(".")) return false;
            const base = path.join(path.dirname(source), fileName);
            if (topFolder(base) !== topFolder(source)) return false;
            return wanted.has(`${base}.ts`) || wanted.has(path.join(base, "index.ts"));
        });
    });
}

/** Whether the compiler accepts the changed files and their importers; it prints what it does not accept. */
async function hasRightTypes(tree, changed) {
    const { default: ts } = await import("typescript");
    const configuration = path.join(tree, "tsconfig.json");
    const { options, fileNames } = ts.parseJsonConfigFileContent(
        ts.readConfigFile(configuration, ts.sys.readFile).config,
        ts.sys,
        tree,
    );
    const sources = fileNames.map((file) => path.relative(tree, file));
    const checked = new Set([...sources.filter((file) => changed.includes(file))]);
    for (const importer of importersOf(ts, tree, sources, changed)) checked.add(importer);
    if (checked.size === 0) return true;

    const program = ts.createProgram(
        [...checked].map((file) => path.join(tree, file)),
        { ...options, noEmit: true },
    );
    const found = [...checked].flatMap((file) => {
        const source = program.getSourceFile(path.join(tree, file));
        return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    if (found.length === 0) return true;
    const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => tree, getNewLine: () => "\n" };
    process.stderr.write(ts.formatDiagnostics(found, host));
    return false;
}

const staged = names("diff", "--cached", "--name-only", "--diff-filter=ACMRT");
const changed = names("diff", "--cached", "--name-only", "--no-renames");
if (!fs.existsSync(path.join(root, "node_modules/.package-lock.json"))) {
    console.error("The packages are not installed, so nothing can be checked: run npm ci.");
    process.exit(1);
}

const tree = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "staged-"));
try {
    git("checkout-index", "--all", `--prefix=${tree}/`);
    fs.symlinkSync(path.join(root, "node_modules"), path.join(tree, "node_modules"));
    const formatted = staged.length === 0 || isFormatted(tree, staged);
    const typed = !changed.some(isSource) || (await hasRightTypes(tree, changed.filter(isSource)));
    if (!formatted)
        console.error("Not formatted as .prettierrc.json says: npx prettier --write FILE, then git add FILE.");
    if (!typed) console.error("The types of what is staged are wrong.");
    process.exitCode = formatted && typed ? 0 : 1;
} finally {
    fs.rmSync(tree, { recursive: true, force: true });
}
