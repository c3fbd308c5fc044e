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
            const deviates = (property: string, given: unknown, accepted: string) => {
                findings.deviates(`${place}.securityContext.${property}`, given, accepted);
            };
            const drops = security?.capabilities?.drop;
            const adds = (security?.capabilities?.add ?? []).filter((each) => each !== "NET_BIND_SERVICE");
            const nonRoot = security?.runAsNonRoot ?? pod?.runAsNonRoot;
            if (security?.privileged) deviates("privileged", security.privileged, "false, or not set");
            if (security?.allowPrivilegeEscalation !== false) {
                deviates("allowPrivilegeEscalation", security?.allowPrivilegeEscalation, "false");
            }
            if (!drops?.includes("ALL")) deviates("capabilities.drop", drops, '["ALL"]');
            if (adds.length > 0) deviates("capabilities.add", adds, '["NET_BIND_SERVICE"], or not set');
            if (nonRoot !== true) deviates("runAsNonRoot", nonRoot, "true, here or on the pod");
            if (security?.runAsUser === 0) deviates("runAsUser", 0, "any user but 0");
            if (security?.procMount && security.procMount !== "Default") {
                deviates("procMount", security.procMount, '"Default", or not set');
            }
        });
    },
});
