import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { containersOf, podsOf, servingTypes } from "../shared/workloads";
import type { Container, Workload } from "../shared/workloads";

const kubernetesDefault = 30;

/** Proxies need a moment to drop a pod that stops: without a pause, requests reach a closed port. */
export const kubernetesWorkloadGracefulStop = resourcePolicy<Workload>({
    name: "kubernetes-workload-graceful-stop",
    description: "Containers pause before they stop, and are given longer than the pause.",
    enforcementLevel: "mandatory",
    severity: "medium",
    ...specification("Section 6, Deployment Strategies", "Zero-downtime deployment"),
    remediationSteps: "Set lifecycle.preStop.sleep.seconds, and terminationGracePeriodSeconds to more than that.",
    types: servingTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        const period = pods.spec.terminationGracePeriodSeconds;
        const serving = containersOf(pods).filter(({ kind }) => kind === "containers");
        findings.each(serving, ({ path, container }) => {
            const preStop = container.lifecycle?.preStop;
            if (!preStop?.sleep && !preStop?.exec && !preStop?.httpGet) {
                findings.deviates(`${path}.lifecycle.preStop`, preStop, "a pause, as sleep.seconds 5");
            }
            const pause = pauseOf(container);
            if (pause === undefined || (period ?? kubernetesDefault) > pause) return;
            const accepted = `more than the ${pause} seconds of ${path}.lifecycle.preStop`;
            findings.deviates(`${pods.path}.terminationGracePeriodSeconds`, period, accepted);
        });
    },
});

/** Seconds that preStop sleeps, by its own action or by a command; undefined when it says nothing about time. */
function pauseOf({ lifecycle }: Container): number | undefined {
    const preStop = lifecycle?.preStop;
    if (preStop?.sleep) return preStop.sleep.seconds ?? 0;
    const seconds = /\bsleep\s+([0-9]+)\b/.exec(preStop?.exec?.command?.join(" ") ?? "")?.[1];
    return seconds === undefined ? undefined : Number(seconds);
}
