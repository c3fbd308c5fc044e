import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Api } from "./api";
import { Discovery, objectPath, type ResourceType } from "./discovery";
import { CancelledError, isNotFound, UnknownKindError } from "./errors";
import type { Identity } from "./identity";
import type { Query } from "./readiness/verdict";
import { fromApi, toApi } from "./spelling";
import { bagsIn, isBag, textIn, type Bag } from "./values";

export interface ApplyOptions {
    readonly manager: string;
    /** Takes fields over that others manage. */
    readonly force: boolean;
    /** The server answers with what it would do, and does nothing. */
    readonly dryRun: boolean;
}

export interface Applied {
    readonly object: Bag;
    readonly warnings: readonly string[];
}

/** Objects of one cluster, by apiVersion and kind. */
export class Cluster {
    readonly discovery: Discovery;

    constructor(
        readonly api: Api,
        readonly signal: AbortSignal,
    ) {
        this.discovery = new Discovery(api);
    }

    /** Waits for a kind whose CustomResourceDefinition may just have been created. @throws UnknownKindError */
    async typeOf(apiVersion: string, kind: string, patienceSeconds = 0): Promise<ResourceType> {
        const end = Date.now() + patienceSeconds * 1000;
        for (;;) {
            try {
                return await this.discovery.find(apiVersion, kind);
            } catch (error) {
                if (!(error instanceof UnknownKindError) || Date.now() > end) throw error;
                await this.pause(500);
            }
        }
    }

    /** The object, or undefined when there is none. */
    async get(type: ResourceType, namespace: string, name: string): Promise<Bag | undefined> {
        try {
            return fromApi(await this.api.json({ method: "GET", path: objectPath(type, namespace, name) }));
        } catch (error) {
            if (isNotFound(error)) return undefined;
            throw error;
        }
    }

    /** Server-side apply: creates the object, or changes the fields that `manifest` sets. */
    async apply(type: ResourceType, manifest: Bag, options: ApplyOptions): Promise<Applied> {
        const namespace = textIn(manifest, "metadata", "namespace");
        return asApplied(
            await this.api.send({
                method: "PATCH",
                path: objectPath(type, namespace, textIn(manifest, "metadata", "name")),
                query: {
                    fieldManager: options.manager,
                    force: String(options.force),
                    fieldValidation: "Warn",
                    ...(options.dryRun ? { dryRun: "All" } : {}),
                },
                contentType: "application/apply-patch+yaml",
                body: toApi(manifest),
            }),
        );
    }

    async delete(type: ResourceType, { namespace, name }: Identity, propagationPolicy: string): Promise<void> {
        await this.api.send({
            method: "DELETE",
            path: objectPath(type, namespace, name),
            body: { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy },
        });
    }

    /** What a query finds; nothing when the cluster does not know the kind. */
    async query(query: Query, namespace: string): Promise<readonly Bag[]> {
        try {
            const type = await this.discovery.find(query.apiVersion, query.kind);
            if (query.name !== undefined) {
                const found = await this.get(type, namespace, query.name);
                return found ? [found] : [];
            }
            const list = await this.api.json({
                method: "GET",
                path: objectPath(type, namespace),
                query: query.labelSelector === undefined ? {} : { labelSelector: query.labelSelector },
            });
            return bagsIn(list, "items");
        } catch (error) {
            if (error instanceof UnknownKindError || isNotFound(error)) return [];
            throw error;
        }
    }

    /** @throws CancelledError */
    async pause(milliseconds: number): Promise<void> {
        await sleep(milliseconds, undefined, { signal: this.signal }).catch(() => {
            throw new CancelledError();
        });
    }
}

function asApplied({ text, warnings }: Answer): Applied {
    const object: unknown = JSON.parse(text);
    return { object: isBag(object as Bag) ? fromApi(object as Bag) : {}, warnings };
}

/** The manager has applied fields of this object. */
export const isManagedBy = (live: Bag, manager: string): boolean =>
    bagsIn(live, "metadata", "managedFields").some((entry) => entry.manager === manager && entry.operation === "Apply");
