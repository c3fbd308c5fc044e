import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { packageVersion, toolchainCache } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { digestOf } from "./changed-modules";
import { mainPackage, pinnedVersion, type Program } from "./program";

function kubernetesVariables(): Record<string, string> {
    const version = pinnedVersion("k8s.io/kubernetes");
    const [major = "", minor = ""] = version.slice(1).split(".");
    const variables = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
    return Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [`k8s.io/component-base/version.${name}`, value]),
    );
}

const kubernetes = (name: string): Program => ({
    name,
    package: `k8s.io/kubernetes/cmd/${name}`,
    variables: kubernetesVariables(),
});

/** The Pulumi command line with the engine; replaced by the official release where the machine reaches that. */
export const engineProgram: Program = {
    name: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables: {
        "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": pinnedVersion("github.com/pulumi/pulumi/pkg/v3"),
    },
};

const kubernetesProvider = "github.com/pulumi/pulumi-kubernetes/provider/v4";

/** Provider plugins that can be built from Go modules, by the provider's name; official ones replace them too. */
export const providerPrograms: Readonly<Record<"aws" | "github" | "kubernetes", Program>> = {
    github: { name: "pulumi-resource-github", folder: "github-provider" },
    aws: { name: "pulumi-resource-aws", folder: "aws-provider" },
    kubernetes: {
        name: "pulumi-resource-kubernetes",
        folder: "kubernetes-provider",
        package: `${kubernetesProvider}/cmd/pulumi-resource-kubernetes`,
        variables: { [`${kubernetesProvider}/pkg/version.Version`]: packageVersion("@pulumi/kubernetes") },
    },
};

/** The cluster's programs, which are always built: Debian has no packages of Kubernetes. */
export const clusterPrograms: readonly Program[] = [
    { name: "pause", folder: "pause", package: "relaypacs.dev/sandbox/pause" },
    { name: "kubecp", folder: "kubernetes", variables: kubernetesVariables() },
    kubernetes("kubelet"),
    kubernetes("kube-proxy"),
    kubernetes("kubectl"),
    { name: "coredns", folder: "coredns" },
    { name: "kube-network-policies", folder: "kube-network-policies" },
    // The registry, what the kubelet asks for its credentials, and a client that pushes.
    { name: "registry", folder: "registry" },
    { name: "ecr-credential-provider", package: "k8s.io/cloud-provider-aws/cmd/ecr-credential-provider" },
    { name: "crane", package: "github.com/google/go-containerregistry/cmd/crane" },
];

/**
 * Programs in pods beside the application, by their image's repository. Upstream publishes them as images, in
 * registries that are out of reach.
 */
export const toolPrograms: Readonly<Record<"argo-rollouts" | "traefik" | "prometheus", Program>> = {
    "argo-rollouts": {
        name: "rollouts-controller",
        package: "github.com/argoproj/argo-rollouts/cmd/rollouts-controller",
        variables: {
            "github.com/argoproj/argo-rollouts/utils/version.version": pinnedVersion(
                "github.com/argoproj/argo-rollouts",
            ),
        },
    },
    traefik: {
        name: "traefik",
        folder: "traefik",
        package: "github.com/traefik/traefik/v3/cmd/traefik",
        variables: {
            "github.com/traefik/traefik/v3/pkg/version.Version": pinnedVersion("github.com/traefik/traefik/v3").slice(
                1,
            ),
        },
    },
    prometheus: { name: "prometheus", package: "github.com/prometheus/prometheus/cmd/prometheus" },
};

/** Requests a service at a constant rate; see ../drill/load.ts. */
export const loadProgram: Program = { name: "load", folder: "load", package: "relaypacs.dev/sandbox/load" };

/**
 * Writes a block of Prometheus' database: hours that no one waits for; see ../deliver/hours.ts. It is built within
 * Prometheus' module, so that `go.mod` needs nothing for it.
 */
export const historyProgram: Program = {
    name: "history",
    folder: "history",
    package: "github.com/prometheus/prometheus/cmd/history",
};

const programs = [
    engineProgram,
    ...Object.values(providerPrograms),
    ...clusterPrograms,
    ...Object.values(toolPrograms),
    loadProgram,
    historyProgram,
];

let goVersionFound: string | undefined;

/** Go's version as `go1.26.8`, which is part of a program's digest. */
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

/** Only the service discovery of Kubernetes is built into Prometheus, and no tracing of requests into gRPC. */
export const tagFlags = ["-tags", "grpcnotrace,remove_all_sd,enable_kubernetes_sd"] as const;

/** No tables for debuggers, which `-s -w` would drop anyway. */
const compilerFlags = "-dwarf=false";

/** Go takes Go's own packages from its cache, as the toolchain has compiled them, for commands with these and without cgo. */
export const sharedFlags = ["-trimpath", `-gcflags=all=${compilerFlags}`] as const;

/**
 * Packages in which functions are inlined: those that a request, an object of Kubernetes or a message of the engine passes.
 * The others take a quarter less time to compile without it, and hardly show in the time that anything takes.
 */
const inlined = [
    "std",
    "golang.org/x/...",
    "google.golang.org/grpc/...",
    "google.golang.org/protobuf/...",
    "github.com/gogo/protobuf/...",
    "github.com/json-iterator/...",
    "github.com/pulumi/pulumi/...",
    "github.com/traefik/...",
    "go.etcd.io/...",
    "k8s.io/apimachinery/...",
    "k8s.io/apiserver/...",
    "relaypacs.dev/...",
    "sigs.k8s.io/json/...",
    "sigs.k8s.io/structured-merge-diff/...",
];

/**
 * Flags of `go build`, the same for all programs, since a package that two need would else be compiled twice. They
 * contain no path of this machine, so that clones share results.
 */
export function buildFlags(): string[] {
    const variables = new Map(programs.flatMap((program) => Object.entries(program.variables ?? {})));
    const linker = ["-s", "-w", ...Array.from(variables, ([name, value]) => `-X ${name}=${value}`)].join(" ");
    // The last pattern that a package matches decides.
    const compiler = [`all=-l ${compilerFlags}`, ...inlined.map((packages) => `${packages}=${compilerFlags}`)];
    return [
        ...["-trimpath", "-pgo=off", ...tagFlags],
        ...compiler.map((flags) => `-gcflags=${flags}`),
        ...["-ldflags", linker],
    ];
}

let buildDigestFound: string | undefined;

/** Digest of what all programs are built with: Go, the versions of all modules, and the flags. */
export function buildDigest(): string {
    buildDigestFound ??= createHash("sha256")
        .update(JSON.stringify([goVersion(), process.arch, buildFlags()]))
        .update(digestOf("go.mod", "go.sum", path.join("originals", "go.sum")))
        .digest("hex");
    return buildDigestFound;
}

/** Path of a program, built or not: the folder's name has the digest of its sources and flags. */
export function programPath(program: Program): string {
    const own = program.folder === undefined ? "" : digestOf(program.folder);
    const made = [buildDigest(), mainPackage(program), own];
    const digest = createHash("sha256").update(JSON.stringify(made)).digest("hex");
    return path.join(toolchainCache, `${program.name}-${digest.slice(0, 16)}`, program.name);
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
