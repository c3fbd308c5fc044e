import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { gates } from "../../delivery/gates";
import type { ItemName, ItemPredicate } from "../../delivery/evidence/items";
import { projectRoot } from "../../sandbox/machine/instance";
import { readEvidence } from "../../delivery/evidence/folder";
import { produceDossier } from "../../sandbox/stacks/evidence/dossier";
import { gateway } from "../../sandbox/stacks/evidence/statements";
import { trustedKeys } from "../../sandbox/stacks/evidence/signing-key";
import { createStack } from "../../sandbox/stacks/stack";
import { snapshot, type Snapshot } from "./snapshot";
import { copyWithDefects, testKey, type Defect } from "./defective-evidence";
import * as world from "./world";

const { instance } = world;
const release = () => JSON.parse(String(world.variables().RELAYPACS_RELEASE)) as world.Release;
const root = path.join(instance.root, "evidence", "defective");
const good = path.join(root, "good");
const defective = path.join(root, "defective");
const stranger = testKey(new Date(Date.now() + 3_600_000));
const expired = testKey(new Date(Date.now() - 1000));
const digest = "9".repeat(64);
const hours = (count: number) => new Date(Date.now() - count * 3_600_000).toISOString();

const withDefect = <Item extends ItemName>(item: Item, more: Omit<Defect<Item>, "item">) =>
    ({ item, ...more }) as Defect;

/** Ways in which evidence does not count, and the gate's message. */
const bad: readonly (readonly [string, Defect, RegExp])[] = [
    ["missing", withDefect("incidents", { missing: true }), /Incident count evidence is missing/],
    [
        "unsigned",
        withDefect("soak", { changeEnvelope: (one) => one.signatures.splice(0) }),
        /Staging soak evidence has no signature/,
    ],
    [
        "forged",
        withDefect("approval", {
            changeEnvelope: (one) => {
                const text = Buffer.from(one.payload, "base64").toString();
                one.payload = Buffer.from(text.replace("emil-manager", "dana-developer")).toString("base64");
            },
        }),
        /Approval evidence is forged: the signature by key [0-9a-f]{12} does not belong to its contents/,
    ],
    [
        "of an unknown key",
        withDefect("rollback-plan", { key: stranger }),
        /Rollback plan evidence is signed by key [0-9a-f]{12}, which is not trusted/,
    ],
    [
        "of an expired key",
        withDefect("smoke", { key: expired }),
        /Smoke test evidence is signed by key [0-9a-f]{12}, which counts from \S+ to \S+, but is judged at/,
    ],
    [
        "about another digest",
        withDefect("staging-deployment", { changeStatement: (one) => (one.subject[0]!.digest.sha256 = digest) }),
        /Staging deployment evidence is about another image: relaypacs\/backend@sha256:9+/,
    ],
    [
        "stale",
        withDefect("incidents", {
            changePredicate: (one) => Object.assign(one, { windowStartedAt: hours(200), windowEndedAt: hours(2) }),
        }),
        /Incident count evidence is stale: measured at \S+, 2 h .* ago; accepted: at most 1 h/,
    ],
    [
        "from the future",
        withDefect("soak", { changeStatement: (one) => (one.relaypacsRelease.issuedAt = hours(-1)) }),
        /Staging soak evidence is from the future: issued at/,
    ],
    [
        "replayed from an older release",
        withDefect("e2e-critical", { changeStatement: (one) => (one.relaypacsRelease.version = "0.0.1") }),
        /Critical path test evidence is replayed from release 0\.0\.1/,
    ],
];

type Run = ItemPredicate<"unit-backend">;

/** One test of a run fails. */
function failing(run: Run): void {
    const counts = run.configuration[0].annotations;
    counts.passed -= 1;
    counts.failed += 1;
    const [name = "one", ...passedTests] = run.passedTests ?? [];
    Object.assign(run, { result: "FAILED", ...(run.passedTests && { passedTests }), failedTests: [name] });
}

/** Sets the wall time of a run. */
const lasting = (seconds: number) => (run: Run) => {
    const counts = run.configuration[0].annotations;
    counts.durationSeconds = seconds;
    counts.startedOn = new Date(Date.parse(counts.finishedOn) - seconds * 1000).toISOString();
};

const vulnerable = (score: string) => (scan: ItemPredicate<"trivy">) => {
    scan.scanner.result.push({ id: "CVE-2026-0001", severity: [{ method: "nvd", score }] });
};

/** For each gate, a defect that makes it fail by its own measure. A gate that only warns fails by missing evidence. */
const failures: Readonly<Record<string, Defect>> = {
    "code-lint": withDefect("lint-backend", { changePredicate: (one) => (one.tools[0]!.errors = 1) }),
    "type-coverage": withDefect("type-coverage-frontend", { changePredicate: (one) => (one.typedCount = 90) }),
    "unit-tests": withDefect("unit-frontend", { changePredicate: failing }),
    "unit-coverage-backend": withDefect("coverage-backend", { changePredicate: (one) => (one.linesCovered = 17) }),
    "unit-coverage-frontend": withDefect("coverage-frontend", { changePredicate: (one) => (one.linesCovered = 15) }),
    "unit-test-duration": withDefect("unit-backend", { changePredicate: lasting(300) }),
    "integration-tests": withDefect("integration", { changePredicate: failing }),
    "end-to-end-tests": withDefect("e2e-critical", { changePredicate: failing }),
    "end-to-end-duration": withDefect("e2e-critical", { changePredicate: lasting(600) }),
    "critical-vulnerabilities": withDefect("trivy", { changePredicate: vulnerable("critical") }),
    "high-vulnerabilities": withDefect("trivy", { changePredicate: vulnerable("high") }),
    "static-analysis": withDefect("bandit", {
        changePredicate: (one) => one.findings.push({ rule: "B602", severity: "high", file: "app/a.py", line: 1 }),
    }),
    "code-review": withDefect("code-review", { changePredicate: (one) => one.reviews.splice(0) }),
    "build-success": withDefect("build", { changePredicate: (one) => (one.result = "failed") }),
    "migration-status": withDefect("migration-staging", { changePredicate: (one) => (one.result = "failed") }),
    "staging-deployment": withDefect("staging-deployment", { changePredicate: (one) => (one.cluster = "another") }),
    "smoke-tests": withDefect("smoke", { changePredicate: failing }),
    "health-response": withDefect("smoke", {
        changePredicate: (one) => (one.configuration[0].annotations.slowestHealthSeconds = 1),
    }),
    "server-errors": withDefect("smoke", {
        changePredicate: (one) => (one.configuration[0].annotations.serverErrors = 1),
    }),
    "staging-soak": withDefect("soak", { changePredicate: (one) => (one.serverErrors = 1) }),
    "human-approval": withDefect("approval", { changePredicate: (one) => (one.decisions[0]!.verdict = "rejected") }),
    "rollback-plan": withDefect("rollback-plan", { changePredicate: (one) => (one.test!.result = "failed") }),
    "incident-count": withDefect("incidents", { missing: true }),
};

describe("A production release that fails a gate", () => {
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

    /** Runs `pulumi up --stack prod` with defective items. */
    async function upWith(...defects: readonly Defect[]): Promise<world.Outcome> {
        await copyWithDefects(instance, good, defective, ...defects);
        const keys = [...trustedKeys(instance), expired.trusted];
        return world.pulumi(["up", "--yes", "--skip-preview"], {
            stack: "prod",
            variables: { RELAYPACS_PROD_EVIDENCE_FOLDER: defective, RELAYPACS_TRUSTED_KEYS: JSON.stringify(keys) },
        });
    }

    /** Refused by the program, before any resource but the stack itself existed. */
    function assertRefused({ exitCode, output }: world.Outcome, sentence: RegExp): void {
        assert.notEqual(exitCode, 0, output);
        assert.match(output, /Release \S+ may not change prod, and nothing was changed:/);
        assert.match(output, sentence);
        assert.doesNotMatch(output, /^ *[+~-] +(?!pulumi:pulumi:Stack)\w+:\w+/m);
    }

    // An update costs seconds, and says of every gate why it fails: evidence that is bad in one way each shares an update.
    // `make attack` judges each defect alone.
    const updates = new Map<readonly Defect[], Promise<world.Outcome>>();
    const updateWith = (defects: readonly Defect[]) => {
        const update = updates.get(defects) ?? upWith(...defects);
        updates.set(defects, update);
        return update;
    };

    const defects = bad.map(([, defect]) => defect);
    const isFirstOfItem = (defect: Defect) => defects.find(({ item }) => item === defect.item) === defect;
    const firsts = defects.filter(isFirstOfItem);
    const others = defects.filter((defect) => !isFirstOfItem(defect));
    for (const [what, defect, sentence] of bad) {
        it(`should be refused with evidence that is ${what} (${defect.item})`, async () => {
            assertRefused(await updateWith(isFirstOfItem(defect) ? firsts : others), sentence);
        });
    }

    const gatesOfProduction = gates.filter(
        ({ checkpoints, releases }) => checkpoints.includes("production") && releases !== "hotfix",
    );
    const all = Object.values(failures);
    for (const { id, title } of gatesOfProduction) {
        it(`should be refused by ${id}`, async () => {
            assert.ok(failures[id], `nothing here makes ${id} fail`);
            assertRefused(await updateWith(all), new RegExp(`- ${title}: `));
        });
    }

    it("should be refused by one gate that fails alone", async () => {
        const refused = await upWith(failures["incident-count"]!);
        assertRefused(refused, /Incident count evidence is missing/);
        const denied = gatesOfProduction.filter(({ title }) => refused.output.includes(`- ${title}: `));
        assert.deepEqual(
            denied.map(({ id }) => id),
            ["incident-count"],
        );
    });

    it("should have changed nothing in the cluster, in AWS or on GitHub", async () => {
        assert.deepEqual(await snapshot(instance), untouched);
        const { output } = await world.pulumi(["stack", "export"], { stack: "prod" });
        const { deployment } = JSON.parse(output) as { deployment: { resources?: { type: string }[] } };
        assert.deepEqual(
            (deployment.resources ?? []).map(({ type }) => type),
            ["pulumi:pulumi:Stack"],
        );
    });

    describe("in a program that does not judge the release", () => {
        const folder = path.join(projectRoot, "test/end-to-end/ungated");
        const stack = "organization/relaypacs-ungated/prod";
        const ungated = (args: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
            world.pulumi(args, { directory: folder, stack, variables });
        const args = (environment: string, evidence = readEvidence(good)) => {
            const { commit, images, version } = release();
            const checkpoint = environment === "prod" ? "production" : environment;
            const judged = { version, commit, images, hotfix: false, environment, checkpoint };
            const plain = { ...judged, limits: {}, repository: gateway };
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
                "be refused by the policy pack in the same words",
                async () => {
                    await copyWithDefects(instance, good, defective, withDefect("soak", { missing: true }));
                    return { UNGATED_RELEASE: args("prod", readEvidence(defective)) };
                },
                /delivery-release-gates[\s\S]*Staging soak: Staging soak evidence is missing \(accepted: at least 4 h/,
            ],
            [
                "not pass as a release of staging",
                () => Promise.resolve({ UNGATED_RELEASE: args("staging") }),
                /delivery-release-gates[\s\S]*environment is "staging"; accepted: "prod"\./,
            ],
            [
                "not run another image than the one that was judged",
                () => Promise.resolve({ UNGATED_RELEASE: args("prod"), UNGATED_IMAGE: image }),
                /delivery-workload-release[\s\S]*image is ".*@sha256:9+"; accepted: sha256:[0-9a-f]{64}\./,
            ],
            [
                "not run images without a Release",
                () => Promise.resolve({ UNGATED_IMAGE: image }),
                /delivery-workload-release[\s\S]*no Release for prod has passed its gates before it/,
            ],
            [
                "not bring its own keys where the pack has some",
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
            it(`should ${what}`, async () => {
                const { exitCode, output } = await up(await variables());
                assert.notEqual(exitCode, 0, output);
                assert.match(output, sentence);
            });
        }

        it("should have changed nothing either", async () => {
            assert.deepEqual(await snapshot(instance), untouched);
        });

        it("should change resources when no gate fails, so that the refusals were the gates'", async () => {
            const { exitCode, output } = await up({ UNGATED_RELEASE: args("prod") });
            assert.equal(exitCode, 0, output);
            assert.notDeepEqual((await snapshot(instance)).cluster, untouched.cluster);
            const destroyed = await ungated(["destroy", "--yes", "--skip-preview"]);
            assert.equal(destroyed.exitCode, 0, destroyed.output);
            assert.deepEqual(await snapshot(instance), untouched);
        });
    });
});
