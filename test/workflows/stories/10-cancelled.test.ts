import * as assert from "node:assert/strict";
import type { Run } from "../../../sandbox/runner/run";
import { form } from "../../sandbox/runner/support";
import { asInput, calledWith, programs, releases, running, slack } from "../environments";
import { open, stepsOf, type World } from "../world";

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

interface Moment {
    readonly what: string;
    /** Words of the command that runs when the run is cancelled; nothing for what waits. */
    readonly command?: string;
    /** Whether the run is there. */
    readonly reached?: (run: Run, world: World) => boolean;
    /** What production runs afterwards: this release, or still the one before. */
    readonly changed: boolean;
    readonly told: string;
}

const stopped = "does not go to prod: its run was cancelled before the approval.";

/** In the order in which a release comes past them. */
const moments: readonly Moment[] = [
    {
        what: "the soak",
        reached: (run, { timers }) => timers.length === run.id,
        changed: false,
        told: "",
    },
    { what: "the page", command: "release report ", changed: false, told: "its page was not written (cancelled)." },
    { what: "the approval", reached: (run) => run.pending().length > 0, changed: false, told: stopped },
    {
        what: "the observation of the approval",
        command: "observe approval",
        changed: false,
        told: "to prod: cancelled.",
    },
    {
        what: "the gates' judgement",
        command: "--checkpoint production --release release.json --evidence",
        changed: false,
        told: "to prod: cancelled.",
    },
    { what: "the update", command: "pulumi up", changed: false, told: "to prod: cancelled." },
    { what: "the smoke tests", command: "release/smoke", changed: true, told: "to prod: cancelled." },
    { what: "the attestation", command: "observe migration", changed: true, told: "to prod: cancelled." },
    { what: "the admission", command: "release admit", changed: true, told: "to prod: cancelled." },
];

describe("Story 10: a cancelled run at each step, then the next run", function () {
    this.timeout(180_000);
    let world: World;
    let soaking = true;

    before(() => {
        world = open({
            file: "production.yml",
            programs,
            state: running,
            wait: (_minutes, _environment, signal) =>
                soaking
                    ? new Promise((resolve) => {
                          signal.addEventListener("abort", () => {
                              resolve();
                          });
                      })
                    : Promise.resolve(),
            review: (_environment, run) => (run === waiting ? "never" : "approved"),
        });
    });

    /** The run that waits for its approval until it is cancelled. */
    let waiting: unknown;

    const start = (at: number) => {
        const release = releases[at + 1]!;
        world.putState("staging", release.version);
        return { release, run: world.start(form({ release: asInput(release) })) };
    };

    for (const [at, { what, command, reached, changed, told }] of moments.entries())
        it(`should end during ${what}, say so unless nothing was told before, and hold up no other`, async () => {
            soaking = at === 0;
            if (command !== undefined) world.putState("hold", command);
            const present = world.stateOf("prod");
            const { release, run } = start(at);
            waiting = what === "the approval" ? run : undefined;
            while (run.conclusion === undefined && !(reached?.(run, world) ?? world.stateOf("held") !== undefined))
                await later(10);
            run.cancel();
            await run.ended;
            for (const name of ["hold", "held"]) world.putState(name);
            assert.equal(run.conclusion, "cancelled", world.lines.join("\n"));
            assert.equal(world.stateOf("prod"), changed ? release.version : present);
            const about = slack(world).filter((text) => text.startsWith(`RelayPACS ${release.version} `));
            assert.equal(about.filter((text) => text.includes("does not go to prod: it was")).length, 0);
            if (told === "") assert.deepEqual(about, []);
            else assert.ok(about.at(-1)?.includes(told), `${about.join("\n")}\n${world.lines.join("\n")}`);
            // Nothing goes back by itself, and nothing says that the release ran well.
            assert.deepEqual(calledWith(world, "npx release rollback"), []);
            assert.ok(!world.stateOf("admitted-prod")!.split("\n").includes(release.version));
            if (at >= 5)
                assert.equal(
                    stepsOf(run, "production / deploy")["Store the evidence"],
                    "success",
                    "what is known is kept",
                );
        });

    it("should be followed by a run that arrives", async () => {
        const { release, run } = start(moments.length);
        await run.ended;
        assert.equal(run.conclusion, "success", world.lines.join("\n"));
        assert.equal(world.stateOf("prod"), release.version);
        assert.equal(world.stateOf("admitted-prod")!.split("\n").at(-1), release.version);
    });
});
