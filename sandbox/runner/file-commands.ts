import * as fs from "node:fs";

/**
 * Reads a file of `NAME=VALUE` lines and of `NAME<<END … END` blocks, as steps write outputs and variables.
 *
 * @throws Error for a line in neither form
 */
export function readPairs(file: string): [name: string, value: string][] {
    const lines = fs.readFileSync(file, "utf8").split(/\r?\n/);
    const pairs: [string, string][] = [];
    while (lines.length > 0) {
        const line = lines.shift() ?? "";
        if (line === "") continue;
        const [, name, operator, rest = ""] = /^([^=]*?)(=|<<)(.*)$/.exec(line) ?? [];
        if (name === undefined || name === "") throw new Error(`Invalid format '${line}'`);
        if (operator === "=") {
            pairs.push([name, rest]);
            continue;
        }
        const end = lines.indexOf(rest);
        if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`);
        pairs.push([
            name,
            lines
                .splice(0, end + 1)
                .slice(0, end)
                .join("\n"),
        ]);
    }
    return pairs;
}

const unescaped = (value: string) => value.replace(/%0D/g, "\r").replace(/%0A/g, "\n").replace(/%25/g, "%");

/** A workflow command that a step prints, `::name key=value::message`. */
export function readCommand(line: string): { readonly name: string; readonly message: string } | undefined {
    const [, name, message] = /^\s*::([a-z-]+)(?: .*?)?::(.*)$/.exec(line) ?? [];
    return name === undefined || message === undefined ? undefined : { name, message: unescaped(message) };
}
