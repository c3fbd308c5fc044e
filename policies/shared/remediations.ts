import { createRequire } from "node:module";
import type { Policies } from "@pulumi/policy";
import type * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { applies } from "./applicable";

type Handler = (
    call: { readonly request: proto.AnalyzeRequest },
    answer: (error: null, response: object) => void,
) => void;

/** The class of gRPC servers, as far as it matters here. */
export interface ServerClass {
    readonly prototype: { addService: (this: object, service: object, handlers: Record<string, Handler>) => void };
}

const loadAsSdk = createRequire(require.resolve("@pulumi/policy"));

/** The class of the server that the SDK starts. */
export function serverOfSdk(): ServerClass {
    return (loadAsSdk("@grpc/grpc-js") as { Server: ServerClass }).Server;
}

/**
 * Answers the engine's request to remediate a resource at once where no policy remediates its type. The SDK would unpack
 * and copy the resource, and send the engine a sentence for each policy that may be about it. If a later SDK adds its
 * service in another way, judging becomes slower and stays correct.
 *
 * @returns undoes the change
 */
export function remediateOnlyApplicable(policies: Policies, { prototype }: ServerClass = serverOfSdk()): () => void {
    const { addService } = prototype;
    const remediating = policies.filter((policy) => "remediateResource" in policy);
    const { RemediateResponse } = loadAsSdk("@pulumi/pulumi/proto/analyzer_pb") as typeof proto;
    prototype.addService = function (service, { remediate, ...handlers }) {
        const early: Handler = (call, answer) => {
            if (remediating.some((policy) => applies(policy, call.request.getType()))) remediate?.(call, answer);
            else answer(null, new RemediateResponse());
        };
        addService.call(this, service, remediate ? { ...handlers, remediate: early } : handlers);
    };
    return () => {
        prototype.addService = addService;
    };
}
