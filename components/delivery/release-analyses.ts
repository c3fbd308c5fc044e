import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as queries from "./analysis-queries";
import type { BlueGreenSettings } from "./blue-green-settings";
import { healthPath } from "../../delivery/core/metrics";
import { measurementsIn, measurementWindowSeconds, smokeTestSeconds } from "../../delivery/core/release-time";
import { smokeTestSize } from "../shared/resource-quota";
import { smokeTestsLabels } from "../shared/network-rules";
import { container, podSpec, smokeTestsName, type ServiceSpecification } from "../shared/pod-template";

export interface AnalysesArgs {
    /** Name of the environment's namespace; a plain value, so that policies can judge queries before anything exists. */
    readonly namespaceName: string;
    readonly namespace: pulumi.Input<string>;
    readonly service: ServiceSpecification;
    readonly settings: BlueGreenSettings;
    readonly prometheusUrl: string;
    /** Seconds between two scrapes of a pod. */
    readonly scrapeSeconds: number;
    readonly smokeTests: {
        /** Image by digest. */
        readonly image: string;
        /** Where green answers, before it has any traffic. */
        readonly address: string;
        /** Secret with SMOKE_USERNAME and SMOKE_PASSWORD. */
        readonly secretName: pulumi.Input<string>;
    };
}

/** The four analyses of a release, by the end of their templates' names; policies find them by it. */
export const analyses = {
    smokeTests: "smoke-tests",
    canaryErrors: "canary-errors",
    deploymentErrors: "deployment-errors",
    podHealth: "pod-health",
} as const;

export type Analysis = keyof typeof analyses;

export const templateName = (service: string, analysis: Analysis): string => `${service}-${analyses[analysis]}`;

/** Seconds until Prometheus's list of pods has followed Kubernetes's. */
const discoverySeconds = 10;

/** Seconds in which a pod that has just come is healthy at least half of the time: its first probe comes after ten. */
const podHealthSeconds = 30;

/**
 * What a release of one service is judged by (specification, sections 6 and 7), as Argo's analysis templates.
 *
 * A measurement that judges nothing, because there was too little traffic or no pod in sight, is inconclusive: it breaks
 * the row of good ones that ends a stage, so the stage lasts longer, and after `inconclusiveLimit` of them a companion
 * metric fails, which aborts. A Prometheus that doesn't answer holds and aborts in the same way. Nothing but the whole row
 * of good measurements passes.
 */
export class ReleaseAnalyses extends pulumi.ComponentResource {
    readonly templates: readonly pulumi.Resource[];

    constructor(name: string, args: AnalysesArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:delivery:ReleaseAnalyses", name, {}, options);
        const { service, settings, namespace } = args;
        const template = (analysis: Analysis, metrics: object[], colours: readonly string[]) =>
            new k8s.apiextensions.CustomResource(
                templateName(service.name, analysis),
                {
                    apiVersion: "argoproj.io/v1alpha1",
                    kind: "AnalysisTemplate",
                    metadata: { name: templateName(service.name, analysis), namespace },
                    spec: { args: colours.map((colour) => ({ name: colour })), metrics },
                },
                { parent: this },
            );
        const canary = measurementsIn(settings.canarySeconds, settings);
        const watch = measurementsIn(settings.watchSeconds, settings);
        const measured = {
            namespace: args.namespaceName,
            service: service.name,
            windowSeconds: measurementWindowSeconds(settings, args.scrapeSeconds),
        };
        const minimum = settings.minimumRequests;
        this.templates = [
            template("smokeTests", [smokeTest(args)], []),
            template(
                "canaryErrors",
                [
                    atMost("error-increase", settings.maximumErrorIncreasePercent, canary, args, {
                        query: queries.errorIncrease(measured, minimum),
                    }),
                    atLeast("enough-traffic", minimum, canary, args, { query: queries.greenTraffic(measured) }),
                ],
                ["canary-hash", "stable-hash"],
            ),
            template(
                "deploymentErrors",
                [
                    atMost("errors", settings.maximumErrorPercent, watch, args, {
                        query: queries.greenErrors(measured, minimum),
                    }),
                    atLeast("enough-traffic", minimum, watch, args, { query: queries.greenTraffic(measured) }),
                ],
                ["canary-hash"],
            ),
            // In the background of all stages; no row of good measurements ends it.
            template(
                "podHealth",
                [
                    atMost("unhealthy-pods", settings.maximumUnhealthyPercent, 0, args, {
                        query: queries.unhealthyPods({
                            ...measured,
                            windowSeconds: podHealthWindow(measured.windowSeconds),
                        }),
                        delay: podHealthDelay(args, measured.windowSeconds),
                    }),
                    atLeast("known-pods", 1, 0, args, {
                        query: queries.knownPods(measured),
                        delay: podHealthDelay(args, measured.windowSeconds),
                    }),
                ],
                ["canary-hash"],
            ),
        ];
        this.registerOutputs();
    }
}

/** Seconds that a measurement of pods looks back. */
const podHealthWindow = (windowSeconds: number): number => Math.max(windowSeconds, podHealthSeconds);

/**
 * Seconds until pods are measured first. At least half of what the measurement looks back on comes after all pods were
 * ready, so that one that took long to start is not taken for a broken one.
 */
function podHealthDelay({ settings, scrapeSeconds }: AnalysesArgs, windowSeconds: number): number {
    const half = Math.ceil(podHealthWindow(windowSeconds) / 2);
    return Math.max(settings.measurementSeconds, 2 * scrapeSeconds, half) + discoverySeconds;
}

/** More measurements that judge nothing than the companion lets happen. */
const neverReached = ({ inconclusiveLimit }: BlueGreenSettings): number => 2 * (inconclusiveLimit + 1);

interface Question {
    readonly query: string;
    /** Seconds before the first measurement; one interval where nothing is said. */
    readonly delay?: number;
}

function metric(name: string, good: number, { settings, prometheusUrl }: AnalysesArgs, { query, delay }: Question) {
    return {
        name,
        initialDelay: `${delay ?? settings.measurementSeconds}s`,
        interval: `${settings.measurementSeconds}s`,
        // Argo asks for a count where a stage waits. It is never reached: the row, or the companion, comes first.
        ...(good > 0 && {
            consecutiveSuccessLimit: good,
            count: (settings.inconclusiveLimit + 2) * good + neverReached(settings),
        }),
        consecutiveErrorLimit: settings.inconclusiveLimit,
        provider: { prometheus: { address: prometheusUrl, query, timeout: 10 } },
    };
}

/** One measurement above the limit aborts; one that has no value says nothing. */
function atMost(name: string, limit: number, good: number, args: AnalysesArgs, question: Question) {
    return {
        ...metric(name, good, args, question),
        successCondition: `len(result) > 0 && result[0] <= ${limit}`,
        failureCondition: `len(result) > 0 && result[0] > ${limit}`,
        failureLimit: 0,
        // The companion metric fails first, and so aborts instead of waiting for a person.
        inconclusiveLimit: neverReached(args.settings),
    };
}

/** The companion: how often there may be less than enough. */
function atLeast(name: string, enough: number, good: number, args: AnalysesArgs, question: Question) {
    return {
        ...metric(name, good, args, question),
        successCondition: `len(result) > 0 && result[0] >= ${enough}`,
        failureLimit: args.settings.inconclusiveLimit,
    };
}

/** The pipeline's own smoke tests, as a Job against green (specification, section 6, step 2). One try. */
function smokeTest({ service, smokeTests }: AnalysesArgs) {
    const tester: ServiceSpecification = {
        ...service,
        name: smokeTestsName,
        resources: smokeTestSize,
        environment: {},
    };
    return {
        name: "smoke-tests",
        count: 1,
        failureLimit: 0,
        consecutiveErrorLimit: 0,
        provider: {
            job: {
                metadata: { labels: smokeTestsLabels },
                spec: {
                    backoffLimit: 0,
                    activeDeadlineSeconds: smokeTestSeconds,
                    ttlSecondsAfterFinished: 3600,
                    template: {
                        metadata: { labels: smokeTestsLabels },
                        spec: {
                            ...podSpec(tester, [
                                {
                                    ...container({
                                        service: tester,
                                        image: smokeTests.image,
                                        secretName: smokeTests.secretName,
                                    }),
                                    // A service without the API behind it has its health to show, and nothing to log in to.
                                    args: [
                                        smokeTests.address,
                                        ...(service.healthPath === healthPath
                                            ? []
                                            : ["--health-path", service.healthPath]),
                                        ...(service.database ? [] : ["--only", "health"]),
                                    ],
                                },
                            ]),
                            restartPolicy: "Never",
                        },
                    },
                },
            },
        },
    };
}
