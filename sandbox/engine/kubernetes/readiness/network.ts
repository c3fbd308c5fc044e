import { bagsIn, getIn, isBag, textIn, type Bag } from "../values";
import { ready, waiting, type Related, type Rule } from "./verdict";

const slicesOf = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" };

const hasReadyEndpoint = (slices: readonly Bag[]): boolean =>
    slices
        .flatMap((slice) => bagsIn(slice, "endpoints"))
        .some((endpoint) => getIn(endpoint, ["conditions", "ready"]) !== false);

const isPublished = (object: Bag): boolean => bagsIn(object, "status", "loadBalancer", "ingress").length > 0;

/** A service that sends to pods: not an alias, not headless, not one whose endpoints somebody else keeps. */
function targetsPods(service: Bag): boolean {
    const selector = getIn(service, ["spec", "selector"]);
    return (
        textIn(service, "spec", "type") !== "ExternalName" &&
        textIn(service, "spec", "clusterIP") !== "None" &&
        isBag(selector) &&
        Object.keys(selector).length > 0
    );
}

const service: Rule = {
    related: (object) => ({
        slices: { ...slicesOf, labelSelector: `kubernetes.io/service-name=${textIn(object, "metadata", "name")}` },
    }),
    judge(object, related) {
        if (targetsPods(object) && !hasReadyEndpoint(related.slices ?? [])) {
            return waiting(
                "the service has no ready endpoint: its pods are not ready, or no pod has the labels of spec.selector",
            );
        }
        if (textIn(object, "spec", "type") === "LoadBalancer" && !isPublished(object)) {
            return waiting("no load balancer has been assigned to the service");
        }
        return ready;
    },
};

function backendsOf(ingress: Bag): string[] {
    const backends = [
        getIn(ingress, ["spec", "defaultBackend"]),
        ...bagsIn(ingress, "spec", "rules").flatMap((rule) =>
            bagsIn(rule, "http", "paths").map((path) => path.backend),
        ),
    ];
    return [...new Set(backends.map((backend) => textIn(backend, "service", "name")).filter(Boolean))];
}

function missingBackend(name: string, related: Related): string | undefined {
    const found = (related.services ?? []).find((candidate) => textIn(candidate, "metadata", "name") === name);
    if (!found) return `the service ${name} does not exist`;
    const slices = (related.slices ?? []).filter(
        (slice) => textIn(slice, "metadata", "labels", "kubernetes.io/service-name") === name,
    );
    return targetsPods(found) && !hasReadyEndpoint(slices) ? `the service ${name} has no ready endpoint` : undefined;
}

const ingress: Rule = {
    related: () => ({ services: { apiVersion: "v1", kind: "Service" }, slices: slicesOf }),
    judge(object, related) {
        const missing = backendsOf(object).flatMap((name) => missingBackend(name, related) ?? []);
        if (missing.length > 0) return waiting(missing.join("; "));
        return isPublished(object) ? ready : waiting("no ingress controller has published an address for it");
    },
};

export const networkRules: Readonly<Record<string, Rule>> = {
    "/Service": service,
    "networking.k8s.io/Ingress": ingress,
};
