/**
 * Releases to production under load in which green fails, with the drills of the project in whose folder this runs:
 *
 *     node -r ts-node/register failing-green.mjs MODULES RUNS
 *
 * MODULES says where that project has what is used here, as JSON. Its sandbox of the tests is up, without production. Each
 * drill prints a line of JSON: its name, the seconds from the first failed answer to the end, and the requests lost.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

const [modules, runs] = process.argv.slice(2);
const paths = JSON.parse(modules);
const require = createRequire(path.join(process.cwd(), "package.json"));
const load = (name) => require(paths[name]);
const drills = load("drills");
const { backendPods, isReady, versionOf } = load("node");
const { createStack } = load("stack");
const { deliverPublicCertificate } = load("certificate");
const { instance } = load("world");
const { production, publish, admit, good, drill, reaches } = drills;
const rolledBackTo = drills.rolledBackTo ?? drills.wentBackTo;

/** Kills the processes of pods, as running out of memory does. */
function crash(pods) {
    const names = pods.map(({ metadata }) => `HOSTNAME=${metadata.name}`);
    for (const entry of fs.readdirSync("/proc").filter((one) => /^\d+$/.test(one)))
        try {
            const variables = fs.readFileSync(`/proc/${entry}/environ`, "latin1").split("\0");
            if (names.some((name) => variables.includes(name))) process.kill(Number(entry), "SIGKILL");
        } catch {
            // It has ended.
        }
}

const seconds = (records) => records.filter(({ type }) => type === "second");

/** When the first request failed after a moment. */
const firstFailure = (records, since) =>
    Math.min(
        ...records
            .filter(({ type, time }) => type === "failure" && Date.parse(time) >= since)
            .map(({ time }) => Date.parse(time)),
    );

/** The end of the last second of which a condition holds, to the second. */
const endOf = (records, holds) =>
    Math.max(
        ...seconds(records)
            .filter(holds)
            .map(({ time }) => Date.parse(time) + 1000),
    );

function print(name, records, from, to, lost) {
    if (!Number.isFinite(from) || !Number.isFinite(to)) throw new Error(`${name}: no request failed`);
    console.log(JSON.stringify({ drill: name, seconds: Math.max(0, (to - from) / 1000), lost }));
}

async function rollBack() {
    const blue = good();
    const { exitCode, output } = await production.rollBack("--to", blue.version).ended;
    if (exitCode !== 0) throw new Error(output);
    rolledBackTo(blue);
}

/** All pods of green are killed in the canary: from the first failed request to the last. */
async function crashes(release) {
    await drill("crash", async (on) => {
        const update = production.up(release);
        await reaches(on, release, "canary", 180);
        await drills.load(on, 4);
        const since = Date.now();
        crash((await backendPods()).filter((pod) => versionOf(pod) === release.version && isReady(pod)));
        await drills.load(on, 20);
        update.interrupt();
        await update.ended;
        await rollBack();
        const { backend } = await on.recorder.stop();
        const { records } = on.recorder;
        print(
            "crash",
            records,
            firstFailure(records, since),
            endOf(records, ({ failed }) => failed > 0),
            backend.failed,
        );
        return { title: "crash", outcome: `${backend.failed} requests failed`, green: release };
    });
}

/** 2 % of green's answers are errors: from the first of them to green's last answer of any kind. */
async function errors(release) {
    await drill("errors", async (on) => {
        await production.up(release).ended;
        await rollBack();
        const { backend } = await on.recorder.stop();
        const { records } = on.recorder;
        const last = endOf(records, ({ versions }) => (versions[release.version] ?? 0) > 0);
        print("errors", records, firstFailure(records, 0), last, backend.failed);
        return { title: "errors", outcome: `${backend.failed} requests failed`, green: release };
    });
}

async function main() {
    const release = await publish("2.0.1");
    await createStack(instance, "prod", () => undefined);
    const { exitCode, output } = await production.up(release).ended;
    if (exitCode !== 0) throw new Error(output);
    await deliverPublicCertificate(instance, "prod");
    await admit(release);
    for (let run = 1; run <= Number(runs); run++) {
        await crashes(await publish(`2.1.${run}`));
        await errors(await publish(`2.2.${run}`, { FAULT_ERROR_RATE: "0.02" }));
    }
}

main().then(
    () => process.exit(0),
    (error) => {
        console.error(error);
        process.exit(1);
    },
);
