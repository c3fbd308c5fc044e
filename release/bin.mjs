#!/usr/bin/env node
// What `npx release` starts: the compiled command line. This file is in git, since npm links it before anything is compiled.
import { existsSync } from "node:fs";

const program = new URL("../build/release/main.js", import.meta.url);

if (existsSync(program)) {
    const { main } = await import(program.href);
    await main();
} else {
    console.error("The command line is not compiled yet; run: npm run build");
    process.exitCode = 2;
}
