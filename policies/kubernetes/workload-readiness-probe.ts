import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { containersOf, podsOf, servingTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

const checks = ["httpGet", "tcpSocket", "grpc", "exec"] as const;

export const kubernetesWorkloadReadinessProbe = resourcePolicy<Workload>({
    name: "kubernetes-workload-readiness-probe",
    description: "Containers that serve say when they are ready; until then they get no traffic.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...specification("Section 6, Staging Deployment", "Wait for readiness probe success"),
    remediationSteps: "Give each container a readinessProbe, the backend's as httpGet /health on port 8000.",
    types: servingTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        const serving = containersOf(pods).filter(({ kind }) => kind === "containers");
        findings.each(serving, ({ path, container: { readinessProbe } }) => {
            if (checks.some((check) => readinessProbe?.[check])) return;
            findings.deviates(`${path}.readinessProbe`, readinessProbe, `a probe with one of ${checks.join(", ")}`);
        });
    },
});
