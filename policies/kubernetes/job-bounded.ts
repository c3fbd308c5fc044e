import { resourcePolicy } from "../shared/policy";
import { specification } from "../shared/standards";
import { kubernetes } from "../shared/types";
import { analysisJob } from "../shared/workloads";
import type { AnalysisJob, Workload } from "../shared/workloads";

interface Settings {
    readonly maximumRetries: number;
    readonly maximumSeconds: number;
}

export const kubernetesJobBounded = resourcePolicy<Workload, Settings>({
    name: "kubernetes-job-bounded",
    description:
        "A job ends: a migration, a smoke test or a backup that hangs or fails is noticed, not retried for ever.",
    enforcementLevel: "advisory",
    severity: "low",
    ...specification("Stage 9", "Database migrations are applied before the deployment"),
    remediationSteps: "Set spec.activeDeadlineSeconds, and spec.backoffLimit to few retries.",
    configSchema: {
        properties: {
            maximumRetries: {
                type: "integer",
                minimum: 0,
                maximum: 6,
                default: 3,
                description: "Maximum number of retries",
            },
            maximumSeconds: {
                type: "integer",
                minimum: 1,
                maximum: 86400,
                default: 3600,
                description: "Maximum duration, in seconds",
            },
        },
    },
    types: [kubernetes.job, kubernetes.cronJob, kubernetes.analysisTemplate],
    judge: (given, findings, { type }) => {
        const { maximumRetries, maximumSeconds } = findings.settings;
        const workload = given as Workload;
        const found = jobOf(type, workload);
        if (!found) return;
        const { path, job } = found;
        const [seconds, retries] = [job.activeDeadlineSeconds, job.backoffLimit];
        if (!seconds || seconds > maximumSeconds) {
            findings.deviates(`${path}.activeDeadlineSeconds`, seconds, `1 to ${maximumSeconds} seconds`);
        }
        // Kubernetes retries six times when the limit is not set.
        if ((retries ?? 6) > maximumRetries)
            findings.deviates(`${path}.backoffLimit`, retries, `at most ${maximumRetries}`);
    },
});

/** The job that a workload is, or makes. */
function jobOf(type: string, workload: Workload): ReturnType<typeof analysisJob> {
    if (type === kubernetes.job) return { path: "spec", job: (workload.spec ?? {}) as AnalysisJob };
    if (type === kubernetes.cronJob)
        return { path: "spec.jobTemplate.spec", job: (workload.spec?.jobTemplate?.spec ?? {}) as AnalysisJob };
    return analysisJob(workload);
}
