import { kubernetesAnalysisLimits } from "../../../policies/kubernetes/analysis-limits";
import { kubernetes } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/rollouts";
import { accepts, all, refuses, set, unchanged, unknownAt, unset } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

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
        accepts("the analysis that watches the deployment", unchanged, watch),
        accepts("the analysis of the pods' health", unchanged, health0),
        accepts("the analysis that runs the smoke tests", unchanged, smoke),
        refuses("a template whose name tells no purpose", set("metadata.name", "backend"), [
            'metadata.name is "backend"; accepted: a name that ends in -smoke-tests, -canary-errors, -deployment-errors or -pod-health.',
        ]),
        refuses("metrics that are measured and not counted", set("spec.dryRun", [{ metricName: ".*" }]), [
            'spec.dryRun is [{"metricName":".*"}]; accepted: not set: every metric counts.',
        ]),
        // How much may fail.
        accepts("a stricter limit", conditions(0.1)),
        accepts("a limit of zero", conditions(0)),
        refuses(
            "an error increase of one tenth of a percentage point too much",
            conditions(0.6),
            limits(above("<=", 0.6), 0.5),
        ),
        accepts("a looser limit where the setting allows it", conditions(0.6), {
            settings: { maximumErrorIncreasePercent: 0.6 },
        }),
        refuses(
            "an error rate of one tenth of a percent too much under watch",
            conditions(1.1),
            limits(above("<=", 1.1), 1),
            watch,
        ),
        refuses("one percent too many unhealthy pods", conditions(21), limits(above("<=", 21), 20), health0),
        refuses(
            "a failure condition above the success condition's limit",
            set(`${metrics(0)}.failureCondition`, condition(">", 5)),
            [`${place(0)}.failureCondition is ${above(">", 5)}; accepted: ${condition(">", 0.5)}.`],
        ),
        refuses("a metric without a failure condition", unset(`${metrics(0)}.failureCondition`), [
            `${place(0)}.failureCondition is not set; accepted: ${condition(">", 0.5)}.`,
        ]),
        refuses(
            "a condition that could hold without a value",
            set(`${metrics(0)}.successCondition`, "result[0] <= 0.5"),
            [
                `spec.metrics is ["error-increase","enough-traffic"]; accepted: a metric with ${condition("<=", 0.5)}.`,
                `${place(0)} is "error-increase"; accepted: no other metric.`,
            ],
        ),
        refuses("one tolerated bad measurement", set(`${metrics(0)}.failureLimit`, 1), [
            `${place(0)}.failureLimit is 1; accepted: 0 to 0.`,
        ]),
        refuses("any number of tolerated bad measurements", set(`${metrics(0)}.failureLimit`, -1), [
            `${place(0)}.failureLimit is -1; accepted: 0 to 0.`,
        ]),
        refuses(
            "two tolerated measurements of unhealthy pods",
            set(`${metrics(0)}.failureLimit`, 2),
            [`${place(0)}.failureLimit is 2; accepted: 0 to 1.`],
            health0,
        ),
        // How long and how often.
        refuses("a canary of nine and a half minutes", set(`${metrics(0)}.consecutiveSuccessLimit`, 19), [
            `${place(0)}.consecutiveSuccessLimit is 19; accepted: at least 20: 600 seconds of 30.`,
        ]),
        refuses("a metric without a number of consecutive successes", unset(`${metrics(1)}.consecutiveSuccessLimit`), [
            `${place(1)}.consecutiveSuccessLimit is not set; accepted: at least 20: 600 seconds of 30.`,
        ]),
        accepts("a shorter canary where the setting allows it", set(`${metrics(0)}.consecutiveSuccessLimit`, 19), {
            settings: { minimumCanarySeconds: 570 },
        }),
        refuses(
            "a watch of less than five minutes",
            set(`${metrics(0)}.consecutiveSuccessLimit`, 9),
            [`${place(0)}.consecutiveSuccessLimit is 9; accepted: at least 10: 300 seconds of 30.`],
            watch,
        ),
        refuses(
            "a pod health metric that ends after successes",
            set(`${metrics(0)}.consecutiveSuccessLimit`, 100),
            [`${place(0)}.consecutiveSuccessLimit is 100; accepted: not set: it never ends.`],
            health0,
        ),
        accepts("a count beside the number of consecutive successes", set(`${metrics(0)}.count`, 150)),
        refuses(
            "a count alone, which would pass despite inconclusive measurements",
            all(set(`${metrics(0)}.count`, 20), unset(`${metrics(0)}.consecutiveSuccessLimit`)),
            [`${place(0)}.consecutiveSuccessLimit is not set; accepted: at least 20: 600 seconds of 30.`],
        ),
        refuses(
            "a pod health metric that ends after a count",
            set(`${metrics(0)}.count`, 20),
            [`${place(0)}.count is 20; accepted: not set: it never ends.`],
            health0,
        ),
        accepts("one measurement per minute", all(...[0, 1].map((at) => set(`${metrics(at)}.interval`, "1m")))),
        refuses("less than one measurement per minute", set(`${metrics(0)}.interval`, "61s"), [
            `${place(0)}.interval is "61s"; accepted: "1s" to "60s".`,
        ]),
        refuses("an interval that is not a duration", set(`${metrics(0)}.interval`, "soon"), [
            `${place(0)}.interval is "soon"; accepted: "1s" to "60s".`,
        ]),
        // What judges nothing.
        refuses("an analysis without a metric for sufficient traffic", unset(metrics(1)), [
            `spec.metrics is ["error-increase"]; accepted: a metric with ${condition(">=", 10)}.`,
        ]),
        refuses("one request as sufficient traffic", set(`${metrics(1)}.successCondition`, condition(">=", 1)), [
            `${place(1)}.successCondition is ${above(">=", 1)}; accepted: ${condition(">=", 10)}.`,
        ]),
        accepts(
            "one request as sufficient traffic where the setting allows it",
            set(`${metrics(1)}.successCondition`, condition(">=", 1)),
            {
                settings: { minimumRequests: 1 },
            },
        ),
        refuses(
            "too little traffic that counts as inconclusive instead of failed",
            set(`${metrics(1)}.failureCondition`, "false"),
            [`${place(1)}.failureCondition is "false"; accepted: not set: too little fails.`],
        ),
        accepts("ten inconclusive measurements", set(`${metrics(1)}.failureLimit`, 10)),
        refuses("eleven inconclusive measurements", set(`${metrics(1)}.failureLimit`, 11), [
            `${place(1)}.failureLimit is 11; accepted: 0 to 10.`,
        ]),
        refuses("any number of inconclusive measurements", set(`${metrics(1)}.failureLimit`, -1), [
            `${place(1)}.failureLimit is -1; accepted: 0 to 10.`,
        ]),
        refuses("a Prometheus that may be unreachable without end", set(`${metrics(0)}.consecutiveErrorLimit`, 1000), [
            `${place(0)}.consecutiveErrorLimit is 1000; accepted: at most 10.`,
        ]),
        accepts("Argo's default of four consecutive errors", unset(`${metrics(0)}.consecutiveErrorLimit`)),
        refuses("a third metric", set(metrics(2), { name: "latency", interval: "30s", consecutiveSuccessLimit: 20 }), [
            `${place(2)} is "latency"; accepted: no other metric.`,
        ]),
        // What is asked.
        refuses("an error query that reads no metric", set(`${metrics(0)}.provider.prometheus.query`, "vector(0)"), [
            `${place(0)}.provider.prometheus.query is "vector(0)"; accepted: a query of http_requests_total\\{[^}]*rollouts_pod_template_hash="\\{\\{args\\.canary-hash\\}\\}"[^]*args\\.stable-hash.`,
        ]),
        refuses("a traffic query that reads no metric", set(`${metrics(1)}.provider.prometheus.query`, "vector(100)"), [
            `${place(1)}.provider.prometheus.query is "vector(100)"; accepted: a query of http_requests_total.`,
        ]),
        refuses(
            "a pod health query that reads no metric",
            set(`${metrics(0)}.provider.prometheus.query`, "vector(0)"),
            [
                `${place(0)}.provider.prometheus.query is "vector(0)"; accepted: a query of up\\{[^}]*rollouts_pod_template_hash="\\{\\{args\\.canary-hash\\}\\}".`,
            ],
            health0,
        ),
        // Smoke tests.
        refuses(
            "smoke tests that run no job",
            set(`${metrics(0)}.provider`, { prometheus: { query: "vector(1)" } }),
            [
                'spec.metrics is [{"name":"smoke-tests","count":1,"failureLimit":0,"consecutiveErrorLimit":0,"provider":{"prometheus":{"query":"vector(1)"}}}]; accepted: a metric with a job.',
            ],
            smoke,
        ),
        refuses(
            "a second attempt of the smoke tests",
            set(`${metrics(0)}.failureLimit`, 1),
            [`${place(0)}.failureLimit is 1; accepted: 0: one try.`],
            smoke,
        ),
        refuses(
            "a fifth attempt of the smoke tests, by Argo's default",
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
