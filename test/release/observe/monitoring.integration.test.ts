import assert from "node:assert/strict";
import { stricterLimits } from "../../../delivery/gates";
import type { ServicePod } from "../../../release/observe/cluster";
import { monitor, monitoringNow, type MonitoringInput } from "../../../release/observe/monitoring";
import { Prometheus } from "../../../release/observe/prometheus";
import type { Workload } from "../../../release/observe/workloads";
import {
    digestA,
    digestB,
    hour,
    installPrometheus,
    minute,
    openMetrics,
    startPrometheus,
    type Pod,
    type RunningPrometheus,
} from "./history";

/** The synthetic history began three hours ago. Its hotfix took all traffic after 110 minutes. */
const age = 3 * hour;
const beginning = Math.floor(Date.now() / 1000) - age;
const cutover = 110 * minute;
const at = (seconds: number) => new Date((beginning + seconds) * 1000).toISOString();

const services = ["backend", "frontend"] as const;
const two = (images: typeof digestA, from: number, to: number, more: Partial<Pod> = {}): Pod[] =>
    services.flatMap((service) =>
        ["1", "2"].map((number) => ({
            service,
            pod: `${service}-${number}`,
            digest: images[service],
            from,
            to,
            ...more,
        })),
    );

const errors = (count: number, status: number) =>
    Array.from({ length: count }, (_, index) => ({ at: cutover + 60 + 20 * index, status }));

const histories: Readonly<Record<string, readonly Pod[]>> = {
    well: two(digestA, cutover - 10 * minute, age),
    failing: two(digestA, cutover - 10 * minute, age).map((one, index) =>
        index === 0 ? { ...one, answers: errors(40, 502) } : one,
    ),
    hanging: two(digestA, cutover - 10 * minute, age).map((one, index) =>
        index === 0 ? { ...one, silent: [[cutover + 10 * minute, cutover + 12 * minute]] } : one,
    ),
    quiet: two(digestA, cutover - 10 * minute, age, { quiet: true }),
    blind: two(digestA, cutover - 10 * minute, age, { unscraped: [[cutover + 5 * minute, cutover + 25 * minute]] }),
    // The hotfix served beside the old release and never alone.
    canary: [
        ...two(digestB, 0, age).map((one) => ({ ...one, pod: `${one.pod}-blue` })),
        ...two(digestA, cutover, cutover + 10 * minute),
    ],
    undone: [
        ...two(digestB, 0, cutover - minute),
        ...two(digestA, cutover, cutover + 20 * minute).map((one) => ({ ...one, pod: `${one.pod}-new` })),
        ...two(digestB, cutover + 20 * minute, age).map((one) => ({ ...one, pod: `${one.pod}-again` })),
    ],
    empty: two(digestB, 0, age),
};

describe("The command release observe monitoring", function () {
    this.timeout(300_000);
    let prometheus: RunningPrometheus;
    before(async () => {
        await installPrometheus();
        const all = Object.entries(histories).flatMap(([namespace, pods]) =>
            pods.map((one) => ({ ...one, namespace })),
        );
        prometheus = await startPrometheus(openMetrics(all, beginning));
    });
    after(() => prometheus.stop());

    const workload = (name: (typeof services)[number], more: Partial<Workload> = {}): Workload => ({
        kind: "Rollout",
        name,
        replicas: 2,
        image: `registry.example/relaypacs/${name}@${digestA[name]}`,
        completedAt: Date.parse(at(cutover)),
        abortedBy: undefined,
        ...more,
    });
    const pod = (service: (typeof services)[number], ready = true) =>
        ({ service, digest: digestA[service], ready }) as ServicePod;
    const pods = [...services, ...services].map((service) => pod(service));
    const input = (
        namespace: string,
        workloads: readonly Workload[] = services.map((name) => workload(name)),
        ready: readonly ServicePod[] = pods,
    ): MonitoringInput => ({
        prometheus: new Prometheus(prometheus.url),
        cluster: {
            namespace,
            workloads: () => Promise.resolve([...workloads]),
            pods: () => Promise.resolve([...ready]),
        },
        images: digestA,
        limits: stricterLimits(),
        minimumRequests: 20,
    });
    const now = async (...given: Parameters<typeof input>) => {
        const state = await monitoringNow(input(...given));
        assert.ok(state);
        return state;
    };

    it("should be complete an hour after the hotfix took all traffic", async () => {
        const { complete, failure, predicate } = await now("well");
        assert.deepEqual([complete, failure, predicate.startedAt], [true, undefined, at(cutover)]);
        assert.ok(predicate.observedSeconds > 69 * minute && predicate.observedSeconds <= 70 * minute);
        const { requests, rolledBack, serverErrors, unhealthyPodsPercent } = predicate;
        assert.deepEqual([serverErrors, unhealthyPodsPercent, rolledBack], [0, 0, false]);
        // Four pods, each with a request in 10 s.
        assert.ok(Math.abs(requests - (4 * predicate.observedSeconds) / 10) < 10, String(requests));
    });

    it("should poll until the hour is over, and print a line each time", async () => {
        const early = services.map((name) => workload(name, { completedAt: Date.parse(at(age - 20 * minute)) }));
        const lines: string[] = [];
        const state = await monitor(input("well", early), {
            pause: 10,
            timeout: 3000,
            report: (line) => lines.push(line),
        });
        assert.match(state.failure ?? "", /^only (?:19 min \d+ s|20 min) of 1 h were observed in time$/);
        assert.ok(lines.length >= 2, String(lines.length));
        assert.match(lines[0]!, /^(?:19 min \d+ s|20 min) of 1 h observed, 0 errors in \d+ requests, 0 % of pods/);
        const done = await monitor(input("well"), { pause: 100, timeout: 0, report: () => undefined });
        assert.deepEqual([done.complete, done.failure], [true, undefined]);
    });

    it("should fail at once when too many requests fail", async () => {
        const { failure, predicate } = await now("failing");
        assert.equal(predicate.serverErrors, 40);
        assert.match(failure ?? "", /^40 of \d+ requests failed, at most 1 % are accepted$/);
    });

    it("should fail at once when too many pods are unhealthy, by Prometheus or by the cluster", async () => {
        const hanging = await now("hanging");
        assert.equal(hanging.failure, "25 % of the pods were unhealthy, at most 20 % are accepted");
        const unready = await now("well", undefined, [...pods.slice(1), pod("backend", false)]);
        assert.equal(unready.predicate.unhealthyPodsPercent, 25);
    });

    it("should not judge the error rate of too few requests", async () => {
        const lines: string[] = [];
        const { predicate } = await monitor(input("quiet"), {
            pause: 10,
            timeout: 0,
            report: (line) => lines.push(line),
        });
        assert.equal(predicate.requests, 0);
        assert.match(lines[0]!, /; too few requests to judge$/);
    });

    it("should not count a gap in the samples, nor take it for unhealthy pods", async () => {
        const { complete, failure, predicate } = await now("blind");
        assert.deepEqual([complete, failure, predicate.unhealthyPodsPercent], [false, undefined, 0]);
        assert.ok(Math.abs(predicate.observedSeconds - 50 * minute) < 60, String(predicate.observedSeconds));
    });

    it("should fail at once when the rollout was aborted or another image replaced the hotfix", async () => {
        const aborted = services.map((name) => workload(name, { completedAt: undefined, abortedBy: "error rate" }));
        const canary = await now("canary", aborted);
        assert.equal(canary.failure, "the rollout of backend was aborted: error rate");
        assert.deepEqual([canary.predicate.rolledBack, canary.complete], [true, false]);
        const start = Date.parse(canary.predicate.startedAt) - Date.parse(at(cutover));
        assert.ok(start >= 0 && start < 15_000, canary.predicate.startedAt);
        const image = `registry.example/relaypacs/backend@${digestB.backend}`;
        const undone = await now("undone", [workload("backend", { image }), workload("frontend")]);
        assert.equal(undone.failure, `backend runs ${image} now`);
        assert.ok(undone.predicate.observedSeconds <= 20 * minute);
        await assert.rejects(now("empty", aborted), {
            message: "These images never served production in the last day.",
        });
    });

    it("should wait until the hotfix has all traffic, and attest nothing until then", async () => {
        const going = services.map((name) => workload(name, { completedAt: undefined }));
        const lines: string[] = [];
        const waiting = { pause: 10, timeout: 1500, report: (line: string) => lines.push(line) };
        const message = "The hotfix has not taken all traffic in well yet.";
        await assert.rejects(monitor(input("well", going), waiting), { name: "ObserveError", message });
        assert.ok(lines.length >= 2 && lines.every((line) => line === message));
        await assert.rejects(monitoringNow(input("well", [workload("backend")])), {
            message: "There is no Rollout or Deployment frontend in well.",
        });
    });
});
