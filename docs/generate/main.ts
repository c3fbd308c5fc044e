import * as fs from "node:fs";
import * as path from "node:path";
import { guardrails } from "../../policies/guardrails";
import { judgementSchema } from "../../release/check/json";
import { commandLineReference } from "./command-line";
import { evidenceReference, evidenceSchemas } from "./evidence";
import { networkReference } from "./network";
import { pipelineReference } from "./pipeline";
import { policiesReference } from "./policies";
import { settingsReference } from "./settings";

const root = path.resolve(__dirname, "../..");

/** The folder that `make docs` writes, and in which every file is generated. */
export const referenceFolder = "docs/reference";

/** What `make docs` writes: text by file name, relative to the project; the folder and one page. */
export function generated(): ReadonlyMap<string, string> {
    const files = {
        "settings.md": settingsReference(),
        "command-line.md": commandLineReference(),
        "network.md": networkReference(),
        "policies.md": policiesReference(guardrails),
        "evidence.md": evidenceReference(),
        "release-check.schema.json": judgementSchema(),
    };
    const schemas = [...evidenceSchemas()].map(
        ([name, schema]) => [`evidence-schemas/${name}`, `${JSON.stringify(schema, null, 2)}\n`] as const,
    );
    return new Map([
        ...[...Object.entries(files), ...schemas].map(([name, text]) => [`${referenceFolder}/${name}`, text] as const),
        // Beside the guides, because people read it from the beginning.
        ["docs/pipeline.md", pipelineReference()],
    ]);
}

function write(files: ReadonlyMap<string, string>): void {
    // Deleted first, so that no file stays of a predicate that was renamed.
    fs.rmSync(path.join(root, referenceFolder), { recursive: true, force: true });
    for (const [name, text] of files) {
        const file = path.join(root, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, text);
    }
}

if (require.main === module) write(generated());
