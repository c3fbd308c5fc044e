import type { Access } from "./access";
import type { Cluster } from "./cluster";
import { compare, differences, type Comparison } from "./differences";
import { ApiError } from "./errors";
import { annotation, annotations, fieldManager, normalised, parseId } from "./identity";
import { manifestOf, settled } from "./projection";
import { condition } from "./readiness/conditions";
import type { ResourceRequest } from "./requests";
import { hasUnknown, revealBag, textIn, type Bag } from "./values";

/** What an update would change: the inputs' differences, unless the cluster says that they mean the same. */
export async function diffResource(access: Access, request: ResourceRequest): Promise<Comparison> {
    const { urn, id, state, previous, inputs } = request;
    const { enableSecretMutable: secrets, enableConfigMapMutable: configMaps } = access.connection.settings;
    const before = normalised(revealBag(previous), urn);
    const after = normalised(revealBag(inputs), urn);
    const found = compare(before, after, revealBag(state), { secrets, configMaps });
    if (found.replacing.length > 0) return found;
    const cluster = await access.connection.clusterIfReachable(urn);
    if (!cluster) return found;
    if (annotation(after, annotations.replaceUnready) === "true" && after.kind === "Job") {
        const live = await access.live(cluster, after, parseId(id));
        if (live && condition(live, "Complete")?.status !== "True") return replaceUnready(found, after);
    }
    if (found.differences.length === 0 || hasUnknown(after)) return found;
    return (await changesNothing(access, cluster, request, before, after)) ? { ...found, differences: [] } : found;
}

function replaceUnready(found: Comparison, object: Bag): Comparison {
    const difference = { path: ["metadata", "annotations", annotations.replaceUnready], kind: "update" as const };
    const autonamed = annotation(object, annotations.autonamed) === "true";
    return {
        differences: [...found.differences, difference],
        replacing: [difference],
        deleteBeforeReplace: !autonamed,
    };
}

/**
 * Whether inputs differ in spelling only: the server makes of both what lives already. Both, because after an
 * update that was killed half-way the new inputs live already, and still have to become ready.
 */
async function changesNothing(
    access: Access,
    cluster: Cluster,
    request: ResourceRequest,
    before: Bag,
    after: Bag,
): Promise<boolean> {
    const { namespace, name } = parseId(request.id);
    try {
        const live = await access.live(cluster, after, { namespace, name });
        if (!live) return false;
        const type = await cluster.typeOf(textIn(after, "apiVersion"), textIn(after, "kind"));
        const manager = fieldManager(request.urn, after, request.state);
        const isWhatLives = async (inputs: Bag): Promise<boolean> => {
            const manifest = manifestOf(inputs, namespace);
            const { object } = await cluster.apply(type, manifest, { manager, force: true, dryRun: true });
            return differences(settled(live), settled(object)).length === 0;
        };
        return (await isWhatLives(after)) && (await isWhatLives(before));
    } catch (error) {
        // The update's own preview explains what the server refuses.
        if (error instanceof ApiError) return false;
        throw error;
    }
}
