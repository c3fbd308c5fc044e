import { someKnown } from "../shared/known";
import { resourcePolicy } from "../shared/policy";
import { podSecurity } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

export const kubernetesWorkloadPrivileges = resourcePolicy<Workload>({
    name: "kubernetes-workload-privileges",
    description: "Containers run as an ordinary user without capabilities and cannot gain privileges.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...podSecurity("Privileged Containers, Privilege Escalation, Capabilities, Running as Non-root, /proc Mount Type"),
    remediationSteps:
        "Set runAsNonRoot to true on the pod, and on each container allowPrivilegeEscalation to false and " +
        'capabilities.drop to ["ALL"].',
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        const { path, spec } = pods;
        const pod = spec.securityContext;
        findings.part(() => {
            if (pod?.runAsUser === 0) findings.deviates(`${path}.securityContext.runAsUser`, 0, "any user but 0");
        });
        findings.each(containersOf(pods), ({ path: place, container }) => {
            const security = container.securityContext;
            /** Each property is judged on its own, so that an unknown one hides no other. */
            const refuseUnless = (
                property: string,
                accepted: string,
                read: () => unknown,
                good: (given: unknown) => boolean,
            ) => {
                findings.part(() => {
                    const given = read();
                    if (!good(given)) findings.deviates(`${place}.securityContext.${property}`, given, accepted);
                });
            };
            refuseUnless(
                "privileged",
                "false, or not set",
                () => security?.privileged,
                (given) => !given,
            );
            refuseUnless(
                "allowPrivilegeEscalation",
                "false",
                () => security?.allowPrivilegeEscalation,
                (given) => given === false,
            );
            refuseUnless(
                "capabilities.drop",
                '["ALL"]',
                () => security?.capabilities?.drop,
                (given) => someKnown(given as readonly string[] | undefined, (each) => each === "ALL"),
            );
            refuseUnless(
                "capabilities.add",
                '["NET_BIND_SERVICE"], or not set',
                () => findings.filter(security?.capabilities?.add, (each) => each !== "NET_BIND_SERVICE"),
                (given) => (given as readonly string[]).length === 0,
            );
            refuseUnless(
                "runAsNonRoot",
                "true, here or on the pod",
                () => security?.runAsNonRoot ?? pod?.runAsNonRoot,
                (given) => given === true,
            );
            refuseUnless(
                "runAsUser",
                "any user but 0",
                () => security?.runAsUser,
                (given) => given !== 0,
            );
            refuseUnless(
                "procMount",
                '"Default", or not set',
                () => security?.procMount,
                (given) => !given || given === "Default",
            );
        });
    },
});
