import assert from "node:assert/strict";
import type { RestartedContainer } from "../../../release/observe/counting";
import { Prometheus } from "../../../release/observe/prometheus";
import { observeSoak } from "../../../release/observe/soak";
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
import { freePorts, serve } from "./server";

/** The synthetic history began so many seconds before this file was loaded. */
const age = 14 * hour;
/** After the last test of this file: Prometheus returns only samples that are not later than now. */
const future = age + hour;
const beginning = Math.floor(Date.now() / 1000) - age;
const at = (seconds: number) => new Date((beginning + seconds) * 1000).toISOString();

/** One pod of each service, scraped at the same moments. */
function generation(name: string, images: typeof digestA, from: number, to: number, more: Partial<Pod> = {}): Pod[] {
    return (["backend", "frontend"] as const).map((service) => ({
        service,
        pod: `${service}-${name}`,
        digest: images[service],
        from,
        to,
        offset: 0,
        ...more,
    }));
}

const only = (service: string, pods: readonly Pod[], more: Partial<Pod>) =>
    pods.map((one) => (one.service === service ? { ...one, ...more } : one));

/** Histories by name, each in a namespace of its own. */
const histories: Readonly<Record<string, readonly Pod[]>> = {
    exactly: generation("a", digestA, hour, 5 * hour),
    below: generation("a", digestA, hour, 5 * hour - 15),
    silent: only("backend", generation("a", digestA, hour, 8 * hour), { silent: [[3 * hour - 1, 3 * hour + 40]] }),
    // The other replica answers in the meantime.
    replica: [
        ...only("backend", generation("a", digestA, hour, 6 * hour), { silent: [[3 * hour, 4 * hour]] }),
        { service: "backend", pod: "backend-a2", digest: digestA.backend, from: hour, to: 6 * hour },
    ],
    error: only("backend", generation("a", digestA, hour, 6 * hour), {
        answers: [{ at: 3 * hour, status: 500 }],
    }),
    probe: only("backend", generation("a", digestA, hour, 6 * hour), {
        answers: [{ at: 3 * hour, status: 503, path: "/health" }],
    }),
    earlier: only("backend", generation("a", digestA, hour, 6 * hour, { started: 0 }), {
        answers: [{ at: hour - 100, status: 500 }],
    }),
    quiet: generation("a", digestA, hour, 6 * hour, { quiet: true }),
    restart: only("backend", generation("a", digestA, hour, 6 * hour), { restarts: [3 * hour, 4 * hour + 3] }),
    replaced: [...generation("a", digestA, hour, 6 * hour), ...generation("b", digestB, 6 * hour, future)],
    returned: [
        ...generation("a", digestA, hour, 6 * hour),
        ...generation("b", digestB, 6 * hour, 8 * hour),
        ...generation("a", digestA, 8 * hour, age - 3 * hour).map((one) => ({ ...one, pod: `${one.pod}-again` })),
    ],
    beside: [
        ...generation("a", digestA, hour, 9 * hour),
        ...generation("b", digestB, 3 * hour, 3 * hour + 20 * minute).slice(0, 1),
    ],
    unnamed: [
        ...generation("a", digestA, hour, 4 * hour),
        { service: "backend", pod: "backend-bare", from: 2 * hour, to: 4 * hour, offset: 0 },
    ],
    gap: generation("a", digestA, hour, 8 * hour, { unscraped: [[4 * hour, 4 * hour + 10 * minute]] }),
    lost: generation("a", digestA, hour, 8 * hour, { unscraped: [[4 * hour, 4 * hour + 30]] }),
    half: generation("a", digestA, hour, 6 * hour).slice(0, 1),
    // No samples at all.
    empty: [],
    neighbours: generation("a", digestA, hour, 6 * hour),
    now: generation("a", digestA, age - hour, future),
};
const history = Object.entries(histories).flatMap(([name, pods]) => pods.map((one) => ({ ...one, namespace: name })));
// Another environment has services of the same names, and they fail all the time.
history.push(
    ...generation("b", digestB, hour, 6 * hour).map((one) => ({
        ...one,
        namespace: "neighbours-prod",
        answers: [{ at: 2 * hour, status: 500 }],
    })),
);

describe("The command release observe soak", function () {
    this.timeout(300_000);
    let prometheus: RunningPrometheus;
    before(async () => {
        await installPrometheus();
        prometheus = await startPrometheus(openMetrics(history, beginning));
    });
    after(() => prometheus.stop());

    const observe = (
        namespace: string,
        images: typeof digestA = digestA,
        more: { deployedAt?: string; containers?: RestartedContainer[]; url?: string } = {},
    ) =>
        observeSoak({
            prometheus: new Prometheus(more.url ?? prometheus.url),
            namespace,
            images,
            deployedAt: more.deployedAt,
            containers: more.containers ?? [],
            neededSeconds: 4 * hour,
            clockSkewSeconds: 60,
        });
    /** Seconds and end of every stretch in the evidence. */
    const stretchesIn = ({ stretches = [] }: Awaited<ReturnType<typeof observe>>) =>
        stretches.map((one) => [(Date.parse(one.endedAt) - Date.parse(one.startedAt)) / 1000, one.endedBy]);

    it("should measure exactly four hours", async () => {
        const soak = await observe("exactly");
        assert.deepEqual(
            [soak.startedAt, soak.endedAt, soak.observedSeconds, soak.interruptions],
            [at(hour), at(5 * hour), 4 * hour, []],
        );
        assert.deepEqual([soak.serverErrors, soak.containerRestarts], [0, 0]);
        // Two pods, each with a request in 10 s.
        assert.equal(soak.requests, (2 * 4 * hour) / 10);
    });

    it("should measure 15 seconds less than four hours", async () => {
        assert.equal((await observe("below")).observedSeconds, 4 * hour - 15);
    });

    it("should attest a timeline of equal intervals that add up to the whole", async () => {
        const { course, requests } = await observe("exactly");
        assert.ok(course);
        assert.equal(course.intervalSeconds, 120);
        assert.equal(course.intervals.length, 120);
        assert.equal(
            course.intervals.reduce((sum, one) => sum + one.requests, 0),
            requests,
        );
        assert.deepEqual(course.intervals[1], {
            at: at(hour + 120),
            requests: 24,
            serverErrors: 0,
            servingPods: 2,
        });
    });

    it("should end a stretch when no pod of a service answers, and count the longer one", async () => {
        const soak = await observe("silent");
        assert.deepEqual([soak.startedAt, soak.observedSeconds], [at(3 * hour + 45), 5 * hour - 45]);
        assert.equal(stretchesIn(soak).length, 2);
        assert.deepEqual(stretchesIn(soak)[0], [2 * hour - 15, "no pod of backend answered"]);
    });

    it("should not end a stretch while another pod of the service answers", async () => {
        assert.equal((await observe("replica")).observedSeconds, 5 * hour);
    });

    it("should count an error even when it is the first of its kind", async () => {
        const soak = await observe("error");
        assert.equal(soak.serverErrors, 1);
        assert.equal(soak.course?.intervals.filter((one) => one.serverErrors === 1).length, 1);
    });

    it("should count a failed health check as an error, and a successful one not as a request", async () => {
        const probe = await observe("probe");
        const quiet = await observe("quiet");
        assert.deepEqual([probe.serverErrors, probe.requests], [1, (2 * 5 * hour) / 10 + 1]);
        assert.deepEqual([quiet.serverErrors, quiet.requests], [0, 0]);
    });

    it("should not count what the same process answered before the stretch", async () => {
        const soak = await observe("earlier");
        assert.deepEqual([soak.serverErrors, soak.requests], [0, (2 * 5 * hour) / 10]);
    });

    it("should count the restarts of pods that are gone and of pods that run", async () => {
        assert.equal((await observe("restart")).containerRestarts, 2);
        const container = { pod: "backend-a", service: "backend", digest: digestA.backend };
        const more = (restarts: number, ended: number, started: number) =>
            observe("exactly", digestA, {
                containers: [
                    {
                        ...container,
                        restarts,
                        lastEndedAt: Date.parse(at(ended)),
                        podStartedAt: Date.parse(at(started)),
                    },
                ],
            });
        assert.equal((await more(3, 2 * hour, hour + 1)).containerRestarts, 3);
        assert.equal((await more(3, 2 * hour, 0)).containerRestarts, 1);
        assert.equal((await more(3, hour - 1, 0)).containerRestarts, 0);
    });

    it("should keep an image's soak when another image is deployed, whose own soak begins at zero", async () => {
        const a = await observe("replaced");
        const b = await observe("replaced", digestB);
        assert.equal(a.observedSeconds, 5 * hour - 15);
        assert.deepEqual(stretchesIn(a), [
            [5 * hour - 15, `${digestB.frontend.slice(0, 19)} of frontend served as well`],
        ]);
        // A's last sample becomes stale after two more scrapes.
        assert.equal(b.startedAt, at(6 * hour + 45));
        assert.equal(stretchesIn(b).at(-1)?.[1], "now");
    });

    it("should begin a new stretch when an image is deployed again, and count the longest one", async () => {
        const soak = await observe("returned");
        assert.deepEqual(
            stretchesIn(soak).map(([seconds]) => seconds),
            [5 * hour - 15, age - 11 * hour - 45],
        );
        assert.equal(soak.startedAt, at(hour));
        const later = await observe("returned", digestA, { deployedAt: at(8 * hour + 10 * minute) });
        assert.equal(later.startedAt, at(8 * hour + 10 * minute));
        assert.equal(stretchesIn(later).length, 1);
    });

    it("should end a stretch when another image, or a pod that names no image, serves as well", async () => {
        const soak = await observe("beside");
        assert.deepEqual(
            [stretchesIn(soak)[0], soak.startedAt],
            [
                [2 * hour - 15, `${digestB.backend.slice(0, 19)} of backend served as well`],
                at(3 * hour + 20 * minute + 45),
            ],
        );
        assert.deepEqual(stretchesIn(await observe("unnamed")), [
            [hour - 15, "pod backend-bare, which names no image, of backend served as well"],
        ]);
    });

    it("should end a stretch at a gap in the samples, but not at a single lost scrape", async () => {
        const gap = await observe("gap");
        assert.equal(gap.observedSeconds, 4 * hour - 10 * minute);
        assert.deepEqual(stretchesIn(gap)[0], [
            3 * hour,
            `Prometheus has no samples from ${at(4 * hour)} to ${at(4 * hour + 10 * minute)}`,
        ]);
        const lost = await observe("lost");
        assert.deepEqual([stretchesIn(lost).length, lost.observedSeconds], [1, 7 * hour - 15]);
    });

    it("should continue the last stretch until now", async () => {
        const soak = await observe("now");
        assert.equal(stretchesIn(soak).at(-1)?.[1], "now");
    });

    it("should attest nothing for a service or a namespace without samples", async () => {
        await assert.rejects(observe("half"), {
            name: "ObserveError",
            message:
                `Prometheus has no sample of frontend ${digestA.frontend} in namespace half in the last 7 d; ` +
                "it is not deployed there, or not scraped.",
        });
        await assert.rejects(observe("empty"), /no sample of backend/);
        await assert.rejects(observe("exactly", digestA, { deployedAt: at(5 * hour + 1) }), {
            message: `Exactly these images never served exactly together since the deployment completed at ${at(5 * hour + 1)}.`,
        });
    });

    it("should count nothing from another namespace", async () => {
        const soak = await observe("neighbours");
        assert.deepEqual([soak.observedSeconds, soak.serverErrors], [5 * hour, 0]);
    });

    it("should attest nothing without Prometheus, or when it keeps samples for too short a time", async () => {
        const [port] = await freePorts(1);
        await assert.rejects(observe("exactly", digestA, { url: `http://127.0.0.1:${port!}` }), {
            message: `Prometheus at http://127.0.0.1:${port!} can't be reached (ECONNREFUSED); nothing can be attested without its samples.`,
        });
        assert.throws(() => new Prometheus("prometheus:9090"), /--prometheus is "prometheus:9090"/);
        const short = await startPrometheus(openMetrics([], beginning), "3h");
        try {
            await assert.rejects(observe("exactly", digestA, { url: short.url }), {
                message: `Prometheus at ${short.url} keeps samples for 3 h only, and 4 h have to be proved; raise --storage.tsdb.retention.time.`,
            });
        } finally {
            await short.stop();
        }
    });

    it("should attest nothing when the clocks differ or when another program than Prometheus answers", async () => {
        const answers = [
            JSON.stringify({
                status: "success",
                data: { resultType: "scalar", result: [0, String(Date.now() / 1000 + 61)] },
            }),
            "<html>",
            JSON.stringify({ status: "error", errorType: "bad_data", error: "no such thing" }),
        ];
        const server = await serve(() => answers.shift() ?? "");
        const { url } = server;
        try {
            await assert.rejects(
                observe("exactly", digestA, { url }),
                /they may differ by 1 min\. Synchronize the clocks/,
            );
            await assert.rejects(
                observe("exactly", digestA, { url }),
                /something that is not a response of Prometheus/,
            );
            await assert.rejects(
                observe("exactly", digestA, { url }),
                /Prometheus refused query time\(\): bad_data: no such thing\./,
            );
        } finally {
            await server.stop();
        }
    });
});
