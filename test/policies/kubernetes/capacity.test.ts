import * as assert from "node:assert/strict";
import { kubernetesQuotaRoom } from "../../../policies/kubernetes/quota-room";
import { kubernetesWorkloadDisruptionBudget } from "../../../policies/kubernetes/workload-disruption-budget";
import { portionOf, quantityOf } from "../../../policies/shared/quantities";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/kubernetes";
import * as rollouts from "../fixtures/rollouts";
import { all, set, unknownValue, unset } from "../support/cases";
import type { Change, Properties } from "../support/cases";
import {
    acceptsStack,
    describeStackPolicy,
    of,
    refusesStack,
    together,
    unknownInStack,
    without,
} from "../support/suites";

const budgeted = {
    backend: { type: kubernetes.deployment, properties: fixtures.deployment },
    budget: { type: kubernetes.podDisruptionBudget, properties: fixtures.podDisruptionBudget },
};
const none = "backend has no PodDisruptionBudget; accepted: one in its namespace whose selector matches its pods.";
const allows = (rest: string) => `backend's PodDisruptionBudget ${rest}.`;
const minimum = (value: unknown) => of("budget", all(unset("spec.maxUnavailable"), set("spec.minAvailable", value)));
const expressions = (operator: string, values?: string[]) =>
    of("budget", set("spec.selector", { matchExpressions: [{ key: "app.kubernetes.io/name", operator, values }] }));

describeStackPolicy(kubernetesWorkloadDisruptionBudget, {
    given: budgeted,
    cases: [
        refusesStack("a workload without a budget", without("budget"), none, { on: "backend" }),
        refusesStack("a budget of another namespace", of("budget", set("metadata.namespace", "other")), none),
        refusesStack("a budget of other pods", of("budget", set("spec.selector.matchLabels", { app: "other" })), none),
        acceptsStack("a budget that selects every pod", of("budget", set("spec.selector", {}))),
        acceptsStack("a budget that selects by expression", expressions("In", ["backend", "frontend"])),
        refusesStack("a budget with an expression that does not match", expressions("NotIn", ["backend"]), none),
        acceptsStack("a budget with an expression that asks for the label", expressions("Exists")),
        refusesStack(
            "a budget with an expression that asks for the label's absence",
            expressions("DoesNotExist"),
            none,
        ),
        acceptsStack("a budget that keeps one of two pods", minimum(1)),
        acceptsStack("a budget that keeps half of the pods", minimum("50%")),
        refusesStack("a budget that keeps both pods, so that no node can be drained", minimum(2), [
            allows("lets no pod of 2 go (minAvailable 2); accepted: at least one"),
        ]),
        refusesStack(
            "a budget that keeps no pod",
            minimum(0),
            allows("lets all pods of 2 go (minAvailable 0); accepted: at least one stays"),
        ),
        refusesStack("a budget that lets no pod go", of("budget", set("spec.maxUnavailable", 0)), [
            allows("lets no pod of 2 go (maxUnavailable 0); accepted: at least one"),
        ]),
        refusesStack("a budget that lets all pods go", of("budget", set("spec.maxUnavailable", "100%")), [
            allows("lets all pods of 2 go (maxUnavailable 100%); accepted: at least one stays"),
        ]),
        ...["IfHealthyBudget", undefined, null].map((given) =>
            refusesStack(
                `a budget by which broken pods block a drain (${String(given)})`,
                of("budget", set("spec.unhealthyPodEvictionPolicy", given)),
                [
                    allows(
                        `lets pods that are not ready block a drain (unhealthyPodEvictionPolicy ${String(given)}); accepted: AlwaysAllow`,
                    ),
                ],
            ),
        ),
        acceptsStack("a Job without a budget", (stack) => {
            stack.migration = { type: kubernetes.job, properties: fixtures.job };
        }),
        unknownInStack(
            "the namespace of a budget is not known yet",
            together(of("budget", set("metadata.namespace", unknownValue))),
            "metadata.namespace",
            none,
        ),
    ],
});

// 3 pods of the Deployment while it rolls, and the migration: 4 × (100m, 128Mi), limits 4 × (500m, 256Mi).
const room: Change = set("spec.hard", {
    pods: 4,
    "requests.cpu": "400m",
    "requests.memory": "512Mi",
    "limits.cpu": 2,
    "limits.memory": "1Gi",
});
const quota = structuredClone(fixtures.resourceQuota) as Properties;
room(quota);
const hard = (resource: string, value: unknown) =>
    of("quota", (properties) => {
        (properties.spec as { hard: Properties }).hard[resource] = value;
    });
const needs = (resource: string, given: string, need: string) =>
    `quota spec.hard["${resource}"] is ${given}; accepted: at least ${need}, the busiest moment's need.`;
const five = [
    needs("pods", "4", "5"),
    needs("requests.cpu", '"400m"', "500m"),
    needs("requests.memory", '"512Mi"', "640Mi"),
    needs("limits.cpu", "2", "2500m"),
    needs("limits.memory", '"1Gi"', "1280Mi"),
];
// Three times two pods, and the migration.
const seven = [
    needs("pods", "4", "7"),
    needs("requests.cpu", '"400m"', "700m"),
    needs("requests.memory", '"512Mi"', "896Mi"),
    needs("limits.cpu", "2", "3500m"),
    needs("limits.memory", '"1Gi"', "1792Mi"),
];
const asRollout = (strategy: object) => (stack: Record<string, { type: string; properties: Properties }>) => {
    stack.backend = { type: kubernetes.rollout, properties: structuredClone(fixtures.rollout) };
    set("spec.strategy", strategy)(stack.backend.properties);
};

describeStackPolicy(kubernetesQuotaRoom, {
    given: {
        quota: { type: kubernetes.resourceQuota, properties: quota },
        backend: { type: kubernetes.deployment, properties: fixtures.deployment },
        migration: { type: kubernetes.job, properties: fixtures.job },
    },
    cases: [
        refusesStack("a quota of one pod too few", hard("pods", 3), needs("pods", "3", "4"), { on: "quota" }),
        refusesStack(
            "a quota of one millicore too little",
            hard("requests.cpu", "399m"),
            needs("requests.cpu", '"399m"', "400m"),
        ),
        refusesStack(
            "a quota of one byte too little",
            hard("requests.memory", 2 ** 29 - 1),
            needs("requests.memory", "536870911", "512Mi"),
        ),
        acceptsStack(
            "a sum of fractions that is not exact in binary",
            together(
                hard("requests.cpu", "0.3"),
                without("migration"),
                of("backend", set("spec.template.spec.containers.0.resources.requests.cpu", "0.1")),
            ),
        ),
        refusesStack(
            "a quota without room for one more surge pod",
            of("backend", set("spec.strategy.rollingUpdate.maxSurge", 2)),
            five,
        ),
        refusesStack(
            "a quota without room for a surge of all pods",
            of("backend", set("spec.strategy.rollingUpdate.maxSurge", "100%")),
            five,
        ),
        acceptsStack(
            "the strategy Recreate, which has no surge",
            together(of("backend", set("spec.strategy", { type: "Recreate" })), hard("pods", 3)),
        ),
        refusesStack(
            "a quota without room for three colours",
            asRollout({ blueGreen: { activeService: "backend" } }),
            seven,
        ),
        refusesStack(
            "a quota without room for a canary with traffic routing",
            asRollout({ canary: { trafficRouting: {} } }),
            seven,
        ),
        refusesStack(
            "a quota without room for the smoke test's job",
            (stack) => {
                stack.smokeTests = {
                    type: kubernetes.analysisTemplate,
                    properties: structuredClone(rollouts.smokeTests) as Properties,
                };
                set("metadata.namespace", "relaypacs-staging")(stack.smokeTests.properties);
            },
            five,
        ),
        acceptsStack("an analysis that runs no pod", (stack) => {
            stack.analysis = {
                type: kubernetes.analysisTemplate,
                properties: structuredClone(rollouts.canaryErrors) as Properties,
            };
            set("metadata.namespace", "relaypacs-staging")(stack.analysis.properties);
        }),
        acceptsStack("a canary by number of pods", asRollout({ canary: { maxSurge: 1 } })),
        refusesStack(
            "a quota without room for a larger init container",
            of(
                "backend",
                set("spec.template.spec.initContainers", [
                    { name: "init", resources: { requests: { cpu: "200m", memory: "64Mi" } } },
                ]),
            ),
            needs("requests.cpu", '"400m"', "700m"),
        ),
        refusesStack(
            "a quota without room for a sidecar",
            of(
                "backend",
                set("spec.template.spec.initContainers", [
                    { name: "proxy", restartPolicy: "Always", resources: { requests: { cpu: "10m" } } },
                ]),
            ),
            needs("requests.cpu", '"400m"', "430m"),
        ),
        acceptsStack(
            "a quota of another namespace",
            together(of("quota", set("metadata.namespace", "other")), hard("pods", 1)),
        ),
        acceptsStack("a scoped quota", together(of("quota", set("spec.scopes", ["BestEffort"])), hard("pods", 1))),
        unknownInStack(
            "the replicas of a workload are not known yet",
            together(of("backend", set("spec.replicas", unknownValue)), hard("pods", 0)),
            "spec.replicas",
            needs("pods", "0", "1"),
        ),
    ],
});

describe("Kubernetes quantities", () => {
    const cases: [unknown, number | undefined][] = [
        ["250m", 0.25],
        ["1.5", 1.5],
        [".5", 0.5],
        ["2", 2],
        [3, 3],
        ["1e3", 1000],
        ["1E", 1e18],
        ["128Mi", 134217728],
        ["1Gi", 1073741824],
        ["5k", 5000],
        ["1u", 1e-6],
        ["", undefined],
        ["1.5.2", undefined],
        ["-1", undefined],
        ["ten", undefined],
        ["1mi", undefined],
        [null, undefined],
        [NaN, undefined],
    ];
    for (const [given, expected] of cases) {
        it(`should read ${typeof given === "number" ? String(given) : JSON.stringify(given)} as ${String(expected)}`, () => {
            assert.equal(quantityOf(given), expected);
        });
    }

    it("should round percentages as Kubernetes does", () => {
        assert.equal(portionOf("25%", 3, "up"), 1);
        assert.equal(portionOf("25%", 3, "down"), 0);
        assert.equal(portionOf("2", 3, "up"), 2);
        assert.equal(portionOf(2, 3, "up"), 2);
        assert.equal(portionOf("1.5", 3, "up"), undefined);
        assert.equal(portionOf(-1, 3, "up"), undefined);
    });
});
