import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { logFormat, readChanges, subjectOf } from "../../../release/report/changes";
import { reportCommand } from "../../../release/report/command";
import { dateText, roughly } from "../../../release/report/parts";
import type { ItemPredicate } from "../../../delivery/evidence/items";
import { release } from "../../delivery/gates/support/contents";
import { evidence, judge, type Spoilers } from "../../delivery/gates/support/world";
import { bad, commits, good, hotfix, now, writeDossier } from "../support/dossiers";
import { rejectedFiles } from "../support/hostile";
import { runCommand } from "../support/running";
import { pageOf } from "./screenshots";

/** The visible text of a page. */
function textOf(html: string): string {
    return html
        .replace(/<head>.*<\/head>/s, "")
        .replaceAll(/<[^>]*>/g, " ")
        .replaceAll("&lt;", "<")
        .replaceAll("&quot;", '"')
        .replaceAll("&amp;", "&")
        .replaceAll(/\s+/g, " ");
}

/** A gate's words as `textOf` has them: each time stands in an element of its own. */
const timesShown = (words: string): string =>
    words.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (moment) => ` ${dateText(moment)} `).replaceAll(/ +/g, " ");

describe("The command release report", () => {
    let folder: string;
    let count = 0;
    before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "release-report-"))));
    after(() => fs.rmSync(folder, { recursive: true }));
    const dossier = (variation: Parameters<typeof writeDossier>[1] = {}) =>
        writeDossier(path.join(folder, String((count += 1))), variation);
    const made = async (variation: Parameters<typeof writeDossier>[1] = {}) => textOf(await pageOf(dossier(variation)));

    describe("at the top of its page", () => {
        const top = (text: string) => text.slice(0, text.indexOf(" Commit "));

        it("should say that a release may go to production", async () => {
            const text = top(await made({ spoilers: good }));
            assert.match(text, /review Release 1\.4\.2 may go to production All 23 gates pass\.$/);
        });

        it("should say that a release must not go to production, and why, in the words of the gates", async () => {
            const text = top(await made({ spoilers: bad }));
            assert.match(text, /Release 1\.4\.2 must not go to production 4 of 23 gates deny it\. Reasons /);
            for (const { message, status, title } of judge(evidence(bad)).outcomes) {
                const shown = timesShown(`${title} ${message.slice(title.length)}`);
                assert.equal(text.includes(shown), status !== "pass", message);
            }
        });

        it("should show times as people read them, wherever a gate names one", async () => {
            for (const spoilers of [good, bad]) {
                const html = await pageOf(dossier({ spoilers }));
                assert.doesNotMatch(textOf(html), /\d{4}-\d\d-\d\dT/);
                assert.match(html, /<time datetime="2026-01-14T[\d:.]+Z">14 Jan 2026, \d\d:\d\d UTC<\/time>/);
            }
        });

        it("should say that a hotfix has no soak, and what must be done after the deployment", async () => {
            const text = top(await made({ spoilers: hotfix, hotfix: true }));
            assert.match(
                text,
                /Hotfix 1\.4\.2 may go to production 28 of 29 gates pass; 1 lets it go with a warning\./,
            );
            assert.match(text, /Staging soak : skipped, because the release ends P1 incident INC-42/);
            assert.match(text, /After the deployment Watch production for 1 h and record it as monitoring evidence\.$/);
        });

        it("should say that only the sign-off is missing, unless it was rejected or forged", async () => {
            const missing = await made({ spoilers: { approval: { missing: true } } });
            assert.match(
                missing,
                /Release 1\.4\.2 must not go to production yet Only the sign-off is missing\. 22 of 23/,
            );
            const decided = (change: Partial<ItemPredicate<"approval">["decisions"][number]>): Spoilers => ({
                approval: { change: (one: ItemPredicate<"approval">) => void Object.assign(one.decisions[0]!, change) },
            });
            assert.match(await made({ spoilers: decided({ role: "other" }) }), /Only the sign-off is missing/);
            for (const spoilers of [
                decided({ verdict: "rejected" }),
                { approval: { reseal: (envelope: { signatures: unknown[] }) => void envelope.signatures.splice(0) } },
                { approval: { missing: true }, soak: { missing: true } },
            ] as Spoilers[]) {
                assert.doesNotMatch(await made({ spoilers }), /Only the sign-off is missing|production yet/);
            }
        });

        it("should say that nothing is known about a release without evidence", async () => {
            const text = await made({ empty: true });
            assert.match(text, /must not go to production 23 of 23 gates deny it\./);
            assert.match(text, /Staging soak unknown no evidence that counts Sign-off no one yet/);
        });
    });

    it("should show what changes", async () => {
        const text = await made({ spoilers: good });
        assert.match(text, /Version 1\.4\.1 → 1\.4\.2 Database Revision 1f0a → 2b7c , succeeded in staging/);
        assert.match(
            text,
            /5 commits feat auth: add TOTP two-factor authentication \(#57\) cccccccc · Ada Lovelace · 14 Jan 2026, 07:00 UTC/,
        );
        for (const [service, digest] of Object.entries(release.images))
            assert.ok(text.includes(`${service} ${digest}`));
        assert.match(textOf(await pageOf(dossier(), false)), /The list of commits was not given\./);
    });

    it("should say when the changes and the rollback plan name different previous versions", async () => {
        const plan = { change: (one: ItemPredicate<"rollback-plan">) => void (one.previousVersion = "1.3.9") };
        const text = await made({ spoilers: { "rollback-plan": plan } });
        assert.match(text, /The rollback plan goes back to 1\.3\.9, but 1\.4\.1 runs now\./);
    });

    it("should say how the rollback was tested, and when the plan has changed since", async () => {
        const textWith = (change: (one: ItemPredicate<"rollback-plan">) => void) =>
            made({ spoilers: { "rollback-plan": { change } } });
        const asWritten = await textWith(() => undefined);
        assert.match(asWritten, /Services Switch traffic back to the idle colour/);
        assert.match(asWritten, /Tested succeeded in staging, in 48 s, 6 h ago/);
        assert.match(asWritten, /Test method Deploy the previous version again, 1\.4\.1 → 1\.4\.0/);
        const changed = await textWith((one) => (one.documentSha256 = "4".repeat(64)));
        assert.match(changed, /Rollback to 1\.4\.1 changed since its test/);
        assert.match(changed, /Tested an earlier version of the plan: succeeded in staging, in 48 s/);
        const older = await textWith((one) => {
            const { durationSeconds, environment, result, testedAt } = one.test!;
            one.test = { durationSeconds, environment, result, testedAt };
        });
        assert.match(older, /Tested an earlier version of the plan: succeeded in staging/);
        assert.doesNotMatch(older, /Test method/);
        const unknown = await textWith((one) => delete one.test!.toVersion);
        assert.match(unknown, /Test method Deploy the previous version again (?!,)/);
    });

    it("should show each gate, and each piece of evidence with its source, age, key and digest", async () => {
        const text = await made({ spoilers: bad, files: rejectedFiles });
        for (const { evidence: used, limit, measured, status, title } of judge(evidence(bad)).outcomes) {
            const shown = timesShown(`pass ${title} ${measured} Accepted: ${limit}`);
            if (status === "pass") assert.ok(text.includes(shown), title);
            for (const { keyId, sha256, source } of used) {
                assert.ok(
                    text.includes(`Source ${source} `) && text.includes(`Key ${keyId} SHA-256 ${sha256}`),
                    source,
                );
            }
        }
        assert.match(text, /Item Incident count Source incidents\.json Age 30 min ago \( 14 Jan 2026, 17:30 UTC \)/);
        assert.match(
            text,
            /Evidence that counts for nothing lint-frontend\.json, which claims to be lint-frontend evidence/,
        );
        assert.match(text, /unknown\.json is signed by key \w+, which is not trusted/);
    });

    it("should never show rejected evidence as if it were accepted", async () => {
        const unsigned = { reseal: (envelope: { signatures: unknown[] }) => void envelope.signatures.splice(0) };
        const text = await made({ spoilers: { soak: unsigned, incidents: unsigned, "rollback-plan": unsigned } });
        assert.doesNotMatch(text, /18,000|Alembic downgrade|incidents\.example/);
        assert.match(text, /Staging soak: Staging soak evidence has no signature/);
    });

    it("should describe the charts in words", async () => {
        const html = await pageOf(dossier({ spoilers: bad }));
        assert.ok(html.includes('aria-label="Backend coverage: 89.91 %, accepted at least 90 %"'));
        assert.ok(html.includes('aria-label="Unit test duration, backend: 3 min 4 s, accepted less than 5 min"'));
        assert.ok(
            html.includes(
                'aria-label="In staging for 6 h of at least 4 h: 18,000 requests, 23 errors, 1 interruption."',
            ),
        );
        assert.ok(textOf(html).includes("14 Jan 2026, 13:25 UTC"), "the chart in numbers");
    });

    it("should write a self-contained page whose Content-Security-Policy allows no request", async () => {
        const html = await pageOf(dossier({ spoilers: good }));
        assert.doesNotMatch(
            html,
            /<(?:script|img|link|iframe|object|embed|form|base)\b|\ssrc=|@import|url\((?!#)|\sstyle=/i,
        );
        const style = /<style>(.*)<\/style>/s.exec(html)![1]!;
        const hash = createHash("sha256").update(style).digest("base64");
        const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
        assert.ok(html.includes(`<meta http-equiv="Content-Security-Policy" content="${policy}"`), policy);
        assert.ok(html.indexOf("Content-Security-Policy") < html.indexOf("<style>"));
        assert.ok(html.length < 200_000, String(html.length));
    });

    describe("on the command line", () => {
        const run = (given: ReturnType<typeof dossier>, ...more: string[]) =>
            runCommand(reportCommand(), [
                ...["--evidence", given.evidence, "--release", given.release, "--keys", given.keys],
                ...["--at", now, "--out", path.join(folder, "page.html"), ...more],
            ]);

        it("should write the page, print the verdict and exit with 0 whatever it is", async () => {
            const { exitCode, stdout } = await run(dossier({ spoilers: bad }), "--approvers", "leads, managers");
            assert.equal(exitCode, 0);
            assert.match(
                stdout,
                /^Release 1\.4\.2 must not go to production, because 4 gates of 23 .* Wrote .*page\.html\n$/,
            );
            const text = textOf(fs.readFileSync(path.join(folder, "page.html"), "utf8"));
            assert.match(text, /members of leads or managers Who may not The authors of the change: ada/);
            await run(dossier());
            const byDefault = textOf(fs.readFileSync(path.join(folder, "page.html"), "utf8"));
            assert.match(byDefault, /members of engineering-managers or tech-leads/);
        });

        it("should accept the version that runs, and an empty list of changes", async () => {
            const empty = path.join(folder, "empty.txt");
            fs.writeFileSync(empty, "");
            const { exitCode } = await run(dossier(), "--changes", empty, "--previous", "1.4.3");
            assert.equal(exitCode, 0);
            const text = textOf(fs.readFileSync(path.join(folder, "page.html"), "utf8"));
            assert.match(text, /Changes 1\.4\.3 → 1\.4\.2 0 commits by 0 people/);
            assert.match(text, /The rollback plan goes back to 1\.4\.1, but 1\.4\.3 runs now\. No new commit Images/);
        });

        it("should exit with 2 when it can't write the page", async () => {
            const given = dossier();
            const refused = async (...more: string[]) => {
                const { exitCode, stderr, stdout } = await run(given, ...more);
                assert.deepEqual([exitCode, stdout], [2, ""]);
                return stderr.trim().replaceAll(folder, "FOLDER");
            };
            assert.match(
                await refused("--keys", "none.json"),
                /^release report: The key file none\.json does not exist/,
            );
            assert.equal(
                await refused("--out", path.join(folder, "no/page.html")),
                "release report: The page FOLDER/no/page.html can't be written (ENOENT); give a file in a folder that exists.",
            );
            assert.match(await refused("--changes", "none.json"), /The changes file none\.json does not exist/);
            assert.match(
                await refused("--approvers", "Not A Slug"),
                /Give one to six GitHub team slugs, separated by commas/,
            );
        });
    });

    describe("with a changes file", () => {
        const file = (text: string) => {
            const name = path.join(folder, `changes-${String((count += 1))}`);
            fs.writeFileSync(name, text);
            return name;
        };

        it("should read JSON and the output of git log", async () => {
            const asJson = await readChanges(
                file(JSON.stringify({ previousVersion: "1.4.1", commits })),
                release.commit,
            );
            assert.deepEqual(asJson, { previousVersion: "1.4.1", commits });

            const repository = path.join(folder, "repository");
            const git = (...args: string[]) => execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" });
            fs.mkdirSync(repository);
            git("init", "--quiet");
            const author = ["-c", "user.name=Zoë <b>", "-c", "user.email=zoe@example.com"];
            git(...author, "commit", "--quiet", "--allow-empty", "-m", "feat(x): one\ttab\n\nbody");
            git(...author, "commit", "--quiet", "--allow-empty", "-m", "fix: two");
            const newest = git("rev-parse", "HEAD").trim();
            const { commits: read, ...rest } = await readChanges(file(git("log", `--format=${logFormat}`)), newest);
            assert.deepEqual(rest, {});
            assert.deepEqual(
                read.map(({ author: who, subject }) => [who, subject]),
                [
                    ["Zoë b", "fix: two"],
                    ["Zoë b", "feat(x): one tab"],
                ],
            );
            assert.equal(read[0]!.commit, newest);

            const anonymous = `${release.commit}\t\t2026-01-14T07:00:00Z\t\n`;
            assert.deepEqual((await readChanges(file(anonymous), release.commit)).commits[0], {
                commit: release.commit,
                author: "unknown",
                committedAt: "2026-01-14T07:00:00Z",
                subject: "",
            });
            assert.deepEqual(await readChanges(file("\n"), release.commit), { commits: [] });
        });

        it("should refuse the changes of another release, and what it can't read", async () => {
            const refused = (text: string) =>
                assert.rejects(readChanges(file(text), release.commit), (error: Error) => {
                    sentences.push(error.message.replace(/(The changes file) \S+/, "$1 FILE"));
                    return error.name === "InputError";
                });
            const sentences: string[] = [];
            await refused(JSON.stringify({ commits: commits.slice(1) }));
            await refused(`${release.commit}\tAda\t2026-01-14T07:00:00+01:00\tfeat: x\nc0ffee\tAda`);
            await refused('{"commits": [');
            await refused('{"commits": [{"commit": "main"}]}');
            const log = "git log --format=%H%x09%an%x09%aI%x09%s";
            const other = `The changes file FILE does not have the release's commit cccccccccccc; write it with ${log} <previous>..cccccccccccc.`;
            assert.deepEqual(sentences, [
                other,
                `The changes file FILE is wrong in line 2 (commit); write it with ${log}, or as JSON.`,
                "The changes file FILE is not valid JSON; it is empty, damaged or of another kind.",
                "The changes file FILE is wrong at commits.0.commit: Invalid string: must match pattern /^[0-9a-f]{40}$/.",
            ]);
        });

        it("should parse subjects by the commit convention", () => {
            const plain = { breaking: false, scope: undefined };
            assert.deepEqual(subjectOf("feat(auth)!: add"), {
                type: "feat",
                scope: "auth",
                breaking: true,
                text: "add",
            });
            assert.deepEqual(subjectOf("docs: add: more"), { ...plain, type: "docs", text: "add: more" });
            assert.deepEqual(subjectOf("Merge branch x"), { ...plain, type: undefined, text: "Merge branch x" });
        });
    });

    it("should round ages down to their two largest units", () => {
        const hour = 3600;
        assert.deepEqual([59.9, 60, hour - 1, 26 * hour + 59 * 60, 48 * hour].map(roughly), [
            "less than a minute",
            "1 min",
            "59 min",
            "1 d 2 h",
            "2 d",
        ]);
    });
});
