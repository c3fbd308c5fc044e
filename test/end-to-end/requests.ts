import * as assert from "node:assert/strict";
import * as path from "node:path";
import { startLoad, type Load, type LoadFailure, type LoadRecord, type LoadSummary } from "../../sandbox/drill/load";
import { waitUntil } from "../../sandbox/machine/process";
import * as world from "./world";

/** The requests that failed. */
export const failures = (records: readonly LoadRecord[]): LoadFailure[] =>
    records.filter((record): record is LoadFailure => record.type === "failure");

/** Waits until a load has run for this many more seconds. */
export async function secondsMore(records: () => readonly LoadRecord[], count: number): Promise<void> {
    const seconds = () => records().filter(({ type }) => type === "second").length;
    const until = seconds() + count;
    await waitUntil(() => Promise.resolve(seconds() >= until), `${count} s of load`, count + 20, 200);
}

/** Every request that failed was told so by the proxy or got no answer; no other service answered in the backend's place. */
export function assertFailedByProxy(records: readonly LoadRecord[]): void {
    const wrong = failures(records).filter(
        ({ status }) => status !== undefined && ![500, 502, 503, 504].includes(status),
    );
    assert.deepEqual(wrong, []);
}

/** Requests a second that `underLoad` sends. */
export const stagingRate = 50;

/**
 * Sends requests to staging's backend, through Traefik, while `act` runs, and returns their counts. No other service may
 * answer in the backend's place.
 */
export async function underLoad(name: string, act: (load: Load) => Promise<void>): Promise<LoadSummary> {
    const { url, ...how } = await world.stagingEndpoint();
    const file = path.join(world.instance.logs, `load-${name}.jsonl`);
    const load = await startLoad({ url: `${url}/api/v1/version`, ...how, rate: stagingRate, file });
    try {
        await act(load);
    } catch (error) {
        await load.stop();
        throw error;
    }
    const summary = await load.stop();
    assertFailedByProxy(load.records());
    return summary;
}

/** The same, and no request may fail. */
export async function losingNothing(name: string, act: (load: Load) => Promise<void>): Promise<LoadSummary> {
    let recorded: readonly LoadRecord[] = [];
    const summary = await underLoad(name, async (load) => {
        await act(load);
        recorded = load.records();
    });
    assert.equal(summary.failed, 0, JSON.stringify(failures(recorded)));
    return summary;
}
