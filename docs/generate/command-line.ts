import type { Argument, Command, Option } from "commander";
import { releaseProgram } from "../../release/main";
import { smokeProgram } from "../../release/smoke/main";

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
    [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const listed = (values: readonly unknown[]) => values.map((value) => `\`${String(value)}\``).join(", ");

/** What an option or an argument means, with all that it accepts where that is a list. */
const meaning = ({ description, argChoices }: Option | Argument) =>
    `${cell(sentence(description))}${argChoices ? `: ${listed(argChoices)}` : ""}`;

function fallbackOf({ mandatory, envVar, defaultValue, defaultValueDescription }: Option): string {
    if (envVar !== undefined) return `\`$${envVar}\`${mandatory ? ", else **required**" : ""}`;
    if (defaultValueDescription !== undefined) return defaultValueDescription;
    if (Array.isArray(defaultValue)) return listed(defaultValue);
    if (defaultValue !== undefined) return `\`${String(defaultValue)}\``;
    return mandatory ? "**required**" : "none";
}

/** What the command's help says after the options: its exit codes. */
function helpAfter(command: Command): string {
    let text = "";
    command.configureOutput({ writeOut: (written) => (text += written) }).outputHelp();
    return text.slice(text.indexOf(command.helpInformation()) + command.helpInformation().length).trim();
}

function nameOf(command: Command): string {
    return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

/** A command, or in place of a command that has commands of its own, each of those. */
function section(command: Command): string[] {
    const name = nameOf(command);
    const parts = [`## \`${name}\``, `${sentence(command.description())}.`];
    const [alias] = command.aliases();
    if (alias !== undefined) parts.push(`Also called \`${alias}\`.`);
    if (command.registeredArguments.length > 0)
        parts.push(
            table(
                ["Argument", "Meaning"],
                command.registeredArguments.map((one) => [`\`<${one.name()}>\``, meaning(one)]),
            ),
        );
    const options = command.options.filter(({ hidden }) => !hidden);
    if (options.length > 0)
        parts.push(
            table(
                ["Option", "Meaning", "Default"],
                options.map((one) => [`\`${one.flags}\``, meaning(one), fallbackOf(one)]),
            ),
        );
    const after = helpAfter(command);
    if (after !== "") parts.push(after);
    return [...(command.commands.length === 0 ? parts : []), ...command.commands.flatMap(section)];
}

/** Every command of the command line as Markdown: what it does, its arguments, options, defaults and exit codes. */
export function commandLineReference(): string {
    const program = releaseProgram();
    return `${[
        "# The command line",
        `${program.description()}. It is compiled by \`npm run build\` and called in the project's folder by \`npx release …\`, ` +
            "and the smoke tests by `node build/release/smoke/main.js …`. `--help` shows the same in a terminal. An option that " +
            "is not known, or that lacks its value, ends a command with 1, or with 2 where that means that nothing was judged.",
        ...section(program),
        ...section(smokeProgram()),
    ].join("\n\n")}\n`;
}
