import { setMaxListeners } from "node:events";
import * as grpc from "@grpc/grpc-js";
import * as any from "google-protobuf/google/protobuf/any_pb";
import * as empty from "google-protobuf/google/protobuf/empty_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { unary } from "../rpc";
import { Access } from "./access";
import { Connection } from "./connection";
import { topLevel, type Comparison } from "./differences";
import { EngineLog } from "./engine-log";
import { normalised, programName, refusal } from "./identity";
import { decodeYaml } from "./invoke";
import { named, NamingError, type Autonaming } from "./naming";
import { NotReadyError, type ResourceRequest } from "./requests";
import { Resources } from "./resources";
import { clusterAddress, parseSettings, refusedSettings } from "./settings";
import { bagOf, hasUnknown, pathText, revealBag, structOf, withoutNulls, type Bag } from "./values";

const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
const diffKinds = {
    add: [ADD, ADD_REPLACE],
    delete: [DELETE, DELETE_REPLACE],
    update: [UPDATE, UPDATE_REPLACE],
} as const;
const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;

/** The plugin's side of the engine's protocol (pulumirpc.ResourceProvider), over {@link Resources}. */
export class KubernetesProvider {
    private readonly log = new EngineLog();
    private readonly cancellation = new AbortController();
    private configured: Resources | undefined;

    constructor(
        private readonly version: string,
        engineAddress: string,
    ) {
        this.log.connect(engineAddress);
        // One listener for each request that is under way.
        setMaxListeners(0, this.cancellation.signal);
    }

    /** Handlers for the gRPC server; calls that are not here are answered as unimplemented. */
    readonly implementation: grpc.UntypedServiceImplementation = {
        handshake: unary((request: proto.ProviderHandshakeRequest) => {
            if (request.getEngineAddress()) this.log.connect(request.getEngineAddress());
            return new proto.ProviderHandshakeResponse()
                .setAcceptSecrets(true)
                .setSupportsAutonamingConfiguration(true);
        }),
        attach: unary((request: plugin.PluginAttach) => {
            this.log.connect(request.getAddress());
            return new empty.Empty();
        }),
        cancel: unary(() => {
            this.cancellation.abort();
            return new empty.Empty();
        }),
        getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(this.version)),
        getSchema: unary(() =>
            new proto.GetSchemaResponse().setSchema(JSON.stringify({ name: "kubernetes", version: this.version })),
        ),
        checkConfig: unary(checkConfig),
        diffConfig: unary(diffConfig),
        configure: unary((request: proto.ConfigureRequest) => {
            const connection = new Connection(
                parseSettings(bagOf(request.getArgs())),
                this.log,
                this.cancellation.signal,
            );
            this.configured = new Resources(new Access(connection, this.log));
            return new proto.ConfigureResponse()
                .setAcceptsecrets(true)
                .setSupportspreview(true)
                .setSupportsAutonamingConfiguration(true);
        }),
        invoke: unary((request: proto.InvokeRequest) => {
            if (request.getTok() !== "kubernetes:yaml:decode") throw unsupported(request.getTok());
            return new proto.InvokeResponse().setReturn(structOf(decodeYaml(revealBag(bagOf(request.getArgs())))));
        }),
        construct: unary((request: proto.ConstructRequest): proto.ConstructResponse => {
            throw unsupported(request.getType());
        }),
        check: unary((request: proto.CheckRequest) => this.check(request)),
        diff: unary(async (request: proto.DiffRequest) =>
            diffResponse(
                await this.resources.diff({
                    ...identified(request),
                    state: bagOf(request.getOlds()),
                    previous: bagOf(request.getOldInputs()),
                    inputs: bagOf(request.getNews()),
                    ignoreChanges: request.getIgnorechangesList(),
                }),
            ),
        ),
        create: unary(async (request: proto.CreateRequest) => {
            const { id, outputs } = await withState(
                this.resources.create({
                    ...blank,
                    urn: request.getUrn(),
                    inputs: bagOf(request.getProperties()),
                    timeout: request.getTimeout(),
                    preview: request.getPreview(),
                }),
            );
            return new proto.CreateResponse().setId(id).setProperties(structOf(outputs));
        }),
        update: unary(async (request: proto.UpdateRequest) => {
            const { outputs } = await withState(
                this.resources.update({
                    ...identified(request),
                    state: bagOf(request.getOlds()),
                    previous: bagOf(request.getOldInputs()),
                    inputs: bagOf(request.getNews()),
                    timeout: request.getTimeout(),
                    preview: request.getPreview(),
                    ignoreChanges: request.getIgnorechangesList(),
                }),
            );
            return new proto.UpdateResponse().setProperties(structOf(outputs));
        }),
        read: unary(async (request: proto.ReadRequest) => {
            const found = await withState(
                this.resources.read({
                    ...identified(request),
                    state: bagOf(request.getProperties()),
                    previous: bagOf(request.getInputs()),
                }),
            );
            if (!found) return new proto.ReadResponse();
            return new proto.ReadResponse()
                .setId(found.id)
                .setProperties(structOf(found.outputs))
                .setInputs(structOf(found.inputs));
        }),
        delete: unary(async (request: proto.DeleteRequest) => {
            await this.resources.delete({
                ...identified(request),
                state: bagOf(request.getProperties()),
                previous: bagOf(request.getOldInputs()),
                timeout: request.getTimeout(),
            });
            return new empty.Empty();
        }),
    };

    private get resources(): Resources {
        if (!this.configured) throw new Error("the engine used the Kubernetes plugin before it configured it");
        return this.configured;
    }

    private async check(request: proto.CheckRequest): Promise<proto.CheckResponse> {
        const urn = request.getUrn();
        const news = withoutNulls(bagOf(request.getNews())) as Bag;
        const refused = refusal(urn, revealBag(news));
        if (refused !== undefined) return new proto.CheckResponse().setFailuresList([failure("", refused)]);
        try {
            const inputs = named({
                inputs: { ...news, ...kindIn(news, urn) },
                previous: revealBag(bagOf(request.getOlds())),
                programName: request.getName() || programName(urn),
                randomSeed: request.getRandomseed_asU8(),
                autonaming: autonamingOf(request),
            });
            return new proto.CheckResponse().setInputs(structOf(await this.resources.placed(urn, inputs)));
        } catch (error) {
            if (!(error instanceof NamingError)) throw error;
            return new proto.CheckResponse().setFailuresList([failure("metadata.name", error.message)]);
        }
    }
}

const blank: ResourceRequest = {
    urn: "",
    id: "",
    state: {},
    previous: {},
    inputs: {},
    timeout: 0,
    preview: false,
    ignoreChanges: [],
};

const identified = (request: { getUrn(): string; getId(): string }): ResourceRequest => ({
    ...blank,
    urn: request.getUrn(),
    id: request.getId(),
});

function kindIn(news: Bag, urn: string): Bag {
    const { apiVersion, kind } = normalised(revealBag(news), urn);
    return { apiVersion: apiVersion ?? "", kind: kind ?? "" };
}

const failure = (property: string, reason: string): proto.CheckFailure =>
    new proto.CheckFailure().setProperty(property).setReason(reason);

const unsupported = (token: string): Error =>
    new Error(`${token} is not supported by this stand-in for the Kubernetes plugin: declare the objects one by one`);

function autonamingOf(request: proto.CheckRequest): Autonaming | undefined {
    const options = request.getAutonaming();
    if (!options) return undefined;
    const { ENFORCE, DISABLE } = proto.CheckRequest.AutonamingOptions.Mode;
    const mode = options.getMode() === ENFORCE ? "enforce" : options.getMode() === DISABLE ? "disable" : "propose";
    return { mode, proposedName: options.getProposedName() };
}

function checkConfig(request: proto.CheckRequest): proto.CheckResponse {
    const failures = refusedSettings(bagOf(request.getNews())).map(({ property, reason }) => failure(property, reason));
    const response = new proto.CheckResponse().setFailuresList(failures);
    const news = request.getNews();
    return news ? response.setInputs(news) : response;
}

/** A provider is replaced, with all that it made, only when it means another cluster. */
function diffConfig(request: proto.DiffRequest): proto.DiffResponse {
    const news = bagOf(request.getNews());
    const olds = bagOf(request.getOldInputs());
    const before = parseSettings(olds);
    const after = parseSettings(news);
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    const changed = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    const response = new proto.DiffResponse()
        .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
        .setDiffsList(changed);
    if (changed.length === 0 || hasUnknown(news)) return response;
    if (before.clusterIdentifier || after.clusterIdentifier) {
        const same = before.clusterIdentifier === after.clusterIdentifier;
        return same ? response : response.setReplacesList(["clusterIdentifier"]);
    }
    const addresses = [clusterAddress(before), clusterAddress(after)];
    const moved = addresses.every((address) => address !== undefined) && addresses[0] !== addresses[1];
    return moved ? response.setReplacesList(changed) : response;
}

function diffResponse({ differences, replacing, deleteBeforeReplace }: Comparison): proto.DiffResponse {
    const response = new proto.DiffResponse()
        .setChanges(differences.length > 0 ? DIFF_SOME : DIFF_NONE)
        .setDiffsList(topLevel(differences))
        .setReplacesList(topLevel(replacing))
        .setDeletebeforereplace(deleteBeforeReplace)
        .setHasdetaileddiff(true);
    for (const difference of differences) {
        const [plain, replace] = diffKinds[difference.kind];
        const kind = replacing.includes(difference) ? replace : plain;
        const detail = new proto.PropertyDiff().setKind(kind).setInputdiff(true);
        response.getDetaileddiffMap().set(pathText(difference.path), detail);
    }
    return response;
}

/** Carries the state of an object that is not ready to the engine, which keeps it in the stack. */
async function withState<T>(result: Promise<T>): Promise<T> {
    try {
        return await result;
    } catch (error) {
        if (!(error instanceof NotReadyError)) throw error;
        const { id, inputs, outputs } = error.result;
        const detail = new proto.ErrorResourceInitFailed()
            .setId(id)
            .setInputs(structOf(inputs))
            .setProperties(structOf(outputs))
            .setReasonsList([...error.reasons]);
        const packed = new any.Any();
        packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
        const status = new Status();
        status.setCode(grpc.status.UNKNOWN);
        status.setMessage(error.message);
        status.setDetailsList([packed]);
        const metadata = new grpc.Metadata();
        metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
        const failed: Partial<grpc.StatusObject> = { code: grpc.status.UNKNOWN, details: error.message, metadata };
        throw Object.assign(new Error(error.message), failed);
    }
}
