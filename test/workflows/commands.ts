import { Command } from "commander";

/** One word of a shell command, and whether it is literal: free of expansions. */
interface Word {
    readonly text: string;
    readonly literal: boolean;
}

/** Splits a script into simple commands. Knows quotes, comments, arrays and operators, as the workflows use them. */
function commandsOf(script: string): Word[][] {
    const lines = script.replace(/\\\n\s*/g, " ").replace(/^\s*#.*$/gm, "");
    const commands: Word[][] = [];
    let command: Word[] = [];
    for (const [token] of lines.matchAll(
        /\n|\|\|?|&&|[;&(){}](?=\s|$)|\$\((?=\S)|(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s|;&"']+)+/g,
    )) {
        if (/^(?:\n|\|\|?|&&|[;&(){}]|\$\()$/.test(token)) {
            if (command.length > 0) commands.push(command);
            command = [];
        } else {
            const bare = token.replace(/^"([^]*)"$/, "$1").replace(/^'([^]*)'$/, "$1");
            command.push({ text: bare, literal: !/\$/.test(token) });
        }
    }
    return command.length > 0 ? [...commands, command] : commands;
}

/** Options that an array holds (`hotfix=(--hotfix)`), by the array's name. */
function arraysOf(script: string): ReadonlyMap<string, Word[]> {
    const arrays = new Map<string, Word[]>();
    for (const [, name, contents] of script.matchAll(/^\s*(?:if .*then )?(\w+)=\(([^)]*)\)/gm)) {
        const words = contents!.split(/\s+/).filter((word) => word !== "");
        const added = words.map((text) => ({ text, literal: !text.includes("$") }));
        arrays.set(name!, [...(arrays.get(name!) ?? []), ...added]);
    }
    for (const [, name, contents] of script.matchAll(/then (\w+)=\(([^)]*)\)/g))
        arrays.set(
            name!,
            contents!.split(/\s+/).map((text) => ({ text, literal: !text.includes("$") })),
        );
    return arrays;
}

/** Every call of `release …` in a script, as its words after the program, with arrays expanded. */
export function releaseCalls(script: string): Word[][] {
    const arrays = arraysOf(script);
    return commandsOf(script).flatMap((words) => {
        const start =
            words.findIndex(({ text }, at) => text === "release" && (at === 0 || words[at - 1]?.text === "npx")) + 1;
        if (start === 0 || words[start]?.text === "$@") return [];
        const redirection = words.findIndex(({ text }, at) => at >= start && /^\d?[<>]/.test(text));
        const given = words.slice(start, redirection < 0 ? undefined : redirection);
        return [
            given.flatMap((word) => {
                const array = /^\$\{(\w+)\[@\]\}$/.exec(word.text)?.[1];
                return array === undefined ? [word] : (arrays.get(array) ?? []);
            }),
        ];
    });
}

/** The problems with a call, one sentence each. Empty for a valid call. */
export function problemsOf(program: Command, call: readonly Word[]): string[] {
    const words = [...call];
    let command = program;
    for (;;) {
        const inner = command.commands.find((one) => one.name() === words[0]?.text);
        if (inner === undefined) break;
        command = inner;
        words.shift();
    }
    const name = () => {
        const names: string[] = [];
        for (let one: Command | null = command; one; one = one.parent) names.unshift(one.name());
        return names.join(" ");
    };
    if (command.commands.length > 0) return [`${name()} has no command ${words[0]?.text ?? ""}`];
    const problems: string[] = [];
    const given = new Set<string>();
    const values: Word[] = [];
    while (words.length > 0) {
        const word = words.shift()!;
        if (!word.text.startsWith("--")) {
            values.push(word);
            continue;
        }
        const option = command.options.find(({ long }) => long === word.text);
        if (option === undefined) {
            problems.push(`${name()} has no option ${word.text}`);
            continue;
        }
        given.add(word.text);
        if (!option.required) continue;
        const value = words.shift();
        if (value === undefined || (value.literal && value.text.startsWith("--")))
            problems.push(`${name()} ${word.text} has no value`);
        else if (value.literal && option.argChoices && !option.argChoices.includes(value.text))
            problems.push(`${name()} ${word.text} does not accept ${value.text}`);
    }
    for (const { long, mandatory, envVar } of command.options)
        if (mandatory && envVar === undefined && !given.has(long!)) problems.push(`${name()} needs ${long}`);
    const accepted = command.registeredArguments;
    if (values.length > accepted.length || values.length < accepted.filter(({ required }) => required).length)
        problems.push(`${name()} takes ${accepted.length} arguments, not ${values.map(({ text }) => text).join(" ")}`);
    accepted.forEach(({ argChoices }, at) => {
        const value = values[at];
        if (value?.literal && argChoices && !argChoices.includes(value.text))
            problems.push(`${name()} does not accept ${value.text}`);
    });
    return problems;
}
