import { actions, shortName, type PlacedJob, type Step } from "./files";

/** What a job that may have an OIDC token does with it, and which code it runs beside it. */
export interface TokenJob {
    /** The environment in the subject of its token; none means that the branch is. */
    readonly environment?: string;
    /** The variable with the role that it takes. A job of a template takes none: the called workflow's jobs do. */
    readonly role?: string;
    /** The workflow that it calls. */
    readonly calls?: string;
    /** Whether it has the gateway's files, which are data and nothing else. */
    readonly gateway?: "data";
    /** Programs that run code of a checkout, or containers, each with its arguments up to the first variable. */
    readonly runs: readonly string[];
}

export const nameOf = ({ file, id }: PlacedJob): string => `${shortName(file)} ${id}`;

const prepared = ["npm ci", "npm run build", 'node --print require("@pulumi/pulumi/package.json").version'];

/**
 * Every job of every workflow that may have a token. A new one, or a new program in one, is added here by a person who
 * has asked: whose code runs beside the role?
 */
export const tokenJobs: Readonly<Record<string, TokenJob>> = {};

/** Programs that run code which they find in a folder or in an image. */
const runners =
    /^(?:\.{0,2}\/\S+|bash|cargo|deno|docker|eval|go|make|node|npm|npx|pip|pipx|pnpm|podman|poetry|pulumi|python3?|sh|source|uv|uvx|yarn)$/;

/** Commands of a script that run code, without what is before them: `sudo`, variables, operators. */
export function commandsThatRunCode(script: string): string[] {
    const lines = script.replace(/\\\n\s*/g, " ").split("\n");
    return lines
        .map((line) => line.replace(/(^|\s)#.*$/, ""))
        .flatMap((line) => line.split(/\$\(|[|;&(){}]+(?=\s|$)|\b(?:then|do|else)\b/))
        .flatMap((command) => {
            const words = command.trim().split(/\s+/);
            const start = words.findIndex((word) => !/^(?:sudo|time|exec|!|if|while|\w+=\S*)$/.test(word));
            const program = words[start];
            if (program === undefined || !runners.test(program)) return [];
            return [words.slice(start).join(" ")];
        });
}

/** A command without what differs from run to run: its options and everything from the first variable on. */
function shortened(command: string): string {
    const words = command.replace(/[)"'\\]+$/, "").split(" ");
    const end = words.findIndex((word, at) => at > 0 && /^["']?(?:-|\$|\d?>)/.test(word));
    return words.slice(0, end < 0 ? undefined : end).join(" ");
}

/** What a job really does, in the form of {@link tokenJobs}. */
export function whatItRuns({ job }: PlacedJob): TokenJob {
    const steps = job.steps ?? [];
    const inActions = (step: Step): readonly Step[] => {
        const action = step.uses?.startsWith("./") ? actions.get(`${step.uses.slice(2)}/action.yml`) : undefined;
        return action?.runs.steps ?? [step];
    };
    const runs = steps.flatMap(inActions).flatMap((step) => {
        const folder = (step as { "working-directory"?: string })["working-directory"];
        return commandsThatRunCode(step.run ?? "").map((one) => shortened(one) + (folder ? ` in ${folder}` : ""));
    });
    const role = steps.find(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"));
    const gateway = steps.some(({ uses, with: given }) => uses?.startsWith("actions/checkout@") && !given?.repository);
    return {
        ...(job.environment && { environment: job.environment.name }),
        ...(role && { role: String(role.with!["role-to-assume"]) }),
        ...(job.uses !== undefined && { calls: job.uses.replace(/@.*$/, "") }),
        ...(gateway && { gateway: "data" as const }),
        runs: [...new Set(runs)].sort(),
    };
}
