// Reads a JUnit report with the reader of a project, and prints what that costs: read-report.mjs <project> <base|now> <report>.
// The present reader is the compiled one, as of the command line; the older project has none.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

const [project, reader, report] = process.argv.slice(2);
const require = createRequire(path.join(project, reader === "now" ? "build/index.js" : "index.ts"));
if (reader === "base") require("ts-node/register");
const { readers } = require("./release/collect/readers");
const text = require("./release/collect/shared/text");

const before = process.cpuUsage();
if (reader === "now") text.readPieces(report, report, (pieces) => readers.junit(pieces, report));
else readers.junit(fs.readFileSync(report, "utf8"), report);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpu: (user + system) / 1e6, memory: process.resourceUsage().maxRSS / 1024 }));
