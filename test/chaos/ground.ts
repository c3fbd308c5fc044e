import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa, type ResultPromise } from "execa";
import { down } from "../../sandbox/commands/down";
import { instanceNamed, projectRoot, type Instance } from "../../sandbox/machine/instance";
import { claim } from "../../sandbox/machine/owner";
import { cloud } from "../../sandbox/parts/cloud/moto";
import { inventory, names } from "../../sandbox/parts/cloud/inventory";
import { createNamespaces } from "../../sandbox/parts/cluster/namespaces";
import { cluster } from "../../sandbox/parts/cluster/part";
import { github } from "../../sandbox/parts/github/part";
import { environment } from "../../sandbox/stacks/environment";
import { compile, createStack, stateFile } from "../../sandbox/stacks/stack";
import { linkPython, installPython } from "../../sandbox/toolchain/python";
import { installPrograms } from "../../sandbox/toolchain/toolchain";
import { awsProxyPort, githubBehindPort, met, proxyAuthority, setFault, type HttpFault, type Server } from "./proxy";

/** The sandbox that faults are caused in, beside those for people and for tests. */
export const instance = instanceNamed("chaos");

const quiet = () => undefined;

/** GitHub, where the proxy has its usual port. */
const behind: Instance = { ...instance, ports: { ...instance.ports, github: githubBehindPort(instance) } };

export interface Outcome {
    readonly exitCode: number;
    /** Standard output and standard error, interleaved. */
    readonly output: string;
}

/** Variable that marks a command and the plug-ins that it starts. */
const mark = "CHAOS_COMMAND";

/** Processes, other than this one, that have a variable. */
const processesWith = (variable: string): number[] =>
    fs
        .readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
        .map(Number)
        .filter((pid) => {
            try {
                return fs.readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(variable);
            } catch {
                // It has ended.
                return false;
            }
        });

/** What `pulumi up` prints when it begins to make a resource. */
export const begins = /^ \+ +\S+ \S+ creating \(0s\)/;

/** A `pulumi` that runs. */
export interface Running {
    /** Called with each line that it prints. */
    onLine(listener: (line: string) => void): void;
    /** Ends it and its plug-ins as a lost machine does. */
    kill(): void;
    readonly ended: Promise<Outcome>;
}

export type Variables = Readonly<Record<string, string>>;

/**
 * The staging stack before its first release (`relaypacs:bootstrap`), with the real engine, API server and etcd, and
 * Moto and the GitHub emulator behind proxies by which requests can meet faults.
 */
export class Ground {
    private commands = 0;
    private reference: readonly string[] = [];
    private empty: readonly string[] = [];

    /** How many resources a first update makes. */
    resources = 0;

    /** Whether the last row has left the stack as it is without a fault. A row that fails has not. */
    converged = false;

    /** Everything that the stack makes, by kind and name. */
    get whole(): readonly string[] {
        return this.reference;
    }

    /** Starts the servers and makes the stack once, without a fault: what each row must end with. */
    async start(progress: (line: string) => void): Promise<void> {
        await claim(instance);
        await down(instance);
        fs.rmSync(instance.root, { recursive: true, force: true });
        fs.mkdirSync(instance.root, { recursive: true });
        progress("installing programs");
        await installPython(quiet);
        linkPython(instance);
        await installPrograms(instance, quiet);
        await compile(quiet);
        progress("starting etcd, API server, AWS and GitHub");
        await createNamespaces(instance);
        await cluster.up(instance, quiet);
        await this.startAccount();
        this.empty = await this.everything();
        progress("making the stack without a fault");
        await this.makeStack();
        const { exitCode, output } = await this.up();
        assert.equal(exitCode, 0, output);
        this.resources = output.split("\n").filter((line) => begins.test(line)).length;
        this.reference = await this.everything();
        await this.assertConverged();
    }

    private async startAccount(): Promise<void> {
        await Promise.all([cloud.up(instance, quiet), github.up(behind, quiet)]);
        await Promise.all([setFault(instance, "aws"), setFault(instance, "github")]);
    }

    makeStack = () => createStack(instance, "staging", quiet);

    /** Forgets all that was made: an account, an organisation and a cluster as before the first update. */
    async reset(): Promise<void> {
        await this.lift();
        await Promise.all([cloud.down(instance), github.down(behind)]);
        fs.rmSync(path.join(instance.root, "github"), { recursive: true, force: true });
        fs.rmSync(instance.pulumiState, { recursive: true, force: true });
        await this.kubectl("delete", "namespace", "relaypacs-staging", "--ignore-not-found", "--timeout=120s");
        await this.startAccount();
        assert.deepEqual(await this.everything(), this.empty);
        await this.makeStack();
    }

    /** Ends with the stack as it is without a fault: makes it again unless the last row has left it so. */
    async restore(): Promise<void> {
        if (this.converged) return;
        await this.reset();
        const { exitCode, output } = await this.up();
        assert.equal(exitCode, 0, output);
    }

    inject = (server: Server, fault: HttpFault) => setFault(instance, server, fault);

    /** How many requests to a server have met its fault. */
    met = (server: Server) => met(instance, server);

    /** Ends the faults of both servers. */
    async lift(): Promise<void> {
        await Promise.all([setFault(instance, "aws"), setFault(instance, "github")]);
    }

    variables(more: Variables = {}): Record<string, string> {
        const proxy = `http://127.0.0.1:${awsProxyPort(instance)}`;
        return {
            ...environment(instance),
            HTTPS_PROXY: proxy,
            https_proxy: proxy,
            AWS_CA_BUNDLE: proxyAuthority(instance),
            RELAYPACS_BOOTSTRAP: "true",
            // Before the first release nothing connects to it.
            RELAYPACS_DATABASE_URL: `postgresql://relaypacs:not-connected@${instance.hostAddress}:5432/relaypacs`,
            ...more,
        };
    }

    /** Starts `pulumi` on the stack. */
    begin(args: readonly string[], more: Variables = {}): Running {
        const id = String(++this.commands);
        const child = execa("pulumi", [...args, "--non-interactive", "--color", "never", "--stack", "staging"], {
            cwd: projectRoot,
            env: { ...this.variables(more), [mark]: id },
            all: true,
            reject: false,
            stdin: "ignore",
        }) as ResultPromise<{ all: true; reject: false }>;
        let rest = "";
        const listeners: ((line: string) => void)[] = [];
        child.all.on("data", (data: Buffer) => {
            const lines = (rest + data.toString()).split("\n");
            rest = lines.pop() ?? "";
            for (const line of lines) for (const listener of listeners) listener(line);
        });
        return {
            onLine: (listener) => listeners.push(listener),
            kill: () => {
                for (const pid of processesWith(`${mark}=${id}`)) process.kill(pid, "SIGKILL");
            },
            ended: child.then(({ exitCode, all, originalMessage }) => ({
                exitCode: exitCode ?? 137,
                output: all ?? originalMessage ?? "",
            })),
        };
    }

    pulumi = (args: readonly string[], more: Variables = {}): Promise<Outcome> => this.begin(args, more).ended;

    /** Runs the command line `release`. */
    async release(args: readonly string[]): Promise<Outcome> {
        const { exitCode, all } = await execa("node", [path.join(projectRoot, "release", "bin.mjs"), ...args], {
            cwd: projectRoot,
            env: this.variables(),
            all: true,
            reject: false,
            stdin: "ignore",
        });
        return { exitCode: exitCode ?? 137, output: all };
    }

    startUp = (flags: readonly string[] = [], more: Variables = {}) =>
        this.begin(["up", "--yes", "--skip-preview", ...flags], more);

    up = (flags: readonly string[] = [], more: Variables = {}) => this.startUp(flags, more).ended;

    private async answer(command: string, args: readonly string[]): Promise<string> {
        const { stdout } = await execa(command, args, { env: environment(instance), stdin: "ignore" });
        return stdout;
    }

    kubectl = (...args: readonly string[]) => this.answer("kubectl", args);

    /** The AWS command line, past the proxy. */
    aws = (...args: readonly string[]) => this.answer("aws", [...args, "--output", "json"]);

    get stateFile(): string {
        return stateFile(instance, "staging");
    }

    async state(): Promise<{ resources: { urn: string; id?: string; type: string }[]; pending: { type: string }[] }> {
        const exported = JSON.parse(await this.answer("pulumi", ["stack", "export", "--stack", "staging"])) as {
            deployment: { resources?: []; pending_operations?: [] };
        };
        const { resources = [], pending_operations: pending = [] } = exported.deployment;
        return { resources, pending };
    }

    /** Everything that exists in AWS, on GitHub and in the environment's namespace, each as "kind name", sorted. */
    async everything(): Promise<string[]> {
        const [account, objects] = await Promise.all([inventory(instance), this.clusterObjects()]);
        const keys = new Map(
            Object.entries(account["kms.key"] ?? {}).map(([id, key]) => {
                const { describe_key: described } = key as { describe_key: { KeyMetadata: { Description: string } } };
                return [id, described.KeyMetadata.Description];
            }),
        );
        const aws = names(account).map((name) => name.replace(/^kms\.key (.*)$/, (_, id) => `kms.key ${keys.get(id)}`));
        return [...aws, ...this.githubRecords(), ...objects].sort();
    }

    private async clusterObjects(): Promise<string[]> {
        const kinds =
            "namespaces,networkpolicies,resourcequotas,limitranges,serviceaccounts,roles,rolebindings,secrets";
        const listed = await this.kubectl(
            "get",
            kinds,
            "--all-namespaces",
            "--output=jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{'\\n'}{end}",
        );
        return listed.split("\n").filter((line) => /relaypacs-/.test(line));
    }

    private githubRecords(): string[] {
        const file = path.join(instance.root, "github", "state.json");
        // It is written after the first change.
        return fs.existsSync(file) ? githubRecords(JSON.parse(fs.readFileSync(file, "utf8")) as GitHubState) : [];
    }

    /** The state, the account, the organisation and the cluster are whole: nothing is missing, twice, pending or left over. */
    async assertConverged(): Promise<void> {
        this.converged = false;
        assert.deepEqual(await this.everything(), this.reference);
        const { resources, pending } = await this.state();
        assert.deepEqual(pending, []);
        const urns = resources.map(({ urn }) => urn);
        assert.equal(new Set(urns).size, urns.length, "the state has a resource twice");
        const { exitCode, output } = await this.pulumi(["preview", "--refresh", "--expect-no-changes"]);
        assert.equal(exitCode, 0, output);
        this.converged = true;
    }

    end = () => down(instance);
}

interface GitHubState {
    readonly collections: Readonly<Record<string, { readonly items: readonly GitHubRecord[] } | undefined>>;
}

interface GitHubRecord {
    readonly id: number;
    readonly name?: string;
    readonly full_name?: string;
    readonly pattern?: string;
    readonly repo_id?: number;
    readonly environment_id?: number;
}

/** What a program makes on GitHub: "kind repository environment name". */
function githubRecords({ collections }: GitHubState): string[] {
    const items = (kind: string) => collections[kind]?.items ?? [];
    const nameOf = (kind: string, id = 0) => items(kind).find((one) => one.id === id);
    const kinds = ["repos", "branches", "team_repos", "collaborators"].map((kind) => `github.${kind}`);
    const own = ["protection_rules", "rulesets", "environments", "deployment_policies", "variables", "secrets"];
    return [...kinds, ...own.map((kind) => `front.${kind}`)].flatMap((kind) =>
        items(kind).map((record) => {
            const repository = nameOf("github.repos", record.repo_id)?.full_name ?? "";
            const environment = nameOf("front.environments", record.environment_id)?.name ?? "";
            const name = record.full_name ?? record.name ?? record.pattern ?? "";
            return `${kind} ${repository} ${environment} ${name}`;
        }),
    );
}
