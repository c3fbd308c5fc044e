import assert from "node:assert/strict";
import { errorIncrease, greenErrors, greenTraffic, hashes } from "../../../components/delivery/analysis-queries";
import { installPrometheus, startPrometheus, type RunningPrometheus } from "../../release/observe/history";

const minimum = 20;
const windowSeconds = 60;
const scrapeSeconds = 5;
const pastSeconds = 300;
/** The time of the queries, in seconds; in the past, so that every sample exists. */
const moment = Math.floor(Date.now() / 1000) - 60;

/** Requests of a colour in 10 seconds, and how many of them fail. */
interface Rate {
    readonly requests: number;
    readonly failed: number;
}

interface Past {
    readonly green?: Rate;
    readonly blue?: Rate;
}

const busy: Rate = { requests: 100, failed: 0 };
/** Fewer requests in a window than the minimum, half of which fail. */
const failingFew: Rate = { requests: 2, failed: 1 };

const pasts = {
    "both-busy": { green: { requests: 100, failed: 4 }, blue: { requests: 100, failed: 1 } },
    "both-well": { green: busy, blue: busy },
    "blue-absent": { green: { requests: 100, failed: 4 } },
    "blue-absent-green-well": { green: busy },
    "blue-few": { green: { requests: 100, failed: 4 }, blue: failingFew },
    "blue-fails": { green: busy, blue: { requests: 100, failed: 100 } },
    "green-few": { green: failingFew, blue: busy },
    "green-absent": { blue: busy },
    "both-absent": {},
} satisfies Record<string, Past>;

/** A counter of green or blue, with its values by seconds before the moment; absent in scrapes that are left out. */
interface Counter {
    readonly colour?: "green" | "blue";
    readonly pod?: string;
    readonly path?: string;
    readonly status: string;
    readonly values: Readonly<Record<number, number>>;
}

interface Special {
    readonly counters: readonly Counter[];
    /** Seconds before the moment at which each pod's process started, one or two; the second is a restart. */
    readonly starts: Readonly<Record<string, readonly number[]>>;
}

/** The same value in each scrape from so many seconds before the moment, to its end or a later scrape. */
const constant = (value: number, from: number, to = 0): Record<number, number> =>
    Object.fromEntries(
        Array.from({ length: (from - to) / scrapeSeconds + 1 }, (_, at) => [from - at * scrapeSeconds, value]),
    );

/** A counter that grows by so much a scrape over all the past. */
const growing = (by: number): Record<number, number> =>
    Object.fromEntries(
        Array.from({ length: pastSeconds / scrapeSeconds + 1 }, (_, at) => [pastSeconds - at * scrapeSeconds, by * at]),
    );

const specials = {
    // The first scrape finds what failed before it; nothing fails after it.
    "born-failing": {
        counters: [
            { status: "500", values: constant(300, 30) },
            { status: "200", values: constant(400, 30) },
        ],
        starts: { one: [35] },
    },
    // 100 of 2,000 requests, each the only one of its pod, path and status.
    sporadic: {
        counters: [
            { pod: "busy", status: "200", values: growing(1900 / 12) },
            ...Array.from({ length: 100 }, (_, at) => ({
                pod: `pod-${at % 4}`,
                path: `/api/v1/${at}`,
                status: "500",
                values: constant(1, (at % 12) * scrapeSeconds),
            })),
        ],
        starts: { busy: [pastSeconds], ...Object.fromEntries([0, 1, 2, 3].map((at) => [`pod-${at}`, [pastSeconds]])) },
    },
    // The new process has as many errors as the old one had, so the counter falls nowhere.
    restarted: {
        counters: [
            { status: "500", values: { ...constant(30, pastSeconds, 45), ...constant(30, 30) } },
            { status: "200", values: { ...constant(1000, pastSeconds, 45), ...constant(1070, 30) } },
        ],
        starts: { one: [pastSeconds, 40] },
    },
    // The scrape in which the error appeared is missing, and the one after it.
    "scrapes-missed": {
        counters: [
            { status: "500", values: constant(10, 40) },
            { status: "200", values: { ...constant(0, pastSeconds, 60), ...constant(90, 40) } },
        ],
        starts: { one: [pastSeconds] },
    },
    // What failed long ago, under a path that is still reported, is not counted again.
    "failed-before": {
        counters: [
            { status: "500", values: constant(50, 120) },
            { status: "200", values: growing(10) },
        ],
        starts: { one: [pastSeconds] },
    },
    // A new pod of blue that fails from its first request on raises what green may fail.
    "blue-born-failing": {
        counters: [
            { colour: "blue", status: "500", values: constant(10, 30) },
            { colour: "blue", status: "200", values: constant(90, 30) },
            { status: "500", values: constant(10, 30) },
            { status: "200", values: constant(90, 30) },
        ],
        starts: { one: [35] },
    },
} satisfies Record<string, Special>;

/** The special pasts as OpenMetrics lines. */
function specialHistory(): { readonly requests: string[]; readonly starts: string[] } {
    const of = (namespace: string, colour: string, pod: string) =>
        `namespace="${namespace}",service="backend",rollouts_pod_template_hash="${colour}",pod="${pod}"`;
    const requests = Object.entries<Special>(specials).flatMap(([namespace, { counters }]) =>
        counters.flatMap(({ colour = "green", pod = "one", path = "/api/v1/version", status, values }) =>
            Object.entries(values)
                .sort(([one], [other]) => Number(other) - Number(one))
                .map(
                    ([before, value]) =>
                        `http_requests_total{${of(namespace, colour, pod)},path="${path}",status="${status}"} ${value} ${moment - Number(before)}`,
                ),
        ),
    );
    const starts = Object.entries<Special>(specials).flatMap(([namespace, special]) =>
        Object.entries(special.starts).flatMap(([pod, [first = 0, second = first]]) =>
            Object.keys(constant(0, first))
                .map(Number)
                .sort((one, other) => other - one)
                .map((before) => {
                    const started = before > second ? first : second;
                    return `process_start_time_seconds{${of(namespace, "green", pod)}} ${moment - started} ${moment - before}`;
                }),
        ),
    );
    return { requests, starts };
}

/** All pasts as OpenMetrics text, each in a namespace of its own. */
function history(): string {
    const special = specialHistory();
    const lines = Object.entries<Past>(pasts).flatMap(([namespace, past]) =>
        Object.entries(past).flatMap(([colour, { requests, failed }]: [string, Rate]) =>
            [
                { path: "/api/v1/version", status: "200", rate: requests - failed },
                { path: "/api/v1/version", status: "502", rate: failed },
                // Probes are more frequent than requests of people, and always fail.
                { path: "/health", status: "503", rate: 1000 },
            ].flatMap(({ path, status, rate }) =>
                Array.from({ length: pastSeconds / scrapeSeconds + 1 }, (_, index) => {
                    const seconds = index * scrapeSeconds;
                    const labels = `namespace="${namespace}",service="backend",rollouts_pod_template_hash="${colour}"`;
                    const count = (rate * seconds) / 10;
                    const series = `http_requests_total{${labels},path="${path}",status="${status}"}`;
                    return `${series} ${count} ${moment - pastSeconds + seconds}`;
                }),
            ),
        ),
    );
    return [
        "# TYPE http_requests counter",
        ...lines,
        ...special.requests,
        "# TYPE process_start_time_seconds gauge",
        ...special.starts,
        "# EOF",
        "",
    ].join("\n");
}

describe("The queries of a blue-green release", function () {
    this.timeout(300_000);
    let prometheus: RunningPrometheus;
    before(async () => {
        await installPrometheus();
        prometheus = await startPrometheus(history());
    });
    after(() => prometheus.stop());

    /** The result of a query as Argo Rollouts gets it: one value per series. */
    const ask = async (
        namespace: keyof typeof pasts | keyof typeof specials,
        query: typeof errorIncrease,
    ): Promise<number[]> => {
        const text = query({ namespace, service: "backend", windowSeconds }, minimum)
            .replaceAll(hashes.green, "green")
            .replaceAll(hashes.blue, "blue");
        const response = await fetch(`${prometheus.url}/api/v1/query`, {
            method: "POST",
            body: new URLSearchParams({ query: text, time: String(moment) }),
        });
        const answer = (await response.json()) as { data?: { result: { value: [number, string] }[] }; error?: string };
        assert.ok(answer.data, `${answer.error ?? ""} in ${text}`);
        return answer.data.result.map(({ value }) => Math.round(10 * Number(value[1])) / 10);
    };

    for (const [name, past, increase] of [
        ["measure by how much more green fails than blue", "both-busy", [3]],
        ["find no difference where nothing fails", "both-well", [0]],
        ["hold green against no errors where blue is dead", "blue-absent", [4]],
        ["pass a green that mends a dead blue", "blue-absent-green-well", [0]],
        ["hold green against no errors where blue had too few requests, however many failed", "blue-few", [4]],
        ["find that green fails less than a blue that is busy failing", "blue-fails", [-100]],
        ["judge nothing where green had too few requests", "green-few", []],
        ["judge nothing where green had none", "green-absent", []],
        ["judge nothing where neither had any", "both-absent", []],
    ] as const)
        it(`should ${name}`, async () => {
            assert.deepEqual(await ask(past, errorIncrease), increase);
        });

    for (const [name, past, percent, requests] of [
        ["the errors with which a new pod's counters are born", "born-failing", [42.9], 700],
        ["the only error of each pod, path and status", "sporadic", [5], 2000],
        ["the errors of a new process that had as many as the old one", "restarted", [2.6], 1170],
        ["the errors that came while scrapes were missed", "scrapes-missed", [10], 100],
        ["no error twice that came before the window", "failed-before", [0], 120],
        ["the errors of a green that fails as blue does", "blue-born-failing", [10], 100],
    ] as const)
        it(`should count ${name}`, async () => {
            assert.deepEqual([await ask(past, greenErrors), await ask(past, greenTraffic)], [percent, [requests]]);
        });

    it("should hold green against a blue whose new pod fails as much", async () => {
        assert.deepEqual(await ask("blue-born-failing", errorIncrease), [0]);
    });

    it("should count green's requests alone towards enough traffic, as zero where there are none", async () => {
        assert.deepEqual(await ask("blue-absent", greenTraffic), [600]);
        assert.deepEqual(await ask("blue-few", greenTraffic), [600]);
        assert.deepEqual(await ask("green-few", greenTraffic), [12]);
        assert.deepEqual(await ask("green-absent", greenTraffic), [0]);
        assert.deepEqual(await ask("both-absent", greenTraffic), [0]);
    });

    it("should measure green alone after the cutover", async () => {
        assert.deepEqual(await ask("both-busy", greenErrors), [4]);
        assert.deepEqual(await ask("blue-absent", greenErrors), [4]);
        assert.deepEqual(await ask("green-few", greenErrors), []);
        assert.deepEqual(await ask("green-absent", greenErrors), []);
    });
});
