import * as assert from "node:assert/strict";
import { BlueGreenDeployment } from "../../../components/delivery/blue-green-deployment";
import { args, digest, followed, frontend, settings } from "./blue-green";
import { faults } from "../../support/custom-schemas";
import { violations } from "../../support/guardrails";
import { assertWellFormed, deploy, ofType, only, type Registered } from "../../support/harness";

const rolloutType = "kubernetes:argoproj.io/v1alpha1:Rollout";
const templateType = "kubernetes:argoproj.io/v1alpha1:AnalysisTemplate";
const serviceType = "kubernetes:core/v1:Service";

const create = (changes: Partial<typeof args> = {}) =>
    deploy(() => new BlueGreenDeployment("backend", { ...args, ...changes }));

interface Metric {
    name: string;
    initialDelay: string;
    interval: string;
    consecutiveSuccessLimit?: number;
    consecutiveErrorLimit: number;
    failureLimit: number;
    inconclusiveLimit?: number;
    count?: number;
    successCondition: string;
    failureCondition?: string;
    provider: { prometheus?: { address: string; query: string }; job?: { spec: Job } };
}
interface Job {
    backoffLimit: number;
    activeDeadlineSeconds: number;
    template: { spec: { serviceAccountName: string; containers: { args: string[]; envFrom: object[] }[] } };
}
interface Canary {
    steps: Record<string, unknown>[];
    analysis: { startingStep: number; templates: object[]; args: object[] };
    [key: string]: unknown;
}
interface RolloutSpec {
    replicas: number;
    template: {
        metadata: { labels: Record<string, string>; annotations: Record<string, string> };
        spec: {
            containers: { resources: { limits: object } }[];
            topologySpreadConstraints: { matchLabelKeys: string[]; labelSelector: object }[];
        };
    };
    strategy: { canary: Canary };
    [key: string]: unknown;
}
const rolloutOf = (resources: readonly Registered[]) => only(resources, rolloutType).inputs.spec as RolloutSpec;
const metricsOf = (resources: readonly Registered[], name: string) =>
    (only(resources, templateType, name).inputs.spec as { metrics: Metric[] }).metrics;

/** Properties of an object and of all nested objects, as paths. */
function pathsOf(value: unknown, path = ""): string[] {
    if (typeof value !== "object" || value === null) return [path];
    return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, path ? `${path}.${key}` : key));
}

describe("BlueGreenDeployment", () => {
    let resources: readonly Registered[] = [];
    before(async () => {
        followed.length = 0;
        resources = await create();
    });

    it("should be well formed and pass every guardrail with the specification's limits", () => {
        assertWellFormed(resources, "backend");
        assert.deepEqual(violations(resources), []);
    });

    it("should be valid by Argo Rollouts' own schemas", () => {
        const rollout = only(resources, rolloutType).inputs;
        assert.deepEqual(faults(rollout), []);
        const templates = ofType(resources, templateType);
        assert.equal(templates.length, 4);
        for (const { inputs } of templates) assert.deepEqual(faults(inputs), []);
        assert.deepEqual(faults({ ...rollout, spec: { ...(rollout.spec as object), replicas: "four" } }), [
            "/spec/replicas: must be integer",
        ]);
    });

    it("should take the specification's seven steps", () => {
        const { steps, analysis, ...canary } = rolloutOf(resources).strategy.canary;
        const green = { name: "canary-hash", valueFrom: { podTemplateHashValue: "Latest" } };
        const blue = { name: "stable-hash", valueFrom: { podTemplateHashValue: "Stable" } };
        assert.deepEqual(steps, [
            { setCanaryScale: { weight: 100 } },
            { analysis: { templates: [{ templateName: "backend-smoke-tests" }] } },
            { setWeight: 50 },
            { analysis: { templates: [{ templateName: "backend-canary-errors" }], args: [green, blue] } },
            { setWeight: 100 },
            { analysis: { templates: [{ templateName: "backend-deployment-errors" }], args: [green] } },
        ]);
        assert.deepEqual(analysis, {
            templates: [{ templateName: "backend-pod-health" }],
            args: [green],
            startingStep: 1,
        });
        assert.deepEqual(canary, {
            stableService: "backend",
            canaryService: "backend-canary",
            trafficRouting: { traefik: { weightedTraefikServiceName: "backend" } },
            maxUnavailable: 0,
            scaleDownDelayRevisionLimit: 1,
            scaleDownDelaySeconds: 3600,
            abortScaleDownDelaySeconds: 30,
        });
    });

    it("should abort green when it makes no progress, and roll back without steps within the idle hour", () => {
        const spec = rolloutOf(resources);
        assert.equal(spec.progressDeadlineSeconds, 300);
        assert.equal(spec.progressDeadlineAbort, true);
        assert.deepEqual(spec.rollbackWindow, { revisions: 3 });
        assert.equal(spec.replicas, 4);
    });

    it("should declare nothing that Argo Rollouts owns", () => {
        for (const name of ["backend", "backend-canary"]) {
            const { spec, metadata } = only(resources, serviceType, name).inputs as { spec: object; metadata: object };
            assert.deepEqual(Object.keys(spec).sort(), ["ports", "type"]);
            assert.ok(!JSON.stringify(metadata).includes("rollouts"), "the managed-by annotation");
        }
        // It is created so, and not changed again.
        const weights = only(resources, "kubernetes:traefik.io/v1alpha1:TraefikService").inputs.spec;
        assert.deepEqual(weights, {
            weighted: {
                services: [
                    { name: "backend", port: 80 },
                    { name: "backend-canary", port: 80 },
                ],
            },
        });
        const paths = pathsOf(only(resources, rolloutType).inputs);
        for (const owned of [/^status/, /pod-template-hash\b.*:/, /restartAt/, /spec\.paused/, /\.revision$/]) {
            assert.deepEqual(
                paths.filter((path) => owned.test(path)),
                [],
                String(owned),
            );
        }
        const changed = resources.filter(({ ignoreChanges }) => ignoreChanges.length > 0);
        assert.deepEqual(
            changed.map(({ type, ignoreChanges }) => [type, ...ignoreChanges]),
            [["kubernetes:traefik.io/v1alpha1:TraefikService", "metadata.labels", "spec"]],
        );
    });

    it("should declare values as Argo Rollouts writes them back, without false and empty ones", () => {
        const { inputs } = only(resources, rolloutType);
        assert.ok(!JSON.stringify(inputs).includes("dynamicStableScale"));
        const [container] = rolloutOf(resources).template.spec.containers;
        assert.deepEqual(container?.resources, {
            requests: { cpu: "500m", memory: "512Mi", "ephemeral-storage": "64Mi" },
            limits: { cpu: "2", memory: "1Gi", "ephemeral-storage": "256Mi" },
        });
    });

    it("should label its pods by service and version, and spread each colour by itself", () => {
        const { metadata, spec } = rolloutOf(resources).template;
        assert.equal(metadata.labels["app.kubernetes.io/version"], "1.4.2");
        assert.equal(metadata.annotations["relaypacs.com/image-digest"], digest);
        assert.deepEqual(spec.topologySpreadConstraints[0]?.matchLabelKeys, ["rollouts-pod-template-hash"]);
    });

    it("should tolerate one evicted pod of both colours at a time", () => {
        const labels = { "app.kubernetes.io/name": "backend", "app.kubernetes.io/component": "server" };
        assert.deepEqual(only(resources, "kubernetes:policy/v1:PodDisruptionBudget").inputs.spec, {
            maxUnavailable: 1,
            unhealthyPodEvictionPolicy: "AlwaysAllow",
            selector: { matchLabels: labels },
        });
    });

    it("should create the Rollout after services, weights and analyses, and leave the waiting to the follower", () => {
        const rollout = only(resources, rolloutType);
        for (const { name } of [...ofType(resources, serviceType), ...ofType(resources, templateType)]) {
            assert.ok(rollout.dependencies.includes(name), name);
        }
        const { annotations } = rollout.inputs.metadata as { annotations: object };
        assert.deepEqual(annotations, { "pulumi.com/skipAwait": "true" });
        assert.deepEqual(followed, ["relaypacs-prod/backend 1.4.2"]);
    });

    it("should refuse an image without a digest", () => {
        assert.throws(
            () => new BlueGreenDeployment("backend", { ...args, image: "relaypacs/backend:1.4.2" }),
            /^Error: relaypacs\/backend:1\.4\.2 is not an image by digest$/,
        );
    });
});

describe("The analyses of a release", () => {
    let resources: readonly Registered[] = [];
    before(async () => {
        resources = await create();
    });

    it("should run the pipeline's smoke tests on green, once, before it has traffic", () => {
        const [metric, ...others] = metricsOf(resources, "backend-smoke-tests");
        assert.deepEqual(others, []);
        assert.deepEqual([metric?.count, metric?.failureLimit, metric?.consecutiveErrorLimit], [1, 0, 0]);
        const { spec } = metric!.provider.job!;
        assert.deepEqual([spec.backoffLimit, spec.activeDeadlineSeconds], [0, 120]);
        assert.equal(spec.template.spec.serviceAccountName, "smoke-tests");
        const [container] = spec.template.spec.containers;
        assert.deepEqual(container?.args, ["http://backend-canary.relaypacs-prod.svc"]);
        assert.deepEqual(container.envFrom, [{ secretRef: { name: "smoke-tests" } }]);
    });

    it("should ask a service without the API for its health only", async () => {
        const others = await create({ service: { ...frontend, name: "backend" } });
        const [container] = metricsOf(others, "backend-smoke-tests")[0]!.provider.job!.spec.template.spec.containers;
        assert.deepEqual(container?.args, ["http://backend-canary.relaypacs-prod.svc", "--only", "health"]);
    });

    it("should ask a service for its health at the path where its pods answer", async () => {
        const others = await create({ service: { ...frontend, name: "backend", healthPath: "/ready" } });
        const [container] = metricsOf(others, "backend-smoke-tests")[0]!.provider.job!.spec.template.spec.containers;
        assert.deepEqual(container?.args.slice(1), ["--health-path", "/ready", "--only", "health"]);
    });

    it("should pass a canary after ten minutes of good measurements in a row, and abort at the first bad one", () => {
        const [errors, traffic] = metricsOf(resources, "backend-canary-errors");
        const { provider, ...rest } = errors!;
        assert.deepEqual(rest, {
            name: "error-increase",
            initialDelay: "15s",
            interval: "15s",
            consecutiveSuccessLimit: 40,
            consecutiveErrorLimit: 5,
            successCondition: "len(result) > 0 && result[0] <= 0.5",
            failureCondition: "len(result) > 0 && result[0] > 0.5",
            failureLimit: 0,
            inconclusiveLimit: 12,
            count: 292,
        });
        assert.equal(provider.prometheus?.address, "http://prometheus.monitoring.svc:9090");
        assert.equal(traffic?.consecutiveSuccessLimit, 40);
    });

    it("should abort a release after too many inconclusive measurements, before Argo would wait for a person", () => {
        for (const name of ["canary-errors", "deployment-errors", "pod-health"]) {
            const [limiting, companion] = metricsOf(resources, `backend-${name}`);
            assert.equal(companion?.failureLimit, settings.inconclusiveLimit, name);
            assert.equal(companion.failureCondition, undefined, name);
            assert.ok(limiting!.inconclusiveLimit! > companion.failureLimit, name);
            assert.equal(limiting?.consecutiveErrorLimit, settings.inconclusiveLimit, name);
            assert.equal(companion.consecutiveErrorLimit, settings.inconclusiveLimit, name);
            // Argo Rollouts requires a count where a stage waits; it must be larger than what ends the stage.
            const row = limiting.consecutiveSuccessLimit;
            const longest = row === undefined ? 0 : (settings.inconclusiveLimit + 1) * row;
            assert.equal(limiting.count !== undefined, row !== undefined, name);
            assert.ok(row === undefined || limiting.count! > longest, name);
            assert.equal(companion.count, limiting.count, name);
        }
    });

    it("should watch green for five minutes with all requests", () => {
        const [errors, traffic] = metricsOf(resources, "backend-deployment-errors");
        assert.equal(errors?.successCondition, "len(result) > 0 && result[0] <= 1");
        assert.deepEqual([errors.consecutiveSuccessLimit, traffic?.consecutiveSuccessLimit], [20, 20]);
    });

    it("should follow the settings", async () => {
        const short = { ...settings, canarySeconds: 31, measurementSeconds: 5, watchSeconds: 10, minimumRequests: 7 };
        const others = await create({ settings: { ...short, canaryWeightPercent: 20, blueIdleSeconds: 60 } });
        assert.equal(metricsOf(others, "backend-canary-errors")[0]?.consecutiveSuccessLimit, 7);
        assert.equal(metricsOf(others, "backend-deployment-errors")[0]?.consecutiveSuccessLimit, 2);
        assert.equal(
            metricsOf(others, "backend-canary-errors")[1]?.successCondition,
            "len(result) > 0 && result[0] >= 7",
        );
        const { steps, scaleDownDelaySeconds } = rolloutOf(others).strategy.canary;
        assert.deepEqual([steps[2], scaleDownDelaySeconds], [{ setWeight: 20 }, 60]);
        const refused = violations(others).map((one) => one.slice(0, one.indexOf(":")));
        assert.deepEqual([...new Set(refused)].sort(), ["kubernetes-analysis-limits", "kubernetes-rollout-strategy"]);
    });

    it("should measure green by its pods' hash, without probes and scrapes, over two measurements or four scrapes", () => {
        const green = 'namespace="relaypacs-prod",service="backend",rollouts_pod_template_hash="{{args.canary-hash}}"';
        const started = `process_start_time_seconds{${green}}`;
        const grown = (status: string) => {
            const counter = `http_requests_total{${green},path!~"/health|/livez|/metrics"${status}}`;
            return (
                `((sum(increase(${counter}[60s])) or vector(0))` +
                ` + (sum(min_over_time(${counter}[60s]) unless ${counter} offset 60s) or vector(0))` +
                ` + (sum(${counter} and ${counter} offset 60s and on (pod) (${started} > time() - 60)) or vector(0)))`
            );
        };
        const [errors, traffic] = metricsOf(resources, "backend-deployment-errors");
        const [failed, total] = [grown(',status=~"5.."'), grown("")];
        assert.equal(errors?.provider.prometheus?.query, `(100 * ${failed} / ${total}) and (${total} >= 20)`);
        assert.equal(traffic?.provider.prometheus?.query, total);
    });

    it("should compare green with blue where blue has enough requests, and require traffic of green alone", () => {
        const [increase, traffic] = metricsOf(resources, "backend-canary-errors");
        const { query } = increase!.provider.prometheus!;
        assert.match(
            query,
            / - \(100 \* .*args\.stable-hash.* >= 20\) or vector\(0\)\)\) and \(\(\(sum\(.*\) >= 20\)$/,
        );
        const [, watched] = metricsOf(resources, "backend-deployment-errors");
        assert.equal(traffic?.provider.prometheus?.query, watched?.provider.prometheus?.query);
    });

    it("should count a pod as unhealthy that mostly does not answer or is not ready, unless it is new or gone", () => {
        const [pods, known] = metricsOf(resources, "backend-pod-health");
        assert.equal(pods?.successCondition, "len(result) > 0 && result[0] <= 20");
        assert.deepEqual([pods.failureLimit, pods.consecutiveSuccessLimit, pods.initialDelay], [0, undefined, "40s"]);
        const { query } = pods.provider.prometheus!;
        assert.match(
            query,
            /sum_over_time\(up\{job="pod-health",.*",ready="true"\}\[60s\]\)\).* < 0\.5 \* sum by \(pod\)/,
        );
        assert.match(query, / and group by \(pod\) \(up\{.*\}\) and group by \(pod\) \(up\{.*\} offset 60s\)\)/);
        assert.equal(known?.successCondition, "len(result) > 0 && result[0] >= 1");
    });
});
