import { credentialIn, namesCredential } from "../shared/credentials";
import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

/** The message names the variable and never shows its value. */
export const kubernetesWorkloadPlainCredentials = resourcePolicy<Workload>({
    name: "kubernetes-workload-plain-credentials",
    description: "A workload's specification holds no credential: anyone who may list pods can read it.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...cisKubernetes("5.4.1", "Prefer using Secrets as files over Secrets as environment variables"),
    remediationSteps: "Put the value in a Secret and refer to it by valueFrom.secretKeyRef, or mount it as a file.",
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        findings.each(containersOf(pods), ({ path, container }) => {
            findings.each(container.env, (variable, index) => {
                const { name, value } = variable;
                if (!value || !(namesCredential(name ?? "") || credentialIn(value) !== undefined)) return;
                findings.refuse(
                    `${path}.env[${name ?? index}].value holds a credential in plain text; ` +
                        "accepted: valueFrom.secretKeyRef.",
                );
            });
        });
    },
});
