import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { channelOptions } from "../rpc";

/** Messages to the person who runs the update. */
export interface Log {
    /** What happens now: shown beside the resource while it lasts. An empty text clears it. */
    status(urn: string, text: string): void;
    info(urn: string, text: string): void;
    warning(urn: string, text: string): void;
}

/** Sends messages through the engine, which shows them. */
export class EngineLog implements Log {
    private client: EngineClient | undefined;

    connect(address: string): void {
        this.client?.close();
        this.client = address
            ? new EngineClient(address, grpc.credentials.createInsecure(), channelOptions)
            : undefined;
    }

    status(urn: string, text: string): void {
        this.send(urn, text, LogSeverity.INFO, true);
    }

    info(urn: string, text: string): void {
        this.send(urn, text, LogSeverity.INFO, false);
    }

    warning(urn: string, text: string): void {
        this.send(urn, text, LogSeverity.WARNING, false);
    }

    private send(urn: string, text: string, severity: LogSeverity, ephemeral: boolean): void {
        const request = new LogRequest().setUrn(urn).setMessage(text).setSeverity(severity).setEphemeral(ephemeral);
        // A message that does not arrive must not fail the update.
        this.client?.log(request, () => undefined);
    }
}
