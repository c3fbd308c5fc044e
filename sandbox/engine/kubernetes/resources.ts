import type { Access } from "./access";
import { applied, appliedPreview, applyUpdate } from "./applying";
import type { Cluster } from "./cluster";
import type { Comparison } from "./differences";
import { diffResource } from "./diffing";
import type { ResourceType } from "./discovery";
import { ApiError, isNotFound, UnknownKindError, UnreachableError } from "./errors";
import {
    annotation,
    annotations,
    describe,
    fieldManager,
    identityOf,
    idOf,
    normalised,
    parseId,
    type Identity,
} from "./identity";
import { leftOpen, previewOutputs } from "./preview";
import { importedInputs, manifestOf, outputsOf, projected, settled } from "./projection";
import { NotReadyError, type ReadResult, type ResourceRequest, type ResourceResult } from "./requests";
import { concealLike, hasUnknown, isSecret, redact, revealBag, setIn, textIn, unknown, type Bag } from "./values";
import { awaitGone, awaitReady, readinessRule, reasonsNow, timeoutOf } from "./waiting";

const kindPatience = 30;

/** What happens to resources: the rules of the official plugin over server-side apply. */
export class Resources {
    /** Objects that existed when their creation was asked for, and were taken over. */
    private readonly takenOver = new Set<string>();

    constructor(private readonly access: Access) {}

    /** Fills in the namespace of an object that names none. */
    async placed(urn: string, inputs: Bag): Promise<Bag> {
        const metadata = revealBag({ metadata: inputs.metadata ?? {} }).metadata;
        if (metadata === unknown || textIn({ metadata: metadata ?? {} }, "metadata", "namespace")) return inputs;
        const cluster = await this.access.connection.clusterIfReachable(urn);
        if (!cluster) return inputs;
        const { apiVersion, kind } = identityOf(revealBag(inputs));
        try {
            const type = await cluster.typeOf(apiVersion, kind);
            if (!type.namespaced) return inputs;
            const place = isSecret(inputs.metadata) ? ["metadata", "value", "namespace"] : ["metadata", "namespace"];
            return setIn(inputs, place, await this.access.connection.defaultNamespace());
        } catch (error) {
            if (error instanceof UnknownKindError) return inputs;
            throw error;
        }
    }

    diff(request: ResourceRequest): Promise<Comparison> {
        return diffResource(this.access, request);
    }

    async create(request: ResourceRequest): Promise<ResourceResult> {
        const { urn, inputs, preview } = request;
        const plain = normalised(revealBag(inputs), urn);
        const manager = fieldManager(urn, plain, {});
        if (preview) {
            const outputs = await this.previewCreate(urn, plain, manager, inputs);
            return { id: "", outputs: outputs ?? leftOpen(inputs, inputs) };
        }

        const cluster = await this.access.connection.cluster();
        const { apiVersion, kind } = identityOf(plain);
        const type = await cluster.typeOf(apiVersion, kind, kindPatience);
        const manifest = manifestOf(plain, await this.access.namespaceOf(type, plain));
        const report = this.access.reporter(urn);
        const live = await this.access.forCreation(cluster, type, manifest, manager, report);
        const force = this.access.forces(manifest) || live !== undefined;
        const object = await this.access.explained(plain, () =>
            applied(cluster, type, manifest, { manager, force, dryRun: false }, report),
        );
        if (live) this.takenOver.add(textIn(object, "metadata", "uid"));
        return this.settle(cluster, type, object, manager, request);
    }

    async update(request: ResourceRequest): Promise<ResourceResult> {
        const { urn, id, state, previous, inputs, preview } = request;
        const plain = normalised(revealBag(inputs), urn);
        const manager = fieldManager(urn, plain, state);
        const cluster = preview
            ? await this.access.connection.clusterIfReachable(urn)
            : await this.access.connection.cluster();
        if (!cluster || (preview && hasUnknown(plain))) return { id, outputs: inputs };
        const type = await cluster.typeOf(
            textIn(plain, "apiVersion"),
            textIn(plain, "kind"),
            preview ? 0 : kindPatience,
        );
        const manifest = setIn(manifestOf(plain, parseId(id).namespace), ["metadata", "name"], parseId(id).name);
        const object = await this.access
            .explained(plain, () =>
                applyUpdate(cluster, type, manifest, {
                    manager,
                    force: this.access.forces(manifest),
                    previous: normalised(revealBag(previous), urn),
                    ignoreChanges: request.ignoreChanges,
                    dryRun: preview,
                    report: this.access.reporter(urn),
                }),
            )
            .catch((error: unknown) => {
                if (preview && error instanceof ApiError && error.code === 403) return undefined;
                throw error;
            });
        if (!object) return { id, outputs: inputs };
        if (preview) return { id, outputs: previewOutputs(object, inputs, manager, false) };
        return this.settle(cluster, type, object, manager, request);
    }

    /** The object as it lives, and the inputs as it has them; undefined when it is gone. */
    async read({ urn, id, state, previous }: ResourceRequest): Promise<ReadResult | undefined> {
        let cluster: Cluster;
        try {
            cluster = await this.access.connection.cluster();
        } catch (error) {
            if (!(error instanceof UnreachableError)) throw error;
            if (this.access.connection.settings.deleteUnreachable) return undefined;
            if (this.access.connection.settings.skipUpdateUnreachable) return { id, outputs: state, inputs: previous };
            throw new UnreachableError(unreachableSentence(error), { cause: error });
        }
        const isImport = Object.keys(previous).length === 0;
        const declared = normalised(isImport ? revealBag(state) : revealBag(previous), urn);
        const manager = fieldManager(urn, declared, state);
        const live = await this.access.live(cluster, declared, parseId(id));
        if (!live) return undefined;
        if (isImport) return { id, outputs: outputsOf(live, {}, manager), inputs: importedInputs(live) };

        const type = await cluster.typeOf(textIn(declared, "apiVersion"), textIn(declared, "kind"));
        const manifest = setIn(manifestOf(declared, parseId(id).namespace), ["metadata", "name"], parseId(id).name);
        const wouldBe = await cluster
            .apply(type, manifest, { manager, force: true, dryRun: true })
            .then(({ object }) => settled(object))
            .catch((error: unknown) => {
                if (error instanceof ApiError) return declared;
                throw error;
            });
        const inputs = concealLike(projected(declared, wouldBe, settled(live)), previous) as Bag;
        const result = { id, outputs: outputsOf(live, previous, manager), inputs };
        const reasons = await reasonsNow(cluster, live, readinessRule(declared));
        if (reasons.length > 0)
            throw new NotReadyError(
                result,
                reasons.map((reason) => redact(reason, previous)),
            );
        return result;
    }

    async delete({ urn, id, state, previous, timeout }: ResourceRequest): Promise<void> {
        let cluster: Cluster;
        try {
            cluster = await this.access.connection.cluster();
        } catch (error) {
            if (!(error instanceof UnreachableError)) throw error;
            if (this.access.connection.settings.deleteUnreachable) return;
            throw new UnreachableError(unreachableSentence(error), { cause: error });
        }
        const object = normalised(revealBag(Object.keys(previous).length > 0 ? previous : state), urn);
        const identity: Identity = { ...identityOf(object), ...parseId(id) };
        const uid = textIn(revealBag(state), "metadata", "uid");
        if (this.takenOver.has(uid)) {
            const advice = "set deleteBeforeReplace to have it made anew";
            this.access.log.warning(
                urn,
                `${describe(identity)} is kept: its replacement has the same name and took it over; ${advice}`,
            );
            return;
        }
        try {
            const type = await cluster.typeOf(identity.apiVersion, identity.kind);
            await cluster.delete(type, identity, propagationPolicy(object));
            if (annotation(object, annotations.skipAwait) === "true") return;
            await awaitGone(cluster, type, identity, uid, timeoutOf(object, timeout), this.access.reporter(urn));
            this.access.log.status(urn, "");
        } catch (error) {
            if (!isNotFound(error) && !(error instanceof UnknownKindError)) throw error;
        }
    }

    /** Waits until what was applied is ready, and makes the resource's outputs of it. */
    private async settle(
        cluster: Cluster,
        type: ResourceType,
        object: Bag,
        manager: string,
        { urn, inputs, timeout }: ResourceRequest,
    ): Promise<ResourceResult> {
        const plain = normalised(revealBag(inputs), urn);
        const rule = readinessRule(plain);
        const seconds = timeoutOf(plain, timeout, rule?.timeoutSeconds);
        const report = (text: string) => {
            this.access.log.status(urn, redact(text, inputs));
        };
        const outcome = await awaitReady(cluster, type, object, rule, seconds, report);
        if (rule) this.access.log.status(urn, "");
        const result = { id: idOf(identityOf(object)), outputs: outputsOf(outcome.object, inputs, manager) };
        if (outcome.reasons.length === 0) return result;
        throw new NotReadyError(
            { ...result, inputs },
            outcome.reasons.map((reason) => redact(reason, inputs)),
        );
    }

    private async previewCreate(urn: string, plain: Bag, manager: string, inputs: Bag): Promise<Bag | undefined> {
        const cluster = await this.access.connection.clusterIfReachable(urn);
        if (!cluster || hasUnknown(plain)) return undefined;
        try {
            const type = await cluster.typeOf(textIn(plain, "apiVersion"), textIn(plain, "kind"));
            const manifest = manifestOf(plain, await this.access.namespaceOf(type, plain));
            const live = await this.access.forCreation(cluster, type, manifest, manager);
            const force = this.access.forces(manifest) || live !== undefined;
            const object = await this.access.explained(plain, () =>
                appliedPreview(
                    cluster,
                    type,
                    manifest,
                    { manager, force },
                    live !== undefined,
                    this.access.reporter(urn),
                ),
            );
            return object && previewOutputs(object, inputs, manager, true);
        } catch (error) {
            if (error instanceof UnknownKindError) return undefined;
            throw error;
        }
    }
}

/** The annotation says `foreground`, `background` or `orphan`; the API wants it capitalised. */
const propagationPolicy = (object: Bag): string =>
    annotation(object, annotations.deletionPropagation).replace(/^./, (first) => first.toUpperCase()) || "Foreground";

const unreachableSentence = (error: Error): string =>
    `${error.message}. If the cluster no longer exists, set PULUMI_K8S_DELETE_UNREACHABLE=true to drop its resources from the stack`;
