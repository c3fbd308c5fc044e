import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { hasUnknown, revealBag, type Bag, type Json } from "./values";

/** The arguments of `new kubernetes.Provider(…)` that this plugin knows, or the same keys of `pulumi config`. */
export interface Settings {
    /** Contents of a kubeconfig, or its path. @default KUBECONFIG, ~/.kube/config, or the pod's service account */
    readonly kubeconfig: string;
    readonly context: string;
    readonly cluster: string;
    /** For objects that name none. @default the context's namespace, else `default` */
    readonly namespace: string;
    /** Replaces the provider when it changes; without it the cluster's address decides. */
    readonly clusterIdentifier: string;
    readonly deleteUnreachable: boolean;
    readonly skipUpdateUnreachable: boolean;
    readonly enablePatchForce: boolean;
    readonly enableSecretMutable: boolean;
    readonly enableConfigMapMutable: boolean;
    readonly upsertExistingObjects: boolean;
    readonly suppressDeprecationWarnings: boolean;
    /** Seconds for one request to the API. @default 32 */
    readonly requestTimeout: number;
    /** Some argument is only known once other resources exist. */
    readonly incomplete: boolean;
}

/** A setting that cannot be accepted. */
export interface BadSetting {
    readonly property: string;
    readonly reason: string;
}

/** Values other than texts arrive as JSON in a text. */
function decoded(value: Json | undefined): Json | undefined {
    if (typeof value !== "string" || value === "") return value === "" ? undefined : value;
    try {
        return JSON.parse(value) as Json;
    } catch {
        return value;
    }
}

const truths = new Map<Json | undefined, boolean>([
    [true, true],
    ["true", true],
    [1, true],
    [false, false],
    ["false", false],
    [0, false],
]);

export function parseSettings(args: Bag): Settings {
    const bag = revealBag(args);
    const text = (key: string): string => {
        const value = bag[key];
        return typeof value === "string" ? value : "";
    };
    const flag = (key: string, variable: string): boolean =>
        truths.get(decoded(bag[key])) ?? truths.get(decoded(process.env[variable])) ?? false;
    const client = decoded(bag.kubeClientSettings);
    const timeout = typeof client === "object" && client !== null && "timeout" in client ? Number(client.timeout) : 0;
    const incomplete = hasUnknown(bag);
    return {
        kubeconfig: hasUnknown(bag.kubeconfig ?? null) ? "" : text("kubeconfig"),
        context: text("context"),
        cluster: text("cluster"),
        namespace: text("namespace"),
        clusterIdentifier: text("clusterIdentifier"),
        deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
        skipUpdateUnreachable: flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
        enablePatchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
        enableSecretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
        enableConfigMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
        upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
        suppressDeprecationWarnings: flag("suppressDeprecationWarnings", "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS"),
        requestTimeout: timeout > 0 ? timeout : 32,
        incomplete,
    };
}

/** Settings that the official plugin accepts and this one does not. */
export function refusedSettings(args: Bag): BadSetting[] {
    const bag = revealBag(args);
    const refused: BadSetting[] = [];
    const serverSideApply = truths.get(
        decoded(bag.enableServerSideApply ?? process.env.PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY),
    );
    if (serverSideApply === false) {
        refused.push({
            property: "enableServerSideApply",
            reason: "is false, but this stand-in for the Kubernetes plugin only knows server-side apply: leave it out",
        });
    }
    if (typeof bag.renderYamlToDirectory === "string" && bag.renderYamlToDirectory !== "") {
        refused.push({
            property: "renderYamlToDirectory",
            reason: "is set, but this stand-in for the Kubernetes plugin does not render YAML: leave it out",
        });
    }
    return refused;
}

/** A kubeconfig that cannot be used. */
export class KubeconfigError extends Error {}

/**
 * Loads the kubeconfig that the settings mean, with their context and cluster made current.
 * @throws KubeconfigError with a sentence that says what is missing and where it was looked for
 */
export function loadKubeconfig(settings: Settings): { config: KubeConfig; source: string } {
    const config = new KubeConfig();
    const given = settings.kubeconfig;
    const isContents = /^\s*[{]|^[ \t]*apiVersion:|\n/m.test(given);
    const file = given.replace(/^~(?=\/|$)/, os.homedir());
    const source =
        given === "" ? (process.env.KUBECONFIG ?? "~/.kube/config") : isContents ? "the Provider's kubeconfig" : file;
    try {
        if (given === "") config.loadFromDefault();
        else if (isContents) config.loadFromString(given);
        else if (fs.existsSync(file)) config.loadFromFile(path.resolve(file));
        else throw new Error("there is no such file");
    } catch (error) {
        // A parser's message may quote the text, which holds credentials.
        const reason = isContents ? "it is not a kubeconfig in YAML or JSON" : (error as Error).message;
        throw new KubeconfigError(`${source} cannot be used as a kubeconfig: ${reason}`, { cause: error });
    }
    if (settings.context !== "") {
        if (!config.getContextObject(settings.context)) {
            const known = config.getContexts().map(({ name }) => name);
            throw new KubeconfigError(
                `the context ${JSON.stringify(settings.context)} is not in ${source}, which has ${list(known)}`,
            );
        }
        config.setCurrentContext(settings.context);
    }
    if (settings.cluster !== "") useCluster(config, settings.cluster, source);
    if (!config.getCurrentCluster()) {
        throw new KubeconfigError(
            `${source} has no current context with a cluster; set KUBECONFIG or the Provider's kubeconfig`,
        );
    }
    return { config, source };
}

function useCluster(config: KubeConfig, name: string, source: string): void {
    const cluster = config.getCluster(name);
    const user = config.getCurrentUser();
    if (!cluster || !user) {
        const known = config.getClusters().map((candidate) => candidate.name);
        throw new KubeconfigError(`the cluster ${JSON.stringify(name)} is not in ${source}, which has ${list(known)}`);
    }
    config.loadFromClusterAndUser(cluster, user);
}

const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

/** The address of the cluster that settings mean, or undefined when that cannot be said. */
export function clusterAddress(settings: Settings): string | undefined {
    if (settings.incomplete) return undefined;
    try {
        return loadKubeconfig(settings).config.getCurrentCluster()?.server;
    } catch {
        return undefined;
    }
}
