import * as assert from "node:assert/strict";
import type { Command } from "commander";
import { commandLineReference } from "../../docs/generate/command-line";
import { releaseProgram } from "../../release/main";

/** The commands that can be called, each with its full name. */
function commandsOf(command: Command, name = command.name()): [string, Command][] {
    if (command.commands.length === 0) return [[name, command]];
    return command.commands.flatMap((one) => commandsOf(one, `${name} ${one.name()}`));
}

describe("The reference of the command line", () => {
    const sections = new Map(
        commandLineReference()
            .split("\n## ")
            .slice(1)
            .map((text): [string, string] => [/^`(.*)`/.exec(text)?.[1] ?? "", text]),
    );
    const commands = commandsOf(releaseProgram());

    it("should have a section for every command, and for the smoke tests", () => {
        assert.ok(commands.length >= 15);
        assert.deepEqual([...sections.keys()].sort(), [...commands.map(([name]) => name), "smoke"].sort());
    });

    it("should say what a command's exit codes mean", () => {
        for (const [name, text] of sections) assert.match(text, /[Ee]xit codes?:? \d/, name);
    });

    it("should have a row for every option but the hidden ones, with its default and what it accepts", () => {
        for (const [name, { options }] of commands)
            for (const { flags, hidden } of options)
                assert.equal(sections.get(name)?.includes(`| \`${flags}\` |`), !hidden, `${name} ${flags}`);
        assert.match(
            sections.get("release check") ?? "",
            /`--format <format>`.*`table`, `json`, `markdown` \| `table` \|/,
        );
        assert.match(
            sections.get("release rollback") ?? "",
            /`--stack <name>`.*`staging`, `prod` \| \*\*required\*\* \|/,
        );
        assert.match(
            sections.get("release observe soak") ?? "",
            /\| `\$RELAYPACS_PROMETHEUS_URL`, else \*\*required\*\* \|/,
        );
    });

    it("should name the former name of a command", () => {
        assert.match(sections.get("release attest") ?? "", /^Also called `state`\.$/m);
    });
});
