import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { projectRoot } from "./support/project";

describe("The layers in .dependency-cruiser.mjs", function () {
    this.timeout(60_000);
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-layers-"));
        for (const file of [".dependency-cruiser.mjs", "tsconfig.json"])
            fs.copyFileSync(path.join(projectRoot, file), path.join(folder, file));
        fs.symlinkSync(path.join(projectRoot, "node_modules"), path.join(folder, "node_modules"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    /** Writes a module for each folder that imports what is named, and answers `RULE: FROM → TO` for each violation. */
    async function violations(
        imports: Readonly<Record<string, readonly string[]>>,
        ...files: readonly string[]
    ): Promise<string[]> {
        const named = [...Object.keys(imports), ...Object.values(imports).flat()];
        const folders = [...new Set(named)].filter((name) => !name.startsWith("@"));
        for (const name of folders) {
            fs.mkdirSync(path.join(folder, name), { recursive: true });
            const lines = (imports[name] ?? []).map((target, index) => {
                const from = target.startsWith("@") ? target : `../${target}/index`;
                return `import * as i${index} from "${from}";\nexport const v${index} = i${index};\n`;
            });
            fs.writeFileSync(path.join(folder, name, "index.ts"), lines.join("") || "export const nothing = 0;\n");
        }
        const program = path.join(projectRoot, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
        const args = [program, "--config", ".dependency-cruiser.mjs", "--output-type", "json"];
        const { stdout } = await execa("node", [...args, ...files, ...folders], {
            cwd: folder,
            reject: false,
        });
        const { summary } = JSON.parse(stdout) as {
            summary: { violations: { rule: { name: string }; from: string; to: string }[] };
        };
        return summary.violations
            .map(
                ({ rule, from, to }) =>
                    `${rule.name}: ${from} → ${to.replace(/^.*(node_modules\/@\w+\/\w+).*$/, "$1")}`,
            )
            .sort();
    }

    it("should accept imports that go down", async () => {
        const down = {
            sandbox: ["release", "program", "policies"],
            program: ["components", "settings"],
            release: ["settings", "delivery"],
            components: ["delivery", "@pulumi/pulumi"],
            policies: ["delivery"],
            settings: ["delivery"],
        };
        assert.deepEqual(await violations(down), []);
    });

    it("should refuse imports that go up or sideways", async () => {
        const up = {
            delivery: ["settings", "@pulumi/pulumi"],
            settings: ["policies"],
            policies: ["components"],
            components: ["program"],
            program: ["release"],
            release: ["sandbox"],
        };
        assert.deepEqual(await violations(up), [
            "components-imports-down-only: components/index.ts → program/index.ts",
            "delivery-imports-down-only: delivery/index.ts → settings/index.ts",
            "delivery-knows-nothing-of-pulumi: delivery/index.ts → node_modules/@pulumi/pulumi",
            "policies-imports-down-only: policies/index.ts → components/index.ts",
            "program-imports-down-only: program/index.ts → release/index.ts",
            "release-imports-down-only: release/index.ts → sandbox/index.ts",
            "settings-imports-down-only: settings/index.ts → policies/index.ts",
        ]);
    });

    it("should refuse what index.ts takes from anywhere but the program's layers, and what is compiled", async () => {
        fs.writeFileSync(path.join(folder, "index.ts"), 'import * as r from "./release/index";\nexport const v = r;\n');
        assert.deepEqual(await violations({ release: [], settings: ["build"] }, "index.ts"), [
            "nothing-imports-what-is-compiled: settings/index.ts → build/index.ts",
            "program-imports-down-only: index.ts → release/index.ts",
        ]);
    });

    it("should refuse a circle", async () => {
        const found = await violations({ program: ["components"], components: ["program"] });
        assert.ok(
            found.some((one) => one.startsWith("no-circle: ")),
            found.join("\n"),
        );
    });
});
