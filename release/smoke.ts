import * as fs from "node:fs";
import { BlockList, isIPv4 } from "node:net";
import { Command, InvalidArgumentError, Option } from "commander";
import { junitReport } from "./junit";
import { smokeTest, smokeTestNames, type SmokeOptions } from "./smoke-tests";

/** Addresses that never leave the machine or its private network (RFC 1918, RFC 1122). */
const privateAddresses = new BlockList();
privateAddresses.addSubnet("127.0.0.0", 8);
privateAddresses.addSubnet("10.0.0.0", 8);
privateAddresses.addSubnet("172.16.0.0", 12);
privateAddresses.addSubnet("192.168.0.0", 16);

/** A Service by its name in the cluster, which no public name server knows. */
const clusterName = /^[a-z0-9-]+\.[a-z0-9-]+\.svc(\.cluster\.local)?$/;

function address(text: string): URL {
    if (!URL.canParse(text))
        throw new InvalidArgumentError("It must be an address such as https://staging.relaypacs.com.");
    const url = new URL(text);
    const nearby =
        url.hostname === "localhost" ||
        clusterName.test(url.hostname) ||
        (isIPv4(url.hostname) && privateAddresses.check(url.hostname));
    if (url.protocol !== "https:" && !(url.protocol === "http:" && nearby))
        throw new InvalidArgumentError("It must begin with https://, since a password is sent to it.");
    return url;
}

function wholeNumber(text: string): number {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
    return number;
}

function path(text: string): string {
    if (!/^\/(?!\/)/.test(text)) throw new InvalidArgumentError("It must be a path of that address, from /.");
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

const program = new Command("smoke")
    .description("Asks an environment for its health and logs in (exit code 1: a test failed, 2: wrong arguments)")
    .argument("<address>", "the environment, such as https://staging.relaypacs.com", address)
    .option("--junit <file>", "write a JUnit report as well")
    .option("--timeout <milliseconds>", "give a request up after so long", wholeNumber, 10_000)
    .option("--attempts <count>", "try so often to connect", wholeNumber, 5)
    .option("--health-path <path>", "where the environment's health is asked for", path, "/health")
    .addOption(
        new Option("--only <test...>", "run these tests; all by default")
            .choices(smokeTestNames)
            .default(smokeTestNames),
    )
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .action(async (base: URL, { junit, timeout, attempts, only, healthPath }: Options, command: Command) => {
        // Not while the arguments are parsed: that error quotes the value.
        if (base.username !== "" || base.password !== "")
            command.error(
                "error: the address must not hold credentials; they come from SMOKE_USERNAME and SMOKE_PASSWORD.",
                { exitCode: 2 },
            );
        const needed = (variable: string) => (only.includes("login") ? credential(command, variable) : "");
        const credentials = { username: needed("SMOKE_USERNAME"), password: needed("SMOKE_PASSWORD") };
        const results = await smokeTest(base, credentials, { timeout, attempts, only, healthPath });
        for (const { name, failure, milliseconds } of results)
            console.log(
                `${failure === undefined ? "✔" : "✖"} ${name} (${Math.ceil(milliseconds)} ms)${failure === undefined ? "" : `: ${failure}`}`,
            );
        if (junit !== undefined) fs.writeFileSync(junit, junitReport(`smoke ${base.host}`, results, new Date()));
        if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
    });

void program.parseAsync();
