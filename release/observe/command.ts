import { Command, InvalidArgumentError, Option } from "commander";
import { namespaceName } from "../../components/names";
import { stricterLimits, type Limits } from "../../policies/gates";
import { parseRelease, ReportError, type ReleaseFile } from "../collect";
import { readReport } from "../collect/shared/text";
import type { Predicate, PredicateName } from "../evidence/predicates";
import { signerOf, signingOptions, type SigningOptions } from "../signer";
import { stackContext } from "../stack-settings";
import { ObserveError } from "./error";
import { Cluster } from "./cluster";
import { store } from "./store";
import { summary } from "./summary";
import { whats, type What } from "./whats";

/** What every `release observe …` is told. */
export interface ObserveOptions extends SigningOptions {
    readonly release: string;
    readonly out: string;
    readonly stack: "staging" | "prod";
    readonly context?: string;
    readonly namespace?: string;
    readonly prometheus: string;
    readonly limits?: Readonly<Record<string, unknown>>;
    readonly json?: true;
    readonly service: string;
    readonly junit: string;
    readonly file?: string;
    readonly repository?: string;
    readonly pullRequest?: number;
    readonly run?: number;
    readonly author: Readonly<Record<string, string>>;
    readonly interval: number;
    readonly timeout: number;
    readonly minimumRequests: number;
}

/** What an observation found. */
export interface Observed<Name extends PredicateName = PredicateName> {
    readonly name: Name;
    readonly predicate: Predicate<Name>;
    /** Why it ends with 1 although there is evidence: evidence of a failure. */
    readonly failure?: string | undefined;
}

/** What observations have to work with. */
export class Surroundings {
    readonly limits: Limits;

    constructor(
        readonly options: ObserveOptions,
        readonly release: ReleaseFile,
    ) {
        this.limits = stricterLimits(options.limits);
    }

    get namespace(): string {
        return this.options.namespace ?? namespaceName(this.options.stack);
    }

    /** The stack's cluster: the context that its settings name, unless another one is given. */
    async cluster(): Promise<Cluster> {
        return Cluster.of(this.namespace, this.options.context ?? stackContext(this.options.stack));
    }

    /** Progress is for people; with `--json`, standard output is for machines. */
    readonly report = (line: string): void => {
        const text = `${new Date().toISOString().slice(11, 19)} ${line}`;
        if (this.options.json === true) console.error(text);
        else console.log(text);
    };
}

async function run(what: What, options: ObserveOptions): Promise<void> {
    const release = parseRelease(readReport(options.release, options.release).text, options.release);
    // A key that can't sign is found out before an hour of watching.
    const signer = await signerOf(options);
    const { failure, name, predicate } = await whats[what].observe(new Surroundings(options, release));
    const file = await store(options.out, name, predicate, release, signer);
    if (options.json === true) console.log(JSON.stringify({ file, failure, predicate }, null, 2));
    else {
        for (const line of summary(name, predicate)) console.log(line);
        console.log(
            `Wrote ${signer === undefined ? "the unsigned statement" : "the envelope"} ${file} to ${options.out}`,
        );
    }
    if (failure === undefined) return;
    console.error(`${failure.replace(/\.?$/, ".")}`);
    process.exitCode = 1;
}

function wholeNumber(text: string): number {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
    return number;
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        value = undefined;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new InvalidArgumentError('It must be a JSON object such as {"soakSeconds": 21600}.');
    return value as Readonly<Record<string, unknown>>;
}

function authorLogin(text: string, known: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const [, email, login] = /^([^=\s]+@[^=\s]+)=([A-Za-z0-9-]+)$/.exec(text) ?? [];
    if (email === undefined || login === undefined)
        throw new InvalidArgumentError("It must be an address and a GitHub login, such as ada@example.com=ada.");
    return { ...known, [email.toLowerCase()]: login };
}

const oneStack = (stacks: readonly ("staging" | "prod")[]) =>
    new Option("--stack <name>", "the stack that is observed").choices(stacks).default(stacks[0]);

/** Options by name; every observation lists those that it has. */
const optionsByName = {
    staging: () => oneStack(["staging"]),
    prod: () => oneStack(["prod"]),
    stack: () => oneStack(["staging", "prod"]),
    context: () => new Option("--context <name>", "context of the kubeconfig; the stack's own by default"),
    namespace: () => new Option("--namespace <name>", "namespace; relaypacs-<stack> by default"),
    prometheus: () =>
        new Option("--prometheus <address>", "Prometheus, such as https://prometheus.relaypacs.com")
            .env("RELAYPACS_PROMETHEUS_URL")
            .makeOptionMandatory(),
    limits: () =>
        new Option("--limits <json>", "stricter limits of the gates, as in relaypacs:gateLimits").argParser(jsonObject),
    service: () => new Option("--service <name>", "the service that has the database").default("backend"),
    junit: () => new Option("--junit <file>", "what release/smoke.ts --junit wrote").makeOptionMandatory(),
    file: () => new Option("--file <file>", "a tracker's export; without it, the repository's issues are asked for"),
    repository: () => new Option("--repository <owner/name>", "repository on GitHub; the release's by default"),
    pullRequest: () =>
        new Option("--pull-request <number>", "the pull request; found by the release's commit").argParser(wholeNumber),
    run: () =>
        new Option("--run <id>", "workflow run whose approvals count; without it, the reviews do").argParser(
            wholeNumber,
        ),
    author: () =>
        new Option(
            "--author <address=login>",
            "who wrote commits under an address that GitHub does not know; repeatable",
        )
            .argParser(authorLogin)
            .default({}, "none"),
    interval: () => new Option("--interval <seconds>", "time between two looks").argParser(wholeNumber).default(30),
    timeout: () =>
        new Option("--timeout <seconds>", "when to end with what was seen").argParser(wholeNumber).default(2 * 3600),
    minimumRequests: () =>
        new Option("--minimum-requests <count>", "requests below which an error rate judges nothing")
            .argParser(wholeNumber)
            .default(20),
} as const satisfies Record<string, () => Option>;

export type OptionName = keyof typeof optionsByName;

/**
 * `release observe`: states what staging, production, the incident tracker and GitHub show about a release. Facts that
 * can't be found or that contradict each other end it with 1 and one sentence; no evidence is written then.
 */
export function observeCommand(): Command {
    const command = new Command("observe").description("look at what runs and what people decided, and state it");
    for (const what of Object.keys(whats) as What[]) {
        const one = command
            .command(what)
            .description(whats[what].description)
            .requiredOption("--release <file>", "the release: version, commit, repository, image digests")
            .requiredOption("--out <folder>", "where to write the evidence")
            .option("--json", "print JSON instead of sentences");
        for (const name of whats[what].options) one.addOption(optionsByName[name]());
        signingOptions(one).action(async (options: ObserveOptions) => {
            try {
                await run(what, options);
            } catch (error) {
                if (!(error instanceof ObserveError) && !(error instanceof ReportError)) throw error;
                console.error(error.message);
                process.exitCode = 1;
            }
        });
    }
    return command;
}
