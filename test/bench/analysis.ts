/** What it costs to judge a whole stack: by `pulumi policy analyze`, and the policy pack's part of it. */
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { channelOptions } from "../../sandbox/engine/rpc";
import { instanceNamed, projectRoot, type Instance } from "../../sandbox/machine/instance";
import type { Progress } from "../../sandbox/machine/part";
import { binFolder, installPulumi } from "../../sandbox/toolchain/toolchain";
import { resourcesPerService, syntheticState } from "../policies/support/synthetic-stack";
import { measure, type Cost } from "./measure";

/** Resources in the stacks that are judged, in ascending order, each rounded up to whole services. */
export const analyzedSizes = [1_000, 3_000, 10_000].map(wholeServices);

/** So few that what is left is the cost of a start. */
export const smallestSize = wholeServices(1);

/** How much more a resource of the largest stack may cost than one of the smallest, starts left out. */
export const maximumGrowth = 1.3;

/** How much CPU time judging the largest stack may take, as a multiple of that with a pack that judges nothing. */
export const maximumOfIdle = 1.12;

/** What one stack's judgement has cost. */
export interface Analysis extends Cost {
    readonly resources: number;
}

const pack = path.join(projectRoot, "policies");

function wholeServices(count: number): number {
    return Math.ceil(count / resourcesPerService) * resourcesPerService;
}

/** Seconds of CPU time a resource, without those of a start. */
export const perResource = ({ cpu, resources }: Analysis, start: Analysis): number =>
    (cpu - start.cpu) / (resources - start.resources);

/** How much more a resource costs in the larger stack; 1 when the cost grows with the size alone. */
export const growth = (start: Analysis, smaller: Analysis, larger: Analysis): number =>
    perResource(larger, start) / perResource(smaller, start);

/** The CPU time of judging a stack, as a multiple of that with a pack that judges nothing. */
export const ofIdle = (largest: Analysis, idle: Analysis): number => largest.cpu / idle.cpu;

/**
 * The engine as the sandbox has it, in a folder of its own: judging needs no server, and disturbs no sandbox that runs.
 *
 * @param folder takes links to programs, and state files
 */
export async function installEngine(folder: string, progress: Progress): Promise<Instance> {
    const instance = { ...instanceNamed("bench"), root: folder, pulumiHome: path.join(folder, "pulumi-home") };
    await installPulumi(instance, progress);
    return instance;
}

/**
 * Writes a policy pack of one policy that is about no resource: what any pack costs, before it judges anything.
 *
 * @param folder takes the pack
 */
export function writeIdlePack(folder: string): string {
    const files = {
        "PulumiPolicy.yaml": "name: idle\nruntime: {name: nodejs, options: {typescript: false}}\n",
        "package.json": JSON.stringify({ name: "idle", version: "0.0.0", main: "index.js" }),
        "index.js": `
            const { PolicyPack, validateResourceOfType } = require("@pulumi/policy");
            class Never { static __pulumiType = "idle:index:Never"; }
            const validateResource = validateResourceOfType(Never, () => undefined);
            const policy = { name: "never", description: "Is about no resource.", validateResource };
            new PolicyPack("idle", { policies: [policy] });
        `,
    };
    const idle = path.join(folder, "idle-pack");
    fs.mkdirSync(idle, { recursive: true });
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(idle, name), text);
    fs.symlinkSync(path.join(projectRoot, "node_modules"), path.join(idle, "node_modules"));
    return idle;
}

/**
 * Judges a compliant stack with `pulumi policy analyze`.
 *
 * @param policies the pack's folder; this project's by default
 * @throws Error when a policy refuses the stack
 */
export async function analyzeWithEngine(engine: Instance, resources: number, policies = pack): Promise<Analysis> {
    const file = path.join(engine.root, "state.json");
    fs.writeFileSync(file, JSON.stringify(syntheticState(resources)));
    const args = [
        "policy",
        "analyze",
        "--file",
        file,
        "--policy-pack",
        policies,
        "--non-interactive",
        "--color",
        "never",
    ];
    const variables = {
        PULUMI_HOME: engine.pulumiHome,
        PULUMI_BACKEND_URL: `file://${engine.root}`,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_OPTION_POLICY_PACK: undefined,
        PULUMI_OPTION_POLICY_PACK_CONFIG: undefined,
    };
    const pulumi = path.join(binFolder(engine), "pulumi");
    const { cpu, wall } = await measure(pulumi, args, { directory: projectRoot, environment: variables });
    return { resources, cpu, wall };
}

interface Resource {
    readonly urn: string;
    readonly type: string;
    readonly inputs?: Record<string, JavaScriptValue>;
    readonly outputs?: Record<string, JavaScriptValue>;
    readonly parent?: string;
    readonly dependencies?: readonly string[];
    readonly propertyDependencies?: Readonly<Record<string, string[]>>;
}

/**
 * Asks the compiled pack, in a process of its own, all that the engine asks about a compliant stack, and reads the CPU
 * time of that process. No engine is needed.
 *
 * @throws Error when a policy has something to say, or the pack fails
 */
export async function analyzeWithPack(resources: number): Promise<Analysis> {
    const entry = createRequire(path.join(pack, "index.js")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
    const child = spawn(process.execPath, [entry, "127.0.0.1:0", pack], {
        cwd: pack,
        stdio: ["ignore", "pipe", "inherit"],
    });
    const begun = performance.now();
    try {
        const port = await new Promise<string>((resolve, reject) => {
            createInterface(child.stdout).once("line", resolve);
            child.once("error", reject).once("exit", (code) => {
                reject(new Error(`the policy pack exited with code ${code ?? "none"} before it began to serve`));
            });
        });
        const found = await ask(`127.0.0.1:${port}`, syntheticState(resources));
        if (found.length > 0) throw new Error(`The compliant stack is refused: ${found.slice(0, 3).join("; ")}`);
        return { resources, cpu: cpuOf(child.pid!), wall: (performance.now() - begun) / 1000 };
    } finally {
        child.kill("SIGKILL");
    }
}

/** Messages of everything that the pack reports about the stack. */
async function ask(address: string, state: object): Promise<string[]> {
    const { resources } = (state as { readonly deployment: { readonly resources: readonly Resource[] } }).deployment;
    const stubs = createRequire(__filename)("@pulumi/pulumi/proto/analyzer_grpc_pb") as {
        AnalyzerClient: grpc.ServiceClientConstructor;
    };
    const client = new stubs.AnalyzerClient(address, grpc.credentials.createInsecure(), channelOptions);
    const call = <Answer>(method: string, request: object): Promise<Answer> =>
        new Promise((resolve, reject) => {
            const done = (error: Error | null, answer: Answer): void => {
                if (error) reject(error);
                else resolve(answer);
            };
            (client as unknown as Record<string, (request: object, done: unknown) => void>)[method]!(request, done);
        });
    try {
        await call("configure", settingsOf(await call<proto.AnalyzerInfo>("getAnalyzerInfo", new Empty())));
        const found: string[] = [];
        for (const resource of resources) {
            const request = packed(new proto.AnalyzeRequest(), resource, resource.inputs);
            const { remediationsList } = (await call<proto.RemediateResponse>("remediate", request)).toObject();
            const { diagnosticsList } = (await call<proto.AnalyzeResponse>("analyze", request)).toObject();
            found.push(...remediationsList.map(({ policyname }) => `${policyname} changes ${resource.urn}`));
            found.push(...diagnosticsList.map(({ message }) => message));
        }
        const whole = new proto.AnalyzeStackRequest().setResourcesList(resources.map(inStack));
        const answer = await call<proto.AnalyzeResponse>("analyzeStack", whole);
        return [...found, ...answer.toObject().diagnosticsList.map(({ message }) => message)];
    } finally {
        client.close();
    }
}

/** Every policy at its own level with its own defaults, as the engine sets them. */
function settingsOf(info: proto.AnalyzerInfo): proto.ConfigureAnalyzerRequest {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const policy of info.getPoliciesList()) {
        const schema = policy.getConfigschema()?.getProperties()?.toJavaScript() ?? {};
        const defaults = Object.entries(schema).map(
            ([key, property]) => [key, (property as { default: JavaScriptValue }).default] as const,
        );
        request
            .getPolicyconfigMap()
            .set(
                policy.getName(),
                new proto.PolicyConfig()
                    .setEnforcementlevel(policy.getEnforcementlevel())
                    .setProperties(Struct.fromJavaScript(Object.fromEntries(defaults))),
            );
    }
    return request;
}

function packed<Request extends proto.AnalyzeRequest | proto.AnalyzerResource>(
    request: Request,
    { type, urn }: Resource,
    properties: Record<string, JavaScriptValue> = {},
): Request {
    request.setType(type);
    request.setUrn(urn);
    request.setName(urn.split("::").at(-1) ?? "");
    request.setProperties(Struct.fromJavaScript(properties));
    request.setOptions(new proto.AnalyzerResourceOptions());
    return request;
}

function inStack(resource: Resource): proto.AnalyzerResource {
    const request = packed(new proto.AnalyzerResource(), resource, resource.outputs);
    request.setParent(resource.parent ?? "").setDependenciesList([...(resource.dependencies ?? [])]);
    for (const [input, urns] of Object.entries(resource.propertyDependencies ?? {}))
        request
            .getPropertydependenciesMap()
            .set(input, new proto.AnalyzerPropertyDependencies().setUrnsList([...urns]));
    return request;
}

/** Seconds of user and system time of a running process, all threads (proc(5), fields utime and stime). */
function cpuOf(pid: number): number {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
