import { resourcePolicy } from "../shared/policy";
import { podSecurity } from "../shared/standards";
import { podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

const accepted: readonly string[] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

export const kubernetesWorkloadVolumeTypes = resourcePolicy<Workload>({
    name: "kubernetes-workload-volume-types",
    description: "Pods mount no path of their node and no volume type that bypasses the cluster's storage.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...podSecurity("Volume Types, HostPath Volumes"),
    remediationSteps: "Use a volume type that the message lists.",
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        findings.each(pods?.spec.volumes, (volume, index) => {
            const types = Object.keys(volume).filter((key) => key !== "name");
            for (const each of types.filter((key) => !accepted.includes(key))) {
                findings.deviates(`${pods?.path}.volumes[${volume.name ?? index}]`, each, accepted.join(", "));
            }
        });
    },
});
