import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { root, steps, texts } from "./files";

interface Pin {
    readonly tool: string;
    readonly version: string;
}

/** The tools that workflows fetch by an exact version: `pip install tool==1.2.3`, and `TOOL_VERSION: "1.2.3"`. */
const pins: readonly Pin[] = [
    ...steps.flatMap(({ step }) => [...(step.run ?? "").matchAll(/\b([a-z][a-z-]+)==(\d[\w.]*)/g)]),
    ...[...texts.values()].flatMap((text) => [...text.matchAll(/\b([A-Z]+)_VERSION: "(\d[\w.]*)"/g)]),
].map(([, tool, version]) => ({ tool: tool!.toLowerCase(), version: version! }));

/** Tools whose reports become no evidence. */
const withoutReports = ["commitlint"];

/** From the oldest to the newest release of each tool whose reports are read (release/collect/README.md). */
function supported(): ReadonlyMap<string, readonly [oldest: string, newest: string]> {
    const readme = fs.readFileSync(path.join(root, "release/collect/README.md"), "utf8");
    const table = readme.slice(readme.indexOf("| Tool | Versions |"));
    const found = new Map<string, readonly [string, string]>();
    for (const [, tool, oldest, newest] of table.matchAll(/^\| ([\w-][\w. -]*) \| ([\d.]+)(?: – ([\d.]+))? \|/gm))
        found.set(tool!.toLowerCase(), [oldest!, newest ?? oldest!]);
    return found;
}

const isWithin = (version: string, [oldest, newest]: readonly [string, string]) => {
    const compare = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });
    return compare(oldest, version) <= 0 && compare(version, newest) <= 0;
};

describe("The tools that workflows pin", () => {
    it("should be releases whose reports are read", () => {
        const table = supported();
        const read = pins.filter(({ tool }) => !withoutReports.includes(tool));
        assert.deepEqual([...new Set(read.map(({ tool }) => tool))].sort(), ["bandit", "pip-audit", "trivy"]);
        for (const { tool, version } of read) {
            const range = table.get(tool);
            assert.ok(range, `${tool} is not in the table of release/collect/README.md`);
            assert.ok(isWithin(version, range), `${tool} is pinned to ${version}; accepted: ${range.join(" – ")}`);
        }
    });

    it("should be of one version, and of one checksum, wherever they are fetched", () => {
        for (const { tool, version } of pins)
            assert.deepEqual(
                [...new Set(pins.filter((one) => one.tool === tool).map((one) => one.version))],
                [version],
            );
        const sums = [...texts.values()].flatMap((text) => text.match(/(?<=TRIVY_SHA256: )[0-9a-f]{64}$/gm) ?? []);
        assert.equal(sums.length, 3);
        assert.equal(new Set(sums).size, 1);
    });
});
