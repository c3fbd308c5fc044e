import * as fs from "node:fs";
import { BlockList, isIPv4 } from "node:net";
import { Command, InvalidArgumentError, Option } from "commander";
import { outliveOutput } from "../shared/closed-output";
import { junitReport } from "../shared/junit";
import { healthPath } from "../../delivery/core/metrics";
import { smokeTest, smokeTestNames, type SmokeOptions } from "./smoke-tests";

/** Addresses of this machine and of private networks (RFC 1122, RFC 1918). */
const privateAddresses = new BlockList();
privateAddresses.addSubnet("127.0.0.0", 8);
privateAddresses.addSubnet("10.0.0.0", 8);
privateAddresses.addSubnet("172.16.0.0", 12);
privateAddresses.addSubnet("192.168.0.0", 16);

/** Name of a Service inside the cluster, which public DNS does not have. */
const clusterName = /^[a-z0-9-]+\.[a-z0-9-]+\.svc(\.cluster\.local)?$/;

function address(text: string): URL {
    if (!URL.canParse(text))
        throw new InvalidArgumentError("It must be an address such as https://staging.relaypacs.com.");
    const url = new URL(text);
    const local =
        url.hostname === "localhost" ||
        clusterName.test(url.hostname) ||
        (isIPv4(url.hostname) && privateAddresses.check(url.hostname));
    if (url.protocol !== "https:" && !(url.protocol === "http:" && local))
        throw new InvalidArgumentError("It must begin with https://, because a password is sent to it.");
    return url;
}

function wholeNumber(text: string): number {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
    return number;
}

function path(text: string): string {
    if (!/^\/(?!\/)/.test(text))
        throw new InvalidArgumentError("It must be a path of that address and begin with one /.");
    return text;
}

function credential(command: Command, variable: string): string {
    const value = process.env[variable];
    if (value === undefined || value === "")
        command.error(`error: ${variable} is not set; the smoke tests log in with SMOKE_USERNAME and SMOKE_PASSWORD.`, {
            exitCode: 2,
        });
    return value as string;
}

interface Options {
    readonly junit?: string;
    readonly timeout: number;
    readonly attempts: number;
    readonly only: NonNullable<SmokeOptions["only"]>;
    readonly healthPath: string;
}

/** The program `smoke`. */
export function smokeProgram(): Command {
    return new Command("smoke")
        .description("Checks an environment's health and logs in (exit code 1: a test failed, 2: wrong arguments)")
        .argument("<address>", "the environment, such as https://staging.relaypacs.com", address)
        .option("--junit <file>", "write a JUnit report as well")
        .option("--timeout <milliseconds>", "abort a request after so long", wholeNumber, 10_000)
        .option("--attempts <count>", "most attempts to connect", wholeNumber, 5)
        .option("--health-path <path>", "path of the environment's health check", path, healthPath)
        .addOption(
            new Option("--only <test...>", "run these tests; all by default")
                .choices(smokeTestNames)
                .default(smokeTestNames),
        )
        .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
        .action(async (base: URL, { junit, timeout, attempts, only, healthPath }: Options, command: Command) => {
            // Not in the argument's parser: its error would print the credentials.
            if (base.username !== "" || base.password !== "")
                command.error(
                    "error: the address must not hold credentials; they come from SMOKE_USERNAME and SMOKE_PASSWORD.",
                    { exitCode: 2 },
                );
            const credentialFor = (variable: string) => (only.includes("login") ? credential(command, variable) : "");
            const credentials = {
                username: credentialFor("SMOKE_USERNAME"),
                password: credentialFor("SMOKE_PASSWORD"),
            };
            const results = await smokeTest(base, credentials, { timeout, attempts, only, healthPath });
            for (const { name, failure, milliseconds } of results)
                console.log(
                    `${failure === undefined ? "✔" : "✖"} ${name} (${Math.ceil(milliseconds)} ms)${failure === undefined ? "" : `: ${failure}`}`,
                );
            if (junit !== undefined) fs.writeFileSync(junit, junitReport(`smoke ${base.host}`, results, new Date()));
            if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
        });
}

if (require.main === module) {
    outliveOutput();
    void smokeProgram().parseAsync();
}
