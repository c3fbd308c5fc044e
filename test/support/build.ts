import { execFileSync } from "node:child_process";
import * as path from "node:path";
import { projectRoot } from "./project";

let built = false;

/**
 * The path of a program that `npm run build` compiles, such as "release/main.js". What has changed is compiled first, once
 * in a run; that takes a minute where nothing is compiled yet, so `make` does it before the tests.
 */
export function compiled(program: string): string {
    if (!built) execFileSync("npm", ["run", "--silent", "build"], { cwd: projectRoot });
    built = true;
    return path.join(projectRoot, "build", program);
}
