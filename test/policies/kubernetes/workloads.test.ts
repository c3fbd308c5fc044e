import { kubernetesDeploymentStrategy } from "../../../policies/kubernetes/deployment-strategy";
import { kubernetesJobBounded } from "../../../policies/kubernetes/job-bounded";
import { kubernetesResourceJudgeable } from "../../../policies/kubernetes/resource-judgeable";
import { kubernetesWorkloadAccount } from "../../../policies/kubernetes/workload-account";
import { kubernetesWorkloadAccountToken } from "../../../policies/kubernetes/workload-account-token";
import { kubernetesWorkloadGracefulStop } from "../../../policies/kubernetes/workload-graceful-stop";
import { kubernetesWorkloadNamespace } from "../../../policies/kubernetes/workload-namespace";
import { kubernetesWorkloadReplicas } from "../../../policies/kubernetes/workload-replicas";
import { kubernetesWorkloadTopologySpread } from "../../../policies/kubernetes/workload-topology-spread";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import * as rollouts from "../fixtures/rollouts";
import {
    accepts,
    all,
    leaves,
    refuses,
    remediates,
    set,
    unchanged,
    unknownAt,
    unknownValue,
    unset,
} from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

const deployment = { type: kubernetes.deployment, given: fixtures.deployment };

const podSpec = "spec.template.spec";

const first = `${podSpec}.containers.0`;

const place = `${podSpec}.containers[backend]`;

const token = `${podSpec}.automountServiceAccountToken`;

describeResourcePolicy(kubernetesWorkloadAccountToken, {
    ...deployment,
    cases: [
        refuses("a pod that mounts the token", set(token, true), `${token} is true; accepted: false.`),
        refuses(
            "a missing value, since the default mounts the token",
            unset(token),
            `${token} is not set; accepted: false.`,
        ),
        accepts("a token of a service account that the setting names", set(token, true), {
            settings: { allowed: ["relaypacs-staging/backend"] },
        }),
        refuses("a token of another service account", set(token, true), `${token} is true; accepted: false.`, {
            settings: { allowed: ["relaypacs-staging/rollouts"] },
        }),
        refuses(
            "a service account of the same name in another namespace",
            set(token, true),
            `${token} is true; accepted: false.`,
            {
                settings: { allowed: ["relaypacs-prod/backend"] },
            },
        ),
        accepts(
            "the token of a cluster controller",
            all(
                set(token, true),
                set(`${podSpec}.serviceAccountName`, "traefik-prod"),
                set("metadata.namespace", "traefik"),
            ),
        ),
        refuses(
            "another pod in the controller's namespace",
            all(set(token, true), set("metadata.namespace", "traefik")),
            `${token} is true; accepted: false.`,
        ),
        refuses(
            "the controller's service account in an environment",
            all(set(token, true), set(`${podSpec}.serviceAccountName`, "traefik-prod")),
            `${token} is true; accepted: false.`,
        ),
        refuses(
            "a smoke test that mounts the token",
            set("spec.metrics.0.provider.job.spec.template.spec.automountServiceAccountToken", true),
            "spec.metrics[0].provider.job.spec.template.spec.automountServiceAccountToken is true; accepted: false.",
            { type: kubernetes.analysisTemplate, given: rollouts.smokeTests },
        ),
        accepts("an analysis that runs no pod", unchanged, {
            type: kubernetes.analysisTemplate,
            given: rollouts.canaryErrors,
        }),
        refuses(
            "a service account that mounts its token",
            unset("automountServiceAccountToken"),
            "automountServiceAccountToken is not set; accepted: false.",
            { type: kubernetes.serviceAccount, given: fixtures.serviceAccount },
        ),
        accepts("a service account that the setting names", unset("automountServiceAccountToken"), {
            type: kubernetes.serviceAccount,
            given: fixtures.serviceAccount,
            settings: { allowed: ["relaypacs-staging/backend"] },
        }),
        remediates("a pod that mounts the token", set(token, true)),
        remediates("a missing value", unset(token)),
        remediates("a service account that mounts its token", unset("automountServiceAccountToken"), unchanged, {
            type: kubernetes.serviceAccount,
            given: fixtures.serviceAccount,
        }),
        remediates(
            "a CronJob that mounts the token",
            unset("spec.jobTemplate.spec.template.spec.automountServiceAccountToken"),
            unchanged,
            {
                type: kubernetes.cronJob,
                given: fixtures.cronJob,
            },
        ),
        leaves("a pod without a token", unchanged),
        unknownAt(token),
    ],
});

const account = `${podSpec}.serviceAccountName`;

describeResourcePolicy(kubernetesWorkloadAccount, {
    ...deployment,
    cases: [
        refuses(
            "a pod without a service account",
            unset(account),
            `${account} is not set; accepted: any service account but "default".`,
        ),
        refuses("the default service account", set(account, "default"), [
            `${account} is "default"; accepted: any service account but "default".`,
        ]),
        unknownAt(account),
    ],
});

const namespaceAccepted = 'accepted: a namespace other than "default" and those of Kubernetes.';

describeResourcePolicy(kubernetesWorkloadNamespace, {
    ...deployment,
    cases: [
        refuses(
            "the default namespace",
            set("metadata.namespace", "default"),
            `metadata.namespace is "default"; ${namespaceAccepted}`,
        ),
        refuses(
            "the namespace kube-system",
            set("metadata.namespace", "kube-system"),
            `metadata.namespace is "kube-system"; ${namespaceAccepted}`,
        ),
        refuses(
            "a workload without a namespace",
            unset("metadata.namespace"),
            `metadata.namespace is not set; ${namespaceAccepted}`,
        ),
        unknownAt("metadata.namespace"),
    ],
});

const rolling = "spec.strategy.rollingUpdate";

describeResourcePolicy(kubernetesDeploymentStrategy, {
    ...deployment,
    cases: [
        refuses("the strategy Recreate", set("spec.strategy", { type: "Recreate" }), [
            'spec.strategy.type is "Recreate"; accepted: "RollingUpdate".',
            `${rolling}.maxUnavailable is not set; accepted: 0.`,
        ]),
        refuses(
            "an update with one pod missing",
            set(`${rolling}.maxUnavailable`, 1),
            `${rolling}.maxUnavailable is 1; accepted: 0.`,
        ),
        refuses(
            "an update with a percentage of pods missing",
            set(`${rolling}.maxUnavailable`, "25%"),
            `${rolling}.maxUnavailable is "25%"; accepted: 0.`,
        ),
        refuses(
            "a missing value, since the default lets a quarter of the pods go",
            unset("spec.strategy"),
            `${rolling}.maxUnavailable is not set; accepted: 0.`,
        ),
        accepts("zero as a percentage", set(`${rolling}.maxUnavailable`, "0%")),
        accepts("a surge of a quarter of the pods", set(`${rolling}.maxSurge`, "25%")),
        refuses(
            "an update without surge",
            set(`${rolling}.maxSurge`, 0),
            `${rolling}.maxSurge is 0; accepted: at least 1.`,
        ),
        refuses(
            "an invalid surge",
            set(`${rolling}.maxSurge`, "some"),
            `${rolling}.maxSurge is "some"; accepted: at least 1.`,
        ),
        unknownAt(`${rolling}.maxUnavailable`),
    ],
});

describeResourcePolicy(kubernetesWorkloadReplicas, {
    ...deployment,
    cases: [
        refuses("a single replica", set("spec.replicas", 1), "spec.replicas is 1; accepted: at least 2."),
        refuses(
            "a missing value, since the default is one replica",
            unset("spec.replicas"),
            "spec.replicas is not set; accepted: at least 2.",
        ),
        refuses(
            "two replicas where the setting asks for three",
            unchanged,
            "spec.replicas is 2; accepted: at least 3.",
            {
                settings: { minimum: 3 },
            },
        ),
        accepts("one replica where the setting allows it", set("spec.replicas", 1), { settings: { minimum: 1 } }),
        unknownAt("spec.replicas"),
    ],
});

const preStop = `${first}.lifecycle.preStop`;

const grace = `${podSpec}.terminationGracePeriodSeconds`;

const longer = (seconds: number) => `accepted: more than the ${seconds} seconds of ${place}.lifecycle.preStop.`;

describeResourcePolicy(kubernetesWorkloadGracefulStop, {
    ...deployment,
    cases: [
        refuses(
            "a container without a pause before it stops",
            unset(`${first}.lifecycle`),
            `${place}.lifecycle.preStop is not set; accepted: a pause, as sleep.seconds 5.`,
        ),
        accepts("a pause by a command", set(preStop, { exec: { command: ["sh", "-c", "sleep 5"] } })),
        accepts("a preStop request without a known pause", set(preStop, { httpGet: { path: "/drain", port: 8000 } })),
        refuses("a grace period as long as the pause", set(grace, 5), `${grace} is 5; ${longer(5)}`),
        accepts("a grace period one second longer than the pause", set(grace, 6)),
        refuses(
            "the default grace period for a long pause",
            all(unset(grace), set(preStop, { sleep: { seconds: 30 } })),
            [`${grace} is not set; ${longer(30)}`],
        ),
        refuses(
            "a short grace period for a pause by command",
            all(set(grace, 10), set(preStop, { exec: { command: ["sleep", "15"] } })),
            [`${grace} is 10; ${longer(15)}`],
        ),
        accepts("a migration without a pause", unchanged, { type: kubernetes.job, given: fixtures.job }),
        unknownAt(preStop),
    ],
});

const spread = `${podSpec}.topologySpreadConstraints`;

describeResourcePolicy(kubernetesWorkloadTopologySpread, {
    ...deployment,
    cases: [
        refuses(
            "a workload without a constraint",
            unset(spread),
            `${spread} is not set; accepted: a constraint over nodes or zones.`,
        ),
        refuses(
            "an empty list of constraints",
            set(spread, []),
            `${spread} is []; accepted: a constraint over nodes or zones.`,
        ),
        refuses(
            "a constraint that selects other pods",
            set(`${spread}.0.labelSelector`, { matchLabels: { app: "other" } }),
            [
                `${spread}[0].labelSelector is {"matchLabels":{"app":"other"}}; accepted: a selector that matches the pods.`,
            ],
        ),
        unknownAt(spread),
    ],
});

describeResourcePolicy(kubernetesJobBounded, {
    type: kubernetes.job,
    given: fixtures.job,
    cases: [
        refuses(
            "a job without a deadline",
            unset("spec.activeDeadlineSeconds"),
            "spec.activeDeadlineSeconds is not set; accepted: 1 to 3600 seconds.",
        ),
        refuses(
            "a deadline that is one second too long",
            set("spec.activeDeadlineSeconds", 3601),
            "spec.activeDeadlineSeconds is 3601; accepted: 1 to 3600 seconds.",
        ),
        refuses(
            "a missing value, since the default is six retries",
            unset("spec.backoffLimit"),
            "spec.backoffLimit is not set; accepted: at most 3.",
        ),
        refuses("four retries", set("spec.backoffLimit", 4), "spec.backoffLimit is 4; accepted: at most 3."),
        accepts("a job without retries", set("spec.backoffLimit", 0)),
        accepts("four retries where the setting allows them", set("spec.backoffLimit", 4), {
            settings: { maximumRetries: 4 },
        }),
        refuses(
            "a smoke test without a deadline",
            unset("spec.metrics.0.provider.job.spec.activeDeadlineSeconds"),
            "spec.metrics[0].provider.job.spec.activeDeadlineSeconds is not set; accepted: 1 to 3600 seconds.",
            { type: kubernetes.analysisTemplate, given: rollouts.smokeTests },
        ),
        accepts("a CronJob whose jobs end", unchanged, { type: kubernetes.cronJob, given: fixtures.cronJob }),
        refuses(
            "a CronJob whose jobs have no deadline",
            unset("spec.jobTemplate.spec.activeDeadlineSeconds"),
            "spec.jobTemplate.spec.activeDeadlineSeconds is not set; accepted: 1 to 3600 seconds.",
            { type: kubernetes.cronJob, given: fixtures.cronJob },
        ),
        refuses(
            "a CronJob whose jobs are retried four times",
            set("spec.jobTemplate.spec.backoffLimit", 4),
            "spec.jobTemplate.spec.backoffLimit is 4; accepted: at most 3.",
            { type: kubernetes.cronJob, given: fixtures.cronJob },
        ),
        accepts("an analysis without a job", unchanged, {
            type: kubernetes.analysisTemplate,
            given: rollouts.canaryErrors,
        }),
        unknownAt("spec.backoffLimit"),
    ],
});

const release = "kubernetes:helm.sh/v3:Release";

const hides = (type: string) =>
    `${type} hides its workloads from the guardrails; accepted: each workload as a resource.`;

describeResourcePolicy(kubernetesResourceJudgeable, {
    type: release,
    cases: [
        refuses("a Helm release", unchanged, hides(release)),
        refuses("a patch resource", unchanged, hides("kubernetes:apps/v1:DeploymentPatch"), {
            type: "kubernetes:apps/v1:DeploymentPatch",
        }),
        refuses("a list resource", unchanged, hides("kubernetes:batch/v1:JobList"), {
            type: "kubernetes:batch/v1:JobList",
        }),
        refuses("an old API version", unchanged, hides("kubernetes:extensions/v1beta1:Deployment"), {
            type: "kubernetes:extensions/v1beta1:Deployment",
        }),
        ...["AnalysisRun", "ClusterAnalysisTemplate", "Experiment"].map((kind) =>
            refuses(`the Argo resource ${kind}`, unchanged, hides(`kubernetes:argoproj.io/v1alpha1:${kind}`), {
                type: `kubernetes:argoproj.io/v1alpha1:${kind}`,
            }),
        ),
        accepts("a Helm release that the setting names", unchanged, {
            resourceName: "prometheus",
            settings: { allowed: ["prometheus"] },
        }),
        accepts("a Deployment", unchanged, { type: kubernetes.deployment }),
        refuses("a Helm release, whatever values are known", set("chart", unknownValue), hides(release)),
    ],
});
