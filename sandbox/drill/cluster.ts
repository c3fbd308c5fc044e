import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { ClusterWatch } from "../../delivery/rollouts/cluster-watch";
import type { AnalysisRun, Rollout, World } from "../../delivery/rollouts/objects";
import { isObserved, viewOf, type View } from "../../delivery/rollouts/rollout-view";
import { run } from "../machine/command";
import { environment } from "../stacks/environment";
import type { Instance } from "../machine/instance";
import { waitUntil } from "../machine/process";
import { namespace } from "./production";

/** The sandbox's cluster, as its administrator sees it. */
export function kubeConfig(instance: Instance): KubeConfig {
    const config = new KubeConfig();
    config.loadFromFile(instance.kubeconfig);
    return config;
}

export const kubectl = (instance: Instance, ...args: readonly string[]): Promise<string> =>
    run("kubectl", args, { environment: environment(instance) });

/** Address of a Service inside the cluster, which this machine reaches through the node. */
export async function clusterAddress(instance: Instance, inNamespace: string, service: string): Promise<string> {
    const api = kubeConfig(instance).makeApiClient(CoreV1Api);
    const { spec } = await api.readNamespacedService({ namespace: inNamespace, name: service });
    if (spec?.clusterIP === undefined) throw new Error(`The Service ${service} in ${inNamespace} has no address`);
    return spec.clusterIP;
}

/** One of production's Rollouts, watched. */
export class WatchedRollout {
    private readonly watch: ClusterWatch;

    constructor(
        instance: Instance,
        readonly name: string,
    ) {
        this.watch = new ClusterWatch(kubeConfig(instance), namespace, name);
    }

    world(): World {
        return this.watch.look();
    }

    get rollout(): Rollout | undefined {
        return this.world().objects?.rollout;
    }

    get analyses(): readonly AnalysisRun[] {
        return this.world().objects?.analysisRuns ?? [];
    }

    /** The Rollout in the terms of a release, once its controller has seen its newest specification. */
    get view(): View | undefined {
        const { now, objects } = this.world();
        return objects?.rollout && isObserved(objects.rollout) ? viewOf(objects, objects.rollout, now) : undefined;
    }

    /** Share of requests that the routes send to the version under test, or undefined while there is none. */
    get canaryPercent(): number | undefined {
        return this.rollout?.status?.canary?.weights?.canary.weight;
    }

    /** Waits until the state of the Rollout satisfies the condition. @throws SandboxError after `timeoutSeconds` */
    async until(what: string, holds: (view: View) => boolean, timeoutSeconds = 90): Promise<View> {
        const found = () => {
            const { view } = this;
            return view && holds(view) ? view : undefined;
        };
        await waitUntil(() => Promise.resolve(found() !== undefined), `${this.name}: ${what}`, timeoutSeconds, 50);
        return found() ?? this.until(what, holds, timeoutSeconds);
    }

    close(): Promise<void> {
        return this.watch.close();
    }
}

/** The stage of a release, by the steps that `BlueGreenDeployment` gives it. */
export const stageNames = {
    start: "green starts beside blue",
    smoke: "smoke tests",
    canary: "half of the requests",
    watch: "all requests, watched",
    idle: "blue idle",
    back: "back on blue",
} as const;

export type Stage = keyof typeof stageNames;

export function stageOf({ rollout, step, steps, promoted }: View): Stage {
    if (rollout.status?.abort === true) return "back";
    if (promoted || step >= steps.length) return "idle";
    return (["start", "smoke", "canary", "canary", "watch", "watch"] as const)[step] ?? "watch";
}
