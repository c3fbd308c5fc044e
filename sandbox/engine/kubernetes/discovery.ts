import type { Api } from "./api";
import { isNotFound, UnknownKindError } from "./errors";
import { bagsIn, textIn, type Bag } from "./values";

/** How the API serves a kind. */
export interface ResourceType {
    readonly apiVersion: string;
    readonly kind: string;
    readonly plural: string;
    readonly namespaced: boolean;
}

const pathOf = (apiVersion: string): string =>
    apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** Which kinds a cluster serves, asked once for each group and version, and again when a kind is missing. */
export class Discovery {
    private readonly known = new Map<string, Promise<Bag>>();

    constructor(private readonly api: Api) {}

    /** @throws UnknownKindError when the cluster has no such kind */
    async find(apiVersion: string, kind: string): Promise<ResourceType> {
        const asked = this.known.get(apiVersion);
        const found = asked && typeIn(await asked, apiVersion, kind);
        if (found) return found;
        const fresh = this.ask(apiVersion);
        this.known.set(apiVersion, fresh);
        const type = typeIn(await fresh, apiVersion, kind);
        if (!type) throw new UnknownKindError(apiVersion, kind);
        return type;
    }

    private async ask(apiVersion: string): Promise<Bag> {
        try {
            return await this.api.json({ method: "GET", path: pathOf(apiVersion) });
        } catch (error) {
            this.known.delete(apiVersion);
            if (isNotFound(error)) return {};
            throw error;
        }
    }
}

function typeIn(resources: Bag, apiVersion: string, kind: string): ResourceType | undefined {
    const found = bagsIn(resources, "resources").find(
        (resource) => resource.kind === kind && !textIn(resource, "name").includes("/"),
    );
    return found && { apiVersion, kind, plural: textIn(found, "name"), namespaced: found.namespaced === true };
}

/** The path of a kind's objects, or of one of them. */
export function objectPath(type: ResourceType, namespace: string, name?: string): string {
    const place = type.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
    const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
    return `${pathOf(type.apiVersion)}${place}/${type.plural}${object}`;
}
