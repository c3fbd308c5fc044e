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

/** All pasts as OpenMetrics text, each in a namespace of its own. */
function history(): string {
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
    return ["# TYPE http_requests counter", ...lines, "# EOF", ""].join("\n");
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
    const ask = async (namespace: keyof typeof pasts, query: typeof errorIncrease): Promise<number[]> => {
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
