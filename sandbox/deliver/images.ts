import * as fs from "node:fs";
import * as path from "node:path";
import { text } from "node:stream/consumers";
import { buildApplication } from "../application/build";
import { describeService, services, type ServiceName } from "../application/images";
import { writeOciLayout } from "../application/oci";
import { run } from "../machine/command";
import { instanceNamed, type Instance, type InstanceName } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { sandboxRegistry } from "../parts/cloud/account";
import { cloudEnvironment } from "../parts/cloud/moto";
import { craneVariables } from "../parts/registry/client";
import { programFile } from "../toolchain/toolchain";
import { parsed } from "./arguments";

/** A job's images, each as an OCI layout. No other job has them, as on GitHub's machines. */
const store = () => path.join(process.env.RUNNER_TEMP ?? "", "docker");

const layoutOf = (reference: string) => path.join(store(), reference.replace(/[^\w.-]/g, "_"));

function layoutFound(reference: string): string {
    const layout = layoutOf(reference);
    if (!fs.existsSync(layout)) throw new SandboxError(`There is no image ${reference}.`);
    return layout;
}

const pairs = (all: readonly string[]) =>
    Object.fromEntries(all.map((one) => one.split(/=(.*)/s).slice(0, 2) as [string, string]));

const isInRegistry = (reference: string) => reference.startsWith(`${sandboxRegistry()}/`);

/** The real client of registries, with the job's own credentials. */
function crane(args: readonly string[], input = ""): Promise<string> {
    const instance: Instance = instanceNamed(process.env.SANDBOX_INSTANCE as InstanceName);
    return run(programFile("crane"), args, {
        environment: {
            ...cloudEnvironment(instance),
            ...craneVariables(instance),
            DOCKER_CONFIG: path.join(store(), "client"),
        },
        input,
    });
}

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

async function save(args: readonly string[]): Promise<void> {
    const { one, rest } = parsed(args, []);
    const layout = layoutFound(rest[0] ?? "");
    await run("tar", ["--create", "--file", one("output"), "--directory", layout, "."]);
}

interface Described {
    readonly manifests: readonly { readonly digest: string; readonly annotations: Readonly<Record<string, string>> }[];
}

const read = <T>(file: string) => JSON.parse(fs.readFileSync(file, "utf8")) as T;

async function load(args: readonly string[]): Promise<void> {
    const { one } = parsed(args, []);
    const draft = path.join(store(), "loaded");
    fs.mkdirSync(draft, { recursive: true });
    await run("tar", ["--extract", "--file", one("input"), "--directory", draft]);
    const [image] = read<Described>(path.join(draft, "index.json")).manifests;
    const reference = image?.annotations["io.containerd.image.name"];
    if (reference === undefined) throw new SandboxError(`${one("input")} names no image.`);
    fs.rmSync(layoutOf(reference), { recursive: true, force: true });
    fs.renameSync(draft, layoutOf(reference));
    console.log(`Loaded image: ${reference}`);
}

interface Configuration {
    readonly config: { readonly Labels: Readonly<Record<string, string>> };
}

function inspect(args: readonly string[]): void {
    const { one, rest } = parsed(args, []);
    if (one("format") !== "{{json .Config.Labels}}")
        throw new SandboxError(
            `docker image inspect is asked for "${one("format")}"; accepted: {{json .Config.Labels}}.`,
        );
    const layout = layoutFound(rest[0] ?? "");
    const blob = (digest: string) => path.join(layout, "blobs", digest.replace(":", "/"));
    const [image] = read<Described>(path.join(layout, "index.json")).manifests;
    const { config } = read<{ readonly config: { readonly digest: string } }>(blob(image?.digest ?? ""));
    console.log(JSON.stringify(read<Configuration>(blob(config.digest)).config.Labels));
}

async function login(args: readonly string[]): Promise<void> {
    const { one, rest } = parsed(args, ["password-stdin"]);
    const password = (await text(process.stdin)).trim();
    if (password === "") throw new SandboxError("docker login is given no password.");
    if (rest[0] !== undefined)
        await crane(["auth", "login", rest[0], "--username", one("username"), "--password-stdin"], password);
    console.log("Login Succeeded");
}

async function logout([registry]: readonly string[]): Promise<void> {
    if (registry !== undefined) await crane(["auth", "logout", registry]);
    console.log("Removing login credentials");
}

/** Gives an image of the registry more tags. Docker Hub's are only printed. */
async function retag(args: readonly string[]): Promise<void> {
    const { all, rest } = parsed(args, ["prefer-index"]);
    const [source = ""] = rest;
    for (const reference of all("tag"))
        if (isInRegistry(reference)) await crane(["tag", source, reference.slice(reference.lastIndexOf(":") + 1)]);
        else console.log(`${reference} would be ${source} on Docker Hub`);
}

/** The commands about images that the workflows call, by their first words. */
export const imageCommands: Readonly<Record<string, (args: readonly string[]) => Promise<void> | void>> = {
    build,
    save,
    load,
    "image inspect": inspect,
    login,
    logout,
    push: async ([reference = ""]) => {
        await crane(["push", layoutFound(reference), reference]);
    },
    "buildx imagetools create": retag,
};

const trivyVersion = "0.74.0";

/** Says in Trivy's own format that an image has no finding: the database of vulnerabilities is not here. */
export async function trivy([command = "", ...args]: readonly string[]): Promise<void> {
    if (command === "version") {
        const now = Date.now();
        const updated = new Date(now - 3_600_000).toISOString();
        const database = {
            Version: 2,
            UpdatedAt: updated,
            NextUpdate: updated,
            DownloadedAt: new Date(now).toISOString(),
        };
        console.log(JSON.stringify({ Version: trivyVersion, VulnerabilityDB: database }));
        return;
    }
    if (command !== "image")
        throw new SandboxError(`trivy is asked to "${command}"; accepted in the sandbox: image, version.`);
    const { one, rest } = parsed(args, []);
    const [reference = ""] = rest;
    if (one("format") !== "json") {
        layoutFound(reference);
        console.log(`${reference} is not scanned: the sandbox has no database of vulnerabilities`);
        return;
    }
    // As Trivy does it, with the job's role.
    const password = await run("aws", ["ecr", "get-login-password"]);
    await crane(["auth", "login", sandboxRegistry(), "--username", "AWS", "--password-stdin"], password);
    const configuration = JSON.parse(await crane(["config", reference])) as Configuration;
    const report = {
        SchemaVersion: 2,
        Trivy: { Version: trivyVersion },
        CreatedAt: new Date().toISOString(),
        ArtifactName: reference,
        ArtifactType: "container_image",
        Metadata: { RepoDigests: [reference], ImageConfig: configuration },
        Results: [{ Target: reference, Class: "lang-pkgs", Type: "gobinary" }],
    };
    fs.writeFileSync(one("output"), JSON.stringify(report));
}
