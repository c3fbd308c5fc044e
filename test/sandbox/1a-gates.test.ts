import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { gates } from "../../policies/gates";
import type { ItemName, ItemPredicate } from "../../release/evidence/items";
import { projectRoot } from "../../sandbox/instance";
import { readEvidence } from "../../release/evidence/folder";
import { produceDossier } from "../../sandbox/release/dossier";
import { trustedKeys } from "../../sandbox/release/signing-key";
import { createStack } from "../../sandbox/stack";
import { snapshot, type Snapshot } from "./snapshot";
import { spoiledCopy, testKey, type Spoiling } from "./spoil";
import * as world from "./world";

const { instance } = world;
const release = () => JSON.parse(String(world.variables().RELAYPACS_RELEASE)) as world.Release;
const root = path.join(instance.root, "evidence", "spoiled");
const good = path.join(root, "good");
const spoiled = path.join(root, "spoiled");
const stranger = testKey(new Date(Date.now() + 3_600_000));
const expired = testKey(new Date(Date.now() - 1000));
const digest = "9".repeat(64);
const hours = (count: number) => new Date(Date.now() - count * 3_600_000).toISOString();

const of = <Item extends ItemName>(item: Item, more: Omit<Spoiling<Item>, "item">) => ({ item, ...more }) as Spoiling;

/** The ways in which evidence does not count, and what the gate says. */
const bad: readonly (readonly [string, Spoiling, RegExp])[] = [
    ["missing", of("incidents", { missing: true }), /Incident count evidence is missing/],
    ["unsigned", of("soak", { reseal: (one) => one.signatures.splice(0) }), /Staging soak evidence has no signature/],
    [
        "forged",
        of("approval", {
            reseal: (one) => {
                const text = Buffer.from(one.payload, "base64").toString();
                one.payload = Buffer.from(text.replace("emil-manager", "dana-developer")).toString("base64");
            },
        }),
        /Approval evidence is forged: the signature by key [0-9a-f]{12} does not belong to its contents/,
    ],
    [
        "of an unknown key",
        of("rollback-plan", { key: stranger }),
        /Rollback plan evidence is signed by key [0-9a-f]{12}, which is not trusted/,
    ],
    [
        "of an expired key",
        of("smoke", { key: expired }),
        /Smoke test evidence is signed by key [0-9a-f]{12}, which counts from \S+ to \S+, but is judged at/,
    ],
    [
        "about another digest",
        of("staging-deployment", { restate: (one) => (one.subject[0]!.digest.sha256 = digest) }),
        /Staging deployment evidence is about another image: relaypacs\/backend@sha256:9+/,
    ],
    [
        "stale",
        of("incidents", {
            change: (one) => Object.assign(one, { windowStartedAt: hours(200), windowEndedAt: hours(2) }),
        }),
        /Incident count evidence is stale: measured at \S+, 2 h .* ago; accepted: at most 1 h/,
    ],
    [
        "from the future",
        of("soak", { restate: (one) => (one.relaypacsRelease.issuedAt = hours(-1)) }),
        /Staging soak evidence is from the future: issued at/,
    ],
    [
        "replayed from an older release",
        of("e2e-critical", { restate: (one) => (one.relaypacsRelease.version = "0.0.1") }),
        /Critical path test evidence is replayed from release 0\.0\.1/,
    ],
];

type Run = ItemPredicate<"unit-backend">;

/** One test of a run fails. */
function failing(run: Run): void {
    const counts = run.configuration[0].annotations;
    counts.passed -= 1;
    counts.failed += 1;
    Object.assign(run, { result: "FAILED", failedTests: ["one"] });
}

/** The wall time of a run becomes so long. */
const lasting = (seconds: number) => (run: Run) => {
    run.configuration[0].annotations.durationSeconds = seconds;
};

const vulnerable = (score: string) => (scan: ItemPredicate<"trivy">) => {
    scan.scanner.result.push({ id: "CVE-2026-0001", severity: [{ method: "nvd", score }] });
};

/** For each gate, what makes it fail by what it measures. One that only warns fails by evidence that is missing. */
const failures: Readonly<Record<string, Spoiling>> = {
    "code-lint": of("lint-backend", { change: (one) => (one.tools[0]!.errors = 1) }),
    "type-coverage": of("type-coverage-frontend", { change: (one) => (one.typedCount = 90) }),
    "unit-tests": of("unit-frontend", { change: failing }),
    "unit-coverage-backend": of("coverage-backend", { change: (one) => (one.linesCovered = 17) }),
    "unit-coverage-frontend": of("coverage-frontend", { change: (one) => (one.linesCovered = 15) }),
    "unit-test-duration": of("unit-backend", { change: lasting(300) }),
    "integration-tests": of("integration", { change: failing }),
    "end-to-end-tests": of("e2e-critical", { change: failing }),
    "end-to-end-duration": of("e2e-critical", { change: lasting(600) }),
    "critical-vulnerabilities": of("trivy", { change: vulnerable("critical") }),
    "high-vulnerabilities": of("trivy", { change: vulnerable("high") }),
    "static-analysis": of("bandit", {
        change: (one) => one.findings.push({ rule: "B602", severity: "high", file: "app/a.py", line: 1 }),
    }),
    "code-review": of("code-review", { change: (one) => one.reviews.splice(0) }),
    "build-success": of("build", { change: (one) => (one.result = "failed") }),
    "migration-status": of("migration-staging", { change: (one) => (one.result = "failed") }),
    "smoke-tests": of("smoke", { change: failing }),
    "health-response": of("smoke", {
        change: (one) => (one.configuration[0].annotations.slowestHealthSeconds = 1),
    }),
    "server-errors": of("smoke", { change: (one) => (one.configuration[0].annotations.serverErrors = 1) }),
    "staging-soak": of("soak", { change: (one) => (one.serverErrors = 1) }),
    "human-approval": of("approval", { change: (one) => (one.decisions[0]!.verdict = "rejected") }),
    "rollback-plan": of("rollback-plan", { change: (one) => (one.test!.result = "failed") }),
    "incident-count": of("incidents", { missing: true }),
};

describe("a production release that fails a gate", () => {
    let untouched: Snapshot;
    before(async () => {
        await produceDossier(instance, release(), "prod", { folder: good });
        await createStack(instance, "prod", () => undefined);
        untouched = await snapshot(instance);
        assert.ok(Object.keys(untouched.cluster).length > 100);
    });

    after(() => {
        fs.rmSync(root, { recursive: true, force: true });
    });

    /** `pulumi up --stack prod` with one item spoiled. */
    async function upWith(spoiling: Spoiling): Promise<world.Outcome> {
        await spoiledCopy(instance, good, spoiled, spoiling);
        const keys = [...trustedKeys(instance), expired.trusted];
        return world.pulumi(["up", "--yes", "--skip-preview"], {
            stack: "prod",
            variables: { RELAYPACS_PROD_EVIDENCE_FOLDER: spoiled, RELAYPACS_TRUSTED_KEYS: JSON.stringify(keys) },
        });
    }

    /** Refused by the program, before any resource but the stack itself was there. */
    function assertRefused({ exitCode, output }: world.Outcome, sentence: RegExp): void {
        assert.notEqual(exitCode, 0, output);
        assert.match(output, /Release \S+ may not change prod, and nothing was changed:/);
        assert.match(output, sentence);
        assert.doesNotMatch(output, /^ *[+~-] +(?!pulumi:pulumi:Stack)\w+:\w+/m);
    }

    for (const [what, spoiling, sentence] of bad) {
        it(`is refused with evidence that is ${what} (${spoiling.item})`, async () => {
            assertRefused(await upWith(spoiling), sentence);
        });
    }

    for (const { id, title, checkpoints, releases } of gates) {
        if (!checkpoints.includes("production") || releases === "hotfix") continue;
        it(`is refused by ${id}`, async () => {
            const spoiling = failures[id];
            assert.ok(spoiling, `nothing here makes ${id} fail`);
            assertRefused(await upWith(spoiling), new RegExp(`- ${title}: `));
        });
    }

    it("has changed nothing in the cluster, in AWS or on GitHub", async () => {
        assert.deepEqual(await snapshot(instance), untouched);
        const { output } = await world.pulumi(["stack", "export"], { stack: "prod" });
        const { deployment } = JSON.parse(output) as { deployment: { resources?: { type: string }[] } };
        assert.deepEqual(
            (deployment.resources ?? []).map(({ type }) => type),
            ["pulumi:pulumi:Stack"],
        );
    });

    describe("under a program that does not judge it", () => {
        const folder = path.join(projectRoot, "test/sandbox/ungated");
        const stack = "organization/relaypacs-ungated/prod";
        const ungated = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
            world.pulumi(args, { directory: folder, stack, variables });
        const args = (environment: string, evidence = readEvidence(good)) => {
            const { commit, images, version } = release();
            const checkpoint = environment === "prod" ? "production" : environment;
            const plain = { version, commit, images, hotfix: false, limits: {}, environment, checkpoint };
            return JSON.stringify({ ...plain, evidence, trustedKeys: trustedKeys(instance) });
        };
        const up = (variables: Readonly<Record<string, string>>) =>
            ungated(["up", "--yes", "--skip-preview"], variables);
        const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/relaypacs/backend@sha256:${digest}`;

        before(async () => {
            const { exitCode, output } = await ungated(["stack", "init"]);
            assert.equal(exitCode, 0, output);
        });
        after(async () => {
            await ungated(["stack", "rm", "--yes", "--force", "--preserve-config"]);
        });

        const attempts: readonly (readonly [string, () => Promise<Readonly<Record<string, string>>>, RegExp])[] = [
            [
                "is refused by the policy pack in the same words",
                async () => {
                    await spoiledCopy(instance, good, spoiled, of("soak", { missing: true }));
                    return { UNGATED_RELEASE: args("prod", readEvidence(spoiled)) };
                },
                /delivery-release-gates[\s\S]*Staging soak: Staging soak evidence is missing \(accepted: at least 4 h/,
            ],
            [
                "can't pass for one of staging",
                () => Promise.resolve({ UNGATED_RELEASE: args("staging") }),
                /delivery-release-gates[\s\S]*environment is "staging"; accepted: "prod"\./,
            ],
            [
                "can't run another image than the one that was judged",
                () => Promise.resolve({ UNGATED_RELEASE: args("prod"), UNGATED_IMAGE: image }),
                /delivery-workload-release[\s\S]*image is ".*@sha256:9+"; accepted: sha256:[0-9a-f]{64}\./,
            ],
            [
                "can't leave the Release out",
                () => Promise.resolve({ UNGATED_IMAGE: image }),
                /delivery-workload-release[\s\S]*no Release for prod has passed its gates before it/,
            ],
            [
                "can't bring its own keys where the pack has some",
                () => {
                    const file = path.join(root, "policy-config.json");
                    const setting = { "delivery-release-gates": { trustedKeys: [stranger.trusted] } };
                    fs.writeFileSync(file, JSON.stringify(setting));
                    return Promise.resolve({
                        UNGATED_RELEASE: args("prod"),
                        PULUMI_OPTION_POLICY_PACK_CONFIG: file,
                    });
                },
                /delivery-release-gates[\s\S]*is signed by key [0-9a-f]{12}, which is not trusted/,
            ],
        ];
        for (const [what, variables, sentence] of attempts) {
            it(what, async () => {
                const { exitCode, output } = await up(await variables());
                assert.notEqual(exitCode, 0, output);
                assert.match(output, sentence);
            });
        }

        it("has changed nothing either", async () => {
            assert.deepEqual(await snapshot(instance), untouched);
        });

        it("changes something when nothing is wrong, so that the refusals are the gates'", async () => {
            const { exitCode, output } = await up({ UNGATED_RELEASE: args("prod") });
            assert.equal(exitCode, 0, output);
            assert.notDeepEqual((await snapshot(instance)).cluster, untouched.cluster);
            const destroyed = await ungated(["destroy", "--yes", "--skip-preview"]);
            assert.equal(destroyed.exitCode, 0, destroyed.output);
            assert.deepEqual(await snapshot(instance), untouched);
        });
    });
});
