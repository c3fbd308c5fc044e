import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** The folder that holds Pulumi.yaml. */
export const projectRoot = path.resolve(__dirname, "../..");

/** The version of an npm package that is installed here, without "v": providers' plugins must be the same. */
export function packageVersion(name: string): string {
    const file = path.join(projectRoot, "node_modules", name, "package.json");
    return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}

/** Built or downloaded programs, shared by every clone and every sandbox of this user; each in a folder named by what it was made from. */
export const toolchainCache = path.join(
    process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"),
    "relaypacs-sandbox",
);

/**
 * Sandboxes that can run side by side on one machine: for people, for the tests, the benchmark, chaos and a delivery. Their
 * number sets their addresses and ports.
 */
const numbers = { main: 0, test: 1, bench: 2, chaos: 3, deliver: 4 } as const;

export type InstanceName = keyof typeof numbers;

export const instanceNames = Object.keys(numbers) as InstanceName[];

/**
 * Where one sandbox keeps its files and which addresses it uses.
 *
 * The cluster has a network namespace of its own. A veth pair joins it to the machine: `hostAddress` is the machine's
 * end, `nodeAddress` the cluster's. Pod and service ranges are routed to `nodeAddress`, so that the machine reaches
 * pods and services directly. Moto, the registry, the GitHub emulator and PostgreSQL run outside the namespace.
 */
export interface Instance {
    readonly name: InstanceName;
    readonly number: number;
    /** Everything this sandbox writes, except the toolchain. */
    readonly root: string;
    /** Process ids, one file a process: `<run>/<process>.pid`. */
    readonly run: string;
    /** Output of the processes: `<logs>/<process>.log`. */
    readonly logs: string;
    readonly networkNamespace: string;
    readonly hostAddress: string;
    readonly nodeAddress: string;
    readonly nodeName: string;
    readonly podRange: string;
    readonly serviceRange: string;
    readonly kubernetesApi: string;
    readonly kubeconfig: string;
    /** Parent of every cgroup that the kubelet creates, which keeps two sandboxes and their clean-up apart. */
    readonly controlGroup: string;
    readonly ports: {
        /** Moto as an HTTPS proxy, on 127.0.0.1. */
        readonly moto: number;
        /** The GitHub emulator itself, on 127.0.0.1. */
        readonly githubEmulator: number;
        /** The proxy in front of the GitHub emulator, which clients use, on 127.0.0.1. */
        readonly github: number;
        /** PostgreSQL, on `hostAddress`, so that pods reach it. */
        readonly database: number;
        /** The image registry, on `hostAddress`, so that the node reaches it. */
        readonly registry: number;
    };
    readonly pulumiHome: string;
    readonly pulumiState: string;
}

export function instanceNamed(name: InstanceName): Instance {
    const number = numbers[name];
    const root = path.join(projectRoot, ".sandbox", name);
    const basePort = 14000 + number * 100;
    const nodeAddress = `10.250.${number}.2`;
    return {
        name,
        number,
        root,
        run: path.join(root, "run"),
        logs: path.join(root, "logs"),
        networkNamespace: `relaypacs-${name}`,
        hostAddress: `10.250.${number}.1`,
        nodeAddress,
        nodeName: `relaypacs-${name}`,
        podRange: `10.244.${number}.0/24`,
        serviceRange: `10.${96 + number}.0.0/16`,
        kubernetesApi: `https://${nodeAddress}:6443`,
        kubeconfig: path.join(root, "kubeconfig"),
        controlGroup: `relaypacs-${name}`,
        ports: {
            moto: basePort + 1,
            githubEmulator: basePort + 2,
            github: basePort + 3,
            database: basePort + 4,
            registry: basePort + 5,
        },
        pulumiHome: path.join(root, "pulumi-home"),
        pulumiState: path.join(root, "state"),
    };
}
