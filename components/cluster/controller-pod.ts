import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { nodeDisk, preStopSeconds, restrictedContainer, restrictedPod, spreadOverNodes } from "../shared/pod-security";
import { disruptionBudget } from "../shared/disruption-budget";
import { metricsPath } from "../../delivery/core/metrics";

export interface ControllerArgs {
    readonly name: string;
    /** Image by digest. */
    readonly image: string;
    readonly args: readonly pulumi.Input<string>[];
    /** Ports by name. */
    readonly ports: Readonly<Record<string, number>>;
    /** The readiness probe: path and name of the port. */
    readonly ready: Probe;
    /**
     * The liveness probe: an address that tells whether the process itself answers, and asks nothing else.
     *
     * @default that of the readiness probe
     */
    readonly alive?: Probe;
    /** Name of the port whose `/metrics` is scraped; not scraped by default. */
    readonly metrics?: string;
    readonly resources: { readonly requests: Quantities; readonly limits: Quantities };
    /** MiB that its volumes of type `emptyDir` may hold together. */
    readonly disk: number;
    /** Volumes by the folder that the controller writes to, or reads its settings from. */
    readonly folders: Readonly<Record<string, Omit<k8s.types.input.core.v1.Volume, "name">>>;
    /** Names of a StatefulSet's volume claims, by the folder that they are mounted at. */
    readonly claims?: Readonly<Record<string, string>>;
    readonly environment?: Readonly<Record<string, string>>;
}

interface Probe {
    readonly path: string;
    readonly port: string;
}

type Quantities = Readonly<Record<"cpu" | "memory", string>>;

export const controllerLabels = (name: string): Record<string, string> => ({
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": "controller",
});

/**
 * A controller's pod: the `restricted` Pod Security Standard on a read-only root, spread over nodes. Only controllers
 * mount a token of the Kubernetes API.
 */
export function controllerPod(args: ControllerArgs): k8s.types.input.core.v1.PodTemplateSpec {
    const labels = controllerLabels(args.name);
    const disk = nodeDisk(args.disk);
    const alive = args.alive ?? args.ready;
    return {
        metadata: {
            labels: { ...labels, "app.kubernetes.io/part-of": "relaypacs" },
            ...(args.metrics !== undefined && {
                annotations: {
                    "prometheus.io/scrape": "true",
                    "prometheus.io/port": String(args.ports[args.metrics]),
                    "prometheus.io/path": metricsPath,
                },
            }),
        },
        spec: {
            serviceAccountName: args.name,
            automountServiceAccountToken: true,
            enableServiceLinks: false,
            securityContext: restrictedPod,
            terminationGracePeriodSeconds: 30,
            containers: [
                {
                    name: args.name,
                    image: args.image,
                    imagePullPolicy: "IfNotPresent",
                    args: [...args.args],
                    ...(args.environment && {
                        env: Object.entries(args.environment).map(([name, value]) => ({ name, value })),
                    }),
                    ports: Object.entries(args.ports).map(([name, containerPort]) => ({ name, containerPort })),
                    resources: {
                        requests: { ...args.resources.requests, ...disk.requests },
                        limits: { ...args.resources.limits, ...disk.limits },
                    },
                    securityContext: restrictedContainer,
                    readinessProbe: {
                        httpGet: { path: args.ready.path, port: args.ready.port },
                        periodSeconds: 5,
                        failureThreshold: 3,
                    },
                    // A minute without an answer: a busy node must not end what is only slow.
                    livenessProbe: {
                        httpGet: { path: alive.path, port: alive.port },
                        periodSeconds: 20,
                        timeoutSeconds: 10,
                        failureThreshold: 3,
                    },
                    lifecycle: { preStop: { sleep: { seconds: preStopSeconds } } },
                    terminationMessagePolicy: "FallbackToLogsOnError",
                    volumeMounts: [
                        ...Object.keys(args.folders).map((mountPath, index) => ({
                            name: `folder-${index}`,
                            mountPath,
                        })),
                        ...Object.entries(args.claims ?? {}).map(([mountPath, name]) => ({ name, mountPath })),
                    ],
                },
            ],
            volumes: Object.values(args.folders).map((volume, index) => ({ ...volume, name: `folder-${index}` })),
            topologySpreadConstraints: spreadOverNodes(labels),
        },
    };
}

/** A controller's Deployment. Each new pod is ready before an old one is removed. */
export function controllerDeployment(
    args: ControllerArgs & { readonly namespace: pulumi.Input<string>; readonly replicas: number },
    options: pulumi.CustomResourceOptions,
): k8s.apps.v1.Deployment {
    const { name, namespace, replicas } = args;
    const labels = controllerLabels(name);
    const spec = {
        replicas,
        revisionHistoryLimit: 2,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: controllerPod(args),
    };
    return new k8s.apps.v1.Deployment(name, { metadata: { name, namespace, labels }, spec }, options);
}

/** What every controller has in addition to its pods: an account, and a budget of one evicted pod at a time. */
export function controllerCompanions(
    parent: pulumi.Resource,
    name: string,
    namespace: pulumi.Input<string>,
): pulumi.Resource[] {
    const metadata = { name, namespace, labels: controllerLabels(name) };
    return [
        // The controller's pod mounts the token itself; other pods with this account get none.
        new k8s.core.v1.ServiceAccount(name, { metadata, automountServiceAccountToken: false }, { parent }),
        new k8s.policy.v1.PodDisruptionBudget(
            name,
            { metadata, spec: disruptionBudget(controllerLabels(name)) },
            { parent },
        ),
    ];
}

/** A Role in a namespace, bound to an account. */
export function granted(
    parent: pulumi.Resource,
    resourceName: string,
    where: { readonly name: string; readonly namespace: pulumi.Input<string> },
    account: { readonly name: string; readonly namespace: string },
    rules: readonly k8s.types.input.rbac.v1.PolicyRule[],
): pulumi.Resource[] {
    const apiGroup = "rbac.authorization.k8s.io";
    const role = new k8s.rbac.v1.Role(resourceName, { metadata: where, rules: [...rules] }, { parent });
    const binding = new k8s.rbac.v1.RoleBinding(
        resourceName,
        {
            metadata: where,
            roleRef: { apiGroup, kind: "Role", name: where.name },
            subjects: [{ kind: "ServiceAccount", ...account }],
        },
        { parent, dependsOn: role },
    );
    return [role, binding];
}
