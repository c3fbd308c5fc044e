import { InvalidArgumentError, Option } from "commander";

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

const stackOption = (stacks: readonly ("staging" | "prod")[]) =>
    new Option("--stack <name>", "the stack to observe").choices(stacks).default(stacks[0]);

/** The options of `release observe …` by name. Each observation lists the names of those that it takes. */
export const optionsByName = {
    staging: () => stackOption(["staging"]),
    prod: () => stackOption(["prod"]),
    stack: () => stackOption(["staging", "prod"]),
    context: () => new Option("--context <name>", "context of the kubeconfig; the stack's own by default"),
    namespace: () => new Option("--namespace <name>", "namespace; relaypacs-<stack> by default"),
    prometheus: () =>
        new Option("--prometheus <address>", "Prometheus, such as https://prometheus.relaypacs.com")
            .env("RELAYPACS_PROMETHEUS_URL")
            .makeOptionMandatory(),
    limits: () =>
        new Option("--limits <json>", "stricter limits of the gates, as in relaypacs:gateLimits").argParser(jsonObject),
    keys: () =>
        new Option(
            "--keys <file>",
            "the keys whose evidence of the deployment counts (JSON); by default relaypacs:trustedKeys of the stack",
        ),
    service: () => new Option("--service <name>", "the service that has the database").default("backend"),
    junit: () =>
        new Option("--junit <file>", "JUnit report that release/smoke/main.ts --junit wrote").makeOptionMandatory(),
    file: () =>
        new Option("--file <file>", "an incident tracker's export; without it, the issues of the repository count"),
    repository: () => new Option("--repository <owner/name>", "repository on GitHub; the release's by default"),
    pullRequest: () =>
        new Option("--pull-request <number>", "the pull request; found by the release's commit by default").argParser(
            wholeNumber,
        ),
    run: () =>
        new Option("--run <id>", "workflow run whose approvals count; without it, the reviews count").argParser(
            wholeNumber,
        ),
    earlier: () =>
        new Option(
            "--earlier <json>",
            "decisions of earlier attempts of the run, as GitHub lists its approvals; they do not count",
        ).default("[]", "none"),
    author: () =>
        new Option(
            "--author <address=login>",
            "GitHub login of an author whose commits have an address that GitHub does not know; repeatable",
        )
            .argParser(authorLogin)
            .default({}, "none"),
    interval: () => new Option("--interval <seconds>", "time between two polls").argParser(wholeNumber).default(30),
    timeout: () =>
        new Option("--timeout <seconds>", "when to stop, with what was observed until then")
            .argParser(wholeNumber)
            .default(2 * 3600),
    minimumRequests: () =>
        new Option("--minimum-requests <count>", "fewest requests for which the error rate is judged")
            .argParser(wholeNumber)
            .default(20),
} as const satisfies Record<string, () => Option>;

/** Names of the options, as observations list them. */
export type OptionName = keyof typeof optionsByName;
