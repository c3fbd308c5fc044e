import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { controllerCompanions, controllerDeployment, granted } from "./controller-pod";
import { ControllerNamespace } from "./controller-namespace";
import { namespaceName } from "../../delivery/core/names";

export interface RolloutsControllerArgs {
    /** Image by digest. */
    readonly image: string;
    /** The environment whose Rollouts it performs; it has access to no other. */
    readonly environment: string;
    readonly monitoringNamespace: string;
    /**
     * Number of pods, one of which leads.
     *
     * @default 2
     */
    readonly replicas?: number;
}

export const rolloutsNamespace = "argo-rollouts";

/** Also the controller's service account. */
export const rolloutsControllerName = (environment: string): string => `argo-rollouts-${environment}`;

/**
 * Argo Rollouts, which performs blue-green releases in one environment (specification, section 6). Its pods elect a
 * leader; when it fails, another continues where it stopped, because all state is in the cluster. Its rights in the
 * environment's namespace are granted there (`ControllerAccess`).
 */
export class RolloutsController extends pulumi.ComponentResource {
    constructor(name: string, args: RolloutsControllerArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:cluster:RolloutsController", name, {}, options);
        const child = { parent: this };
        const replicas = args.replicas ?? 2;
        const controller = rolloutsControllerName(args.environment);
        const place = new ControllerNamespace(
            `${name}-namespace`,
            {
                name: rolloutsNamespace,
                pods: replicas + 2,
                quota: {
                    "requests.cpu": "1",
                    "limits.cpu": "4",
                    "requests.memory": "1Gi",
                    "limits.memory": "3Gi",
                },
                ingress: [{ from: [args.monitoringNamespace], ports: [ports.metrics] }],
                // Analyses query Prometheus.
                egress: [args.monitoringNamespace],
            },
            child,
        );
        const { namespace } = place;
        const needs = [
            ...controllerCompanions(this, controller, namespace),
            ...granted(
                this,
                controller,
                { name: controller, namespace },
                { name: controller, namespace: rolloutsNamespace },
                ownRules,
            ),
        ];
        controllerDeployment(
            {
                name: controller,
                namespace,
                replicas,
                image: args.image,
                args: [
                    "--namespaced",
                    `--namespace=${namespaceName(args.environment)}`,
                    "--traefik-api-group=traefik.io",
                    "--traefik-api-version=traefik.io/v1alpha1",
                    `--healthzPort=${ports.health}`,
                    `--metricsPort=${ports.metrics}`,
                    "--logformat=json",
                ],
                // The namespace of the leader's lease, not the one whose Rollouts it performs.
                environment: { POD_NAMESPACE: rolloutsNamespace },
                ports,
                ready: { path: "/healthz", port: "health" },
                metrics: "metrics",
                resources: {
                    requests: { cpu: "50m", memory: "96Mi" },
                    limits: { cpu: "500m", memory: "384Mi" },
                },
                disk: 128,
                folders: {
                    "/tmp": { emptyDir: { sizeLimit: "64Mi" } },
                    "/home/argo-rollouts/plugin-bin": { emptyDir: { sizeLimit: "64Mi" } },
                },
            },
            { parent: this, dependsOn: needs },
        );
        this.registerOutputs();
    }
}

const ports = { health: 8080, metrics: 8090 };

/** Rights in its own namespace: leader election, and its settings. */
const ownRules: k8s.types.input.rbac.v1.PolicyRule[] = [
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
    {
        apiGroups: ["coordination.k8s.io"],
        resources: ["leases"],
        resourceNames: ["argo-rollouts-controller-lock"],
        verbs: ["get", "update"],
    },
    {
        apiGroups: [""],
        resources: ["configmaps"],
        resourceNames: ["argo-rollouts-config", "argo-rollouts-notification-configmap"],
        verbs: ["get", "list", "watch"],
    },
    {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: ["argo-rollouts-notification-secret"],
        verbs: ["get", "list", "watch"],
    },
];
