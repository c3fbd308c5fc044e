import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { projectRoot } from "../support/project";

/** A block of shell commands of a page. */
export interface Block {
    /** The page, relative to the project, and the number of the block's first line. */
    readonly place: string;
    readonly page: string;
    readonly commands: string;
    /** Whether its source says `real-account`: the sandbox has not what it needs. */
    readonly realAccount: boolean;
}

const guides = ["README.md", ...folder("docs/runbooks"), ...folder("docs/guides")];

function folder(name: string): string[] {
    return fs
        .readdirSync(path.join(projectRoot, name))
        .filter((file) => file.endsWith(".md"))
        .map((file) => `${name}/${file}`);
}

const read = (page: string) => fs.readFileSync(path.join(projectRoot, page), "utf8");

/** The blocks of shell commands of README, runbooks and guides: those that say `sh`, and those that say nothing. */
export const blocks = (): Block[] => guides.flatMap((page) => blocksOf(page, read(page)));

/** @throws Error for a block whose source says something else after `sh` */
export function blocksOf(page: string, text: string): Block[] {
    const found: Block[] = [];
    let open: { readonly fence: RegExpExecArray; readonly line: number; readonly body: string[] } | undefined;
    text.split("\n").forEach((line, at) => {
        const fence = /^( *)```(.*)$/.exec(line);
        if (fence === null) open?.body.push(line);
        else if (open === undefined) open = { fence, line: at + 2, body: [] };
        else {
            const [, indent = "", language = ""] = open.fence;
            const place = `${page}:${open.line}`;
            const [name, marker] = [language.split(" ")[0], language.split(" ").slice(1).join(" ")];
            const commands = open.body.map((one) => one.slice(indent.length)).join("\n");
            open = undefined;
            if (name !== "sh" && name !== "") return;
            if (!["", "real-account"].includes(marker)) throw new Error(`${place} is marked "${marker}"`);
            // A drawing, or what a program prints.
            if (name === "" && /[┌│]|^relaypacs:/m.test(commands)) return;
            found.push({ place, page, commands, realAccount: marker !== "" });
        }
    });
    return found;
}

/** What bash says about a block that it can't read; empty for one that it can. */
export async function syntaxErrors(commands: string): Promise<string> {
    const { stderr } = await execa("bash", ["-n"], { input: commands, reject: false });
    return stderr;
}

/** Variables that each shell has, and those of the sandbox's shell and of a deployment. */
const given = new Set(["PWD", "HOME", "RELAYPACS_RELEASE", "RELAYPACS_STAGING_EVIDENCE_FOLDER"]);

/** Variables that a page's blocks use and none of its earlier lines sets, nor its text names as the reader's own. */
export function unsetVariables(page: string, text: string): string[] {
    const all = blocksOf(page, text);
    const own = new Set([...text.matchAll(/`([A-Z][A-Z_]+)`/g)].map((match) => match[1]!));
    const set = new Set<string>();
    return all.flatMap(({ commands, place }) => {
        // What is in single quotes, and in comments, is not the shell's.
        const shell = commands.replace(/'[^']*'/g, "''").replace(/(^|\s)#.*$/gm, "$1");
        const assigned = [
            ...shell.matchAll(/(?:^|[\s;(&|]|--arg )([A-Za-z_]\w*)=/gm),
            ...shell.matchAll(/\bfor (\w+) in\b/g),
        ].map((match) => match[1]!);
        const readInto = [...shell.matchAll(/\bread (?:-\w+ (?:'' )?)*((?:\w+ ?)+)/g)].flatMap((match) =>
            match[1]!.trim().split(" "),
        );
        [...assigned, ...readInto].forEach((name) => set.add(name));
        const used = [...shell.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map((match) => match[1]!);
        return [...new Set(used)]
            .filter((name) => !set.has(name) && !own.has(name) && !given.has(name))
            .map((name) => `${place} uses $${name}, which the page does not set`);
    });
}

/** Programs and services that only a real account has. */
const realOnly =
    /\b(?:aws (?:eks|rds|lambda)|docker|gh (?:api|auth|secret)|pulumi (?:login|config set --secret)|awskms:)\b|\$\{?state\b/;

/** Blocks that need a real account and are not marked so. */
export const unmarked = (all: readonly Block[]): string[] =>
    all.filter(({ commands, realAccount }) => realOnly.test(commands) && !realAccount).map(({ place }) => place);
