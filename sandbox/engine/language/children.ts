import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { createRequire } from "node:module";
import * as path from "node:path";
import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";

/** Exit code of `@pulumi/pulumi/cmd/run` when it has already reported the error to the user. */
export const exitAfterUserMessage = 32;

const running = new Set<ChildProcess>();

/** The `runtime.options` of Pulumi.yaml or PulumiPolicy.yaml that matter here. */
export interface RuntimeOptions {
    /** Programs are TypeScript. @default true */
    readonly typescript: boolean;
    /** Path of a tsconfig.json; empty for the SDK's own search. */
    readonly tsconfig: string;
    /** Options for the `node` executable. */
    readonly nodeArguments: readonly string[];
}

export function runtimeOptions(info: ProgramInfo): RuntimeOptions {
    const raw = (info.getOptions()?.toJavaScript() ?? {}) as Readonly<Record<string, unknown>>;
    return {
        typescript: raw.typescript !== false,
        tsconfig: typeof raw.tsconfig === "string" ? raw.tsconfig : "",
        nodeArguments: typeof raw.nodeargs === "string" ? raw.nodeargs.split(/\s+/).filter(Boolean) : [],
    };
}

export function childEnvironment(
    options: RuntimeOptions,
    extra: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
    return {
        ...process.env,
        ...extra,
        ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
        ...(options.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
    };
}

/** An entry point of the SDK as the program in `directory` resolves it: its version of the SDK, not this host's. */
export function sdkEntry(entry: "run" | "run-policy-pack", directory: string): string {
    try {
        return createRequire(path.join(directory, "index.js")).resolve(`@pulumi/pulumi/cmd/${entry}`);
    } catch (error) {
        throw new Error(`@pulumi/pulumi is not installed for ${directory}; run npm ci there`, { cause: error });
    }
}

/** Starts Node.js with `args`; the child ends no later than this process. */
export function launch(args: readonly string[], options: SpawnOptions): ChildProcess {
    const child = spawn(process.execPath, args, options);
    running.add(child);
    const forget = () => running.delete(child);
    child.once("close", forget).once("error", forget);
    return child;
}

/** Asks the children to stop, as Ctrl-C would. A child that does not is killed when this process ends. */
export function interruptChildren(): void {
    for (const child of running) child.kill("SIGINT");
}

/** Ends the children at once. */
export function endChildren(): void {
    for (const child of running) child.kill("SIGKILL");
}
