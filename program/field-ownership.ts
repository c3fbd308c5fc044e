import type * as pulumi from "@pulumi/pulumi";

/** Annotation with which Pulumi's provider takes over fields that another field manager has changed. */
const annotation = "pulumi.com/patchForce";

/**
 * Objects with fields that are not the program's alone. Argo Rollouts writes weights into the list of services that the
 * program declares, and other teams of the cluster use the same definitions.
 */
const shared = new Set([
    "kubernetes:traefik.io/v1alpha1:TraefikService",
    "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
]);

/**
 * Makes the next update repair what was changed by hand in the cluster. The provider applies on the server's side, where
 * `kubectl scale` or `kubectl edit` makes kubectl the owner of a field; without this, each later update stops at a
 * conflict. It is a transformation of resources, and changes no fields that the program does not declare.
 */
export const takeFieldsBack: pulumi.ResourceTransformation = ({ type, props, opts }) => {
    if (!type.startsWith("kubernetes:") || shared.has(type)) return undefined;
    const { metadata, ...rest } = props as { readonly metadata?: { readonly annotations?: object } };
    const annotations = { ...metadata?.annotations, [annotation]: "true" };
    return { props: { ...rest, metadata: { ...metadata, annotations } }, opts };
};
