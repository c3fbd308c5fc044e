import { compilers } from "./loaded";

interface Told {
    readonly arguments: readonly string[];
    readonly compilers: readonly string[];
}

console.log(JSON.stringify({ arguments: process.argv.slice(2), compilers: compilers() } satisfies Told));
if (process.argv[2] === "fail") throw new Error("on line 9");
