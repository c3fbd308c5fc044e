import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { evidenceAttacks } from "../delivery/attack/table";
import { attacks as packAttacks } from "../policies/attack/table";
import { projectRoot } from "../support/project";

const all = [...Object.values(evidenceAttacks).flat(), ...Object.values(packAttacks).flat()];

describe("make attack", function () {
    this.timeout(180_000);

    it("should tell each attack with its sentence, and count them", () => {
        const { status, stdout } = spawnSync(process.execPath, ["-r", "ts-node/register", "test/attack/main.ts"], {
            cwd: projectRoot,
            encoding: "utf8",
            maxBuffer: 2 ** 25,
        });
        assert.equal(status, 0, stdout.slice(-2000));
        assert.match(stdout, new RegExp(`\nrefused ${all.length} of ${all.length}\n$`));
        // Each process has keys of its own.
        const withoutKeys = (text: string) => text.replace(/\bkey [0-9a-f]{12}\b/g, "key ID");
        const printed = withoutKeys(stdout);
        for (const { sentence, title } of all)
            assert.ok(printed.includes(title) && printed.includes(withoutKeys(sentence)), title);
    });
});
