/**
 * `npm run build`: compiles the policy pack, the command line and the smoke tests into build/, as `tsc --build
 * tsconfig.build.json` does. What has changed is for TypeScript to say, and then nothing is compiled that has not.
 *
 * Each file is written beside its place and moved there, so that a program that starts meanwhile never reads half a file,
 * and several builds at once write the same.
 */
import { renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const system = {
    ...ts.sys,
    writeFile(file, text, byteOrderMark) {
        const draft = `${file}.${process.pid}.draft`;
        try {
            ts.sys.writeFile(draft, text, byteOrderMark);
            renameSync(draft, file);
        } catch (error) {
            rmSync(draft, { force: true });
            throw error;
        }
    },
};

const format = { getCanonicalFileName: (file) => file, getCurrentDirectory: process.cwd, getNewLine: () => "\n" };
const report = (diagnostic) => console.error(ts.formatDiagnostic(diagnostic, format).trimEnd());
const host = ts.createSolutionBuilderHost(system, undefined, report);
const project = fileURLToPath(new URL("../tsconfig.build.json", import.meta.url));

// TypeScript compares sources with its own record only: it would not write a file again that someone has deleted.
const parsed = ts.getParsedCommandLineOfConfigFile(
    project,
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: report },
);
const isMissing = (file) => !ts.sys.fileExists(file);
const force = parsed?.fileNames.some((file) => ts.getOutputFileNames(parsed, file, false).some(isMissing)) ?? false;

process.exitCode = ts.createSolutionBuilder(host, [project], { force }).build();
