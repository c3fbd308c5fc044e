import * as fs from "node:fs";
import * as path from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { releaseProgram } from "../../release/main";
import { variableOf } from "../../settings/parse";
import { schema } from "../../settings/schema";
import { projectRoot } from "../support/project";

/** A Markdown or YAML file whose names are checked, relative to the project. */
export interface Page {
    readonly file: string;
    readonly text: string;
}

const ignored = new Set(["node_modules", "build", ".sandbox", ".git", ".stryker-tmp", "reports"]);

/** Every file of the project, relative to it, without what is installed, compiled or made by a command. */
export const projectFiles: readonly string[] = (function walk(folder: string): string[] {
    return fs.readdirSync(path.join(projectRoot, folder), { withFileTypes: true }).flatMap((one) => {
        const file = path.join(folder, one.name);
        if (ignored.has(one.name)) return [];
        return one.isDirectory() ? walk(file) : [file];
    });
})("");

const existing = new Set(projectFiles.flatMap((file) => [file, ...foldersOf(file)]));
const topFolders = [...new Set(projectFiles.filter((file) => file.includes("/")).map((file) => file.split("/")[0]!))];

function foldersOf(file: string): string[] {
    const folders: string[] = [];
    for (let one = path.dirname(file); one !== "."; one = path.dirname(one)) folders.push(one);
    return folders;
}

/** The pages whose names are checked: all documentation that people wrote, the gateway's templates and the workflows. */
export function pages(): Page[] {
    return projectFiles
        .filter((file) => /\.md$|^(templates|\.github)\/.*\.ya?ml$/.test(file))
        .filter((file) => !/^(test\/|docs\/reference\/)/.test(file))
        .map((file) => ({ file, text: fs.readFileSync(path.join(projectRoot, file), "utf8") }))
        .filter(({ text }) => !/^- Status: replaced/m.test(text));
}

/** Code of a page, a line of a block or a span in backticks each; lines that a backslash continues are one. */
export function codeOf({ file, text }: Page): string[] {
    const joined = text.replace(/\\\n\s*/g, "");
    if (!file.endsWith(".md")) return joined.split("\n");
    const code: string[] = [];
    const prose = joined.replace(/^ *```[^\n]*\n([^]*?)^ *```/gm, (_, block: string) => {
        code.push(...block.split("\n"));
        return "";
    });
    return [...code, ...[...prose.matchAll(/`([^`]+)`/g)].map((match) => match[1]!.replace(/\s+/g, " "))];
}

const withoutAddresses = (text: string) => text.replace(/[a-z0-9+]+:\/\/[^\s)"'`]+/g, "");

/** `docs/runbooks/NAME.md` and `Pulumi.<stack>.yaml` stand for any name. */
function pattern(name: string): RegExp {
    const any = name
        .replace(/\/$/, "")
        .split(/<[^>]*>|\*\*?|\b[A-Z]{3,}\b/)
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${any.join("[^/]*")}$`);
}

function exists(name: string, from: string): boolean {
    const places = [name, path.join(path.dirname(from), name)].map((one) => one.replace(/\/$/, ""));
    if (places.some((one) => existing.has(one))) return true;
    const wanted = pattern(name);
    return wanted.source.includes("[^/]*") && [...existing].some((one) => wanted.test(one));
}

/** What is not in the repository, but made: compiled from a source, or copied into the gateway's repository. */
function isMade(name: string): boolean {
    const compiled = /^build\/(.*)\.js$/.exec(name);
    if (compiled) return existing.has(`${compiled[1]!}.ts`);
    const copied =
        /^(?:\.github\/(?:workflows\/)?(?=[a-z-]+\.yml)|scripts\/(?=[a-z-]+\.sh))([a-z-]+\.(?:yml|sh))$/.exec(name);
    return copied !== null && existing.has(`templates/gateway/${copied[1]!}`);
}

/** Names of files and folders that do not exist. */
export function wrongPaths(page: Page): string[] {
    const folders = [...topFolders, "build"].map((one) => one.replace(".", "\\.")).join("|");
    const file = new RegExp(
        `(?<![\\w./$@-])(?:${folders})/[\\w./<>*-]*\\.(?:md|tsx?|mjs|js|ya?ml|json|sh|py|svg|png)\\b`,
        "g",
    );
    const named = [...withoutAddresses(page.text).matchAll(file)].map((match) => match[0]);
    const spans = page.file.endsWith(".md") ? codeOf(page) : [];
    for (const span of spans) {
        if (/[\s$"=]|^\.{0,2}\//.test(span)) continue;
        const [first = ""] = span.split("/");
        const here = path.join(path.dirname(page.file), first);
        const isHere = span.includes("/") && (topFolders.includes(first) || existing.has(here));
        if (isHere && /^[\w.<>*/@-]+$/.test(span)) named.push(span);
        if (/^[\w-]+\.(?:ts|py|go|mjs)$/.test(span)) named.push(span);
    }
    const byName = (name: string) => !name.includes("/") && projectFiles.some((one) => path.basename(one) === name);
    return [...new Set(named)]
        .filter((name) => !exists(name, page.file) && !isMade(name) && !byName(name))
        .map((name) => `${page.file} names ${name}, which does not exist`);
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    return text.replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
}

/** Links to files and to headings that do not exist. */
export function wrongLinks(page: Page): string[] {
    if (!page.file.endsWith(".md")) return [];
    const text = page.text.replace(/^ *```[^]*?^ *```/gm, "");
    return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)]*))?\)/g)].flatMap(([, target, anchor]) => {
        const file = target === "" ? page.file : path.join(path.dirname(page.file), target!).replace(/\/$/, "");
        if (!existing.has(file)) return [`${page.file} links to ${target!}, which does not exist`];
        if (anchor === undefined || !file.endsWith(".md")) return [];
        const linked = fs.readFileSync(path.join(projectRoot, file), "utf8").replace(/^ *```[^]*?^ *```/gm, "");
        const anchors = [...linked.matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]!));
        return anchors.includes(anchor)
            ? []
            : [`${page.file} links to ${target!}#${anchor}, which has no such heading`];
    });
}

const read = (file: string) => fs.readFileSync(path.join(projectRoot, file), "utf8");

/** Targets of make, scripts of npm and programs of npx that do not exist. */
export function wrongCommands(page: Page): string[] {
    const targets = new Set([...read("Makefile").matchAll(/^([a-z][a-z-]*):/gm)].map((match) => match[1]!));
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> };
    const programs = fs.readdirSync(path.join(projectRoot, "node_modules/.bin"));
    const known = [
        {
            call: /(?:^|[\s(;&"])make ((?:-s )?[a-z][a-z-]*)(?![\w=])/g,
            name: "make",
            accepts: (one: string) => targets.has(one),
        },
        { call: /\bnpm run (?:--silent )?([a-z][\w:-]*)/g, name: "npm run", accepts: (one: string) => one in scripts },
        {
            call: /\bnpx (?:--no(?:-install)? (?:-- )?)?([a-z@][\w@/-]*)/g,
            name: "npx",
            accepts: (one: string) => programs.includes(one),
        },
    ];
    // A workflow's scripts run in the gateway's repository, too: what its comments have in backticks is about this one.
    const code = page.file.endsWith(".md")
        ? codeOf(page)
        : [...page.text.matchAll(/^\s*#.*?`([^`]+)`/gm)].map((match) => match[1]!);
    return code.flatMap((line) =>
        known.flatMap(({ call, name, accepts }) =>
            [...line.matchAll(call)]
                .map((match) => match[1]!.replace("-s ", ""))
                .filter((one) => !accepts(one))
                .map((one) => `${page.file} says "${name} ${one}", which does not exist`),
        ),
    );
}

const program = releaseProgram();

function commandOf(words: readonly string[]): { readonly command?: Command; readonly name: string } {
    let [command, name] = [program, "release"];
    for (const word of words) {
        if (command.commands.length === 0) break;
        const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
        if (next === undefined) return /^[a-z]/.test(word) ? { name: `${name} ${word}` } : { command, name };
        [command, name] = [next, `${name} ${word}`];
    }
    return { command, name };
}

/** Commands and options of `release` that do not exist, and values that an option does not accept. */
export function wrongReleaseCalls(page: Page): string[] {
    const names = program.commands.map((one) => one.name()).join("|");
    const short = new RegExp(`^(?:${names}) --`);
    return codeOf(page).flatMap((line) => {
        if (!page.file.endsWith(".md") && !line.includes("npx release")) return [];
        const start = /(?:^|\bnpx |[($])release ([a-z].*)/.exec(line)?.[1] ?? (short.test(line) ? line : undefined);
        if (start === undefined) return [];
        const words = start.split(/\s+[|>#&;]|\s+2>|\)/)[0]!.split(/\s+/);
        const { command, name } = commandOf(words);
        if (command === undefined) return [`${page.file} says "${name}", which does not exist`];
        // `release observe <what> --out`: an option of one of the inner commands.
        const options = [command, ...command.commands].flatMap((one) => one.options);
        return words.flatMap((word, at) => {
            if (!/^--[a-z]/.test(word)) return [];
            const [long, inline] = word.split("=");
            const option = options.find((one) => one.long === long);
            if (option === undefined && long !== "--help")
                return [`${page.file} says "${name} ${long!}", which is not an option of it`];
            const value = inline ?? words[at + 1];
            const isLiteral = value !== undefined && /^[a-z][a-z-]*$/.test(value);
            return isLiteral && option?.required && option.argChoices && !option.argChoices.includes(value)
                ? [`${page.file} says "${name} ${long!} ${value}", which is not accepted`]
                : [];
        });
    });
}

/** The object inside of defaults, optional values and lists. */
function bare(type: z.ZodType | undefined): z.ZodType | undefined {
    if (type instanceof z.ZodArray) return bare(type.element as z.ZodType);
    if (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodPrefault)
        return bare(type.unwrap() as z.ZodType);
    return type;
}

/** Configuration keys (`relaypacs:release`, `relaypacs:repository.owner`) and variables that do not exist. */
export function wrongSettings(page: Page): string[] {
    const variables = new Set(Object.keys(schema.shape).map((key) => variableOf(key)));
    const ofStack = (name: string) => variables.has(name.replace(/^RELAYPACS_(STAGING|PROD)_/, "RELAYPACS_"));
    const keys = [...page.text.matchAll(/\brelaypacs:([a-z][A-Za-z]*)((?:\.[a-z][A-Za-z]*)*)(?![\w:-])/g)].flatMap(
        ([, key, fields]) => {
            let type = bare(schema.shape[key as keyof typeof schema.shape] as z.ZodType | undefined);
            if (type === undefined) return [`relaypacs:${key!}`];
            for (const field of fields!.split(".").slice(1)) {
                if (!(type instanceof z.ZodObject)) break;
                type = bare((type.shape as Readonly<Record<string, z.ZodType>>)[field]);
                if (type === undefined) return [`relaypacs:${key!}${fields!}`];
            }
            return [];
        },
    );
    const named = [...page.text.matchAll(/\bRELAYPACS_[A-Z][A-Z_]*[A-Z]\b/g)].map((match) => match[0]);
    const wrong = named.filter((name) => !variables.has(name) && !ofStack(name));
    return [...new Set([...keys, ...wrong])].map((name) => `${page.file} names ${name}, which is not a setting`);
}
