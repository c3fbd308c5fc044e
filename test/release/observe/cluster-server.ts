import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { KubeConfig, type V1Job, type V1Pod } from "@kubernetes/client-node";
import { WebSocketServer, type WebSocket } from "ws";
import { Cluster } from "../../../release/observe/cluster";
import { serve, type Answer } from "./server";

export const namespace = "relaypacs-staging";

/** Objects of a test's API server, in their JSON form. */
export interface Objects {
    deployments?: readonly object[];
    rollouts?: readonly object[];
    replicaSets?: readonly object[];
    pods?: readonly object[];
    jobs?: Readonly<Record<string, object>>;
    logs?: Readonly<Record<string, string>>;
    /** Output of commands in any pod: text, or the message of a failure. */
    commands?: Readonly<Record<string, string | { readonly failure: string }>>;
}

const list = (items: readonly object[] = []) => ({ apiVersion: "v1", kind: "List", metadata: {}, items });

function selected(pods: readonly object[] = [], selector: string | null) {
    const [name = "", value] = (selector ?? "").split("=");
    return list((pods as readonly V1Pod[]).filter(({ metadata }) => !selector || metadata?.labels?.[name] === value));
}

function answer(objects: Objects, request: IncomingMessage): Answer | undefined {
    const url = new URL(request.url ?? "", "http://server");
    const at = (group: string) => `/apis/${group}/namespaces/${namespace}`;
    const path = url.pathname;
    if (path === `${at("apps/v1")}/deployments`) return list(objects.deployments);
    if (path === `${at("apps/v1")}/replicasets`) return list(objects.replicaSets);
    if (path === `${at("argoproj.io/v1alpha1")}/rollouts`) return objects.rollouts && list(objects.rollouts);
    if (path === `/api/v1/namespaces/${namespace}/pods`)
        return selected(objects.pods, url.searchParams.get("labelSelector"));
    const job = path.startsWith(`${at("batch/v1")}/jobs/`) ? (path.split("/").at(-1) ?? "") : undefined;
    if (job !== undefined) return objects.jobs?.[job];
    const [, pod = ""] = /\/pods\/([^/]+)\/log$/.exec(path) ?? [];
    return objects.logs?.[pod];
}

/** Answers an exec request by the protocol v4.channel.k8s.io: output on channel 1, errors on 2, the status on 3. */
function execute(socket: WebSocket, command: string, objects: Objects): void {
    const result = objects.commands?.[command] ?? { failure: "no such command" };
    const send = (channel: number, text: string) => {
        socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
    };
    if (typeof result === "string") send(1, result);
    else send(2, result.failure);
    send(
        3,
        JSON.stringify(
            typeof result === "string"
                ? { status: "Success" }
                : { status: "Failure", message: "command terminated with non-zero exit code" },
        ),
    );
    socket.close();
}

export interface ClusterServer {
    readonly cluster: Cluster;
    /** Tests change these. */
    readonly objects: Objects;
    /** For the variable KUBECONFIG. */
    readonly kubeconfig: string;
    stop(): Promise<void>;
}

/** An API server with the endpoints that `release observe` reads. */
export async function clusterServer(objects: Objects): Promise<ClusterServer> {
    const server = await serve((request) => answer(objects, request));
    const sockets = new WebSocketServer({ noServer: true });
    server.http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
        const command = new URL(request.url ?? "", "http://server").searchParams.getAll("command").join(" ");
        sockets.handleUpgrade(request, socket, head, (one: WebSocket) => {
            execute(one, command, objects);
        });
    });
    const config = new KubeConfig();
    config.loadFromOptions({
        clusters: [{ name: "staging", server: server.url, skipTLSVerify: true }],
        users: [{ name: "deployer" }],
        contexts: [{ name: "staging-cluster", cluster: "staging", user: "deployer" }],
        currentContext: "staging-cluster",
    });
    return { cluster: new Cluster(config, namespace), objects, kubeconfig: config.exportConfig(), stop: server.stop };
}

export const reference = (service: string, digest: string) =>
    `123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/${service}@${digest}`;

export const completed = "2026-01-14T10:05:00Z";

/** A Deployment with two pods whose rollout is complete. */
export function deployment(name: string, digest: string) {
    return {
        metadata: { name, generation: 3 },
        spec: {
            replicas: 2,
            selector: {},
            template: { spec: { containers: [{ name, image: reference(name, digest) }] } },
        },
        status: {
            observedGeneration: 3,
            replicas: 2,
            updatedReplicas: 2,
            conditions: [
                {
                    type: "Progressing",
                    status: "True",
                    reason: "NewReplicaSetAvailable",
                    lastUpdateTime: completed,
                    lastTransitionTime: "2026-01-01T00:00:00Z",
                },
            ],
        },
    };
}

export interface PodOptions {
    readonly ready?: boolean;
    readonly restarts?: number;
    readonly lastEndedAt?: string;
    readonly startTime?: string;
    readonly deletionTimestamp?: string;
}

export function pod(service: string, digest: string, name: string, options: PodOptions = {}) {
    const { deletionTimestamp, lastEndedAt, ready = true, restarts = 0, startTime = "2026-01-14T10:04:00Z" } = options;
    return {
        metadata: {
            name,
            ...(deletionTimestamp !== undefined && { deletionTimestamp }),
            labels: {
                "app.kubernetes.io/name": service,
                "app.kubernetes.io/component": "server",
                "pod-template-hash": "5d9c7b",
            },
        },
        spec: { containers: [{ name: service, image: reference(service, digest) }] },
        status: {
            startTime,
            conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
            containerStatuses: [
                {
                    name: service,
                    image: reference(service, digest),
                    imageID: reference(service, digest),
                    ready,
                    restartCount: restarts,
                    state: {},
                    lastState:
                        lastEndedAt === undefined ? {} : { terminated: { exitCode: 1, finishedAt: lastEndedAt } },
                },
            ],
        },
    };
}

export function migrationJob(digest: string, type: "Complete" | "Failed" | undefined = "Complete"): V1Job {
    const job = {
        metadata: { name: `backend-migration-${digest.slice(7, 19)}` },
        spec: { template: { spec: { containers: [{ name: "backend", image: reference("backend", digest) }] } } },
        status: {
            startTime: "2026-01-14T10:00:00Z",
            ...(type === "Complete" && { completionTime: "2026-01-14T10:00:07Z" }),
            conditions:
                type === undefined ? [] : [{ type, status: "True", lastTransitionTime: "2026-01-14T10:00:08Z" }],
        },
    };
    return job as unknown as V1Job;
}
