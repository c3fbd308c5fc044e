import { kubernetesRolloutAnalyses } from "../../../policies/kubernetes/rollout-analyses";
import { kubernetesRolloutStrategy } from "../../../policies/kubernetes/rollout-strategy";
import { kubernetesWorkloadStrategy } from "../../../policies/kubernetes/workload-strategy";
import { show } from "../../../policies/shared/findings";
import { kubernetes } from "../../../policies/shared/types";
import * as cluster from "../fixtures/kubernetes";
import * as fixtures from "../fixtures/rollouts";
import { accepts, all, refuses, set, unchanged, unknownAt, unknownValue, unset } from "../support/cases";
import type { Change, Properties } from "../support/cases";
import {
    acceptsStack,
    describeResourcePolicy,
    describeStackPolicy,
    of,
    refusesStack,
    unknownInStack,
    without,
} from "../support/suites";

const canary = "spec.strategy.canary";
const steps = `${canary}.steps`;
type Steps = Properties[];

/** Changes the list of steps as a whole. */
const changeSteps =
    (change: (list: Steps) => Steps): Change =>
    (properties) => {
        const holder = ((properties.spec as Properties).strategy as { canary: { steps: Steps } }).canary;
        holder.steps = change(holder.steps);
    };
const withoutStep = (at: number) => changeSteps((list) => list.filter((_, index) => index !== at));
const insert = (at: number, step: object) =>
    changeSteps((list) => [...list.slice(0, at), step as Properties, ...list.slice(at)]);

const hashes: Record<string, string> = {
    "smoke-tests": "",
    "canary-errors": " with the hashes of both",
    "deployment-errors": " with its hash",
    "pod-health": " with its hash",
};
const counted = (kind: string) => `a counted analysis by a template *-${kind}${hashes[kind]}`;
const afterScale = ", after setCanaryScale and before the first share of requests";
const noSmoke = `${steps} gives requests to what no smoke test has passed; accepted: ${counted("smoke-tests")}${afterScale}.`;
const noScale = `${steps} gives requests to a part of the new version; accepted: setCanaryScale with weight 100 before the first share of requests.`;
const blue = (name: string) => ({ name, valueFrom: { podTemplateHashValue: "Stable" } });
const compliant = fixtures.blueGreen.spec.strategy.canary;
const health = (given: unknown, step = 2) =>
    `${canary}.analysis is ${show(given)}; accepted: ${counted("pod-health")}, from step ${step} at the latest.`;
const noHealth = (change: object) => health({ ...compliant.analysis, ...change });
const noErrors = (given: unknown, at = 3) =>
    `${steps}[${at}] is ${show(given)}; accepted: ${counted("canary-errors")}.`;
const canaryStep = (change: object) => ({ analysis: { ...compliant.steps[3]!.analysis, ...change } });
const noShare = (at: number) => `${steps}[${at}].setWeight is not set; accepted: the first share of requests: 1 to 50.`;
const cutover = "setWeight 100 as the last step but one";

describeResourcePolicy(kubernetesRolloutStrategy, {
    type: kubernetes.rollout,
    given: fixtures.blueGreen,
    cases: [
        refuses(
            "Argo's own blue-green strategy, which has no share of requests",
            set("spec.strategy", { blueGreen: {} }),
            [`${canary} is not set; accepted: a canary with trafficRouting and steps.`],
        ),
        refuses("a Rollout without a strategy", unset("spec.strategy"), [
            `${canary} is not set; accepted: a canary with trafficRouting and steps.`,
        ]),
        refuses("a canary without traffic routing", unset(`${canary}.trafficRouting`), [
            `${canary}.trafficRouting is not set; accepted: a router that weighs requests.`,
        ]),
        refuses("an empty traffic routing", set(`${canary}.trafficRouting`, {}), [
            `${canary}.trafficRouting is {}; accepted: a router that weighs requests.`,
        ]),
        refuses("a canary without a stable service", unset(`${canary}.stableService`), [
            `${canary}.stableService is not set; accepted: the name of a Service.`,
        ]),
        refuses("a canary without a canary service", unset(`${canary}.canaryService`), [
            `${canary}.canaryService is not set; accepted: the name of a Service.`,
        ]),
        refuses("a release that hangs instead of aborting", unset("spec.progressDeadlineAbort"), [
            "spec.progressDeadlineAbort is not set; accepted: true.",
        ]),
        accepts("Argo's default deadline", unset("spec.progressDeadlineSeconds")),
        accepts("a deadline of an hour", set("spec.progressDeadlineSeconds", 3600)),
        refuses("a deadline of one second more than an hour", set("spec.progressDeadlineSeconds", 3601), [
            "spec.progressDeadlineSeconds is 3601; accepted: at most 3600 seconds.",
        ]),
        accepts("a Rollout without a rollback window", unset("spec.rollbackWindow")),
        refuses("a rollback window that skips the steps for old revisions", set("spec.rollbackWindow.revisions", 4), [
            "spec.rollbackWindow.revisions is 4; accepted: at most 3.",
        ]),
        refuses("an old version that stops one second early", set(`${canary}.scaleDownDelaySeconds`, 3599), [
            `${canary}.scaleDownDelaySeconds is 3599; accepted: at least 3600 seconds.`,
        ]),
        refuses(
            "Argo's default, which stops the old version after 30 seconds",
            unset(`${canary}.scaleDownDelaySeconds`),
            [`${canary}.scaleDownDelaySeconds is not set; accepted: at least 3600 seconds.`],
        ),
        accepts(
            "an old version that stops earlier where the setting allows it",
            set(`${canary}.scaleDownDelaySeconds`, 60),
            {
                settings: { minimumIdleSeconds: 60 },
            },
        ),
        refuses("a limit of zero old revisions to keep", set(`${canary}.scaleDownDelayRevisionLimit`, 0), [
            `${canary}.scaleDownDelayRevisionLimit is 0; accepted: at least 1, or not set.`,
        ]),
        accepts("a limit of one old revision to keep", set(`${canary}.scaleDownDelayRevisionLimit`, 1)),
        refuses("an old version that shrinks with its share of requests", set(`${canary}.dynamicStableScale`, true), [
            `${canary}.dynamicStableScale is true; accepted: false, or not set: the old version stays in full.`,
        ]),
        accepts("dynamicStableScale set to false", set(`${canary}.dynamicStableScale`, false)),
        refuses("a canary without the pod health analysis", unset(`${canary}.analysis`), health(undefined)),
        refuses(
            "a pod health analysis that starts after the first request",
            set(`${canary}.analysis.startingStep`, 3),
            [noHealth({ startingStep: 3 })],
        ),
        accepts("a pod health analysis that starts with the first step", unset(`${canary}.analysis.startingStep`)),
        refuses("a pod health analysis that is not counted", set(`${canary}.analysis.dryRun`, [{ metricName: ".*" }]), [
            noHealth({ dryRun: [{ metricName: ".*" }] }),
        ]),
        refuses(
            "a cluster-scoped template, which the guardrails do not judge",
            set(`${canary}.analysis.templates.0.clusterScope`, true),
            [noHealth({ templates: [{ templateName: "backend-pod-health", clusterScope: true }] })],
        ),
        refuses("steps without smoke tests", withoutStep(1), noSmoke),
        refuses("smoke tests on less than all pods", set(`${steps}.0.setCanaryScale.weight`, 99), noScale),
        refuses(
            "smoke tests before the new version is at full size",
            all(withoutStep(0), insert(1, { setCanaryScale: { weight: 100 } })),
            [noSmoke],
        ),
        refuses("smoke tests after the first request", all(withoutStep(1), insert(3, compliant.steps[1]!)), [noSmoke]),
        refuses("smoke tests that are not counted", set(`${steps}.1.analysis.dryRun`, [{ metricName: ".*" }]), noSmoke),
        refuses(
            "a header route that sends requests before the smoke tests",
            insert(0, { setHeaderRoute: { name: "early" } }),
            [health(compliant.analysis, 0), noScale, noSmoke, noShare(0), noErrors(compliant.steps[0], 1)],
        ),
        refuses("a first share of requests of 51 %", set(`${steps}.2.setWeight`, 51), [
            `${steps}[2].setWeight is 51; accepted: the first share of requests: 1 to 50.`,
        ]),
        accepts("a first share of requests of 1 %", set(`${steps}.2.setWeight`, 1)),
        accepts("a larger first share where the setting allows it", set(`${steps}.2.setWeight`, 60), {
            settings: { maximumCanaryWeightPercent: 60 },
        }),
        accepts("an additional share of at most 50 %", insert(4, { setWeight: 40 })),
        refuses("an additional larger share that is not measured", insert(4, { setWeight: 80 }), [
            `${steps}[4].setWeight is 80; accepted: ${counted("canary-errors")}.`,
        ]),
        refuses("fewer pods after the first request", insert(4, { setCanaryScale: { weight: 10 } }), [
            `${steps}[4] is {"setCanaryScale":{"weight":10}}; accepted: no other size once it has requests.`,
        ]),
        refuses("a pause instead of an analysis", set(`${steps}.3`, { pause: { duration: "10m" } }), [
            noErrors({ pause: { duration: "10m" } }),
        ]),
        refuses(
            "another analysis instead of the canary's",
            set(`${steps}.3.analysis.templates.0.templateName`, "backend-latency"),
            [noErrors(canaryStep({ templates: [{ templateName: "backend-latency" }] }))],
        ),
        refuses(
            "an analysis that measures blue in place of green",
            set(`${steps}.3.analysis.args.0`, blue("canary-hash")),
            [noErrors(canaryStep({ args: [blue("canary-hash"), blue("stable-hash")] }))],
        ),
        refuses("an analysis without the stable version to compare with", unset(`${steps}.3.analysis.args.1`), [
            noErrors(canaryStep({ args: [compliant.steps[3]!.analysis!.args![0]] })),
        ]),
        refuses("steps without a watch after the cutover", withoutStep(5), [
            `${steps}[3] is ${show(compliant.steps[3])}; accepted: ${cutover}.`,
            `${steps}[4] is {"setWeight":100}; accepted: ${counted("deployment-errors")}.`,
        ]),
        refuses("a watch with less than all requests", set(`${steps}.4.setWeight`, 50), [
            `${steps}[4] is {"setWeight":50}; accepted: ${cutover}.`,
        ]),
        refuses("a canary without steps", unset(steps), [
            health(compliant.analysis, 0),
            noScale,
            noSmoke,
            noShare(0),
            noErrors(undefined, 1),
            `${steps}[0] is not set; accepted: ${cutover}.`,
            `${steps}[0] is not set; accepted: ${counted("deployment-errors")}.`,
        ]),
        unknownAt(`${canary}.scaleDownDelaySeconds`),
        unknownAt(`${steps}.2.setWeight`),
    ],
});

const inProduction = set("metadata.namespace", "relaypacs-prod");
const oneByOne = (kind: string) =>
    `${kind} in relaypacs-prod replaces pods one by one; accepted: a Rollout, released blue-green.`;

describeResourcePolicy(kubernetesWorkloadStrategy, {
    type: kubernetes.deployment,
    given: cluster.deployment,
    cases: [
        refuses("a Deployment in production", inProduction, oneByOne("Deployment")),
        ...(["statefulSet", "daemonSet", "replicaSet"] as const).map((kind) =>
            refuses(`a ${kind} in production`, inProduction, oneByOne(kind[0]!.toUpperCase() + kind.slice(1)), {
                type: kubernetes[kind],
            }),
        ),
        refuses("a Pod in production", inProduction, oneByOne("Pod"), { type: kubernetes.pod, given: cluster.pod }),
        accepts("a migration Job in production", inProduction, { type: kubernetes.job, given: cluster.job }),
        accepts("a Rollout in production", unchanged, { type: kubernetes.rollout, given: fixtures.blueGreen }),
        accepts("a Deployment in a namespace with a similar name", set("metadata.namespace", "relaypacs-prod-2")),
        refuses(
            "a Deployment in the namespace that the setting names",
            unchanged,
            ["Deployment in relaypacs-staging replaces pods one by one; accepted: a Rollout, released blue-green."],
            { settings: { namespaces: ["relaypacs-staging"] } },
        ),
        unknownAt("metadata.namespace"),
    ],
});

const missing = (name: string) =>
    `backend is judged by ${name}, which is not declared; accepted: an AnalysisTemplate of the same namespace and stack.`;
const declared = (properties: object) => ({ type: kubernetes.analysisTemplate, properties: properties as Properties });

describeStackPolicy(kubernetesRolloutAnalyses, {
    given: {
        backend: { type: kubernetes.rollout, properties: fixtures.blueGreen },
        smokeTests: declared(fixtures.smokeTests),
        canaryErrors: declared(fixtures.canaryErrors),
        deploymentErrors: declared(fixtures.deploymentErrors),
        podHealth: declared(fixtures.podHealth),
    },
    cases: [
        refusesStack(
            "a Rollout whose smoke tests are not declared",
            without("smokeTests"),
            missing("backend-smoke-tests"),
            { on: "backend" },
        ),
        refusesStack(
            "a Rollout whose pod health analysis is not declared",
            without("podHealth"),
            missing("backend-pod-health"),
        ),
        refusesStack(
            "an analysis that is declared in another namespace",
            of("canaryErrors", set("metadata.namespace", "other")),
            [missing("backend-canary-errors")],
        ),
        acceptsStack("a Rollout without analyses, which another policy judges", of("backend", unset("spec.strategy"))),
        unknownInStack(
            "the name of a template is not known yet",
            of("canaryErrors", set("metadata.name", unknownValue)),
            "metadata.name",
            missing("backend-canary-errors"),
        ),
    ],
});
