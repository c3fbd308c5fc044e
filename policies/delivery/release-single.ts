import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { delivery } from "../shared/types";
import { workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";
import { environmentOf } from "./passed-release";

/** The second check, over the whole stack: `delivery-workload-release` sees each workload in time, this sees all of them. */
export const deliveryReleaseSingle = stackPolicy({
    name: "delivery-release-single",
    description: "A stack that runs an environment has exactly one Release, and each of its workloads depends on it.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...specification("Section 5, Quality Gates", "Blocking gates before merge, staging and production"),
    remediationSteps: "Register one Release, and give it to the options (dependsOn) of what brings the workloads.",
    judge: (stack, findings) => {
        const releases = stack.ofTypes(delivery.release);
        const [release] = releases;
        findings.each(releases.slice(1), ({ name, urn }) => {
            findings.refuse(`${name} is another Release beside ${release?.name}; accepted: one in a stack.`, urn);
        });
        findings.each(stack.ofTypes(...workloadTypes), (workload) => {
            const environment = environmentOf((workload.props as Workload).metadata?.namespace);
            if (environment === undefined || (release && waitsFor(workload, release))) return;
            const found = release ? `does not depend on ${release.name}` : "depends on no Release";
            findings.refuse(
                `${workload.name} ${found}; accepted: a workload that waits for the Release.`,
                workload.urn,
            );
        });
    },
});

/**
 * By its own dependencies or by those of a component that it is a child of. For the engine, depending on a component
 * means depending on its children.
 */
function waitsFor(resource: PolicyResource, release: PolicyResource): boolean {
    const { dependencies, parent } = resource;
    const own = dependencies.some((one) => one.urn === release.urn || one.parent?.urn === release.urn);
    return own || (parent !== undefined && waitsFor(parent, release));
}
