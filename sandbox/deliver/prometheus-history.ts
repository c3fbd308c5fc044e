import * as fs from "node:fs";
import * as path from "node:path";
import { CoreV1Api, type V1Pod } from "@kubernetes/client-node";
import { labels, machinePaths, metrics } from "../../delivery/core/metrics";
import { kubeConfig } from "../drill/cluster";
import { run } from "../machine/command";
import type { Instance } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { waitUntil } from "../machine/process";
import { get } from "../parts/cluster/api";
import { programPath, historyProgram } from "../toolchain/programs";

/** Seconds between two samples: more than Prometheus' own, so that a restart of it is no gap. */
const interval = 30;

type Labels = Readonly<Record<string, string>>;

export interface Series {
    readonly labels: Labels;
    /** The value now. */
    readonly value: number;
}

export interface WrittenSeries {
    readonly labels: Labels;
    readonly samples: readonly (readonly [at: number, value: number])[];
}

/**
 * What Prometheus would have of some series from one time to another, had everything gone on as it does now: each pod
 * answers a request between two samples, and none fails.
 *
 * @param from and to milliseconds since 1970
 */
export function historyOf(series: readonly Series[], from: number, to: number): WrittenSeries[] {
    const times: number[] = [];
    for (let at = from; at <= to; at += interval * 1000) times.push(at);
    return series.map(({ labels: given, value }) => {
        const counts =
            given.__name__ === metrics.requests &&
            !(machinePaths as readonly string[]).includes(given[labels.path] ?? "") &&
            !/^5/.test(given[labels.status] ?? "");
        return { labels: given, samples: times.map((at, index) => [at, counts ? index : value] as const) };
    });
}

const monitoring = "monitoring";

const address = (instance: Instance, pod: string, place: string) =>
    `${instance.kubernetesApi}/api/v1/namespaces/${monitoring}/pods/${pod}:9090/proxy/${place}`;

async function query(instance: Instance, pod: string, text: string): Promise<Series[]> {
    const url = new URL(address(instance, pod, "api/v1/query"));
    url.searchParams.set("query", text);
    const { data } = JSON.parse(await get(instance, url.href)) as {
        readonly data: { readonly result: readonly { readonly metric: Labels; readonly value: [number, string] }[] };
    };
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

/** Where a pod of Prometheus has its samples, on this machine. */
function samplesFolder(instance: Instance, { metadata, spec }: V1Pod): string {
    const volume = spec?.containers[0]?.volumeMounts?.find(({ mountPath }) => mountPath === "/prometheus")?.name;
    return path.join(
        instance.root,
        `kubelet/pods/${metadata?.uid ?? ""}/volumes/kubernetes.io~empty-dir/${volume ?? ""}`,
    );
}

/** The processes of a pod, without the one that keeps its namespaces. */
function processesOf({ metadata }: V1Pod): number[] {
    return fs
        .readdirSync("/proc")
        .filter((entry) => {
            try {
                return (
                    /^\d+$/.test(entry) &&
                    fs.readFileSync(`/proc/${entry}/cgroup`, "utf8").includes(metadata?.uid ?? "none") &&
                    fs.readFileSync(`/proc/${entry}/cmdline`, "utf8").includes("--storage.tsdb.path")
                );
            } catch {
                // It has ended.
                return false;
            }
        })
        .map(Number);
}

/** Puts a block in the place of everything that a pod of Prometheus has, and lets the kubelet start it again. */
async function replaceSamples(instance: Instance, pod: V1Pod, written: string): Promise<void> {
    const folder = samplesFolder(instance, pod);
    const processes = processesOf(pod);
    if (processes.length === 0 || !fs.existsSync(folder))
        throw new SandboxError(`${pod.metadata?.name ?? ""} of Prometheus does not run in this sandbox.`);
    const { uid, gid } = fs.statSync(path.join(folder, "wal"));
    // It must not write between the two.
    for (const pid of processes) process.kill(pid, "SIGSTOP");
    for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name), { recursive: true });
    await run("cp", ["-r", written, folder]);
    await run("chown", ["-R", `${uid}:${gid}`, path.join(folder, path.basename(written))]);
    for (const pid of processes) process.kill(pid, "SIGKILL");
}

/**
 * Writes the history of a release in staging into Prometheus, in the place of what it has: the release before would have
 * served in these hours, too.
 *
 * @param place a folder for the block
 * @param from milliseconds since 1970
 */
export async function writeHistory(
    instance: Instance,
    place: string,
    images: Readonly<Record<string, string>>,
    from: number,
): Promise<void> {
    const api = kubeConfig(instance).makeApiClient(CoreV1Api);
    const { items: pods } = await api.listNamespacedPod({
        namespace: monitoring,
        labelSelector: "app.kubernetes.io/name=prometheus",
    });
    const [first] = pods.map(({ metadata }) => metadata?.name ?? "");
    if (first === undefined) throw new SandboxError("There is no pod of Prometheus in the namespace monitoring.");
    const names = Object.values(metrics).join("|");
    const digests = Object.values(images).join("|");
    const selected = `{__name__=~"${names}",${labels.namespace}="relaypacs-staging",${labels.digest}=~"${digests}"}`;
    const series = await query(instance, first, selected);
    if (series.length === 0) throw new SandboxError("Prometheus has not scraped the release in staging.");
    fs.rmSync(place, { recursive: true, force: true });
    fs.mkdirSync(place, { recursive: true });
    const written = await run(programPath(historyProgram), [place], {
        input: JSON.stringify(historyOf(series, from, Date.now())),
    });
    for (const pod of pods) await replaceSamples(instance, pod, written);
    const early = `count(up{${labels.namespace}="relaypacs-staging"} @ ${Math.ceil(from / 1000) + 60})`;
    for (const { metadata } of pods)
        await waitUntil(
            async () => (await query(instance, metadata?.name ?? "", early).catch(() => [])).length > 0,
            `Prometheus with its history in ${metadata?.name ?? ""}`,
            60,
            500,
        );
}
