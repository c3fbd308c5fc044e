import { Api } from "./api";
import { Cluster } from "./cluster";
import type { Log } from "./engine-log";
import { UnreachableError } from "./errors";
import { KubeconfigError, loadKubeconfig, type Settings } from "./settings";

const firstPatience = 5;

/** The way to the cluster that the settings mean, opened when it is first needed. */
export class Connection {
    private opened: Promise<Cluster> | undefined;
    private warned = false;

    constructor(
        readonly settings: Settings,
        private readonly log: Log,
        private readonly signal: AbortSignal,
    ) {}

    /** @throws KubeconfigError, UnreachableError */
    cluster(): Promise<Cluster> {
        this.opened ??= this.open();
        return this.opened;
    }

    /** The cluster, or undefined, with one warning, when it cannot be reached: enough for a preview. */
    async clusterIfReachable(urn: string): Promise<Cluster | undefined> {
        if (this.settings.incomplete) return undefined;
        try {
            return await this.cluster();
        } catch (error) {
            if (!(error instanceof UnreachableError) && !(error instanceof KubeconfigError)) throw error;
            if (!this.warned)
                this.log.warning(urn, `${error.message}. What the cluster would say is not part of this preview.`);
            this.warned = true;
            return undefined;
        }
    }

    private async open(): Promise<Cluster> {
        if (this.settings.incomplete) {
            throw new KubeconfigError(
                "the Provider's settings are not known yet: they come from a resource that does not exist",
            );
        }
        const { config, source } = loadKubeconfig(this.settings);
        const api = new Api(config, source, this.settings.requestTimeout, this.signal);
        await api.json({ method: "GET", path: "/version", patience: firstPatience });
        return new Cluster(api, this.signal);
    }

    /** The namespace for objects that name none. */
    async defaultNamespace(): Promise<string> {
        return this.settings.namespace || (await this.cluster()).api.contextNamespace || "default";
    }
}
