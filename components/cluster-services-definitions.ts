import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

type Schema = k8s.types.input.apiextensions.v1.JSONSchemaProps;

/** A kind that a controller brings: its names, and what the API server does for it beyond keeping it. */
interface Kind {
    readonly kind: string;
    readonly plural: string;
    readonly shortNames?: readonly string[];
    readonly cluster?: boolean;
    readonly subresources?: k8s.types.input.apiextensions.v1.CustomResourceSubresources;
    readonly columns?: Readonly<Record<string, string>>;
    /** Where the schema has to say more than "an object". */
    readonly spec?: Schema;
}

interface Group {
    readonly group: string;
    readonly version: string;
    readonly kinds: readonly Kind[];
}

/** Validation is the controllers' own; the API server keeps every field that they understand. */
const open: Schema = { type: "object", x_kubernetes_preserve_unknown_fields: true };

/**
 * A service and the share of requests it gets. Entries are merged by name: who lists the services and who sets their
 * weights are different managers, and neither takes the other's fields.
 */
const weighted: Schema = {
    type: "array",
    x_kubernetes_list_type: "map",
    x_kubernetes_list_map_keys: ["name"],
    items: { ...open, required: ["name"], properties: { name: { type: "string" }, weight: { type: "integer" } } },
};

const argo: Group = {
    group: "argoproj.io",
    version: "v1alpha1",
    kinds: [
        {
            kind: "Rollout",
            plural: "rollouts",
            shortNames: ["ro"],
            subresources: {
                status: {},
                scale: {
                    specReplicasPath: ".spec.replicas",
                    statusReplicasPath: ".status.HPAReplicas",
                    labelSelectorPath: ".status.selector",
                },
            },
            columns: {
                Phase: ".status.phase",
                Step: ".status.currentStepIndex",
                Weight: ".status.canary.weights.canary.weight",
            },
        },
        { kind: "AnalysisRun", plural: "analysisruns", shortNames: ["ar"], columns: { Phase: ".status.phase" } },
        { kind: "AnalysisTemplate", plural: "analysistemplates", shortNames: ["at"] },
        { kind: "ClusterAnalysisTemplate", plural: "clusteranalysistemplates", shortNames: ["cat"], cluster: true },
        { kind: "Experiment", plural: "experiments", shortNames: ["exp"], columns: { Phase: ".status.phase" } },
    ],
};

/** Traefik waits for all of them before it routes anything. */
const traefik: Group = {
    group: "traefik.io",
    version: "v1alpha1",
    kinds: [
        { kind: "IngressRoute", plural: "ingressroutes" },
        { kind: "IngressRouteTCP", plural: "ingressroutetcps" },
        { kind: "IngressRouteUDP", plural: "ingressrouteudps" },
        { kind: "Middleware", plural: "middlewares" },
        { kind: "MiddlewareTCP", plural: "middlewaretcps" },
        { kind: "ServersTransport", plural: "serverstransports" },
        { kind: "ServersTransportTCP", plural: "serverstransporttcps" },
        { kind: "TLSOption", plural: "tlsoptions" },
        { kind: "TLSStore", plural: "tlsstores" },
        {
            kind: "TraefikService",
            plural: "traefikservices",
            spec: { ...open, properties: { weighted: { ...open, properties: { services: weighted } } } },
        },
    ],
};

/**
 * The kinds of Argo Rollouts and Traefik, as custom resource definitions of the cluster. Kubernetes deletes a definition
 * together with all its objects: where two stacks share a cluster, the one that makes these is destroyed last.
 */
export class CustomDefinitions extends pulumi.ComponentResource {
    readonly definitions: readonly pulumi.Resource[];

    constructor(name: string, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:cluster:CustomDefinitions", name, {}, options);
        this.definitions = [argo, traefik].flatMap((group) => group.kinds.map((kind) => this.definition(group, kind)));
        this.registerOutputs();
    }

    private definition({ group, version }: Group, kind: Kind): pulumi.Resource {
        const name = `${kind.plural}.${group}`;
        return new k8s.apiextensions.v1.CustomResourceDefinition(
            name,
            {
                metadata: { name },
                spec: {
                    group,
                    scope: kind.cluster ? "Cluster" : "Namespaced",
                    names: {
                        kind: kind.kind,
                        listKind: `${kind.kind}List`,
                        plural: kind.plural,
                        singular: kind.kind.toLowerCase(),
                        ...(kind.shortNames && { shortNames: [...kind.shortNames] }),
                    },
                    versions: [
                        {
                            name: version,
                            served: true,
                            storage: true,
                            schema: {
                                openAPIV3Schema: { ...open, properties: { spec: kind.spec ?? open, status: open } },
                            },
                            ...(kind.subresources && { subresources: kind.subresources }),
                            ...(kind.columns && {
                                additionalPrinterColumns: Object.entries(kind.columns).map(([column, jsonPath]) => ({
                                    name: column,
                                    jsonPath,
                                    type: column === "Phase" ? "string" : "integer",
                                })),
                            }),
                        },
                    ],
                },
            },
            { parent: this },
        );
    }
}
