/** node run-transpiled.mjs FILE [ARGUMENT...]: runs the program that transpiled.ts has written to FILE. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

const [program] = process.argv.splice(2, 1);
const { entry, modules } = JSON.parse(readFileSync(program, "utf8"));
const require = createRequire(entry);

require.extensions[".ts"] = (module, file) => {
    const code = modules[file];
    if (code === undefined) throw new Error(`${file} is not in ${program}, which has what ${entry} imports`);
    module._compile(code, file);
};
process.argv[1] = entry;
require(entry);
