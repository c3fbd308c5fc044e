/** What runs as `docker` and as `trivy` in the jobs of `make deliver` (sandbox/runner/programs.ts). */
import * as fs from "node:fs";
import * as path from "node:path";
import { buildApplication } from "../application/build";
import { describeService, services, type ServiceName } from "../application/images";
import { writeOciLayout } from "../application/oci";
import { SandboxError } from "../machine/part";
import { Compose } from "./compose";

const store = process.env.SANDBOX_DOCKER ?? "";

/** Splits `--name value`, `--name=value` and flags from what is left. */
function parsed(args: readonly string[], flags: readonly string[]) {
    const options = new Map<string, string[]>();
    const rest: string[] = [];
    const all = [...args];
    for (let arg = all.shift(); arg !== undefined; arg = all.shift()) {
        const [, name, given] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
        if (name === undefined) rest.push(arg);
        else if (flags.includes(name)) options.set(name, [given ?? "true"]);
        else options.set(name, [...(options.get(name) ?? []), given ?? all.shift() ?? ""]);
    }
    return {
        all: (name: string) => options.get(name) ?? [],
        one: (name: string) => options.get(name)?.[0] ?? "",
        rest,
    };
}

const layoutOf = (reference: string) => path.join(store, "images", reference.replace(/[^\w.-]/g, "_"));

const pairs = (all: readonly string[]) =>
    Object.fromEntries(all.map((one) => one.split(/=(.*)/s).slice(0, 2) as [string, string]));

/** The image of the stand-in application for a service, with the labels that are asked for. */
async function build(args: readonly string[]): Promise<void> {
    const { all, one, rest } = parsed(args, []);
    const service = path.basename(rest[0] ?? "") as ServiceName;
    if (!services.includes(service))
        throw new SandboxError(`docker build is asked for "${rest[0] ?? ""}"; accepted: ${services.join(", ")}.`);
    if (!fs.existsSync(path.join(rest[0] ?? "", "Dockerfile")))
        throw new SandboxError(`${rest[0] ?? ""} has no Dockerfile.`);
    const programs = await buildApplication(() => undefined);
    const given = pairs(all("build-arg"));
    const reference = one("tag");
    const { digest } = await writeOciLayout(
        {
            ...describeService(service, programs),
            reference,
            user: "65532:65532",
            environment: {
                PATH: "/usr/local/bin",
                APPLICATION_VERSION: given.VERSION ?? "0.0.0",
                APPLICATION_COMMIT: given.VCS_REF ?? "unknown",
            },
            labels: pairs(all("label")),
        },
        layoutOf(reference),
    );
    console.log(`built ${reference} as ${digest}, from the sandbox's stand-in for the ${service}`);
}

async function compose(args: readonly string[]): Promise<void> {
    const { one, rest } = parsed(args, ["detach", "build", "all", "no-color"]);
    const stack = new Compose(path.resolve(one("file")), path.join(process.env.RUNNER_TEMP ?? "", "compose"));
    switch (rest[0]) {
        case "up":
            await stack.up();
            return;
        case "ps":
            console.log(await stack.ps());
            return;
        case "logs":
            console.log(stack.logs());
            return;
        default:
            throw new SandboxError(`docker compose is asked to "${rest[0] ?? ""}"; accepted: up, ps, logs.`);
    }
}

async function docker([command = "", ...args]: readonly string[]): Promise<void> {
    switch (command) {
        case "build":
            await build(args);
            return;
        case "compose":
            await compose(args);
            return;
        default:
            throw new SandboxError(`docker is asked to "${command}"; accepted in the sandbox: build, compose.`);
    }
}

/** Says that an image is not scanned: the database of vulnerabilities is not here. */
function trivy([command = "", ...args]: readonly string[]): void {
    const { rest } = parsed(args, []);
    if (command !== "image") throw new SandboxError(`trivy is asked to "${command}"; accepted in the sandbox: image.`);
    const layout = layoutOf(rest[0] ?? "");
    if (!fs.existsSync(layout)) throw new SandboxError(`There is no image ${rest[0] ?? ""}.`);
    console.log(`${rest[0] ?? ""} is not scanned: the sandbox has no database of vulnerabilities`);
}

const [program, ...given] = process.argv.slice(2);
(program === "trivy" ? Promise.resolve(given).then(trivy) : docker(given)).catch((error: unknown) => {
    console.error(error instanceof SandboxError ? error.message : error);
    process.exitCode = 1;
});
