import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { greenErrors, hashes } from "../../components/blue-green-queries";
import { blueGreen } from "../../settings/schema";
import { projectRoot, type Instance } from "../instance";
import { startLoad, type Load, type LoadRecord, type LoadSummary } from "../load";
import { stackSetting } from "../stack-settings";
import { pkiFile } from "../cluster/certificates";
import { clusterAddress, stageNames, stageOf, WatchedRollout } from "./cluster";
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

export interface Story {
    readonly title: string;
    readonly outcome: string;
    readonly good: boolean;
    readonly versions: Versions;
}

const lookMilliseconds = 200;

/** Samples between two questions to Prometheus. */
const looksPerRate = 10;

/** The prefix of a measurement that a drill waits for: a metric's name, with its phase. */
export interface Measured {
    readonly metric: string;
    readonly phase: string;
    readonly startedAt: string;
    readonly value: string | undefined;
}

/**
 * What a drill shows, while it goes on: constant load through Traefik, the weights, stages and measurements of the
 * backend's Rollout, and what Prometheus says of green.
 */
export class Recorder {
    private readonly began = new Date().toISOString();
    private readonly weights: { at: string; greenPercent: number }[] = [];
    private readonly phases: { at: string; name: string }[] = [];
    private readonly errorRates: { at: string; percent: number | undefined }[] = [];
    private readonly marks: { at: string; text: string; bad: boolean }[] = [];
    private readonly measured = new Map<string, Measured>();
    private readonly looking: Promise<void>;
    private stopped = false;
    private first: string | undefined;
    private green: string | undefined;
    private greenVersion: string | undefined;
    private summaries: { backend: LoadSummary; frontend: LoadSummary } | undefined;

    private constructor(
        readonly name: string,
        private readonly folder: string,
        private readonly loads: { readonly backend: Load; readonly frontend: Load },
        readonly rollout: WatchedRollout,
        private readonly prometheus: string,
        private readonly windowSeconds: number,
    ) {
        this.looking = this.look();
    }

    /** Starts the load and the recording. Whoever starts it stops it. */
    static async start(instance: Instance, name: string, rates: Rates, windowSeconds: number): Promise<Recorder> {
        // Beside the sandbox and not in it: recordings are there to be looked at when it is gone.
        const folder = path.join(projectRoot, ".sandbox", "drills", instance.name, name);
        fs.mkdirSync(folder, { recursive: true });
        const hostname = String(stackSetting("prod", "hostname"));
        const connect = `${await clusterAddress(instance, "traefik", "traefik-prod")}:443`;
        const prometheus = `http://${await clusterAddress(instance, "monitoring", "prometheus")}:9090`;
        const certificateAuthority = pkiFile(instance, "ca.crt");
        const load = (service: keyof Rates, where: string) =>
            startLoad({
                url: `https://${hostname}${where}`,
                connect,
                certificateAuthority,
                rate: rates[service],
                file: path.join(folder, `${service}.jsonl`),
            });
        const [backend, frontend] = [await load("backend", "/api/v1/version"), await load("frontend", "/")];
        const rollout = new WatchedRollout(instance, "backend");
        return new Recorder(name, folder, { backend, frontend }, rollout, prometheus, windowSeconds);
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

    /** Ends load and recording, and answers how the requests went. Does nothing more when called again. */
    async stop(): Promise<{ readonly backend: LoadSummary; readonly frontend: LoadSummary }> {
        if (this.summaries) return this.summaries;
        this.stopped = true;
        await this.looking;
        const [backend, frontend] = await Promise.all([this.loads.backend.stop(), this.loads.frontend.stop()]);
        await this.rollout.close();
        return (this.summaries = { backend, frontend });
    }

    /** Writes the recording and its picture below `.sandbox/drills`, and answers where the picture is. */
    async write(story: Story): Promise<{ readonly recording: Recording; readonly picture: string }> {
        const { backend } = await this.stop();
        const recording: Recording = {
            ...story,
            startedAt: backend.start,
            endedAt: backend.time,
            seconds: secondsOf(this.records, story.versions),
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

    private async look(): Promise<void> {
        for (let looks = 0; !this.stopped; looks += 1) {
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
                if (looks % looksPerRate === 0 && tried) await this.ask(at, hash);
            }
            await sleep(lookMilliseconds);
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
        const url = new URL("/api/v1/query", this.prometheus);
        url.searchParams.set("query", query.replaceAll(hashes.green, green));
        const percent = await fetch(url, { signal: AbortSignal.timeout(1000) })
            .then((response) => response.json() as Promise<{ data: { result: { value: [number, string] }[] } }>)
            .then(({ data }) => Number(data.result[0]?.value[1]))
            .catch(() => NaN);
        this.errorRates.push({ at, percent: Number.isFinite(percent) ? percent : undefined });
    }
}
