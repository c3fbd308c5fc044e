import { PassThrough } from "node:stream";
import {
    ApiException,
    AppsV1Api,
    BatchV1Api,
    CoreV1Api,
    CustomObjectsApi,
    Exec,
    KubeConfig,
    type V1Job,
    type V1Pod,
    type V1ReplicaSet,
    type V1Status,
} from "@kubernetes/client-node";
import { z } from "zod";
import type { RestartedContainer } from "./counting";
import { rolloutKind } from "../../delivery/rollouts/list";
import { ObserveError } from "./error";
import { deploymentState, rollout, rolloutState, type Workload } from "./workloads";
import { templateHashLabel } from "../../delivery/core/names";

const serviceLabel = "app.kubernetes.io/name";
const componentLabel = "app.kubernetes.io/component";

/** A pod of a service, as its container status reports it. */
export interface ServicePod extends RestartedContainer {
    /** Hash of the pod template, which names its ReplicaSet. */
    readonly hash: string | undefined;
    readonly ready: boolean;
    readonly terminating: boolean;
    /** The image as the container status reports it; undefined while no container runs. */
    readonly image: string | undefined;
}

const milliseconds = (date: Date | undefined) => (date === undefined ? undefined : new Date(date).getTime());

/** What a pod's status says about the container with the service's name. */
function servicePod(pod: V1Pod): ServicePod {
    const labels = pod.metadata?.labels ?? {};
    const service = labels[serviceLabel] ?? "";
    const status = pod.status?.containerStatuses?.find(({ name }) => name === service);
    const image = status?.imageID.replace(/^[a-z-]+:\/\//, "") || undefined;
    return {
        pod: pod.metadata?.name ?? "",
        service,
        hash: labels[templateHashLabel] ?? labels["pod-template-hash"],
        ready: pod.status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false,
        terminating: pod.metadata?.deletionTimestamp !== undefined,
        image,
        digest: /@(sha256:[0-9a-f]{64})$/.exec(image ?? "")?.[1],
        restarts: status?.restartCount ?? 0,
        lastEndedAt: milliseconds(status?.lastState?.terminated?.finishedAt),
        podStartedAt: milliseconds(pod.status?.startTime),
    };
}

const rollouts = z.object({ items: z.array(rollout) });

/** Reads one namespace of a cluster. Every failure is an `ObserveError` that names the cluster. */
export class Cluster {
    private readonly core: CoreV1Api;
    private readonly apps: AppsV1Api;
    private readonly batch: BatchV1Api;
    private readonly custom: CustomObjectsApi;
    readonly context: string;

    constructor(
        private readonly config: KubeConfig,
        readonly namespace: string,
    ) {
        this.context = config.getCurrentContext();
        this.core = config.makeApiClient(CoreV1Api);
        this.apps = config.makeApiClient(AppsV1Api);
        this.batch = config.makeApiClient(BatchV1Api);
        this.custom = config.makeApiClient(CustomObjectsApi);
    }

    /**
     * The cluster of a context in the usual kubeconfig.
     *
     * @param context the current one by default
     * @throws ObserveError when the kubeconfig has no context of that name
     */
    static of(namespace: string, context?: string): Cluster {
        const config = new KubeConfig();
        config.loadFromDefault();
        const names = config.getContexts().map(({ name }) => name);
        if (context !== undefined && !names.includes(context))
            throw new ObserveError(
                `The kubeconfig has no context "${context}"; it has ${names.join(", ") || "none"}. Give --context, or set KUBECONFIG.`,
            );
        if (context !== undefined) config.setCurrentContext(context);
        return new Cluster(config, namespace);
    }

    private async ask<Result>(subject: string, request: () => Promise<Result>): Promise<Result> {
        try {
            return await request();
        } catch (error) {
            const why =
                error instanceof ApiException ? `status ${error.code}` : ((error as Error).message ?? String(error));
            throw new ObserveError(
                `Cluster ${this.context} does not answer for ${subject} in ${this.namespace}: ${why}.`,
            );
        }
    }

    /** Deployments, and Rollouts if Argo Rollouts is installed. */
    async workloads(): Promise<Workload[]> {
        const { namespace } = this;
        const deployments = await this.ask("the Deployments", () => this.apps.listNamespacedDeployment({ namespace }));
        const found = await this.ask("the Rollouts", async () => {
            try {
                return rollouts.parse(await this.custom.listNamespacedCustomObject({ ...rolloutKind, namespace }));
            } catch (error) {
                // Without Argo Rollouts, the cluster does not have this resource.
                if (error instanceof ApiException && error.code === 404) return { items: [] };
                throw error;
            }
        });
        return [...deployments.items.map(deploymentState), ...found.items.map(rolloutState)];
    }

    async replicaSets(): Promise<V1ReplicaSet[]> {
        const { namespace } = this;
        const { items } = await this.ask("the ReplicaSets", () => this.apps.listNamespacedReplicaSet({ namespace }));
        return items;
    }

    /** Pods that serve requests, without those of migrations and other components. */
    async pods(): Promise<ServicePod[]> {
        const { namespace } = this;
        const labelSelector = `${componentLabel}=server`;
        const { items } = await this.ask("the pods", () => this.core.listNamespacedPod({ namespace, labelSelector }));
        return items.map(servicePod);
    }

    async job(name: string): Promise<V1Job> {
        const { namespace } = this;
        return this.ask(`Job ${name}`, () => this.batch.readNamespacedJob({ namespace, name }));
    }

    /** Pods of a Job, oldest first. */
    async jobPods(job: string): Promise<V1Pod[]> {
        const { namespace } = this;
        const labelSelector = `batch.kubernetes.io/job-name=${job}`;
        const { items } = await this.ask(`the pods of Job ${job}`, () =>
            this.core.listNamespacedPod({ namespace, labelSelector }),
        );
        const created = ({ metadata }: V1Pod) => milliseconds(metadata?.creationTimestamp) ?? 0;
        return items.sort((a, b) => created(a) - created(b));
    }

    async log(pod: string, container: string): Promise<string> {
        const { namespace } = this;
        return this.ask(`the log of pod ${pod}`, () =>
            this.core.readNamespacedPodLog({ namespace, name: pod, container }),
        );
    }

    /** Runs a command in a container, as `kubectl exec` does, and returns its standard output. */
    async run(pod: string, container: string, command: readonly string[]): Promise<string> {
        const streams = { out: new PassThrough(), err: new PassThrough() };
        const text = { out: "", err: "" };
        for (const name of ["out", "err"] as const)
            streams[name].on("data", (chunk: Buffer) => (text[name] += chunk.toString()));
        const status = await this.ask(
            `"${command.join(" ")}" in pod ${pod}`,
            () =>
                new Promise<V1Status>((resolve, reject) => {
                    const exec = new Exec(this.config);
                    exec.exec(
                        this.namespace,
                        pod,
                        container,
                        [...command],
                        streams.out,
                        streams.err,
                        null,
                        false,
                        resolve,
                    )
                        .then((socket) => {
                            socket.on("error", reject);
                            socket.on("close", () => {
                                reject(new Error("the connection ended early"));
                            });
                        })
                        .catch((error: unknown) => {
                            // A WebSocket fails with an event instead of an Error.
                            reject(error instanceof Error ? error : new Error((error as { message?: string }).message));
                        });
                }),
        );
        if (status.status !== "Success")
            throw new ObserveError(
                `"${command.join(" ")}" failed in pod ${pod}: ${text.err.trim().slice(0, 500) || (status.message ?? "no reason given")}`,
            );
        return text.out;
    }
}
