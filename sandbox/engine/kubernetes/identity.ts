import { createHash } from "node:crypto";
import { textIn, type Bag } from "./values";

/** What names one object in a cluster. */
export interface Identity {
    readonly apiVersion: string;
    readonly kind: string;
    /** Empty for objects that live in no namespace. */
    readonly namespace: string;
    readonly name: string;
}

export const annotations = {
    autonamed: "pulumi.com/autonamed",
    skipAwait: "pulumi.com/skipAwait",
    waitFor: "pulumi.com/waitFor",
    timeoutSeconds: "pulumi.com/timeoutSeconds",
    replaceUnready: "pulumi.com/replaceUnready",
    patchForce: "pulumi.com/patchForce",
    patchFieldManager: "pulumi.com/patchFieldManager",
    deletionPropagation: "pulumi.com/deletionPropagationPolicy",
} as const;

export const annotation = (object: Bag, key: string): string => textIn(object, "metadata", "annotations", key);

/** The type token of a URN: `kubernetes:apps/v1:Deployment`. */
export function typeOf(urn: string): string {
    return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** The resource's name in the program. */
export const programName = (urn: string): string => urn.split("::").slice(3).join("::");

/** `group/version` and kind that a type token stands for; tokens write the core group out. */
export function kindOf(type: string): { apiVersion: string; kind: string } {
    const [, module = "", kind = ""] = type.split(":");
    return { apiVersion: module.replace(/^core\//, ""), kind };
}

/** Completes inputs with what the type token says, and gives the core group its name in the API. */
export function normalised(inputs: Bag, urn: string): Bag {
    const { apiVersion, kind } = kindOf(typeOf(urn));
    return {
        ...inputs,
        apiVersion: (textIn(inputs, "apiVersion") || apiVersion).replace(/^core\//, ""),
        kind: textIn(inputs, "kind") || kind,
    };
}

export function identityOf(object: Bag): Identity {
    return {
        apiVersion: textIn(object, "apiVersion"),
        kind: textIn(object, "kind"),
        namespace: textIn(object, "metadata", "namespace"),
        name: textIn(object, "metadata", "name"),
    };
}

/** The resource's id in the stack: `namespace/name`, or the name alone. */
export const idOf = ({ namespace, name }: Identity): string => (namespace ? `${namespace}/${name}` : name);

export function parseId(id: string): { namespace: string; name: string } {
    const [first = "", second] = id.split("/");
    return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

/** For messages: `Deployment staging/backend`. */
export const describe = (identity: Identity): string => `${identity.kind} ${idOf(identity)}`;

/**
 * The name under which this resource's fields are managed in server-side apply. It follows from the URN, so that an
 * object made by an update that died before it could save its state is recognised by the next one.
 */
export function fieldManager(urn: string, inputs: Bag, state: Bag): string {
    return (
        annotation(inputs, annotations.patchFieldManager) ||
        textIn(state, "__fieldManager") ||
        `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`
    );
}

/** Why this plugin cannot manage a type, or undefined when it can. */
export function refusal(urn: string, inputs: Bag): string | undefined {
    const type = typeOf(urn);
    const { kind } = kindOf(type);
    const declared = textIn(inputs, "kind") || kind;
    if (type.startsWith("kubernetes:helm.sh/")) {
        return `${type} is not supported by this stand-in for the Kubernetes plugin: declare the chart's objects one by one`;
    }
    if (kind !== declared && kind === `${declared}Patch`) {
        return `${type} is not supported by this stand-in for the Kubernetes plugin: declare the whole ${declared}, or import it`;
    }
    if (declared.endsWith("List") && inputs.items !== undefined) {
        return `${type} is not supported by this stand-in for the Kubernetes plugin: declare each object of the list by itself`;
    }
    return undefined;
}
