import { kubernetesAnalysisLimits } from "../../policies/kubernetes/analysis-limits";
import { kubernetes } from "../../policies/shared/types";
import * as fixtures from "./fixtures/rollouts";
import { accepts, all, refuses, set, unchanged, unknownAt, unset } from "./support/cases";
import { describeResourcePolicy } from "./support/suites";

const metrics = (at: number) => `spec.metrics.${at}`;
const place = (at: number) => `spec.metrics[${at}]`;
const above = (operator: string, value: number) => `"len(result) > 0 && result[0] ${operator} ${value}"`;
const condition = (operator: string, value: number) => `len(result) > 0 && result[0] ${operator} ${value}`;
const conditions = (value: number) =>
    all(
        set(`${metrics(0)}.successCondition`, condition("<=", value)),
        set(`${metrics(0)}.failureCondition`, condition(">", value)),
    );
const limits = (given: string, limit: number) =>
    `${place(0)}.successCondition is ${given}; accepted: ${condition("<=", limit)}.`;
const health0 = { given: fixtures.podHealth };
const watch = { given: fixtures.deploymentErrors };
const smoke = { given: fixtures.smokeTests };

describeResourcePolicy(kubernetesAnalysisLimits, {
    type: kubernetes.analysisTemplate,
    given: fixtures.canaryErrors,
    cases: [
        accepts("the watch", unchanged, watch),
        accepts("pod health", unchanged, health0),
        accepts("smoke tests", unchanged, smoke),
        refuses("a name that says nothing", set("metadata.name", "backend"), [
            'metadata.name is "backend"; accepted: a name that ends in -smoke-tests, -canary-errors, -deployment-errors or -pod-health.',
        ]),
        refuses("metrics that don't count", set("spec.dryRun", [{ metricName: ".*" }]), [
            'spec.dryRun is [{"metricName":".*"}]; accepted: not set: every metric counts.',
        ]),
        // How much may fail.
        accepts("a stricter limit", conditions(0.1)),
        accepts("none at all", conditions(0)),
        refuses("a tenth of a point more", conditions(0.6), limits(above("<=", 0.6), 0.5)),
        accepts("more where the setting allows it", conditions(0.6), {
            settings: { maximumErrorIncreasePercent: 0.6 },
        }),
        refuses("a tenth of a percent more under watch", conditions(1.1), limits(above("<=", 1.1), 1), watch),
        refuses("a percent more of unhealthy pods", conditions(21), limits(above("<=", 21), 20), health0),
        refuses("a failure above a higher limit", set(`${metrics(0)}.failureCondition`, condition(">", 5)), [
            `${place(0)}.failureCondition is ${above(">", 5)}; accepted: ${condition(">", 0.5)}.`,
        ]),
        refuses("no failure", unset(`${metrics(0)}.failureCondition`), [
            `${place(0)}.failureCondition is not set; accepted: ${condition(">", 0.5)}.`,
        ]),
        refuses("a condition that is true without a value", set(`${metrics(0)}.successCondition`, "result[0] <= 0.5"), [
            `spec.metrics is ["error-increase","enough-traffic"]; accepted: a metric with ${condition("<=", 0.5)}.`,
            `${place(0)} is "error-increase"; accepted: no other metric.`,
        ]),
        refuses("a bad measurement forgiven", set(`${metrics(0)}.failureLimit`, 1), [
            `${place(0)}.failureLimit is 1; accepted: 0 to 0.`,
        ]),
        refuses("every bad measurement forgiven", set(`${metrics(0)}.failureLimit`, -1), [
            `${place(0)}.failureLimit is -1; accepted: 0 to 0.`,
        ]),
        refuses(
            "unhealthy pods twice forgiven",
            set(`${metrics(0)}.failureLimit`, 2),
            [`${place(0)}.failureLimit is 2; accepted: 0 to 1.`],
            health0,
        ),
        // How long and how often.
        refuses("nine and a half minutes", set(`${metrics(0)}.consecutiveSuccessLimit`, 19), [
            `${place(0)}.consecutiveSuccessLimit is 19; accepted: at least 20: 600 seconds of 30.`,
        ]),
        refuses("no row of good measurements", unset(`${metrics(1)}.consecutiveSuccessLimit`), [
            `${place(1)}.consecutiveSuccessLimit is not set; accepted: at least 20: 600 seconds of 30.`,
        ]),
        accepts("less where the setting allows it", set(`${metrics(0)}.consecutiveSuccessLimit`, 19), {
            settings: { minimumCanarySeconds: 570 },
        }),
        refuses(
            "a watch of less than five minutes",
            set(`${metrics(0)}.consecutiveSuccessLimit`, 9),
            [`${place(0)}.consecutiveSuccessLimit is 9; accepted: at least 10: 300 seconds of 30.`],
            watch,
        ),
        refuses(
            "pod health that ends",
            set(`${metrics(0)}.consecutiveSuccessLimit`, 100),
            [`${place(0)}.consecutiveSuccessLimit is 100; accepted: not set: it never ends.`],
            health0,
        ),
        accepts("a count beside the row", set(`${metrics(0)}.count`, 150)),
        refuses(
            "a count alone, which ends well whatever was inconclusive",
            all(set(`${metrics(0)}.count`, 20), unset(`${metrics(0)}.consecutiveSuccessLimit`)),
            [`${place(0)}.consecutiveSuccessLimit is not set; accepted: at least 20: 600 seconds of 30.`],
        ),
        refuses(
            "pod health that is counted",
            set(`${metrics(0)}.count`, 20),
            [`${place(0)}.count is 20; accepted: not set: it never ends.`],
            health0,
        ),
        accepts("a measurement a minute", all(...[0, 1].map((at) => set(`${metrics(at)}.interval`, "1m")))),
        refuses("less often", set(`${metrics(0)}.interval`, "61s"), [
            `${place(0)}.interval is "61s"; accepted: "1s" to "60s".`,
        ]),
        refuses("an interval that is none", set(`${metrics(0)}.interval`, "soon"), [
            `${place(0)}.interval is "soon"; accepted: "1s" to "60s".`,
        ]),
        // What judges nothing.
        refuses("no companion", unset(metrics(1)), [
            `spec.metrics is ["error-increase"]; accepted: a metric with ${condition(">=", 10)}.`,
        ]),
        refuses("one request is enough", set(`${metrics(1)}.successCondition`, condition(">=", 1)), [
            `${place(1)}.successCondition is ${above(">=", 1)}; accepted: ${condition(">=", 10)}.`,
        ]),
        accepts("one request where the setting allows it", set(`${metrics(1)}.successCondition`, condition(">=", 1)), {
            settings: { minimumRequests: 1 },
        }),
        refuses("too little that is inconclusive and not a failure", set(`${metrics(1)}.failureCondition`, "false"), [
            `${place(1)}.failureCondition is "false"; accepted: not set: too little fails.`,
        ]),
        accepts("ten measurements without a judgement", set(`${metrics(1)}.failureLimit`, 10)),
        refuses("eleven", set(`${metrics(1)}.failureLimit`, 11), [
            `${place(1)}.failureLimit is 11; accepted: 0 to 10.`,
        ]),
        refuses("any number", set(`${metrics(1)}.failureLimit`, -1), [
            `${place(1)}.failureLimit is -1; accepted: 0 to 10.`,
        ]),
        refuses("a Prometheus that may be away for ever", set(`${metrics(0)}.consecutiveErrorLimit`, 1000), [
            `${place(0)}.consecutiveErrorLimit is 1000; accepted: at most 10.`,
        ]),
        accepts("Argo's default, four", unset(`${metrics(0)}.consecutiveErrorLimit`)),
        refuses("a third metric", set(metrics(2), { name: "latency", interval: "30s", consecutiveSuccessLimit: 20 }), [
            `${place(2)} is "latency"; accepted: no other metric.`,
        ]),
        // What is asked.
        refuses("a query about nothing", set(`${metrics(0)}.provider.prometheus.query`, "vector(0)"), [
            `${place(0)}.provider.prometheus.query is "vector(0)"; accepted: a query of http_requests_total\\{[^}]*rollouts_pod_template_hash="\\{\\{args\\.canary-hash\\}\\}"[^]*args\\.stable-hash.`,
        ]),
        refuses("traffic out of nothing", set(`${metrics(1)}.provider.prometheus.query`, "vector(100)"), [
            `${place(1)}.provider.prometheus.query is "vector(100)"; accepted: a query of http_requests_total.`,
        ]),
        refuses(
            "pods of nobody",
            set(`${metrics(0)}.provider.prometheus.query`, "vector(0)"),
            [
                `${place(0)}.provider.prometheus.query is "vector(0)"; accepted: a query of up\\{[^}]*rollouts_pod_template_hash="\\{\\{args\\.canary-hash\\}\\}".`,
            ],
            health0,
        ),
        // Smoke tests.
        refuses(
            "smoke tests that run nothing",
            set(`${metrics(0)}.provider`, { prometheus: { query: "vector(1)" } }),
            [
                'spec.metrics is [{"name":"smoke-tests","count":1,"failureLimit":0,"consecutiveErrorLimit":0,"provider":{"prometheus":{"query":"vector(1)"}}}]; accepted: a metric with a job.',
            ],
            smoke,
        ),
        refuses(
            "a second try",
            set(`${metrics(0)}.failureLimit`, 1),
            [`${place(0)}.failureLimit is 1; accepted: 0: one try.`],
            smoke,
        ),
        refuses(
            "a fifth try, by Argo's default",
            unset(`${metrics(0)}.consecutiveErrorLimit`),
            [`${place(0)}.consecutiveErrorLimit is not set; accepted: 0: one try.`],
            smoke,
        ),
        refuses(
            "a second job, which no guardrail would judge",
            set(metrics(1), fixtures.smokeTests.spec.metrics[0]),
            ['spec.metrics is "2 jobs"; accepted: one job at most, which the guardrails judge.'],
            smoke,
        ),
        unknownAt(`${metrics(0)}.successCondition`),
        unknownAt("metadata.name"),
    ],
});
