import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { serviceLabels } from "./network-rules";
import { nodeDisk, preStopSeconds, restrictedContainer, restrictedPod, spreadOverNodes } from "./pod-security";
import { imageDigestAnnotation } from "../../delivery/core/names";
import { metricsPath } from "../../delivery/core/metrics";
import { releaseVariable } from "../../delivery/core/variables";

/** What a pod needs to know of its service; a subset of `Service` in the settings. */
export interface ServiceSpecification {
    readonly name: string;
    readonly port: number;
    readonly healthPath: string;
    readonly replicas: number;
    readonly routes: readonly string[];
    readonly database: boolean;
    readonly resources: {
        readonly cpuRequest: string;
        readonly cpuLimit: string;
        readonly memoryRequest: string;
        readonly memoryLimit: string;
    };
    readonly environment: Readonly<Record<string, string>>;
}

export interface PodArgs {
    readonly service: ServiceSpecification;
    /** Image by digest. */
    readonly image: string;
    readonly version: string;
    /** Secret whose keys become environment variables, where the service has a database. */
    readonly secretName: pulumi.Input<string> | undefined;
}

/** Seconds until a terminating pod is killed, `preStopSeconds` included: enough for a chunk upload to finish. */
const terminationGracePeriodSeconds = 45;

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;

/**
 * Quantities in Kubernetes' canonical form. Argo Rollouts writes a Rollout back in this form, so any other would show as
 * drift.
 */
const cores = (quantity: string): string => quantity.replace(/^(\d+)000m$/, "$1");

const binaryUnits = ["Mi", "Gi", "Ti", "Pi"];

function bytes(quantity: string): string {
    const [, digits, given = ""] = /^(\d+)(\D+)$/.exec(quantity) ?? [];
    let [amount, unit] = [Number(digits), binaryUnits.indexOf(given)];
    if (unit < 0) return quantity;
    for (; amount % 1024 === 0 && unit < binaryUnits.length - 1; unit += 1) amount /= 1024;
    return `${amount}${binaryUnits[unit] ?? ""}`;
}

/** MiB of `/tmp`. */
const scratch = 64;

const disk = nodeDisk(scratch);

/** A container that meets the `restricted` Pod Security Standard, on a read-only root with a small /tmp. */
export function container({ service, image, secretName }: Omit<PodArgs, "version">) {
    return {
        name: service.name,
        image,
        imagePullPolicy: "IfNotPresent",
        // Argo Rollouts writes an empty value back as none.
        env: Object.entries(service.environment).map(([name, value]) => ({ name, ...(value !== "" && { value }) })),
        ...(secretName !== undefined && { envFrom: [{ secretRef: { name: secretName } }] }),
        resources: {
            requests: {
                cpu: cores(service.resources.cpuRequest),
                memory: bytes(service.resources.memoryRequest),
                ...disk.requests,
            },
            limits: {
                cpu: cores(service.resources.cpuLimit),
                memory: bytes(service.resources.memoryLimit),
                ...disk.limits,
            },
        },
        securityContext: restrictedContainer,
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        terminationMessagePolicy: "FallbackToLogsOnError",
    } satisfies Container;
}

/** Pod settings that server and migration share. */
export function podSpec(service: ServiceSpecification, containers: readonly Container[]): PodSpec {
    return {
        serviceAccountName: service.name,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: restrictedPod,
        terminationGracePeriodSeconds,
        containers: [...containers],
        volumes: [{ name: "tmp", emptyDir: { sizeLimit: `${scratch}Mi` } }],
    };
}

/**
 * The pod that serves (specification, section 6): its readiness probe is `GET <healthPath>`, after 10 s and then every
 * 5 s, with a threshold of 3 failures; spread over nodes.
 */
export function serverPod(args: PodArgs): k8s.types.input.core.v1.PodTemplateSpec {
    const { service } = args;
    const base = container(args);
    const labels = serviceLabels(service.name);
    return {
        metadata: {
            labels: {
                ...labels,
                "app.kubernetes.io/component": "server",
                "app.kubernetes.io/part-of": "relaypacs",
                "app.kubernetes.io/version": args.version,
            },
            annotations: {
                // Prometheus labels the pod's samples with it, and evidence refers to it.
                [imageDigestAnnotation]: digestOf(args.image),
                "prometheus.io/scrape": "true",
                "prometheus.io/port": String(service.port),
                "prometheus.io/path": metricsPath,
            },
        },
        spec: {
            ...podSpec(service, [
                {
                    ...base,
                    env: [{ name: releaseVariable, value: args.version }, ...base.env],
                    ports: [{ name: "http", containerPort: service.port }],
                    readinessProbe: {
                        httpGet: { path: service.healthPath, port: service.port },
                        initialDelaySeconds: 10,
                        periodSeconds: 5,
                        failureThreshold: 3,
                    },
                    lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } },
                },
            ]),
            topologySpreadConstraints: spreadOverNodes(serverLabels(service.name)),
        },
    };
}

/** The digest of an image by digest: `sha256:…`. */
export function digestOf(image: string): string {
    const digest = image.split("@")[1];
    if (!digest?.startsWith("sha256:")) throw new Error(`${image} is not an image by digest`);
    return digest;
}

/** Account and label of the pods that test a release before it serves. */
export const smokeTestsName = "smoke-tests";

/** Selects the pods that serve, and no migration pod. */
export function serverLabels(service: string): Record<string, string> {
    return { ...serviceLabels(service), "app.kubernetes.io/component": "server" };
}
