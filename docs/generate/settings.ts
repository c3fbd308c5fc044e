import { z } from "zod";
import { variableOf } from "../../settings/parse";
import { schema, secretKeys } from "../../settings/schema";

/** A type without its wrappers, and what they said: a default, or that the value may be left out. */
interface Unwrapped {
    readonly type: z.ZodType;
    readonly description: string;
    readonly fallback: unknown;
    readonly optional: boolean;
}

function unwrap(type: z.ZodType): Unwrapped {
    const own = type.description;
    if (type instanceof z.ZodOptional) return { ...inner(type, own), optional: true };
    if (type instanceof z.ZodDefault) return { ...inner(type, own), fallback: type.def.defaultValue };
    if (type instanceof z.ZodPrefault) return { ...inner(type, own), fallback: type.parse(undefined) };
    return { type, description: own ?? "", fallback: undefined, optional: false };
}

function inner(type: z.ZodOptional | z.ZodDefault | z.ZodPrefault, own: string | undefined): Unwrapped {
    const found = unwrap(type.unwrap() as z.ZodType);
    return { ...found, description: own ?? found.description };
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");

const row = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;

function fallbackOf({ fallback, optional }: Unwrapped): string {
    if (fallback !== undefined) return `\`${JSON.stringify(fallback)}\``;
    return optional ? "none" : "**required**";
}

function objectOf(type: z.ZodType): z.ZodObject | undefined {
    const bare = unwrap(type).type;
    if (bare instanceof z.ZodArray) return objectOf(bare.element as z.ZodType);
    return bare instanceof z.ZodObject ? bare : undefined;
}

/** Tables of the fields of an object, and of objects inside it, by their path. */
function fields(path: string, type: z.ZodType): string[] {
    const object = objectOf(type);
    if (object === undefined) return [];
    const members = Object.entries(object.shape as Readonly<Record<string, z.ZodType>>);
    const rows = members.map(([name, member]) => {
        const found = unwrap(member);
        return row([`\`${name}\``, found.description, fallbackOf(found)]);
    });
    return [
        [`### \`${path}\``, "", "| Field | Accepts | Default |", "|---|---|---|", ...rows].join("\n"),
        ...members.flatMap(([name, member]) => fields(`${path}.${name}`, member)),
    ];
}

/** Every setting of `settings/schema.ts` as Markdown: key, variable, what it accepts, default. */
export function settingsReference(): string {
    const members = Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>);
    const rows = members.map(([key, type]) => {
        const found = unwrap(type);
        const secret = (secretKeys as readonly string[]).includes(key) ? " (secret)" : "";
        return row([`\`${key}\`${secret}`, `\`${variableOf(key)}\``, found.description, fallbackOf(found)]);
    });
    return [
        "# Settings",
        "",
        "Written by `make docs` from `settings/schema.ts`; a test fails when it is out of date.",
        "",
        "Set a key of a stack with `pulumi config set KEY VALUE --stack STACK` (objects and lists with `--path`, secrets with",
        "`--secret`), or for one command by its variable, which wins over the stack file. All but strings are JSON there. A",
        "value that is not accepted is refused before anything is registered.",
        "",
        "`aws:region` is required as well; `kubernetes:context` names the context of the kubeconfig, by default its current",
        "one. `GITHUB_TOKEN` in the environment is the token of the GitHub provider, and is required as well. A variable that begins",
        "with `RELAYPACS_` and is none of these is refused, and so are credentials of another account and a cluster that does not",
        "answer.",
        "",
        "| Key | Variable | Accepts | Default |",
        "|---|---|---|---|",
        ...rows,
        "",
        "## Fields of objects",
        "",
        members.flatMap(([key, type]) => fields(key, type)).join("\n\n"),
        "",
    ].join("\n");
}
