import { show } from "../shared/findings";
import { resourcePolicy, stackOf } from "../shared/policy";
import { specification } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";
import { admittedIn, environmentOf } from "./passed-release";
import { namespaceName } from "../../delivery/core/names";

interface Settings {
    readonly tools: readonly string[];
}

/** `relaypacs/backend` and the digest, of a reference with any registry before it. */
const reference = /(?:^|\/)relaypacs\/(?<image>[^/@:]+)@(?<digest>sha256:[0-9a-f]{64})$/;

export const deliveryWorkloadRelease = resourcePolicy<Workload, Settings>({
    name: "delivery-workload-release",
    description: "An environment runs the images of the Release that passed the gates, and no others.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...specification("Section 5, Quality Gates", "Blocking gates before merge, staging and production"),
    remediationSteps:
        "Let the workload depend on the stack's Release, and run the digests that it names; list a tool that is not " +
        "part of the release in this policy's setting tools.",
    configSchema: {
        properties: {
            tools: {
                type: "array",
                items: { type: "string", minLength: 1 },
                uniqueItems: true,
                default: ["smoke-tests"],
                description: "Images, by their name after relaypacs/, that may run beside the release's",
            },
        },
    },
    types: workloadTypes,
    judge: (workload, findings, { type, urn }) => {
        const environment = environmentOf(workload.metadata?.namespace);
        if (environment === undefined) return;
        const release = admittedIn(stackOf(urn));
        if (release?.environment !== environment) {
            findings.refuse(
                `metadata.namespace is "${namespaceName(environment)}", but no Release for ${environment} has passed its ` +
                    "gates before it; accepted: a workload that depends on one.",
            );
            return;
        }
        const pods = podsOf(type, workload);
        if (!pods) return;
        findings.each(containersOf(pods), ({ path, container: { image } }) => {
            const { image: name = "", digest } = reference.exec(image ?? "")?.groups ?? {};
            const released = Object.hasOwn(release.images, name) ? release.images[name] : undefined;
            if (released === undefined ? findings.settings.tools.includes(name) : released === digest) return;
            const accepted =
                released === undefined
                    ? `an image of the Release (${Object.keys(release.images).join(", ")})`
                    : released;
            findings.refuse(`${path}.image is ${show(image)}; accepted: ${accepted}.`);
        });
    },
});
