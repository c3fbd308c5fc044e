import { show } from "../shared/findings";
import { resourcePolicy } from "../shared/policy";
import { scorecard } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

/** A tag is a name that can move to another image; the digest identifies one image. */
export const kubernetesWorkloadImageDigest = resourcePolicy<Workload>({
    name: "kubernetes-workload-image-digest",
    description: "Containers run images by digest.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...scorecard("Pinned-Dependencies", "Dependencies are pinned by hash"),
    remediationSteps: "Write the image as NAME@sha256:DIGEST, with the digest that the registry gave at the push.",
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        findings.each(containersOf(pods), ({ path, container: { image } }) => {
            if (image && /^[^@\s]+@sha256:[0-9a-f]{64}$/.test(image)) return;
            findings.refuse(`${path}.image is ${show(image)}; accepted: NAME@sha256: and 64 hexadecimal digits.`);
        });
    },
});
