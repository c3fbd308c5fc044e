import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { AppsV1Api, CoordinationV1Api, CoreV1Api } from "@kubernetes/client-node";
import type { Faults, Release, ServiceName } from "../../sandbox/application/images";
import { kubeConfig, stageOf, WatchedRollout, type Stage } from "../../sandbox/drill/cluster";
import { shortenedPace } from "../../sandbox/drill/pace";
import {
    admitToProduction,
    namespace,
    Production,
    publishForProduction,
    type CommandResult,
} from "../../sandbox/drill/production";
import { constantLoad, Recorder, type Measured, type Rates, type DrillSummary } from "../../sandbox/drill/recorder";
import { tail } from "../../sandbox/machine/command";
import { waitUntil } from "../../sandbox/machine/process";
import { askedVersions } from "../../delivery/rollouts/list";
import { deliverPublicCertificate } from "../../sandbox/parts/cluster/public-certificate";
import { createStack } from "../../sandbox/stacks/stack";
import { secondsMore } from "./requests";
import { instance } from "./world";

export const production = new Production(instance, shortenedPace);

/** Created on first use: there is no cluster yet while tests are loaded. */
export const api = {
    get apps() {
        return kubeConfig(instance).makeApiClient(AppsV1Api);
    },
    get core() {
        return kubeConfig(instance).makeApiClient(CoreV1Api);
    },
    get coordination() {
        return kubeConfig(instance).makeApiClient(CoordinationV1Api);
    },
};

/** Production's releases in these tests, by version; each is published once. */
const published = new Map<string, Promise<Release>>();

/**
 * The first release with one additional migration, which later ones have too: a rollback from it crosses a migration.
 */
const firstWithMigration = "2.7.0";

const hasMigration = (version: string) => version.localeCompare(firstWithMigration, "en", { numeric: true }) >= 0;

/** Publishes a release with signed evidence, or returns the one that was begun before. */
export function publish(version: string, faults: Faults = {}, service: ServiceName = "backend"): Promise<Release> {
    let release = published.get(version);
    if (!release) {
        release = publishForProduction(instance, { version, faults, service, nextMigration: hasMigration(version) });
        // Later callers get the error too.
        release.catch(() => undefined);
        published.set(version, release);
    }
    return release;
}

let current: Release | undefined;

/** The last release that ran well, from which each drill starts. */
export function good(): Release {
    assert.ok(current, "no release has run well yet");
    return current;
}

let firstRelease: Promise<void> | undefined;

/** Deploys production's first release, or waits for the one that was begun before. */
export function releaseFirst(): Promise<void> {
    if (!firstRelease) {
        firstRelease = (async () => {
            const release = await publish("2.0.0");
            await createStack(instance, "prod", () => undefined);
            const { exitCode, output } = await production.up(release).ended;
            assert.equal(exitCode, 0, output);
            await deliverPublicCertificate(instance, "prod");
            await admit(release);
        })();
        // Later callers get the error too.
        firstRelease.catch(() => undefined);
    }
    return firstRelease;
}

/** Remembers that a release runs well, and records it as the pipeline does. */
export async function admit(release: Release): Promise<void> {
    await admitToProduction(instance, release);
    current = release;
}

/** Remembers that production was rolled back to a release. */
export function rolledBackTo(release: Release): void {
    current = { ...release, rollback: true };
}

/** Rolls back to the good release when the earlier drill has left another one, as a person would. */
async function startFromGood(): Promise<void> {
    const versions = await askedVersions("prod", kubeConfig(instance));
    if (versions.length === 1 && versions[0] === good().version) return;
    const { exitCode, output } = await production.rollBack("--from", versions.at(-1) ?? "", "--to", good().version)
        .ended;
    assert.equal(exitCode, 0, output);
    rolledBackTo(good());
}

export interface Drill {
    readonly recorder: Recorder;
    readonly rollout: WatchedRollout;
}

/** Seconds after which a drill has failed. */
const limitSeconds = 420;

async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
    const ended = new AbortController();
    const late = sleep(seconds * 1000, undefined, { signal: ended.signal }).then(() => {
        throw new Error(`The drill was not over within ${seconds} s`);
    });
    late.catch(() => undefined);
    return Promise.race([work, late]).finally(() => {
        ended.abort();
    });
}

/**
 * Runs a drill under constant load, by default from the good release, prints its outcome, and writes it below
 * `.sandbox/drills`. The load ends, and the recording is written, even when the drill fails.
 */
export async function drill(
    name: string,
    work: (drill: Drill) => Promise<Pick<DrillSummary, "title" | "outcome"> & { readonly green: Release }>,
    { rates = constantLoad, from = "good" }: { readonly rates?: Rates; readonly from?: "good" | "what is there" } = {},
): Promise<void> {
    if (from === "good") await startFromGood();
    const blue = good().version;
    const recorder = await Recorder.start(instance, name, rates, shortenedPace);
    try {
        const { title, outcome, green } = await within(limitSeconds, work({ recorder, rollout: recorder.rollout }));
        await recorder.write({ title, outcome, good: true, versions: { blue, green: green.version } });
        console.log(`      ${outcome}`);
    } catch (error) {
        console.log(tail(production.printed, 60));
        // A failed drill must not affect the next one.
        await production.end();
        const outcome = `Failed: ${(error as Error).message.split("\n")[0] ?? ""}`;
        await recorder.write({
            title: name,
            outcome,
            good: false,
            versions: { blue, green: recorder.tried ?? "none" },
        });
        throw error;
    }
}

/** Waits until a release reaches a stage. */
export function reaches({ rollout }: Drill, { version }: Release, stage: Stage, timeoutSeconds = 90) {
    return rollout.until(
        `${version} reaches "${stage}"`,
        (view) => view.green.version === version && stageOf(view) === stage,
        timeoutSeconds,
    );
}

/** The logs of the migrations that still exist. */
export async function migrationLogs(): Promise<string> {
    const labelSelector = "app.kubernetes.io/component=migration";
    const { items } = await api.core.listNamespacedPod({ namespace, labelSelector });
    const logs = items.map(({ metadata }) => api.core.readNamespacedPodLog({ namespace, name: metadata?.name ?? "" }));
    return (await Promise.all(logs)).join("\n");
}

/** Waits for a measurement. */
export async function measurement({ recorder }: Drill, metric: string, phase: string, timeoutSeconds = 60) {
    const find = (): Measured | undefined =>
        recorder.measurements.find((one) => one.metric === metric && one.phase === phase);
    await waitUntil(() => Promise.resolve(find() !== undefined), `${metric} measured as ${phase}`, timeoutSeconds, 100);
    return find() as Measured;
}

/** Waits until a drill's load has run for this many more seconds. */
export const load = ({ recorder }: Drill, seconds: number): Promise<void> =>
    secondsMore(() => recorder.records, seconds);

/** The update failed with one sentence. */
export function assertFailed({ exitCode, output }: CommandResult, sentence: RegExp): void {
    assert.notEqual(exitCode, 0, output);
    assert.match(output, sentence);
    assert.match(output, /npx release rollback --stack prod/);
}

/** No request failed. */
export async function assertNothingLost({ recorder }: Drill): Promise<number> {
    const { backend, frontend } = await recorder.stop();
    assert.deepEqual([backend.failed, frontend.failed], [0, 0], JSON.stringify({ backend, frontend }, undefined, 2));
    return backend.requests + frontend.requests;
}

/** No request reached a version. */
export async function assertNeverAnswered({ recorder }: Drill, { version }: Release): Promise<void> {
    const { backend } = await recorder.stop();
    assert.equal(backend.versions[version] ?? 0, 0, JSON.stringify(backend.versions));
}

/** Replicas of each version of the backend in the cluster; zero where only its ReplicaSet is left. */
export async function backendReplicas(): Promise<Record<string, number>> {
    const { items } = await api.apps.listNamespacedReplicaSet({
        namespace,
        labelSelector: "app.kubernetes.io/name=backend",
    });
    return Object.fromEntries(
        items.map(({ metadata, spec }) => [
            metadata?.labels?.["app.kubernetes.io/version"] ?? "none",
            spec?.replicas ?? 0,
        ]),
    );
}

export async function scalePrometheus(replicas: number): Promise<void> {
    const where = { namespace: "monitoring", name: "prometheus" };
    const scale = await api.apps.readNamespacedStatefulSetScale(where);
    await api.apps.replaceNamespacedStatefulSetScale({ ...where, body: { ...scale, spec: { replicas } } });
    await waitUntil(
        async () => {
            const { status } = await api.apps.readNamespacedStatefulSetStatus(where);
            return (status?.replicas ?? 0) === replicas && (status?.readyReplicas ?? 0) === replicas;
        },
        `${replicas} pods of Prometheus`,
        60,
    );
}

/** Kills the leading pod of Argo Rollouts without a grace period, and returns its name. */
export async function killLeader(): Promise<string> {
    const where = { namespace: "argo-rollouts" };
    const { spec } = await api.coordination.readNamespacedLease({ ...where, name: "argo-rollouts-controller-lock" });
    const { items } = await api.core.listNamespacedPod(where);
    const leader = items.find(({ metadata }) => spec?.holderIdentity?.startsWith(metadata?.name ?? "none"));
    const name = leader?.metadata?.name;
    assert.ok(name, `no pod is the leader ${String(spec?.holderIdentity)}`);
    await api.core.deleteNamespacedPod({ ...where, name, gracePeriodSeconds: 0 });
    return name;
}
