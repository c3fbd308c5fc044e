/** The Node.js language host: starts TypeScript programs and policy packs for the engine (pulumirpc.LanguageRuntime). */
import * as grpc from "@grpc/grpc-js";
import * as empty from "google-protobuf/google/protobuf/empty_pb";
import * as proto from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import { serveAndAnnounce, serviceOf, unary, onParentExit } from "../rpc";
import {
    childEnvironment,
    endChildren,
    exitAfterUserMessage,
    interruptChildren,
    launch,
    runtimeOptions,
    sdkEntry,
} from "./children";
import { requiredPlugins } from "./packages";
import { PolicyPackProxy } from "./policy-proxy";

type Stream<Request, Response> = grpc.ServerWritableStream<Request, Response>;

/** The engine's address is the last argument, or comes with the handshake. */
let engineAddress =
    process.argv
        .slice(2)
        .filter((argument) => !argument.startsWith("-"))
        .at(-1) ?? "";

function programOf(request: { getInfo(): proto.ProgramInfo | undefined }): proto.ProgramInfo {
    const info = request.getInfo();
    if (!info) throw new Error("the engine did not say which program it means");
    return info;
}

const flag = (name: string, value: string): string[] => (value ? [`--${name}`, value] : []);

async function run(request: proto.RunRequest): Promise<proto.RunResponse> {
    const response = new proto.RunResponse();
    const info = programOf(request);
    const directory = info.getProgramDirectory();
    const options = runtimeOptions(info);
    let entry: string;
    try {
        entry = sdkEntry("run", directory);
    } catch (error) {
        response.setError((error as Error).message);
        return response;
    }
    const config: Record<string, string> = {};
    request.getConfigMap().forEach((value: string, key: string) => {
        config[key] = value;
    });
    const child = launch(
        [
            ...options.nodeArguments,
            entry,
            ...flag("monitor", request.getMonitorAddress()),
            ...flag("engine", engineAddress),
            ...flag("organization", request.getOrganization()),
            ...flag("project", request.getProject()),
            ...flag("root-directory", info.getRootDirectory()),
            ...flag("stack", request.getStack()),
            ...flag("pwd", directory),
            ...(request.getDryrun() ? ["--dry-run"] : []),
            ...flag("parallel", String(request.getParallel())),
            info.getEntryPoint(),
            ...request.getArgsList(),
        ],
        {
            cwd: directory,
            stdio: ["ignore", "inherit", "inherit"],
            env: childEnvironment(options, {
                PULUMI_CONFIG: JSON.stringify(config),
                PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
            }),
        },
    );
    const ended = await new Promise<string | number>((resolve) => {
        child.once("error", (error) => {
            resolve(`could not be started: ${error.message}`);
        });
        child.once("close", (code, signal) => {
            resolve(code ?? `was stopped by ${signal ?? "a signal"}`);
        });
    });
    if (ended === exitAfterUserMessage) response.setBail(true);
    else if (typeof ended === "string") response.setError(`the program ${ended}`);
    else if (ended !== 0) response.setError(`the program exited with code ${ended}`);
    return response;
}

function runPlugin(call: Stream<proto.RunPluginRequest, proto.RunPluginResponse>): void {
    const { request } = call;
    let finished = false;
    const send = (set: (message: proto.RunPluginResponse) => void): void => {
        if (finished || call.cancelled) return;
        const message = new proto.RunPluginResponse();
        set(message);
        call.write(message);
    };
    const stdout = (data: Buffer | string): void => {
        send((message) => message.setStdout(Buffer.from(data)));
    };
    const stderr = (data: Buffer | string): void => {
        send((message) => message.setStderr(Buffer.from(data)));
    };
    const finish = (code: number): void => {
        send((message) => message.setExitcode(code));
        if (!finished) call.end();
        finished = true;
    };
    const fail = (error: unknown): void => {
        stderr(`${error instanceof Error ? error.message : String(error)}\n`);
        finish(1);
    };
    const start = (
        extra: Readonly<Record<string, string>>,
        onOutput: (data: Buffer) => void,
        onExit: (code: number) => void,
    ): void => {
        const info = programOf(request);
        const directory = info.getProgramDirectory();
        const options = runtimeOptions(info);
        const entry = sdkEntry("run-policy-pack", directory);
        const asked = Object.fromEntries(
            request.getEnvList().map((pair) => {
                const at = pair.indexOf("=");
                return [pair.slice(0, at), pair.slice(at + 1)] as const;
            }),
        );
        const child = launch([...options.nodeArguments, entry, ...request.getArgsList(), directory], {
            cwd: directory,
            stdio: ["pipe", "pipe", "pipe"],
            env: childEnvironment(options, { ...asked, ...extra }),
        });
        child.stdout?.on("data", onOutput);
        child.stderr?.on("data", stderr);
        child.once("error", fail);
        child.once("close", (code) => {
            onExit(code ?? 1);
            finish(code ?? 1);
        });
        call.on("cancelled", () => child.kill("SIGTERM"));
    };
    try {
        if (request.getKind() !== "analyzer")
            throw new Error(`this language host runs programs and policy packs, not ${request.getKind()} plugins`);
        const proxy = new PolicyPackProxy(start, stdout, fail);
        call.on("cancelled", () => {
            proxy.close();
        });
    } catch (error) {
        fail(error);
    }
}

const implementation: grpc.UntypedServiceImplementation = {
    handshake: unary((request: proto.LanguageHandshakeRequest) => {
        engineAddress = request.getEngineAddress() || engineAddress;
        return new proto.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(sdkVersion)),
    getRequiredPackages: unary((request: proto.GetRequiredPackagesRequest) =>
        new proto.GetRequiredPackagesResponse().setPackagesList(
            requiredPlugins(programOf(request).getProgramDirectory()).map(({ name, version }) =>
                new plugin.PackageDependency().setName(name).setKind("resource").setVersion(version),
            ),
        ),
    ),
    run: unary(run),
    runPlugin,
    about: unary(() => new proto.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    cancel: unary(() => {
        interruptChildren();
        return new empty.Empty();
    }),
};

onParentExit(() => {
    endChildren();
    process.exit(0);
});
serveAndAnnounce(serviceOf("language", "LanguageRuntime"), implementation).catch((error: unknown) => {
    process.stderr.write(`the Node.js language host could not be started: ${String(error)}\n`);
    process.exit(1);
});
