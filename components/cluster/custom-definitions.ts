import * as fs from "node:fs";
import * as path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

type Spec = k8s.types.input.apiextensions.v1.CustomResourceDefinitionSpec;

/** The controllers whose definitions are in `definitions/`, as their releases ship them. */
const controllers = ["argo-rollouts", "traefik"] as const;

/**
 * Names of the schema's extensions in programs: those of the API are no identifiers. It renames what is a key of a
 * schema, and no field of the controllers begins so.
 */
function inProgram(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(inProgram);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
            key.startsWith("x-kubernetes-") ? key.replaceAll("-", "_") : key,
            inProgram(inner),
        ]),
    );
}

/** The services of a TraefikService that shares requests by weight. */
const weightedServices = ["spec", "weighted", "services"] as const;

/**
 * Merges these services by name. In Traefik's own definition the list has one owner; here one manager lists the services
 * and Argo Rollouts sets their weights, and neither must overwrite the other's fields.
 */
function mergeByName(definition: object): void {
    const { versions } = definition as {
        versions: { schema: { openAPIV3Schema: k8s.types.input.apiextensions.v1.JSONSchemaProps } }[];
    };
    for (const { schema } of versions) {
        let place: Record<string, unknown> = schema.openAPIV3Schema as Record<string, unknown>;
        for (const field of weightedServices)
            place = (place.properties as Record<string, Record<string, unknown>>)[field] ?? {};
        if (place.type !== "array") throw new Error(`TraefikService has no list ${weightedServices.join(".")}`);
        place.x_kubernetes_list_type = "map";
        place.x_kubernetes_list_map_keys = ["name"];
    }
}

/** The specification of each definition by the definition's name, such as "rollouts.argoproj.io". */
export function customDefinitions(): Readonly<Record<string, Spec>> {
    const read = controllers.map((controller) => {
        const file = path.join(__dirname, "definitions", `${controller}.json`);
        return JSON.parse(fs.readFileSync(file, "utf8")) as { readonly definitions: Readonly<Record<string, unknown>> };
    });
    const all = inProgram(Object.assign({}, ...read.map(({ definitions }) => definitions))) as Record<string, Spec>;
    const traefikService = all["traefikservices.traefik.io"];
    if (!traefikService) throw new Error("Traefik's definitions have no traefikservices.traefik.io");
    mergeByName(traefikService);
    return all;
}

/**
 * The kinds of Argo Rollouts and Traefik, as custom resource definitions of the cluster: the API server refuses an object
 * with a field that they don't have. Kubernetes deletes a definition together with all its objects: where two stacks
 * share a cluster, destroy the stack that creates these last.
 */
export class CustomDefinitions extends pulumi.ComponentResource {
    readonly definitions: readonly pulumi.Resource[];

    constructor(name: string, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:cluster:CustomDefinitions", name, {}, options);
        this.definitions = Object.entries(customDefinitions()).map(
            ([definition, spec]) =>
                new k8s.apiextensions.v1.CustomResourceDefinition(
                    definition,
                    { metadata: { name: definition }, spec },
                    { parent: this },
                ),
        );
        this.registerOutputs();
    }
}
