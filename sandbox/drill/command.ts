import * as fs from "node:fs";
import * as path from "node:path";
import { readAdmissions } from "../../release/rollback/admitted";
import { keyRing } from "../../delivery/evidence/keys";
import { projectVersion, type Faults, type Release } from "../application/images";
import { projectRoot, type Instance } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { waitUntil } from "../machine/process";
import { trustedKeys } from "../stacks/evidence/signing-key";
import { WatchedRollout } from "./cluster";
import { secondsUntilLastAnswer } from "./measures";
import { shortenedPace, specifiedPace } from "./pace";
import { admitToProduction, Production, publishForProduction, releasesFolder } from "./production";
import { constantLoad, Recorder } from "./recorder";

/** The releases that `make drill` can show: a good one, and one that answers one request in fifty with an error. */
export const drillNames = ["good", "errors"] as const;

export type DrillName = (typeof drillNames)[number];

const faults: Readonly<Record<DrillName, Faults>> = { good: {}, errors: { FAULT_ERROR_RATE: "0.02" } };

/** The release that production runs, by its signed admission. @throws SandboxError where there is none */
export async function runningRelease(instance: Instance): Promise<Release> {
    const rollout = new WatchedRollout(instance, "backend");
    try {
        const { green, promoted } = await rollout.until("production runs a release", () => true, 20);
        if (!promoted)
            throw new SandboxError(
                `${green.version} is in progress, or was aborted; let it end, or roll back: npx release rollback --stack prod --releases ${releasesFolder(instance)}`,
            );
        const ring = keyRing(trustedKeys(instance));
        const { admitted } = await readAdmissions(releasesFolder(instance), "prod", ring, new Date().toISOString());
        const found = admitted.find(({ version }) => version === green.version);
        if (!found)
            throw new SandboxError(`Production runs ${green.version}, which has no admission; run make up-prod`);
        const { version, commit, images } = found;
        return { version, commit, images: images as Release["images"] };
    } finally {
        await rollout.close();
    }
}

/**
 * A version that no earlier drill had: the project's, with the month, the day and the time in UTC. `make up-prod` goes from
 * it to the sandbox's own release, which therefore must not be older: it has the same numbers.
 */
function newVersion(now = new Date()): string {
    const digits = now.toISOString().replace(/\D/g, "");
    return `${projectVersion()}-drill-${digits.slice(4, 8)}-${digits.slice(8, 14)}`;
}

/** Waits until the load has run for this many more seconds. */
async function seconds(recorder: Recorder, count: number): Promise<void> {
    const had = recorder.records.length;
    await waitUntil(() => Promise.resolve(recorder.records.length >= had + count), `${count} s of load`, 60);
}

/**
 * Releases to production under constant load and draws what happened, below `.sandbox/drills`. With `fast` the stages last
 * seconds, otherwise as long as in the specification. With `forDocs` the picture goes to `docs/images` as well, which is
 * under version control. Blue is still idle when the command ends.
 *
 * @throws SandboxError when the release does not end as the drill expects
 */
export async function drill(instance: Instance, name: DrillName, fast: boolean, forDocs = false): Promise<void> {
    const production = new Production(instance, fast ? shortenedPace : specifiedPace, true);
    const { canarySeconds, watchSeconds } = production.pace;
    const blue = await runningRelease(instance);
    const version = newVersion();
    console.log(`Publishing ${version}${name === "errors" ? ", of which each fiftieth answer is an error" : ""}`);
    const green = await publishForProduction(instance, { version, faults: faults[name], service: "backend" });
    const recorder = await Recorder.start(instance, name, constantLoad, production.pace);
    try {
        await seconds(recorder, 5);
        const { exitCode } = await production.up(green).ended;
        const ended = new Date().toISOString();
        if ((exitCode === 0) !== (name === "good")) throw new SandboxError(`pulumi up ended with ${exitCode}`);
        if (name === "good") {
            await admitToProduction(instance, green);
            recorder.mark("pulumi up has ended", false, ended);
        } else {
            recorder.mark("pulumi up has failed", true, ended);
            const { exitCode: rolledBack } = await production.rollBack("--to", blue.version).ended;
            if (rolledBack !== 0) throw new SandboxError(`release rollback ended with ${rolledBack}`);
            recorder.mark(`rolled back to ${blue.version}`);
        }
        await seconds(recorder, 10);
        const { backend, frontend } = await recorder.stop();
        const failed = backend.failed + frontend.failed;
        const all = backend.requests + frontend.requests;
        const bad = recorder.measurements.find(({ phase }) => phase === "Failed");
        const until = bad && secondsUntilLastAnswer(recorder.records, version, bad.startedAt);
        const { picture } = await recorder.write({
            title:
                name === "good"
                    ? `A good release: half of the requests for ${canarySeconds} s, then all, watched for ${watchSeconds} s`
                    : "A release of which 2 % of the answers are errors",
            outcome:
                name === "good"
                    ? `${failed} of ${all.toLocaleString("en")} requests failed.`
                    : `Aborted; green's last answer came ${until?.toFixed(1) ?? "0"} s after the first bad measurement. ${failed} of ${all.toLocaleString("en")} requests failed.`,
            good: true,
            versions: { blue: blue.version, green: version },
        });
        if (forDocs) fs.copyFileSync(picture, path.join(projectRoot, "docs/images", `drill-${name}.svg`));
        console.log(`\n${String(failed)} of ${String(all)} requests failed. Picture: ${picture}`);
    } finally {
        await recorder.stop();
    }
}
