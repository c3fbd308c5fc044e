import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import { execa } from "execa";
import { checkCommand } from "../../../release/check/command";
import { judgementFile, judgementSchema, type JudgementFile } from "../../../release/check/json";
import { escaped } from "../../../release/check/markdown";
import { table, tableWidth } from "../../../release/check/table";
import { visible } from "../../../delivery/core/text";
import { now, release } from "../../delivery/gates/support/contents";
import { productionGates } from "../../delivery/gates/support/tables";
import { evidence, judge, keys, type Spoilers } from "../../delivery/gates/support/world";
import { bad, good, hotfix, writeDossier, type Dossier } from "../support/dossiers";
import { attacks, hostile, rejectedFiles } from "../support/hostile";
import { flowing, runCommand } from "../support/running";
import { compiled } from "../../support/build";
import { projectRoot } from "../../support/project";

const warned: Spoilers = {
    "lint-backend": { change: (one: { tools: { warnings: number }[] }) => (one.tools[0]!.warnings = 2) },
};

describe("The command release check", () => {
    let folder: string;
    let count = 0;
    before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "release-check-"))));
    after(() => fs.rmSync(folder, { recursive: true }));

    const dossier = (variation: Parameters<typeof writeDossier>[1] = {}) =>
        writeDossier(path.join(folder, String((count += 1))), variation);
    const options = (given: Dossier, checkpoint = "production") => [
        ...["--checkpoint", checkpoint, "--at", now, "--evidence", given.evidence],
        ...["--release", given.release, "--keys", given.keys],
    ];
    const run = (given: Dossier, ...more: string[]) => runCommand(checkCommand(), [...options(given), ...more]);
    const json = async (given: Dossier, ...more: string[]) => {
        const ran = await run(given, "--format", "json", ...more);
        return { ...ran, file: JSON.parse(ran.stdout) as JudgementFile };
    };

    describe("when it judges", () => {
        it("should allow a good release and exit with 0", async () => {
            const { exitCode, stdout, stderr } = await run(dossier({ spoilers: good }));
            assert.equal(exitCode, 0);
            assert.equal(stderr, "");
            assert.match(
                flowing(stdout),
                new RegExp(String.raw`✔ Release 1\.4\.2 may go to production: all ${productionGates} gates pass\. `),
            );
            assert.doesNotMatch(stdout, /Denied|Warnings|Obligations|counts for nothing/);
        });

        it("should print warnings and exit with 0, or with 1 when it is strict", async () => {
            const given = dossier({ spoilers: warned });
            const lenient = await run(given);
            assert.equal(lenient.exitCode, 0);
            assert.match(
                flowing(lenient.stdout),
                new RegExp(
                    String.raw`▲ Release 1\.4\.2 may go to production, with 1 warning of ${productionGates} gates: Code lint\. .*Warnings • Code lint: 0 errors by .*; 2 warnings of ruff without a justification \(accepted: `,
                ),
            );
            const strict = await run(given, "--strict");
            assert.equal(strict.exitCode, 1);
            assert.match(
                flowing(strict.stdout),
                new RegExp(
                    String.raw`✖ Release 1\.4\.2 must not go to production, because 1 gate of ${productionGates} warns and warnings count: Code lint\. `,
                ),
            );
            assert.equal((await run(dossier(), "--strict")).exitCode, 0);
        });

        it("should deny a release in the words of the policy pack and exit with 1", async () => {
            const { exitCode, stdout } = await run(dossier({ spoilers: bad }));
            assert.equal(exitCode, 1);
            const text = flowing(stdout);
            assert.match(
                text,
                new RegExp(
                    String.raw`✖ Release 1\.4\.2 must not go to production, because 4 gates of ${productionGates} deny it: Code lint, Backend coverage, Staging soak and Approval\. `,
                ),
            );
            const { outcomes } = judge(evidence(bad));
            for (const { message, status } of outcomes)
                if (status !== "pass") assert.ok(text.includes(message), message);
            assert.ok(
                text.includes("• lint-frontend.json, which claims to be lint-frontend evidence, has no signature."),
            );
        });

        it("should judge each checkpoint by its gates", async () => {
            const given = dossier({ spoilers: { soak: { missing: true }, smoke: { missing: true } } });
            const ended = async (checkpoint: string) =>
                (await runCommand(checkCommand(), options(given, checkpoint))).exitCode;
            assert.deepEqual(
                [
                    await ended("merge"),
                    await ended("staging"),
                    await ended("staging-verified"),
                    await ended("production"),
                ],
                [0, 0, 1, 1],
            );
        });

        it("should take the repository from settings that say more about it than its name", async () => {
            const more = JSON.stringify({ owner: "relaypacs", name: "gateway", stagingMirror: "/rory-deployment" });
            const given = dossier({ spoilers: good });
            process.env.RELAYPACS_PROD_REPOSITORY = more;
            try {
                assert.equal((await run(given)).exitCode, 0);
                process.env.RELAYPACS_PROD_REPOSITORY = more.replace("gateway", "other");
                assert.equal((await run(given)).exitCode, 1);
            } finally {
                delete process.env.RELAYPACS_PROD_REPOSITORY;
            }
        });

        it("should recognise a hotfix by the release file or the option, and print its obligations", async () => {
            const byFile = await run(dossier({ spoilers: hotfix, hotfix: true }));
            assert.equal(byFile.exitCode, 0);
            assert.match(flowing(byFile.stdout), /▲ Hotfix 1\.4\.2 may go to production, with 1 warning of 29 gates/);
            assert.match(
                flowing(byFile.stdout),
                /Obligations • Watch production for 1 h and record it as monitoring evidence\. $/,
            );
            const given = dossier({ spoilers: hotfix });
            assert.equal((await run(given)).exitCode, 1);
            assert.equal((await run(given, "--hotfix")).exitCode, 0);
            assert.equal((await runCommand(checkCommand(), [...options(given, "monitoring"), "--hotfix"])).exitCode, 0);
        });

        it("should apply stricter limits", async () => {
            const limits = path.join(folder, "limits.json");
            fs.writeFileSync(limits, '{"backendCoveragePercent": 95}');
            const { exitCode, stdout } = await run(dossier(), "--limits", limits);
            assert.equal(exitCode, 1);
            assert.match(
                flowing(stdout),
                /Backend coverage: 93\.12 % of lines .* \(accepted: at least 95 % of 10 or more lines by coverage\.py\)\./,
            );
        });

        it("should judge as of now, unless a test sets the time", async () => {
            const args = options(dossier()).filter((one) => one !== "--at" && one !== now);
            const { exitCode, stdout } = await runCommand(checkCommand(), args);
            assert.equal(exitCode, 1);
            assert.match(flowing(stdout), /evidence is stale/);
            assert.doesNotMatch(checkCommand().helpInformation(), /--at/);
        });
    });

    describe("when it can't judge", () => {
        const refused = async (change: (given: Dossier) => readonly string[] | undefined) => {
            const given = dossier();
            const more = change(given) ?? [];
            const ran = await run(given, ...more);
            assert.equal(ran.exitCode, 2, ran.stdout);
            assert.equal(ran.stdout, "");
            assert.equal(ran.stderr.trim().split("\n").length, 1, ran.stderr);
            return ran.stderr
                .trim()
                .replaceAll(given.evidence, "EVIDENCE")
                .replaceAll(path.dirname(given.keys), "FOLDER");
        };

        it("should name a missing folder or file", async () => {
            assert.match(
                await refused((given) => fs.rmSync(given.evidence, { recursive: true }) as undefined),
                /^release check: The evidence folder EVIDENCE can't be read: ENOENT/,
            );
            assert.equal(
                await refused((given) => fs.rmSync(given.keys) as undefined),
                "release check: The key file FOLDER/keys.json does not exist; check the path.",
            );
            assert.equal(
                await refused((given) => (fs.rmSync(given.release), fs.mkdirSync(given.release)) as undefined),
                "release check: The release file FOLDER/release.json can't be read (EISDIR); check the path.",
            );
        });

        it("should name the place in an invalid file", async () => {
            const wrong = (file: "keys" | "release", text: string) =>
                refused((given) => fs.writeFileSync(given[file], text) as undefined);
            assert.equal(
                await wrong("keys", "[]"),
                "release check: No key is trusted, so no evidence counts; name at least one public key.",
            );
            assert.equal(
                await wrong("keys", JSON.stringify([{ ...keys[0], keyId: "0".repeat(64) }])),
                `release check: Trusted key 0: keyId is ${"0".repeat(64)}, but the public key's id is ${keys[0]!.keyId}.`,
            );
            assert.equal(
                await wrong("keys", "{}"),
                "release check: The key file FOLDER/keys.json is wrong: expected array, received object.",
            );
            assert.equal(
                await wrong("release", ""),
                "release check: The release file FOLDER/release.json is not valid JSON; it is empty, damaged or of another kind.",
            );
            assert.equal(
                await wrong("release", JSON.stringify({ ...release, images: { backend: "latest" } })),
                "release check: The release file FOLDER/release.json is wrong at images.backend: must be sha256: and 64 hexadecimal digits.",
            );
            assert.match(
                await wrong("release", JSON.stringify({ ...release, version: "1".repeat(2_000_000) })),
                /release\.json has \d+ bytes; accepted: at most 1048576\.$/,
            );
        });

        it("should refuse a looser limit, a summary that can't be written, and a checkpoint of hotfixes", async () => {
            const limits = path.join(folder, "loose.json");
            fs.writeFileSync(limits, '{"soakSeconds": 1}');
            assert.equal(
                await refused(() => ["--limits", limits]),
                "release check: Limit soakSeconds is 1; accepted: a number of at least 14400. Gates can only be made stricter.",
            );
            assert.match(
                await refused(() => ["--summary", path.join(folder, "no/folder.md")]),
                /^release check: The summary .*no\/folder\.md can't be written \(ENOENT\); give a file in a folder that exists\.$/,
            );
            assert.match(
                await refused(() => ["--checkpoint", "monitoring"]),
                /^release check: No gate judges a regular release, which is not a hotfix, at the checkpoint "monitoring"\.$/,
            );
        });

        it("should refuse an invalid command line", async () => {
            assert.match(
                await refused(() => ["--checkpoint", "launch"]),
                /'launch' is invalid\. Allowed choices are merge,/,
            );
            assert.match(await refused(() => ["--format", "xml"]), /Allowed choices are table, json, markdown/);
            assert.match(await refused(() => ["--at", "noon"]), /Give a time in UTC such as 2026-01-14T18:00:00Z/);
            const { exitCode, stderr } = await runCommand(checkCommand(), ["--checkpoint", "merge"]);
            assert.equal(exitCode, 2);
            assert.match(stderr, /required option '--evidence <folder>' not specified/);
        });
    });

    describe("when it runs as a program", function () {
        this.timeout(240_000);
        const main = (...args: string[]) =>
            execa("node", [compiled("release/main.js"), "check", ...args], {
                cwd: projectRoot,
                reject: false,
            });

        it("should exit with 0, 1 or 2", async () => {
            const passed = await main(...options(dossier()));
            assert.deepEqual([passed.exitCode, passed.stderr], [0, ""]);
            assert.equal((await main(...options(dossier({ empty: true })))).exitCode, 1);
            const none = await main(...options({ ...dossier(), keys: "none.json" }));
            assert.deepEqual(
                [none.exitCode, none.stdout, none.stderr],
                [2, "", "release check: The key file none.json does not exist; check the path."],
            );
        });
    });

    describe("when it prints a table", () => {
        const subject = (spoilers: Spoilers) => {
            const judgement = judge([...evidence(spoilers), ...rejectedFiles]);
            return { release, checkpoint: "production", now, judgement, strict: false } as const;
        };

        it("should fit 100 columns, and let no text from outside begin a line or control the terminal", () => {
            const text = table(subject(hostile), false);
            for (const line of text.split("\n")) {
                assert.ok([...line].length <= tableWidth, line);
                assert.match(line, /^[┌│├└]/);
            }
            assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]|##\[/u);
            assert.ok(flowing(text).includes("\\u{1b}[2J\\u{1b}[31mred\\u{7} ::error::taken"));
            // Nothing is cut: a word that is longer than its column goes on in the next line.
            assert.equal(text.match(/w{10,}/g)?.join("").length, attacks.long.length);
        });

        it("should print quickly, however much was rejected", function () {
            this.timeout(10_000);
            const long = { ...rejectedFiles[0]!, envelope: { payloadType: "x".repeat(100_000) } };
            const judgement = judge(Array.from({ length: 1000 }, (_, index) => ({ ...long, source: `${index}.json` })));
            const text = table({ release, checkpoint: "production", now, judgement, strict: false }, false);
            assert.ok(text.includes("• 999.json is not a DSSE envelope"));
        });

        it("should keep wide characters within its width", () => {
            const judgement = judge(evidence());
            const outcomes = judgement.outcomes.map((one) => ({ ...one, measured: "画像".repeat(40) }));
            const text = table({ ...subject({}), judgement: { ...judgement, outcomes } }, false);
            const columns = (line: string) => line.length + (line.match(/[画像]/gu)?.length ?? 0);
            for (const line of text.split("\n")) assert.ok(columns(line) <= tableWidth, line);
            assert.ok(text.includes("画像画像画像"));
        });

        it("should print colours when they are asked for, and the same words without", () => {
            const coloured = table(subject(bad), true);
            // eslint-disable-next-line no-control-regex
            const plain = coloured.replaceAll(/\u001b\[\d+m/g, "");
            assert.notEqual(coloured, plain);
            assert.equal(plain, table(subject(bad), false));
        });
    });

    describe("when it prints JSON", () => {
        const ajv = new Ajv2020({ strict: true, validateFormats: false });
        const valid = ajv.compile(JSON.parse(judgementSchema()) as object);

        it("should follow the documented schema", async () => {
            const documented = fs.readFileSync(
                path.join(projectRoot, "docs/reference/release-check.schema.json"),
                "utf8",
            );
            assert.deepEqual(JSON.parse(documented), JSON.parse(judgementSchema()));
            for (const variation of [
                { spoilers: good },
                { spoilers: bad, files: rejectedFiles },
                { spoilers: hotfix, hotfix: true },
                { empty: true },
            ]) {
                const { file } = await json(dossier(variation));
                assert.ok(valid(file), JSON.stringify(valid.errors));
            }
            assert.ok(!valid({ ...(await json(dossier())).file, more: 1 }));
            assert.ok(!valid({ ...(await json(dossier())).file, status: "good" }));
        });

        it("should print what the gates say, with keys in one order", async () => {
            const { exitCode, file, stdout } = await json(dossier({ spoilers: bad }));
            const judgement = JSON.parse(JSON.stringify(judge(evidence(bad)))) as Record<string, unknown>;
            assert.equal(exitCode, 1);
            for (const [key, value] of Object.entries(judgement)) {
                assert.deepEqual(file[key as keyof JudgementFile], value, key);
            }
            assert.deepEqual(
                [file.allowed, file.status, file.checkpoint, file.judgedAt],
                [false, "fail", "production", now],
            );
            assert.deepEqual(file.release, { ...release, rollback: false });
            const order = Object.keys(judgementFile.shape).filter((key) => key in file);
            assert.deepEqual(Object.keys(file), order);
            assert.deepEqual(Object.keys(file.outcomes[0]!), Object.keys(judgementFile.shape.outcomes.element.shape));
            assert.equal((await json(dossier({ spoilers: bad }))).stdout, stdout);
        });

        it("should say when a release was admitted before, as in the table", async () => {
            const later = new Date(Date.parse(now) + 30 * 86_400_000).toISOString();
            const given = dossier({ files: evidence({ "admission-prod": { issuedAt: now } }, ["admission-prod"]) });
            const { exitCode, file } = await json(given, "--at", later);
            assert.equal(exitCode, 0);
            assert.ok(valid(file), JSON.stringify(valid.errors));
            assert.equal(file.judgedAt, later);
            assert.equal(file.admission?.item, "admission-prod");
            assert.ok(file.asOf < now, file.asOf);
            const remark = `prod admitted this release at ${file.asOf}; the gates judge as of that time.`;
            assert.equal(file.remark, remark);
            assert.ok(flowing((await run(given, "--at", later)).stdout).includes(`Admission • ${remark}`));
            assert.equal((await json(dossier(), "--at", later)).exitCode, 1);
        });

        it("should mark a strict judgement", async () => {
            const { file } = await json(dossier({ spoilers: warned }), "--strict");
            assert.deepEqual([file.status, file.strict, file.allowed], ["warn", true, false]);
        });
    });

    describe("when it prints Markdown", () => {
        it("should print the verdict, a table for each stage, and the evidence folded away", async () => {
            const { stdout } = await run(dossier({ spoilers: bad }), "--format", "markdown");
            assert.match(
                stdout,
                new RegExp(
                    String.raw`^## ❌ Release 1\.4\.2 must not go to production, because 4 gates of ${productionGates} deny it`,
                ),
            );
            assert.deepEqual(stdout.match(/^### .*/gm), [
                "### Pull request merge",
                "### Staging deployment",
                "### Production deployment",
            ]);
            assert.ok(
                stdout.includes(
                    "| ❌ denied | Backend coverage | 89.91 % of lines (8991 of 10000) | at least 90 % of 10 or more lines by coverage.py |",
                ),
            );
            assert.equal(stdout.match(/<details>/g)?.length, 3);
            assert.match(
                stdout,
                /\| Approval \| code-review \| <code>code-review\.json<\/code> \| .* \| <code>[0-9a-f]{64}<\/code> \|/,
            );
        });

        it("should append it to the summary of a pipeline step", async () => {
            const summary = path.join(folder, "summary.md");
            fs.writeFileSync(summary, "before\n");
            const given = dossier({ spoilers: hotfix, hotfix: true, files: rejectedFiles });
            const { stdout } = await run(given, "--summary", summary, "--format", "markdown");
            assert.equal(fs.readFileSync(summary, "utf8"), `before\n${stdout}`);
            assert.match(stdout, /\*\*Obligations\*\*\n\n- Watch production for 1 h and record it/);
            assert.match(
                stdout,
                /\*\*Evidence that counts for nothing\*\*\n\n- unknown\.json is signed by key .*, which is not trusted\.\n- x&#60;b onclick/,
            );
        });

        it("should print text from outside as plain text", async () => {
            const { stdout } = await run(dossier({ spoilers: hostile, files: rejectedFiles }), "--format", "markdown");
            const own = stdout.replaceAll(/<\/?(?:details|summary|code)>/g, "");
            assert.doesNotMatch(own, /[<>`$@\]]|!\[|https:|javascript:/);
            for (const line of own.split("\n")) {
                assert.match(line, /^(?:#{2,3} |\*\*[\w ]+\*\*$|- |\||Commit |Evidence \(\d+\)$|$)/u, line);
                if (line.startsWith("| ❌") || line.startsWith("| ✅"))
                    assert.equal(line.match(/\|/g)?.length, 5, line);
            }
            assert.doesNotMatch(own.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
        });

        it("should escape what would begin a block or a link", () => {
            assert.equal(escaped("- a"), "&#45; a");
            assert.equal(escaped("1. a"), "&#49;&#46; a");
            assert.equal(escaped("93.12 % (9312 of 10000)"), "93.12 % (9312 of 10000)");
            assert.equal(escaped("www.evil.example"), "&#119;&#119;&#119;.evil.example");
            assert.equal(escaped("a|b\\<!--"), "a&#124;b&#92;&#60;&#33;--");
        });
    });

    it("should print an invisible character as its code point", () => {
        assert.equal(visible("a\u202Eb\u0000c\nd\té"), "a\\u{202e}b\\u{0}c d é");
    });
});
