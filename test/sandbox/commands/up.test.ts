import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { needsOf } from "../../../sandbox/commands/up";
import { projectRoot } from "../../../sandbox/machine/instance";
import { parts } from "../../../sandbox/parts";

describe("Bringing up the parts of a sandbox", () => {
    const needs = Object.fromEntries(parts.map((part) => [part.name, needsOf(part, "Build the programs")]));

    it("should start each part after the network, but for the one that listens on the loopback address alone", () => {
        const code = (folder: string) =>
            fs
                .readdirSync(path.join(projectRoot, "sandbox", "parts", folder))
                .filter((file) => file.endsWith(".ts"))
                .map((file) => fs.readFileSync(path.join(projectRoot, "sandbox", "parts", folder, file), "utf8"))
                .join("\n");
        for (const { name } of parts) {
            const listens = /\bhostAddress\b/.test(code(name.toLowerCase()));
            assert.equal(needs[name]?.includes("Make the network"), listens, name);
        }
    });

    it("should start each part after what it is a program of", () => {
        const built = parts.map(({ name }) => [name, needs[name]?.includes("Build the programs")]);
        assert.deepEqual(built, [
            ["cluster", true],
            ["cloud", false],
            ["registry", true],
            ["GitHub", false],
            ["database", false],
        ]);
        const python = parts.filter(({ name }) => needs[name]?.includes("Install Python packages"));
        assert.deepEqual(
            python.map(({ name }) => name),
            ["cloud", "registry"],
        );
    });
});
