import type { Report } from "./applying";
import { isManagedBy, type Cluster } from "./cluster";
import type { Connection } from "./connection";
import type { ResourceType } from "./discovery";
import type { Log } from "./engine-log";
import { ApiError, UnknownKindError } from "./errors";
import { annotation, annotations, describe, identityOf } from "./identity";
import { awaitGone, timeoutOf } from "./waiting";
import { redact, textIn, type Bag } from "./values";

/** What every operation on a resource needs of the cluster, by the Provider's settings. */
export class Access {
    constructor(
        readonly connection: Connection,
        readonly log: Log,
    ) {}

    /**
     * What a creation finds in its place: nothing; or an object of this very resource, left by an update that ended
     * before it could save its state (or about to be replaced), which is taken over. Anything else is not touched.
     * An object that is on its way out is waited for, outside of previews.
     */
    async forCreation(
        cluster: Cluster,
        type: ResourceType,
        manifest: Bag,
        manager: string,
        waiting?: Report,
    ): Promise<Bag | undefined> {
        const identity = identityOf(manifest);
        const live = await cluster.get(type, identity.namespace, identity.name);
        if (live && textIn(live, "metadata", "deletionTimestamp")) {
            const uid = textIn(live, "metadata", "uid");
            if (waiting) await awaitGone(cluster, type, identity, uid, timeoutOf(manifest, 0), waiting);
            return undefined;
        }
        if (!live || this.connection.settings.upsertExistingObjects || isManagedBy(live, manager)) return live;
        throw new Error(
            `${describe(identity)} already exists and does not belong to this stack: import it (pulumi import), delete it, ` +
                "or set upsertExistingObjects on the Provider to take it over",
        );
    }

    async live(cluster: Cluster, object: Bag, place: { namespace: string; name: string }): Promise<Bag | undefined> {
        try {
            const type = await cluster.typeOf(textIn(object, "apiVersion"), textIn(object, "kind"));
            return await cluster.get(type, place.namespace, place.name);
        } catch (error) {
            if (error instanceof UnknownKindError) return undefined;
            throw error;
        }
    }

    async namespaceOf(type: ResourceType, plain: Bag): Promise<string> {
        if (!type.namespaced) return "";
        return textIn(plain, "metadata", "namespace") || (await this.connection.defaultNamespace());
    }

    forces(manifest: Bag): boolean {
        return this.connection.settings.enablePatchForce || annotation(manifest, annotations.patchForce) === "true";
    }

    reporter(urn: string): Report {
        return (text, kind = "status") => {
            const isDeprecation = kind === "warning" && /\bdeprecated\b/.test(text);
            if (isDeprecation && this.connection.settings.suppressDeprecationWarnings) return;
            this.log[kind](urn, text);
        };
    }

    /** Errors with the object's name in front and without its secrets. */
    async explained<T>(plain: Bag, action: () => Promise<T>): Promise<T> {
        try {
            return await action();
        } catch (error) {
            if (error instanceof ApiError) {
                const message = redact(error.message, plain);
                throw new ApiError(error.code, {
                    ...error.status,
                    message: `${describe(identityOf(plain))}: ${message}`,
                });
            }
            throw error;
        }
    }
}
