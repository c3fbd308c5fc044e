import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { storeEvidence } from "../../../delivery/evidence/folder";
import { keyRing } from "../../../delivery/evidence/keys";
import { privateKeySigner, signStatement } from "../../../delivery/evidence/sign";
import { createStatement } from "../../../delivery/evidence/statement";
import { readAdmissions, type AdmittedRelease, type Environment } from "../../../release/rollback/admitted";
import { chooseTarget, RefusedError } from "../../../release/rollback/choose";
import { duration, measured, scenarios, type Row } from "../../../release/rollback/matrix";
import { rollBack, type RollbackOptions } from "../../../release/rollback/roll-back";
import { readHistory, versionsBefore } from "../../../release/rollback/history";
import type { Ran } from "../../../release/shared/tools";
import type { ReplicaSet, Rollout } from "../../../delivery/rollouts/objects";
import { askedVersions } from "../../../delivery/rollouts/list";
import { newKey, signers, trustAll } from "../../delivery/gates/support/world";
import { ApiServer } from "../../delivery/rollouts/api-server";
import * as o from "../../delivery/rollouts/objects";

const commit = "a".repeat(40);
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

const release = (version: string, admittedAt: string): AdmittedRelease => ({
    version,
    commit,
    images: { backend: digest("b"), frontend: digest("f") },
    hotfix: false,
    admittedAt,
    completedAt: admittedAt,
    folder: `/evidence/${version}`,
    evidence: `${version}/admission-prod.json (0123456789ab)`,
});

const history = [
    release("1.4.0", "2026-11-20T10:00:00Z"),
    release("1.4.2", "2026-11-24T10:00:00Z"),
    release("1.4.1", "2026-11-22T10:00:00Z"),
];

describe("The choice of the release to roll back to", () => {
    const refusal = (...args: Parameters<typeof chooseTarget>): string => {
        try {
            return `chose ${chooseTarget(...args).version}`;
        } catch (error) {
            assert.ok(error instanceof RefusedError);
            return error.message;
        }
    };

    it("should be the newest admission before the failing release, whether or not that release was ever admitted", () => {
        assert.equal(chooseTarget(history, "prod", "1.4.3").version, "1.4.2");
        assert.equal(chooseTarget(history, "prod", "1.4.2").version, "1.4.1");
    });

    it("should never be a newer release, even when the admission of the failing one was renewed", () => {
        const renewed = release("1.4.1", "2026-11-24T12:00:00Z");
        assert.equal(chooseTarget([...history, renewed], "prod", "1.4.1").version, "1.4.0");
    });

    it("should be the release that --to names, by its newest admission", () => {
        assert.equal(chooseTarget(history, "prod", "1.4.2", "1.4.0").version, "1.4.0");
    });

    it("should be what ran before by the cluster's records, rather than a newer release that was rolled back", () => {
        const records = (...versions: string[]) => [
            { service: "backend", versions },
            { service: "frontend", versions },
        ];
        // 1.4.2 was rolled back from; 1.4.1 served until 1.4.4 came, 1.4.3 was tried and never admitted.
        assert.equal(chooseTarget(history, "prod", "1.4.4", undefined, records("1.4.1", "1.4.3")).version, "1.4.1");
        assert.equal(chooseTarget(history, "prod", "1.4.4", undefined, records("1.4.3", "1.4.1")).version, "1.4.1");
        assert.equal(chooseTarget(history, "prod", "1.4.4", undefined, records("1.4.3")).version, "1.4.2");
        assert.equal(chooseTarget(history, "prod", "1.4.4", undefined, records()).version, "1.4.2");
        assert.equal(chooseTarget(history, "prod", "1.4.4", "1.4.0", records("1.4.1")).version, "1.4.0");
    });

    it("should be left to a person when services ran different releases before", () => {
        const different = [
            { service: "backend", versions: ["1.4.1"] },
            { service: "frontend", versions: ["1.4.3", "1.4.2"] },
        ];
        assert.equal(
            refusal(history, "prod", "1.4.4", undefined, different),
            "Before 1.4.4, services ran different releases: backend 1.4.1, frontend 1.4.2. Choose one with --to.",
        );
    });

    it("should prefer the stable ReplicaSet in the cluster's records, then the newest revision", () => {
        const sets = [
            o.replicaSet("older", "1.4.0", { revision: 1 }),
            o.replicaSet(o.blue, "1.4.1", { revision: 2 }),
            o.replicaSet("left", "1.4.2", { revision: 3 }),
            o.replicaSet(o.green, "1.4.4", { revision: 4 }),
        ];
        const foreign = { ...sets[2]!, metadata: { ...sets[2]!.metadata, ownerReferences: [] } };
        assert.deepEqual(versionsBefore(o.rollout(), sets, "1.4.4"), ["1.4.1", "1.4.2", "1.4.0"]);
        assert.deepEqual(versionsBefore(o.rollout(o.promoted), sets, "1.4.4"), ["1.4.2", "1.4.1", "1.4.0"]);
        assert.deepEqual(versionsBefore(o.rollout(), [foreign, sets[3]!], "1.4.4"), []);
    });

    it("should be refused when there is no release to go back to, with a list of what there is", () => {
        assert.equal(
            refusal([], "prod", "1.4.3"),
            "There is no release to go back to from 1.4.3: none was admitted to prod before it. No release has a signed admission to prod. A hotfix forward is the way out (specification, section 7).",
        );
        assert.match(refusal(history, "prod", "1.4.0"), /^There is no release to go back to from 1\.4\.0/);
        assert.equal(
            refusal(history, "prod", "1.4.2", "1.3.9"),
            "1.3.9 has no signed admission to prod, so it never ran there well. Admitted to prod: 1.4.2, 1.4.1, 1.4.0.",
        );
        assert.equal(
            refusal(history, "prod", "1.4.2", "1.4.2"),
            "prod asks for 1.4.2 already; going back needs another version. Admitted to prod: 1.4.2, 1.4.1, 1.4.0.",
        );
    });
});

describe("A rollback of Deployments in staging", () => {
    const template = (version: string) => ({
        metadata: { labels: { "app.kubernetes.io/version": version } },
        spec: {},
    });
    let server: ApiServer;

    /** A service's Deployment, asked for the last of these versions, and the ReplicaSet of each. */
    const put = (name: string, ...versions: string[]) => {
        const deployment: Rollout = { metadata: { name, uid: name }, spec: { template: template(versions.at(-1)!) } };
        const replicaSets = versions.map((version, at): ReplicaSet => {
            const annotations = { "deployment.kubernetes.io/revision": String(at + 1) };
            const metadata = { name: `${name}-${version}`, annotations, ownerReferences: [{ uid: name }] };
            return { metadata, spec: { template: template(version) } };
        });
        server.put("deployments", deployment);
        server.put("replicasets", ...replicaSets);
    };
    const targetOf = async (failing: string) =>
        chooseTarget(
            history,
            "staging",
            failing,
            undefined,
            await readHistory(server.cluster, "relaypacs-staging", failing),
        ).version;

    beforeEach(async () => {
        server = new ApiServer();
        await server.start();
    });
    afterEach(() => server.stop());

    it("should replace a failed release by the one that ran before it, not by an older one", async () => {
        put("backend", "1.4.0", "1.4.1", "1.4.2");
        put("frontend", "1.4.0", "1.4.1", "1.4.2");
        const asked = await askedVersions("staging", server.cluster);
        assert.deepEqual(asked, ["1.4.2"]);
        assert.equal(await targetOf(asked[0]!), "1.4.1");
    });

    it("should replace a release that runs well, as in a rehearsal, by what ran before by the Deployments' revisions", async () => {
        put("backend", "1.4.2", "1.4.0", "1.4.1");
        assert.deepEqual(await askedVersions("staging", server.cluster), ["1.4.1"]);
        assert.equal(await targetOf("1.4.1"), "1.4.0");
    });

    it("should find two releases when an update was interrupted half-way", async () => {
        put("backend", "1.4.1", "1.4.2");
        put("frontend", "1.4.1");
        assert.deepEqual(await askedVersions("staging", server.cluster), ["1.4.2", "1.4.1"]);
    });
});

describe("The reader of admissions", () => {
    const newSigner = (key = newKey()) => privateKeySigner(key.privateKey.export({ type: "pkcs8", format: "pem" }));
    const validity = { notBefore: "2026-01-01T00:00:00Z", notAfter: "2027-01-01T00:00:00Z" };
    const ring = keyRing(trustAll(validity));
    const [good, foreign] = [newSigner(signers.production), newSigner()];
    let folder: string;

    const admit = async (version: string, environment: Environment, signer = good, gate = "build-success") => {
        const statement = createStatement(
            "admission",
            {
                environment,
                checkpoint: environment === "prod" ? "production" : "staging",
                admittedAt: "2026-11-24T10:00:00Z",
                completedAt: "2026-11-24T10:20:00Z",
                gates: [{ id: gate, status: "pass" }],
            },
            { version, commit, images: { backend: digest("b"), frontend: digest("f") } },
            { issuedAt: "2026-11-24T10:20:00Z" },
        );
        return storeEvidence(path.join(folder, version), await signStatement(statement, signer));
    };

    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "releases-"));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    it("should find the releases that were admitted to the environment, with their images", async () => {
        await admit("1.4.1", "prod");
        await admit("1.4.2", "staging", newSigner(signers.staging));
        const { admitted, rejected } = await readAdmissions(folder, "prod", ring, "2026-11-24T12:00:00Z");
        assert.deepEqual(rejected, []);
        assert.deepEqual(
            admitted.map(({ evidence: _, ...one }) => one),
            [
                {
                    version: "1.4.1",
                    commit,
                    images: { backend: digest("b"), frontend: digest("f") },
                    hotfix: false,
                    admittedAt: "2026-11-24T10:00:00Z",
                    completedAt: "2026-11-24T10:20:00Z",
                    folder: path.join(folder, "1.4.1"),
                },
            ],
        );
        assert.match(admitted[0]?.evidence ?? "", /^1\.4\.1\/admission-prod\.[0-9a-f]{8}\.json \([0-9a-f]{12}\)$/);
    });

    it("should recognise a hotfix by the gates that admitted it", async () => {
        await admit("1.4.1", "prod", good, "hotfix-incident");
        const { admitted } = await readAdmissions(folder, "prod", ring, "2026-11-24T12:00:00Z");
        assert.equal(admitted[0]?.hotfix, true);
    });

    it("should reject and name an admission whose key is not trusted or has expired", async () => {
        const file = await admit("1.4.1", "prod", foreign);
        const { admitted, rejected } = await readAdmissions(folder, "prod", ring, "2026-11-24T12:00:00Z");
        assert.deepEqual(admitted, []);
        assert.match(
            rejected[0] ?? "",
            new RegExp(
                `^The admission 1\\.4\\.1/${file} counts for nothing: it is signed by key \\w+, which is not trusted\\.$`,
            ),
        );
        await admit("1.4.2", "prod");
        assert.deepEqual((await readAdmissions(folder, "prod", ring, "2027-06-01T00:00:00Z")).admitted, []);
    });

    it("should look at folders of versions alone, each with its own release's admission", async () => {
        const file = await admit("1.4.1", "prod");
        fs.cpSync(path.join(folder, "1.4.1"), path.join(folder, "1.5.0"), { recursive: true });
        fs.cpSync(path.join(folder, "1.4.1"), path.join(folder, "policies"), { recursive: true });
        const { admitted, rejected } = await readAdmissions(folder, "prod", ring, "2026-11-24T12:00:00Z");
        assert.deepEqual(
            admitted.map((one) => one.folder),
            [path.join(folder, "1.4.1")],
        );
        assert.deepEqual(rejected, [
            `The admission 1.5.0/${file} counts for nothing: it is about 1.4.1, and lies under 1.5.0.`,
        ]);
    });

    it("should fail for a folder that does not exist", async () => {
        await assert.rejects(
            readAdmissions(path.join(folder, "none"), "prod", ring, "2026-11-24T12:00:00Z"),
            /can't be read: ENOENT/,
        );
    });
});

describe("The command release rollback", () => {
    interface Shown {
        readonly command: string;
        readonly variables: Readonly<Record<string, string>>;
    }

    async function run(change: Partial<RollbackOptions> = {}, answers: { aws?: Ran; pulumi?: Ran } = {}) {
        const said: string[] = [];
        const shown: Shown[] = [];
        const asked: string[] = [];
        const forgotten: string[] = [];
        const ended = await rollBack({
            stack: "prod",
            scenario: "high-error-rate",
            since: 0,
            now: () => 72_000,
            rotate: () => Promise.reject(new Error("no rotation is asked for")),
            database: false,
            admissions: () => Promise.resolve({ admitted: history, rejected: [] }),
            failing: () => Promise.resolve("1.4.2"),
            history: () => Promise.resolve([{ service: "backend", versions: ["1.4.1"] }]),
            waysBack: () => Promise.resolve([]),
            goBack: () => Promise.resolve(),
            confirm: (question) => {
                asked.push(question);
                return Promise.resolve(true);
            },
            say: (line) => said.push(line),
            deleteVersion: (version) => {
                forgotten.push(version);
                return Promise.resolve([]);
            },
            tools: {
                run: () => Promise.resolve(answers.aws ?? { exitCode: 0, output: "{}" }),
                show: (command, args, variables) => {
                    shown.push({ command: [command, ...args].join(" "), variables });
                    return Promise.resolve(answers.pulumi ?? { exitCode: 0, output: "" });
                },
            },
            ...change,
        }).catch((error: unknown) => error as Error);
        return { said, shown, asked, forgotten, ended };
    }

    it("should print its plan, ask for confirmation, and pin the release and its evidence in one update", async () => {
        const { said, shown, asked, ended } = await run();
        const pinned = JSON.stringify({
            version: "1.4.1",
            commit,
            images: { backend: digest("b"), frontend: digest("f") },
            rollback: true,
        });
        assert.equal(ended, 0);
        assert.deepEqual(asked, ["Roll prod back from 1.4.2 to 1.4.1?"]);
        assert.deepEqual(shown, [
            {
                command: "pulumi up --stack prod --yes --skip-preview",
                variables: { RELAYPACS_PROD_RELEASE: pinned, RELAYPACS_PROD_EVIDENCE_FOLDER: "/evidence/1.4.1" },
            },
        ]);
        assert.deepEqual(said, [
            "Rollback of prod: 1.4.2 → 1.4.1",
            `  commit     ${commit}`,
            "  backend    sha256:bbbbbbbbbbbb",
            "  frontend   sha256:ffffffffffff",
            "  evidence   1.4.1/admission-prod.json (0123456789ab), which ran from 2026-11-22T10:00:00Z on",
            "  method     High error rate: Automated k8s rollback, estimated 2 minutes (specification, section 7)",
            "  decided by Argo Rollouts during a release to production; else the person on call, alone",
            "  command    pulumi up --stack prod, with the release pinned",
            "  way back   backend: nothing of it is left here, so it goes through all steps.",
            "             frontend: nothing of it is left here, so it goes through all steps.",
            "  database   stays as it is: migrations work with the release before them",
            "prod runs 1.4.1. Until a newer release is deployed, updates must pin it:",
            `export RELAYPACS_PROD_RELEASE='${pinned}'`,
            "Users are back on 1.4.1 after 1 min 12 s: in time (limit 2 min).",
        ]);
    });

    it("should roll back to a hotfix as a hotfix, and in staging one pod at a time", async () => {
        const admitted = history.map((one) => ({ ...one, hotfix: one.version === "1.4.1" }));
        const { said, shown } = await run({
            stack: "staging",
            admissions: () => Promise.resolve({ admitted, rejected: [] }),
        });
        const pinned = JSON.parse(shown[0]?.variables.RELAYPACS_STAGING_RELEASE ?? "") as object;
        assert.deepEqual(pinned, {
            version: "1.4.1",
            commit,
            images: { backend: digest("b"), frontend: digest("f") },
            hotfix: true,
            rollback: true,
        });
        const at = said.indexOf("  command    pulumi up --stack staging, with the release pinned");
        assert.equal(said[at + 1], "  way back   One new pod of each service must be ready before an old one goes.");
    });

    it("should go back at once with what the cluster has, then update, and promise only what it has seen", async () => {
        const order: string[] = [];
        const template = { spec: {} };
        const waysBack = () =>
            Promise.resolve([
                { service: "backend", template, ready: 2, wanted: 2 },
                { service: "frontend", template, ready: 1, wanted: 2 },
            ]);
        const goBack = ({ service }: { readonly service: string }) => {
            order.push(service);
            return service === "frontend" ? Promise.reject(new Error("It was aborted.")) : Promise.resolve();
        };
        const { said, shown, ended } = await run({ waysBack, goBack });
        assert.equal(ended, 0);
        assert.deepEqual(order, ["backend", "frontend"]);
        assert.equal(shown.length, 1);
        for (const line of [
            "  way back   backend: its 2 pods are ready, so it is back within seconds.",
            "             frontend: 1 of its 2 pods are ready; the others start first, without the steps.",
            "frontend did not go back by itself (It was aborted); the update goes on with it.",
        ])
            assert.ok(said.includes(line), line);
    });

    it("should change nothing in the cluster either when a person declines", async () => {
        const went: string[] = [];
        const waysBack = () => Promise.resolve([{ service: "backend", template: {}, ready: 2, wanted: 2 }]);
        const goBack = ({ service }: { readonly service: string }) => Promise.resolve(void went.push(service));
        assert.equal((await run({ waysBack, goBack, confirm: () => Promise.resolve(false) })).ended, 1);
        assert.deepEqual(went, []);
    });

    it("should promise nothing, and go on, when the cluster does not tell what it has", async () => {
        const { said, ended } = await run({ waysBack: () => Promise.reject(new Error("The cluster is gone.")) });
        assert.equal(ended, 0);
        assert.ok(said.includes("The cluster does not tell what it still has of 1.4.1 (The cluster is gone)."));
        assert.ok(
            said.includes(
                "  way back   Not known: without a step if Argo Rollouts still has it, else through all steps.",
            ),
        );
    });

    it("should print how to roll back the database, and not do it", async () => {
        const { said, shown } = await run({ database: true, scenario: "data-corruption" });
        assert.ok(
            said.includes(
                "  method     Data corruption: Database restore + app rollback, estimated 2 hours (specification, section 7)",
            ),
        );
        assert.ok(said.includes("             release downgrade-database prod --despite-running-release"));
        assert.deepEqual(
            shown.map(({ command }) => command),
            ["pulumi up --stack prod --yes --skip-preview"],
        );
    });

    it("should delete what is left of the failing release once the good one runs, and only then", async () => {
        const { forgotten } = await run();
        assert.deepEqual(forgotten, ["1.4.2"]);
        const { said } = await run({ deleteVersion: (version) => Promise.resolve([`backend-${version}`]) });
        assert.equal(said.at(-2), "Deleted what was left of 1.4.2, so that it can't skip the steps: backend-1.4.2.");
        const failed = await run({}, { pulumi: { exitCode: 255, output: "error: update failed" } });
        assert.deepEqual(failed.forgotten, []);
    });

    it("should succeed and say how to delete what is left when the cluster refuses to delete it", async () => {
        const refused = () => Promise.reject(new Error("replicasets is forbidden"));
        const { said, ended } = await run({ deleteVersion: refused });
        assert.equal(ended, 0);
        assert.equal(
            said.at(-2),
            "What is left of 1.4.2 could not be deleted (replicasets is forbidden). Argo Rollouts would skip the steps for it: kubectl -n relaypacs-prod delete replicasets -l app.kubernetes.io/version=1.4.2",
        );
    });

    it("should change nothing when a person declines", async () => {
        const { said, shown, ended } = await run({ confirm: () => Promise.resolve(false) });
        assert.equal(ended, 1);
        assert.equal(said.at(-1), "Nothing was changed.");
        assert.deepEqual(shown, []);
    });

    it("should refuse a release whose images are gone before it asks for confirmation", async () => {
        const aws = { exitCode: 254, output: "An error occurred (ImageNotFoundException) when calling DescribeImages" };
        const { shown, asked, ended } = await run({}, { aws });
        assert.ok(ended instanceof RefusedError);
        assert.equal(
            ended.message,
            `1.4.1 can't be restored: the registry no longer has the image of backend and frontend. Choose another release with --to, or build it again from ${commit}.`,
        );
        assert.deepEqual([shown, asked], [[], []]);
    });

    it("should continue with a message when the registry can't be asked", async () => {
        const { said, shown } = await run({}, { aws: { exitCode: 255, output: "Unable to locate credentials\n" } });
        assert.ok(said.includes("The registry could not be asked for its images (Unable to locate credentials)."));
        assert.equal(shown.length, 1);
    });

    it("should choose by admissions alone, with a message, when the cluster does not say what ran before", async () => {
        const { said, shown } = await run({ history: () => Promise.reject(new Error("The cluster is gone.")) });
        assert.equal(
            said[0],
            "The cluster does not tell what ran before 1.4.2 (The cluster is gone); the newest admission before it counts.",
        );
        assert.match(shown[0]?.variables.RELAYPACS_PROD_RELEASE ?? "", /"1\.4\.1"/);
    });

    it("should say how to unlock a stack, and exit with 1 when the update failed, whatever Pulumi exits with", async () => {
        const { said, ended } = await run(
            {},
            { pulumi: { exitCode: 255, output: "error: the stack is currently locked by 1 lock(s)." } },
        );
        assert.equal(ended, 1);
        assert.match(said.at(-1) ?? "", /^The stack is locked by another update\..*pulumi cancel --stack prod/);
    });

    describe("measured against its row of the decision matrix", () => {
        /** A clock that shows these seconds, one after the other, and then the last. */
        const clock = (...seconds: number[]) => {
            let at = 0;
            return () => 1000 * seconds[Math.min(at++, seconds.length - 1)]!;
        };
        const ready = () =>
            Promise.resolve(["backend", "frontend"].map((service) => ({ service, template: {}, ready: 2, wanted: 2 })));

        it("should count until all services are back by themselves, before the update", async () => {
            const { said } = await run({ waysBack: ready, now: clock(7, 500) });
            assert.equal(said.at(-1), "Users are back on 1.4.1 after 7 s: in time (limit 2 min).");
        });

        it("should count until the update's end where a service is not back before it", async () => {
            const goBack = ({ service }: { readonly service: string }) =>
                service === "frontend" ? Promise.reject(new Error("It was aborted.")) : Promise.resolve();
            const { said, ended } = await run({ waysBack: ready, goBack, now: clock(121) });
            assert.equal(ended, 0);
            assert.equal(said.at(-1), "Users are back on 1.4.1 after 2 min 1 s: over the limit of 2 min by 1 s.");
        });

        it("should rotate credentials in a breach once the release is back, and measure both", async () => {
            const rotated: unknown[] = [];
            const rotate: RollbackOptions["rotate"] = (release) => {
                rotated.push(release.version, Object.keys(release.variables));
                return Promise.resolve(0);
            };
            const { said, ended, shown } = await run({
                scenario: "security-breach",
                rotate,
                now: clock(60, 900, 900 + 4 * 3600 + 1),
            });
            assert.equal(ended, 0);
            assert.equal(shown.length, 1);
            assert.deepEqual(rotated, ["1.4.1", ["RELAYPACS_PROD_RELEASE", "RELAYPACS_PROD_EVIDENCE_FOLDER"]]);
            assert.deepEqual(said.slice(-2), [
                "Users are back on 1.4.1, and the rotation begins after 15 min: in time (limit 15 min).",
                "All credentials of the platform are rotated after 4 h 1 s: over the limit of 4 h by 1 s.",
            ]);
            assert.ok(said.includes("  decided by the person on call, alone, who tells security at once"));
        });

        it("should not call a breach over when the rotation fails, nor rotate when the rollback fails", async () => {
            const failed = await run({ scenario: "security-breach", rotate: () => Promise.resolve(1) });
            assert.deepEqual([failed.ended, failed.said.at(-1)], [1, "The rotation is not complete."]);
            const update = { exitCode: 255, output: "error: update failed" };
            const { ended, said } = await run({ scenario: "security-breach" }, { pulumi: update });
            assert.equal(ended, 1);
            assert.deepEqual(
                said.filter((line) => /limit \d|limit of/.test(line)),
                [],
            );
        });

        it("should say what follows for the database, and until when", async () => {
            const { said } = await run({ scenario: "data-corruption", since: Date.parse("2026-11-30T10:00:00Z") });
            assert.equal(
                said.at(-1),
                "Next, the database: release restore-database prod <a time before the corruption>. The limit of both ends at 2026-11-30T12:00:00.000Z.",
            );
        });

        it("should refuse to roll back a feature bug, which is fixed forward, before anything is asked", async () => {
            const { ended, said, shown, asked } = await run({ scenario: "feature-bug" });
            assert.ok(ended instanceof RefusedError);
            assert.equal(
                ended.message,
                "Feature bug (non-critical): the way out is a hotfix forward, within 30 minutes (specification, section 7; docs/runbooks/hotfix.md). It is decided by the person on call, with a code owner of the gateway. To roll back all the same, give another --scenario.",
            );
            assert.deepEqual([said, shown, asked], [[], [], []]);
        });

        it("should have the specification's rows with its times", () => {
            const rows: readonly Row[] = Object.values(scenarios);
            assert.deepEqual(
                rows.map((row) => [row.title, row.method, row.time, row.limitSeconds, row.rotationLimitSeconds]),
                [
                    ["High error rate", "Automated k8s rollback", "2 minutes", 120, undefined],
                    ["Feature bug (non-critical)", "Hotfix forward", "30 minutes", 1800, undefined],
                    ["Data corruption", "Database restore + app rollback", "2 hours", 7200, undefined],
                    [
                        "Security breach",
                        "Immediate rollback + credential rotation",
                        "15 minutes + 4 hours",
                        900,
                        14_400,
                    ],
                ],
            );
        });

        it("should say durations in whole seconds, the limit itself in time", () => {
            assert.deepEqual([0, 0.4, 59.6, 3600, 3723].map(duration), ["0 s", "0 s", "1 min", "1 h", "1 h 2 min 3 s"]);
            assert.equal(measured("Done", 120, 120), "Done after 2 min: in time (limit 2 min).");
            assert.equal(measured("Done", 120.1, 120), "Done after 2 min: over the limit of 2 min by 1 s.");
        });
    });

    it("should list rejected admissions, and refuse when none is left", async () => {
        const rejected = ["The admission 1.4.1/a.json counts for nothing: it has no signature."];
        const { said, ended } = await run({ admissions: () => Promise.resolve({ admitted: [], rejected }) });
        assert.deepEqual(said, rejected);
        assert.ok(ended instanceof RefusedError);
    });
});
