import { quote } from "./shared/error";

/** Options that take the next argument as their value when they have none of their own. */
const valued = new Set([
    ...["--add-reporter", "--browser", "--config", "-c", "--global-timeout", "--last-failed-file", "--max-failures"],
    ...["--output", "--repeat-each", "--reporter", "--retries", "--run-agents", "--shard", "--timeout", "--trace"],
    ...["--tsconfig", "--ui-host", "--ui-port", "--update-source-method", "--workers", "-j", "--grep", "-g"],
]);

/** The same, unless the next argument is an option. */
const perhapsValued = new Set(["--debug", "--shuffle", "--update-snapshots", "-u"]);

/** Options that leave tests out, whatever their value. */
const leavingOut = new Set([
    ...["--last-failed", "--only-changed", "--grep-invert", "-G", "--test-list", "--test-list-invert"],
    ...["--project", "--no-deps"],
]);

/** What a command line of Playwright says about the tests that ran. */
export interface Selection {
    /** Why they are not all, or not judged as always, as a sentence; undefined when nothing says so. */
    readonly problem?: string;
    /** The filter of titles and tags (`--grep`). */
    readonly grep?: string;
}

/** Why an option alone makes a run that shows too little. */
function problemOf(option: string, argument: string, value: string | undefined): string | undefined {
    if (leavingOut.has(option)) return `The run left tests out with the option ${quote(argument)}; run it without.`;
    const updates = ["-u", "--update-snapshots"].includes(option) && value !== "none" && value !== "missing";
    return updates || option === "--ignore-snapshots"
        ? `With the option ${quote(argument)}, a test passes although its snapshots have changed; run it without.`
        : undefined;
}

/**
 * Reads the command line of `playwright test` as its own parser does. An option that is not known here has no value, so
 * that a file after it is not overlooked.
 *
 * @param argv the command line, with Node.js, the program and the command
 */
export function selectionOf(argv: readonly string[]): Selection {
    if (argv[2] !== "test") return { problem: 'The command was not "playwright test"; run all tests with it.' };
    const rest = argv.slice(3);
    let grep: string | undefined;
    for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
        // "-xg signs" is "-x -g signs", and "-j2" is "-j 2".
        const [, letter, joined = ""] = /^(-[^-])(.+)$/s.exec(argument) ?? [];
        if (letter !== undefined) {
            rest.unshift(letter, valued.has(letter) || perhapsValued.has(letter) ? joined : `-${joined}`);
            continue;
        }
        if (argument === "--" || argument === "" || !argument.startsWith("-"))
            return {
                problem: `The run was of ${quote(argument === "--" ? rest.join(" ") : argument)} alone; run all tests, without files in the command (the value of an option follows it with =).`,
            };
        const [, option = argument, own] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? [];
        const takes = valued.has(option) || (perhapsValued.has(option) && rest[0]?.startsWith("-") === false);
        const value = own ?? (takes ? rest.shift() : undefined);
        const problem = problemOf(option, argument, value);
        if (problem !== undefined) return { problem };
        if (option !== "--grep" && option !== "-g") continue;
        if (grep !== undefined && grep !== value)
            return { problem: "The run left tests out with more than one --grep; run it without." };
        grep = value ?? "";
    }
    return grep === undefined ? {} : { grep };
}
