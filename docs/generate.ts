import * as fs from "node:fs";
import * as path from "node:path";
import { describedIn } from "../policies/describe";
import { guardrails } from "../policies/guardrails";
import { settingsReference } from "./settings-reference";

const root = path.resolve(__dirname, "..");
const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8");

/** What `make docs` writes: text by file, relative to the project. */
export function generated(): ReadonlyMap<string, string> {
    return new Map([
        ["docs/settings.md", settingsReference()],
        ["policies/README.md", describedIn(read("policies/README.md"), guardrails)],
    ]);
}

if (require.main === module) for (const [file, text] of generated()) fs.writeFileSync(path.join(root, file), text);
