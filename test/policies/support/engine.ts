import * as structs from "google-protobuf/google/protobuf/struct_pb";
import * as analyzer from "@pulumi/pulumi/proto/analyzer_pb";
import * as server from "@pulumi/policy/server";
import type { Policies } from "@pulumi/policy";
import type { Properties } from "./cases";

/** Marks a value as secret, in the engine's encoding. */
export function secret(value: unknown): object {
    return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

type Call<Response> = (
    call: { request: analyzer.AnalyzeRequest },
    callback: (error: Error | null, response: Response) => void,
) => void;
type Serve<Response> = (pack: string, version: string, level: string, policies: Policies) => Call<Response>;

const { makeAnalyzeRpcFun, makeRemediateRpcFun } = server as unknown as {
    makeAnalyzeRpcFun: Serve<analyzer.AnalyzeResponse>;
    makeRemediateRpcFun: Serve<analyzer.RemediateResponse>;
};

/** The inputs that the SDK's own `Remediate` call returns, in wire format; undefined when nothing changed. */
export async function remediate(policies: Policies, type: string, properties: object): Promise<Properties | undefined> {
    const response = await invoke(makeRemediateRpcFun("test", "1.0.0", "mandatory", policies), type, properties);
    const remediations = response.getRemediationsList();
    for (const remediation of remediations) {
        if (remediation.getDiagnostic()) throw new Error(remediation.getDiagnostic());
    }
    return remediations.at(-1)?.getProperties()?.toJavaScript() as Properties | undefined;
}

export interface Diagnostic {
    readonly policy: string;
    readonly message: string;
    readonly level: number;
}

/** The diagnostics of the SDK's own `Analyze` call, in wire format. */
export async function analyze(policies: Policies, type: string, properties: object): Promise<Diagnostic[]> {
    const response = await invoke(makeAnalyzeRpcFun("test", "1.0.0", "mandatory", policies), type, properties);
    return response.getDiagnosticsList().map((diagnostic) => ({
        policy: diagnostic.getPolicyname(),
        message: diagnostic.getMessage(),
        level: diagnostic.getEnforcementlevel(),
    }));
}

async function invoke<Response>(call: Call<Response>, type: string, properties: object): Promise<Response> {
    const request = new analyzer.AnalyzeRequest();
    request.setType(type);
    request.setName("resource");
    request.setUrn(`urn:pulumi:test::relaypacs::${type}::resource`);
    request.setProperties(structs.Struct.fromJavaScript(properties as Record<string, structs.JavaScriptValue>));
    request.setOptions(new analyzer.AnalyzerResourceOptions());
    return new Promise((resolve, reject) => {
        call({ request }, (error, response) => {
            if (error) reject(error);
            else resolve(response);
        });
    });
}
