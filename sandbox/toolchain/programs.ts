import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { toolchainCache } from "../instance";
import { SandboxError } from "../part";
import { selectServices } from "./aws-provider/selection";
import type { Selection } from "./changed-modules";

/** A program that is built from Go modules, in the folder `module` next to this file. */
export interface Program {
    readonly name: string;
    readonly module: string;
    /** The main package; "." is the module's own. */
    readonly package: string;
    /** The linker's `-X` settings: a variable's full name and its value. */
    readonly variables?: Readonly<Record<string, string>>;
    /** Build tags beside those that all programs have. */
    readonly tags?: readonly string[];
    /** Dependencies that are built with changed files: paths of modules by the folder that `go.mod` replaces them with. */
    readonly changedModules?: Readonly<Record<string, string>>;
    /** What is taken of a changed module, whose original files are in a folder; everything without this. */
    readonly select?: (originalFiles: string) => Selection;
}

/** The folder of the module that a program is built in. */
export const moduleFolder = (program: Program) => path.join(__dirname, program.module);

/** The version of `dependency` that a module of the toolchain pins, with its "v". */
export function pinnedVersion(module: string, dependency: string): string {
    const file = path.join(__dirname, module, "go.mod");
    const pinned = fs
        .readFileSync(file, "utf8")
        .split("\n")
        .map((line) =>
            line
                .trim()
                .replace(/^require /, "")
                .split(" "),
        )
        .find(([name]) => name === dependency)?.[1];
    if (pinned === undefined) throw new SandboxError(`${file} does not require ${dependency}`);
    return pinned;
}

function kubernetesVariables(): Record<string, string> {
    const version = pinnedVersion("kubernetes", "k8s.io/kubernetes");
    const [major = "", minor = ""] = version.slice(1).split(".");
    const variables = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
    return Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [`k8s.io/component-base/version.${name}`, value]),
    );
}

const kubernetes = (name: string, mainPackage = `k8s.io/kubernetes/cmd/${name}`): Program => ({
    name,
    module: "kubernetes",
    package: mainPackage,
    variables: kubernetesVariables(),
});

/** The Pulumi command line with the engine; replaced by the official release where the machine reaches that. */
export const engineProgram: Program = {
    name: "pulumi",
    module: "engine",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables: {
        "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": pinnedVersion(
            "engine",
            "github.com/pulumi/pulumi/pkg/v3",
        ),
    },
};

/** Provider plugins that can be built from Go modules, by the provider's name; official ones replace them too. */
export const providerPrograms: Readonly<Record<"aws" | "github", Program>> = {
    github: { name: "pulumi-resource-github", module: "github-provider", package: "." },
    aws: {
        name: "pulumi-resource-aws",
        module: "aws-provider",
        package: ".",
        changedModules: { "terraform-provider-aws": "github.com/upbound/terraform-provider-aws" },
        select: selectServices,
    },
};

/** What the cluster is made of, always built: Kubernetes is not packaged by Debian. */
export const clusterPrograms: readonly Program[] = [
    { name: "pause", module: "pause", package: "." },
    kubernetes("kubecp", "."),
    kubernetes("kubelet"),
    kubernetes("kube-proxy"),
    kubernetes("kubectl"),
    { name: "coredns", module: "coredns", package: "." },
];

/** What runs in pods beside the application, by its image's repository: released as images, from registries out of reach. */
export const toolPrograms: Readonly<Record<"argo-rollouts" | "traefik" | "prometheus", Program>> = {
    "argo-rollouts": {
        name: "rollouts-controller",
        module: "argo-rollouts",
        package: "github.com/argoproj/argo-rollouts/cmd/rollouts-controller",
        variables: {
            "github.com/argoproj/argo-rollouts/utils/version.version": pinnedVersion(
                "argo-rollouts",
                "github.com/argoproj/argo-rollouts",
            ),
        },
    },
    traefik: {
        name: "traefik",
        module: "traefik",
        package: "github.com/traefik/traefik/v3/cmd/traefik",
        variables: {
            "github.com/traefik/traefik/v3/pkg/version.Version": pinnedVersion(
                "traefik",
                "github.com/traefik/traefik/v3",
            ).slice(1),
        },
        changedModules: { lego: "github.com/go-acme/lego/v5", "go-http-auth": "github.com/abbot/go-http-auth" },
    },
    prometheus: {
        name: "prometheus",
        module: "prometheus",
        package: "github.com/prometheus/prometheus/cmd/prometheus",
        // Of all ways to find targets, only the cluster's.
        tags: ["remove_all_sd", "enable_kubernetes_sd"],
    },
};

/** Asks a service at a constant rate; see ../load.ts. */
export const loadProgram: Program = { name: "load", module: "load", package: "." };

const programs = [
    engineProgram,
    ...Object.values(providerPrograms),
    ...clusterPrograms,
    ...Object.values(toolPrograms),
    loadProgram,
];

let goVersionFound: string | undefined;

/** Go's version as `go1.26.8`, which is part of what a program was made from. */
export function goVersion(): string {
    try {
        goVersionFound ??= execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).trim();
        return goVersionFound;
    } catch {
        throw new SandboxError(
            "Go is not installed; install Go 1.26 or later from https://go.dev/dl/ and put it on PATH",
        );
    }
}

/** Flags of `go build`. They name no folder of this machine, so that clones share results. */
export function buildFlags(program: Program): string[] {
    const variables = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
    const linker = ["-s", "-w", ...variables].join(" ");
    return ["-trimpath", "-tags", ["grpcnotrace", ...(program.tags ?? [])].join(","), "-ldflags", linker];
}

/** Where a program is, or will be: the folder's name tells what it is made from. */
export function programPath(program: Program): string {
    const made = [goVersion(), process.arch, program.package, buildFlags(program)];
    const hash = createHash("sha256").update(JSON.stringify(made));
    const folder = moduleFolder(program);
    for (const file of fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
        const full = path.join(folder, file);
        if (fs.statSync(full).isFile()) hash.update(`${file}\0`).update(fs.readFileSync(full));
    }
    return path.join(toolchainCache, `${program.name}-${hash.digest("hex").slice(0, 16)}`, program.name);
}

/** Path of a program that the toolchain has built. */
export function programFile(name: string): string {
    const program = programs.find((it) => it.name === name);
    if (program === undefined)
        throw new SandboxError(
            `The toolchain has no program "${name}"; it has ${programs.map((it) => it.name).join(", ")}`,
        );
    const file = programPath(program);
    if (!fs.existsSync(file)) throw new SandboxError(`${name} has not been built yet; "make up" builds it`);
    return file;
}
