import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { greenErrors, hashes } from "../../components/delivery/analysis-queries";
import { blueGreen } from "../../settings/schema";
import { projectRoot, type Instance } from "../machine/instance";
import type { Pace } from "./pace";
import { measurementWindowSeconds } from "../../delivery/core/release-time";
import { scrapeSeconds } from "../stacks/stack-variables";
import { startLoad, type Load, type LoadRecord, type LoadSummary } from "./load";
import { publicEndpoint } from "../stacks/public-address";
import { get } from "../parts/cluster/api";
import { stageNames, stageOf, WatchedRollout } from "./cluster";
import { changesOnly, secondsOf, type Versions } from "./measures";
import { picture } from "./picture";
import { namespace } from "./production";
import type { Recording } from "./recording";

/** Requests a second that the backend and the frontend get. */
export interface Rates {
    readonly backend: number;
    readonly frontend: number;
}

export const constantLoad: Rates = { backend: 200, frontend: 20 };

export interface DrillSummary {
    readonly title: string;
    readonly outcome: string;
    readonly good: boolean;
    readonly versions: Versions;
}

const sampleMilliseconds = 200;

/** Samples between two queries to Prometheus. */
const samplesPerRate = 10;

/** The prefix of a measurement that a drill waits for: a metric's name, with its phase. */
export interface Measured {
    readonly metric: string;
    readonly phase: string;
    readonly startedAt: string;
    readonly value: string | undefined;
}

/**
 * Records a drill while it runs: constant load through Traefik, the weights, stages and measurements of the backend's
 * Rollout, and green's errors in Prometheus.
 */
export class Recorder {
    private readonly began = new Date().toISOString();
    private readonly weights: { at: string; greenPercent: number }[] = [];
    private readonly phases: { at: string; name: string }[] = [];
    private readonly errorRates: { at: string; percent: number | undefined }[] = [];
    private readonly marks: { at: string; text: string; bad: boolean }[] = [];
    private readonly measured = new Map<string, Measured>();
    private readonly sampling: Promise<void>;
    private stopped = false;
    private first: string | undefined;
    private green: string | undefined;
    private greenVersion: string | undefined;
    private summaries: { backend: LoadSummary; frontend: LoadSummary } | undefined;

    private constructor(
        private readonly instance: Instance,
        readonly name: string,
        private readonly folder: string,
        private readonly loads: { readonly backend: Load; readonly frontend: Load },
        readonly rollout: WatchedRollout,
        private readonly windowSeconds: number,
    ) {
        this.sampling = this.sampleUntilStopped();
    }

    /** Starts the load and the recording. The caller stops it. */
    static async start(instance: Instance, name: string, rates: Rates, pace: Pace): Promise<Recorder> {
        // Beside the sandbox and not in it: recordings outlast the sandbox.
        const folder = path.join(projectRoot, ".sandbox", "drills", instance.name, name);
        fs.mkdirSync(folder, { recursive: true });
        const { url, ...how } = await publicEndpoint(instance, "prod");
        const load = (service: keyof Rates, where: string) =>
            startLoad({
                url: url + where,
                ...how,
                rate: rates[service],
                file: path.join(folder, `${service}.jsonl`),
            });
        const [backend, frontend] = [await load("backend", "/api/v1/version"), await load("frontend", "/")];
        const rollout = new WatchedRollout(instance, "backend");
        const windowSeconds = measurementWindowSeconds(pace, scrapeSeconds);
        return new Recorder(instance, name, folder, { backend, frontend }, rollout, windowSeconds);
    }

    /** Records of the backend's load until now. */
    get records(): LoadRecord[] {
        return this.loads.backend.records();
    }

    mark(text: string, bad = false, at = new Date().toISOString()): void {
        this.marks.push({ at, text, bad });
    }

    /** Version of the first release that was tried; undefined before there was one. */
    get tried(): string | undefined {
        return this.greenVersion;
    }

    /** All measurements that were seen, in their order. */
    get measurements(): readonly Measured[] {
        return [...this.measured.values()];
    }

    /** Ends load and recording, and returns the counts of the requests. Does nothing when called again. */
    async stop(): Promise<{ readonly backend: LoadSummary; readonly frontend: LoadSummary }> {
        if (this.summaries) return this.summaries;
        this.stopped = true;
        await this.sampling;
        const [backend, frontend] = await Promise.all([this.loads.backend.stop(), this.loads.frontend.stop()]);
        await this.rollout.close();
        return (this.summaries = { backend, frontend });
    }

    /** Writes the recording and its picture below `.sandbox/drills`, and returns the picture's path. */
    async write(summary: DrillSummary): Promise<{ readonly recording: Recording; readonly picture: string }> {
        const { backend } = await this.stop();
        const recording: Recording = {
            ...summary,
            startedAt: backend.start,
            endedAt: backend.time,
            seconds: secondsOf(this.records, summary.versions),
            weights: changesOnly(this.weights, ({ greenPercent }) => greenPercent),
            errorRates: this.errorRates,
            errorLimitPercent: blueGreen.parse({}).maximumErrorIncreasePercent,
            phases: changesOnly(this.phases, ({ name }) => name),
            marks: this.marks,
        };
        const file = path.join(this.folder, "picture.svg");
        fs.writeFileSync(path.join(this.folder, "recording.json"), `${JSON.stringify(recording, undefined, 2)}\n`);
        fs.writeFileSync(file, picture(recording));
        return { recording, picture: file };
    }

    private async sampleUntilStopped(): Promise<void> {
        for (let samples = 0; !this.stopped; samples += 1) {
            const at = new Date().toISOString();
            const { view } = this.rollout;
            if (view) {
                const { hash } = view.green;
                this.first ??= hash;
                if (hash !== this.first && this.green === undefined) {
                    this.green = hash;
                    this.greenVersion = view.green.version;
                }
                const [tried, over] = [hash === this.green, this.green !== undefined];
                this.phases.push({ at, name: tried ? stageNames[stageOf(view)] : over ? stageNames.back : "before" });
                // Once green is stable, Argo calls its weight the stable one.
                const percent = view.promoted ? 100 : (this.rollout.canaryPercent ?? 0);
                this.weights.push({ at, greenPercent: tried ? percent : 0 });
                this.collect();
                if (samples % samplesPerRate === 0 && tried) await this.ask(at, hash);
            }
            await sleep(sampleMilliseconds);
        }
    }

    private collect(): void {
        for (const run of this.rollout.analyses) {
            for (const { name, measurements = [] } of run.status?.metricResults ?? []) {
                for (const { phase, startedAt = "", value } of measurements) {
                    if (startedAt < this.began.slice(0, 19)) continue;
                    const key = [run.metadata.uid, name, startedAt].join("/");
                    this.measured.set(key, { metric: name, phase, startedAt, value });
                }
            }
        }
    }

    private async ask(at: string, green: string): Promise<void> {
        const query = greenErrors({ namespace, service: "backend", windowSeconds: this.windowSeconds }, 1);
        // Through the API server, which reaches every pod: policies let this machine reach no pod but Traefik's.
        const service = "api/v1/namespaces/monitoring/services/prometheus:9090/proxy";
        const url = new URL(`${service}/api/v1/query`, this.instance.kubernetesApi);
        url.searchParams.set("query", query.replaceAll(hashes.green, green));
        const percent = await get(this.instance, url.href)
            .then((text) => JSON.parse(text) as { data: { result: { value: [number, string] }[] } })
            .then(({ data }) => Number(data.result[0]?.value[1]))
            .catch(() => NaN);
        this.errorRates.push({ at, percent: Number.isFinite(percent) ? percent : undefined });
    }
}
