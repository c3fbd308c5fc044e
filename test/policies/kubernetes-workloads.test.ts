import { kubernetesDeploymentStrategy } from "../../policies/kubernetes/deployment-strategy";
import { kubernetesJobBounded } from "../../policies/kubernetes/job-bounded";
import { kubernetesResourceJudgeable } from "../../policies/kubernetes/resource-judgeable";
import { kubernetesWorkloadAccount } from "../../policies/kubernetes/workload-account";
import { kubernetesWorkloadAccountToken } from "../../policies/kubernetes/workload-account-token";
import { kubernetesWorkloadGracefulStop } from "../../policies/kubernetes/workload-graceful-stop";
import { kubernetesWorkloadNamespace } from "../../policies/kubernetes/workload-namespace";
import { kubernetesWorkloadReplicas } from "../../policies/kubernetes/workload-replicas";
import { kubernetesWorkloadTopologySpread } from "../../policies/kubernetes/workload-topology-spread";
import { kubernetes } from "../../policies/shared/types";
import * as fixtures from "./fixtures/kubernetes";
import * as rollouts from "./fixtures/rollouts";
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
} from "./support/cases";
import { describeResourcePolicy } from "./support/suites";

const deployment = { type: kubernetes.deployment, given: fixtures.deployment };

const podSpec = "spec.template.spec";

const first = `${podSpec}.containers.0`;

const place = `${podSpec}.containers[backend]`;

const token = `${podSpec}.automountServiceAccountToken`;

describeResourcePolicy(kubernetesWorkloadAccountToken, {
    ...deployment,
    cases: [
        refuses("a token", set(token, true), `${token} is true; accepted: false.`),
        refuses("a missing value: the default mounts it", unset(token), `${token} is not set; accepted: false.`),
        accepts("a token of an account that is listed", set(token, true), {
            settings: { allowed: ["relaypacs-staging/backend"] },
        }),
        refuses("a token of another account", set(token, true), `${token} is true; accepted: false.`, {
            settings: { allowed: ["relaypacs-staging/rollouts"] },
        }),
        refuses("an account of that name elsewhere", set(token, true), `${token} is true; accepted: false.`, {
            settings: { allowed: ["relaypacs-prod/backend"] },
        }),
        accepts(
            "a controller of the cluster",
            all(
                set(token, true),
                set(`${podSpec}.serviceAccountName`, "traefik-prod"),
                set("metadata.namespace", "traefik"),
            ),
        ),
        refuses(
            "somebody else in the controller's namespace",
            all(set(token, true), set("metadata.namespace", "traefik")),
            `${token} is true; accepted: false.`,
        ),
        refuses(
            "the controller's account in an environment",
            all(set(token, true), set(`${podSpec}.serviceAccountName`, "traefik-prod")),
            `${token} is true; accepted: false.`,
        ),
        refuses(
            "a smoke test with a token",
            set("spec.metrics.0.provider.job.spec.template.spec.automountServiceAccountToken", true),
            "spec.metrics[0].provider.job.spec.template.spec.automountServiceAccountToken is true; accepted: false.",
            { type: kubernetes.analysisTemplate, given: rollouts.smokeTests },
        ),
        accepts("an analysis that runs no pod", unchanged, {
            type: kubernetes.analysisTemplate,
            given: rollouts.canaryErrors,
        }),
        refuses(
            "a service account that mounts it",
            unset("automountServiceAccountToken"),
            "automountServiceAccountToken is not set; accepted: false.",
            { type: kubernetes.serviceAccount, given: fixtures.serviceAccount },
        ),
        accepts("a service account that is listed", unset("automountServiceAccountToken"), {
            type: kubernetes.serviceAccount,
            given: fixtures.serviceAccount,
            settings: { allowed: ["relaypacs-staging/backend"] },
        }),
        remediates("a token", set(token, true)),
        remediates("a missing value", unset(token)),
        remediates("a service account that mounts it", unset("automountServiceAccountToken"), unchanged, {
            type: kubernetes.serviceAccount,
            given: fixtures.serviceAccount,
        }),
        remediates("a CronJob", unset("spec.jobTemplate.spec.template.spec.automountServiceAccountToken"), unchanged, {
            type: kubernetes.cronJob,
            given: fixtures.cronJob,
        }),
        leaves("a pod without token", unchanged),
        unknownAt(token),
    ],
});

const account = `${podSpec}.serviceAccountName`;

describeResourcePolicy(kubernetesWorkloadAccount, {
    ...deployment,
    cases: [
        refuses("no account", unset(account), `${account} is not set; accepted: any service account but "default".`),
        refuses("the default account", set(account, "default"), [
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
            "kube-system",
            set("metadata.namespace", "kube-system"),
            `metadata.namespace is "kube-system"; ${namespaceAccepted}`,
        ),
        refuses("no namespace", unset("metadata.namespace"), `metadata.namespace is not set; ${namespaceAccepted}`),
        unknownAt("metadata.namespace"),
    ],
});

const rolling = "spec.strategy.rollingUpdate";

describeResourcePolicy(kubernetesDeploymentStrategy, {
    ...deployment,
    cases: [
        refuses("Recreate", set("spec.strategy", { type: "Recreate" }), [
            'spec.strategy.type is "Recreate"; accepted: "RollingUpdate".',
            `${rolling}.maxUnavailable is not set; accepted: 0.`,
        ]),
        refuses("a missing pod", set(`${rolling}.maxUnavailable`, 1), `${rolling}.maxUnavailable is 1; accepted: 0.`),
        refuses(
            "a share of missing pods",
            set(`${rolling}.maxUnavailable`, "25%"),
            `${rolling}.maxUnavailable is "25%"; accepted: 0.`,
        ),
        refuses(
            "nothing said: the default lets a quarter go",
            unset("spec.strategy"),
            `${rolling}.maxUnavailable is not set; accepted: 0.`,
        ),
        accepts("zero as a share", set(`${rolling}.maxUnavailable`, "0%")),
        accepts("a surge of a quarter", set(`${rolling}.maxSurge`, "25%")),
        refuses("no surge", set(`${rolling}.maxSurge`, 0), `${rolling}.maxSurge is 0; accepted: at least 1.`),
        refuses(
            "a nonsense surge",
            set(`${rolling}.maxSurge`, "some"),
            `${rolling}.maxSurge is "some"; accepted: at least 1.`,
        ),
        unknownAt(`${rolling}.maxUnavailable`),
    ],
});

describeResourcePolicy(kubernetesWorkloadReplicas, {
    ...deployment,
    cases: [
        refuses("one pod", set("spec.replicas", 1), "spec.replicas is 1; accepted: at least 2."),
        refuses(
            "nothing said: the default is one",
            unset("spec.replicas"),
            "spec.replicas is not set; accepted: at least 2.",
        ),
        refuses("two where three are asked", unchanged, "spec.replicas is 2; accepted: at least 3.", {
            settings: { minimum: 3 },
        }),
        accepts("one where the setting allows it", set("spec.replicas", 1), { settings: { minimum: 1 } }),
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
            "no pause",
            unset(`${first}.lifecycle`),
            `${place}.lifecycle.preStop is not set; accepted: a pause, as sleep.seconds 5.`,
        ),
        accepts("a pause by command", set(preStop, { exec: { command: ["sh", "-c", "sleep 5"] } })),
        accepts("a call that says nothing about time", set(preStop, { httpGet: { path: "/drain", port: 8000 } })),
        refuses("a period as long as the pause", set(grace, 5), `${grace} is 5; ${longer(5)}`),
        accepts("a period a second longer", set(grace, 6)),
        refuses("the default period for a long pause", all(unset(grace), set(preStop, { sleep: { seconds: 30 } })), [
            `${grace} is not set; ${longer(30)}`,
        ]),
        refuses(
            "a short period for a command",
            all(set(grace, 10), set(preStop, { exec: { command: ["sleep", "15"] } })),
            [`${grace} is 10; ${longer(15)}`],
        ),
        accepts("a migration", unchanged, { type: kubernetes.job, given: fixtures.job }),
        unknownAt(preStop),
    ],
});

const spread = `${podSpec}.topologySpreadConstraints`;

describeResourcePolicy(kubernetesWorkloadTopologySpread, {
    ...deployment,
    cases: [
        refuses("no constraint", unset(spread), `${spread} is not set; accepted: a constraint over nodes or zones.`),
        refuses("an empty list", set(spread, []), `${spread} is []; accepted: a constraint over nodes or zones.`),
        refuses("a selector of other pods", set(`${spread}.0.labelSelector`, { matchLabels: { app: "other" } }), [
            `${spread}[0].labelSelector is {"matchLabels":{"app":"other"}}; accepted: a selector that matches the pods.`,
        ]),
        unknownAt(spread),
    ],
});

describeResourcePolicy(kubernetesJobBounded, {
    type: kubernetes.job,
    given: fixtures.job,
    cases: [
        refuses(
            "no deadline",
            unset("spec.activeDeadlineSeconds"),
            "spec.activeDeadlineSeconds is not set; accepted: 1 to 3600 seconds.",
        ),
        refuses(
            "a second too long",
            set("spec.activeDeadlineSeconds", 3601),
            "spec.activeDeadlineSeconds is 3601; accepted: 1 to 3600 seconds.",
        ),
        refuses(
            "nothing said: the default is six retries",
            unset("spec.backoffLimit"),
            "spec.backoffLimit is not set; accepted: at most 3.",
        ),
        refuses("four retries", set("spec.backoffLimit", 4), "spec.backoffLimit is 4; accepted: at most 3."),
        accepts("no retry", set("spec.backoffLimit", 0)),
        accepts("four retries where the setting allows them", set("spec.backoffLimit", 4), {
            settings: { maximumRetries: 4 },
        }),
        refuses(
            "a smoke test without end",
            unset("spec.metrics.0.provider.job.spec.activeDeadlineSeconds"),
            "spec.metrics[0].provider.job.spec.activeDeadlineSeconds is not set; accepted: 1 to 3600 seconds.",
            { type: kubernetes.analysisTemplate, given: rollouts.smokeTests },
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
        refuses("a patch", unchanged, hides("kubernetes:apps/v1:DeploymentPatch"), {
            type: "kubernetes:apps/v1:DeploymentPatch",
        }),
        refuses("a list", unchanged, hides("kubernetes:batch/v1:JobList"), { type: "kubernetes:batch/v1:JobList" }),
        refuses("an old API version", unchanged, hides("kubernetes:extensions/v1beta1:Deployment"), {
            type: "kubernetes:extensions/v1beta1:Deployment",
        }),
        ...["AnalysisRun", "ClusterAnalysisTemplate", "Experiment"].map((kind) =>
            refuses(`an ${kind} of Argo`, unchanged, hides(`kubernetes:argoproj.io/v1alpha1:${kind}`), {
                type: `kubernetes:argoproj.io/v1alpha1:${kind}`,
            }),
        ),
        accepts("a release that is listed", unchanged, {
            resourceName: "prometheus",
            settings: { allowed: ["prometheus"] },
        }),
        accepts("a Deployment", unchanged, { type: kubernetes.deployment }),
        refuses("it whatever is known", set("chart", unknownValue), hides(release)),
    ],
});
