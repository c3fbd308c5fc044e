import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { granted } from "../cluster/controller-pod";
import { prometheusName, seesPods } from "../cluster/prometheus";
import { rolloutsControllerName, rolloutsNamespace } from "../cluster/rollouts-controller";
import { ingressControllerName } from "../cluster/ingress-controller";

export interface ControllerAccessArgs {
    readonly environment: string;
    readonly namespace: pulumi.Input<string>;
    readonly ingressNamespace: string;
    readonly monitoringNamespace: string;
    /** Whether Rollouts run here. */
    readonly rollouts: boolean;
}

/**
 * What the cluster's controllers may do in one environment's namespace, and nowhere else: Prometheus reads pods,
 * Traefik reads routes and their backends, Argo Rollouts performs Rollouts.
 */
export class ControllerAccess extends pulumi.ComponentResource {
    readonly grants: readonly pulumi.Resource[];

    constructor(name: string, args: ControllerAccessArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:environment:ControllerAccess", name, {}, options);
        const grant = (
            role: string,
            account: { readonly name: string; readonly namespace: string },
            rules: readonly k8s.types.input.rbac.v1.PolicyRule[],
        ) => granted(this, `${name}-${role}`, { name: role, namespace: args.namespace }, account, rules);
        const ingress = { name: ingressControllerName(args.environment), namespace: args.ingressNamespace };
        this.grants = [
            ...grant("metrics-server", { name: prometheusName, namespace: args.monitoringNamespace }, seesPods),
            ...grant("ingress-routes", ingress, routes),
            ...grant("ingress-certificates", ingress, certificates),
            ...(args.rollouts
                ? grant(
                      "rollouts-controller",
                      { name: rolloutsControllerName(args.environment), namespace: rolloutsNamespace },
                      rollouts,
                  )
                : []),
        ];
        this.registerOutputs();
    }
}

const read = ["get", "list", "watch"];
const work = [...read, "create", "update", "patch", "delete"];

const routes: k8s.types.input.rbac.v1.PolicyRule[] = [
    { apiGroups: [""], resources: ["services", "configmaps"], verbs: read },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: read },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
    {
        apiGroups: ["traefik.io"],
        resources: [
            "ingressroutes",
            "ingressroutetcps",
            "ingressrouteudps",
            "middlewares",
            "middlewaretcps",
            "serverstransports",
            "serverstransporttcps",
            "tlsoptions",
            "tlsstores",
            "traefikservices",
        ],
        verbs: read,
    },
];

/** Traefik lists all secrets of a namespace to find its certificates, and does not start without this right. */
const certificates: k8s.types.input.rbac.v1.PolicyRule[] = [{ apiGroups: [""], resources: ["secrets"], verbs: read }];

const rollouts: k8s.types.input.rbac.v1.PolicyRule[] = [
    {
        apiGroups: ["argoproj.io"],
        resources: ["rollouts", "rollouts/status", "rollouts/finalizers"],
        verbs: [...read, "update", "patch"],
    },
    { apiGroups: ["argoproj.io"], resources: ["analysisruns", "analysisruns/finalizers"], verbs: work },
    { apiGroups: ["argoproj.io"], resources: ["analysistemplates", "experiments"], verbs: read },
    { apiGroups: ["apps"], resources: ["replicasets"], verbs: work },
    { apiGroups: [""], resources: ["pods"], verbs: read },
    // Selectors of the stable and the canary service, and the weights between them.
    { apiGroups: [""], resources: ["services"], verbs: [...read, "patch"] },
    { apiGroups: ["traefik.io"], resources: ["traefikservices"], verbs: ["get", "update"] },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: read },
    { apiGroups: ["batch"], resources: ["jobs"], verbs: work },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch", "update"] },
];
