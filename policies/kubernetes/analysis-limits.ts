import { resourcePolicy } from "../shared/policy";
import type { Findings } from "../shared/findings";
import { labels, metrics as served } from "../../delivery/core/metrics";
import { parseSeconds } from "../../delivery/core/time";
import { kindOf } from "../shared/rollouts";
import type { AnalysisKind, AnalysisTemplate, Metric } from "../shared/rollouts";
import { specification } from "../shared/standards";
import { kubernetes } from "../shared/types";

interface Settings {
    readonly minimumCanarySeconds: number;
    readonly maximumErrorIncreasePercent: number;
    readonly minimumWatchSeconds: number;
    readonly maximumErrorPercent: number;
    readonly maximumUnhealthyPercent: number;
    readonly maximumMeasurementSeconds: number;
    readonly maximumInconclusive: number;
    readonly minimumRequests: number;
}

const number = (type: "integer" | "number", minimum: number, maximum: number, value: number, description: string) =>
    ({ type, minimum, maximum, default: value, description }) as const;

/** A template is recognised by the end of its name, as in `kubernetes-rollout-strategy`. */
export const kubernetesAnalysisLimits = resourcePolicy<AnalysisTemplate, Settings>({
    name: "kubernetes-analysis-limits",
    description:
        "The analyses of a release measure for as long, as often and as strictly as specified. Too little traffic, and a " +
        "Prometheus that does not answer, abort the release and never pass it.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...specification("Section 7, Automated Rollback Triggers", "Rollback is initiated automatically"),
    remediationSteps: "Let ReleaseAnalyses make the templates, with settings within the limits that the message names.",
    configSchema: {
        properties: {
            minimumCanarySeconds: number("integer", 1, 86400, 600, "Seconds of the first share of requests"),
            maximumErrorIncreasePercent: number("number", 0, 100, 0.5, "Percentage points above the stable version"),
            minimumWatchSeconds: number("integer", 1, 86400, 300, "Seconds under watch after the cutover"),
            maximumErrorPercent: number("number", 0, 100, 1, "Percentage of failed requests after the cutover"),
            maximumUnhealthyPercent: number("number", 0, 100, 20, "Percentage of unhealthy pods"),
            maximumMeasurementSeconds: number("integer", 1, 3600, 60, "Seconds between two measurements"),
            maximumInconclusive: number("integer", 0, 1000, 10, "Inconclusive measurements that are allowed"),
            minimumRequests: number("integer", 1, 1000000, 10, "Requests below which a measurement is inconclusive"),
        },
    },
    types: [kubernetes.analysisTemplate],
    judge: (given, findings) => {
        const { metadata, spec } = given as AnalysisTemplate;
        const kind = kindOf(metadata?.name);
        if (!kind) {
            const accepted = "a name that ends in -smoke-tests, -canary-errors, -deployment-errors or -pod-health";
            findings.deviates("metadata.name", metadata?.name, accepted);
            return;
        }
        if (spec?.dryRun?.length) findings.deviates("spec.dryRun", spec.dryRun, "not set: every metric counts");
        const metrics = spec?.metrics ?? [];
        const jobs = metrics.filter(({ provider }) => provider?.job).length;
        if (jobs > 1) findings.deviates("spec.metrics", `${jobs} jobs`, "one job at most, which the guardrails judge");
        if (kind === "smokeTests") judgeSmokeTests(metrics, findings);
        else judgeMeasurements(kind, metrics, findings);
    },
});

function judgeSmokeTests(metrics: readonly Metric[], findings: Findings<Settings>): void {
    const at = metrics.findIndex(({ provider }) => provider?.job);
    if (at < 0) {
        findings.deviates("spec.metrics", metrics, "a metric with a job");
        return;
    }
    for (const [property, fallback] of [
        ["failureLimit", 0],
        ["consecutiveErrorLimit", 4],
        ["inconclusiveLimit", 0],
    ] as const) {
        const given = metrics[at]?.[property];
        if (Number(given ?? fallback) !== 0) findings.deviates(`spec.metrics[${at}].${property}`, given, "0: one try");
    }
}

/** What an analysis of one kind must measure. */
interface Requirement {
    /** What the metric's query must be made of. */
    readonly of: RegExp;
    readonly limit: number;
    /** Seconds in a row without a bad measurement; none where it runs in the background. */
    readonly seconds?: number;
    readonly failures: number;
    /** What the companion metric must count, and the least that suffices. */
    readonly enough: { readonly of: RegExp; readonly minimum: number };
}

function requirementOf(kind: Exclude<AnalysisKind, "smokeTests">, settings: Readonly<Settings>): Requirement {
    const requests = { of: new RegExp(served.requests), minimum: settings.minimumRequests };
    const ofGreen = `\\{[^}]*${labels.templateHash}="\\{\\{args\\.canary-hash\\}\\}"`;
    const errors = new RegExp(`${served.requests}${ofGreen}`);
    switch (kind) {
        case "canaryErrors":
            return {
                of: new RegExp(`${errors.source}[^]*args\\.stable-hash`),
                limit: settings.maximumErrorIncreasePercent,
                seconds: settings.minimumCanarySeconds,
                failures: 0,
                enough: requests,
            };
        case "deploymentErrors":
            return {
                of: errors,
                limit: settings.maximumErrorPercent,
                seconds: settings.minimumWatchSeconds,
                failures: 0,
                enough: requests,
            };
        case "podHealth":
            return {
                of: new RegExp(`${served.up}${ofGreen}`),
                limit: settings.maximumUnhealthyPercent,
                // A pod that moves to another node is missing in one measurement.
                failures: 1,
                enough: { of: new RegExp(`${served.up}\\{`), minimum: 1 },
            };
    }
}

/** One metric fails above the limit; its companion fails when there is too little traffic to judge. */
function judgeMeasurements(
    kind: Exclude<AnalysisKind, "smokeTests">,
    metrics: readonly Metric[],
    findings: Findings<Settings>,
): void {
    const requirement = requirementOf(kind, findings.settings);
    const limits = metrics.map(({ successCondition }) => valueIn(successCondition, "<="));
    const minimums = metrics.map(({ successCondition }) => valueIn(successCondition, ">="));
    const [limiting, companion] = [limits.findIndex(isNumber), minimums.findIndex(isNumber)];
    if (limiting < 0)
        findings.deviates("spec.metrics", namesOf(metrics), `a metric with ${condition("<=", requirement.limit)}`);
    if (companion < 0) {
        findings.deviates(
            "spec.metrics",
            namesOf(metrics),
            `a metric with ${condition(">=", requirement.enough.minimum)}`,
        );
    }
    findings.each(metrics, (metric, at) => {
        const place = `spec.metrics[${at}]`;
        judgeSchedule(place, metric, requirement, findings);
        if (at === limiting) judgeLimit(place, metric, limits[at] ?? NaN, requirement, findings);
        else if (at === companion) judgeCompanion(place, metric, minimums[at] ?? NaN, requirement, findings);
        else findings.deviates(place, metric.name, "no other metric");
    });
}

function judgeLimit(
    place: string,
    metric: Metric,
    limit: number,
    requirement: Requirement,
    findings: Findings<Settings>,
): void {
    if (limit > requirement.limit) {
        findings.deviates(`${place}.successCondition`, metric.successCondition, condition("<=", requirement.limit));
    }
    if (valueIn(metric.failureCondition, ">") !== limit) {
        findings.deviates(`${place}.failureCondition`, metric.failureCondition, condition(">", limit));
    }
    const failures = Number(metric.failureLimit ?? 0);
    if (!(failures >= 0 && failures <= requirement.failures)) {
        findings.deviates(`${place}.failureLimit`, metric.failureLimit, `0 to ${requirement.failures}`);
    }
    judgeQuery(place, metric, requirement.of, findings);
}

function judgeCompanion(
    place: string,
    metric: Metric,
    enough: number,
    requirement: Requirement,
    findings: Findings<Settings>,
): void {
    const { maximumInconclusive } = findings.settings;
    if (enough < requirement.enough.minimum) {
        findings.deviates(
            `${place}.successCondition`,
            metric.successCondition,
            condition(">=", requirement.enough.minimum),
        );
    }
    if (metric.failureCondition) {
        findings.deviates(`${place}.failureCondition`, metric.failureCondition, "not set: too little fails");
    }
    const failures = Number(metric.failureLimit ?? 0);
    if (!(failures >= 0 && failures <= maximumInconclusive)) {
        findings.deviates(`${place}.failureLimit`, metric.failureLimit, `0 to ${maximumInconclusive}`);
    }
    judgeQuery(place, metric, requirement.enough.of, findings);
}

/** What both metrics share: how long and how often they measure, and what happens when Prometheus does not answer. */
function judgeSchedule(place: string, metric: Metric, { seconds }: Requirement, findings: Findings<Settings>): void {
    const { maximumInconclusive, maximumMeasurementSeconds } = findings.settings;
    const interval = parseSeconds(metric.interval);
    if (interval === undefined || interval < 1 || interval > maximumMeasurementSeconds) {
        findings.deviates(`${place}.interval`, metric.interval, `"1s" to "${maximumMeasurementSeconds}s"`);
    }
    const successes = metric.consecutiveSuccessLimit;
    // With a limit of successes, a count never ends the metric in success; without one it ends it, even when measurements
    // were inconclusive.
    if (seconds === undefined) {
        if (metric.count !== undefined && metric.count !== null)
            findings.deviates(`${place}.count`, metric.count, "not set: it never ends");
        if (Number(successes ?? 0) !== 0)
            findings.deviates(`${place}.consecutiveSuccessLimit`, successes, "not set: it never ends");
    } else if (interval !== undefined && !(Number(successes ?? 0) * interval >= seconds)) {
        const least = Math.ceil(seconds / interval);
        findings.deviates(
            `${place}.consecutiveSuccessLimit`,
            successes,
            `at least ${least}: ${seconds} seconds of ${interval}`,
        );
    }
    const errors = metric.consecutiveErrorLimit;
    // Argo's own default is 4.
    if (!(Number(errors ?? 4) <= maximumInconclusive)) {
        findings.deviates(`${place}.consecutiveErrorLimit`, errors, `at most ${maximumInconclusive}`);
    }
}

function judgeQuery(place: string, { provider }: Metric, of: RegExp, findings: Findings<Settings>): void {
    const query = provider?.prometheus?.query;
    if (query && of.test(query)) return;
    findings.deviates(`${place}.provider.prometheus.query`, query, `a query of ${of.source}`);
}

const isNumber = (value: number | undefined): boolean => value !== undefined;

const namesOf = (metrics: readonly Metric[]): unknown[] => metrics.map(({ name }) => name);

const condition = (operator: string, value: number): string => `len(result) > 0 && result[0] ${operator} ${value}`;

/** The number in a condition of exactly this form; anything else might be true for no value at all. */
function valueIn(text: string | null | undefined, operator: "<=" | ">=" | ">"): number | undefined {
    const match = /^len\(result\) > 0 && result\[0\] (<=|>=|>) (\d+(?:\.\d+)?)$/.exec(text ?? "");
    return match?.[1] === operator ? Number(match[2]) : undefined;
}
