import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Duty } from "../../../delivery/evidence/duties";
import type { ItemPredicate } from "../../../delivery/evidence/items";
import { admitCommand } from "../../../release/admit/command";
import { checkCommand } from "../../../release/check/command";
import { reportCommand } from "../../../release/report/command";
import { freshEvidence, writeEvidence } from "../../delivery/gates/support/fresh";
import { release } from "../../delivery/gates/support/contents";
import { signers, type Spoilers } from "../../delivery/gates/support/world";
import { evidenceFolder, outputOf, pipelineVariables, runProgram } from "../../program/run-program";
import { stackFile } from "../../support/stack-file";
import { runCommand } from "../support/running";

/** Its lint report has errors. */
const unclean: Spoilers = {
    "lint-backend": { change: (one: ItemPredicate<"lint-backend">) => void (one.tools[0]!.errors = 3) },
};
const admittedBefore: Spoilers = { "admission-staging": {}, "admission-prod": {} };

describe("A release as the stack output `release` holds it", function () {
    this.timeout(120_000);
    let folder: string;
    const file = (name: string) => path.join(folder, name);

    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "release-output-"));
        fs.writeFileSync(file("trusted.json"), pipelineVariables.RELAYPACS_TRUSTED_KEYS);
        for (const duty of ["staging", "production"] as const) {
            const pem = signers[duty].privateKey.export({ type: "pkcs8", format: "pem" });
            fs.writeFileSync(file(`${duty}.pem`), pem, { mode: 0o600 });
        }
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    const run = (stack: "staging" | "prod", change: object) =>
        runProgram(
            stackFile(stack),
            { ...pipelineVariables, RELAYPACS_RELEASE: JSON.stringify({ ...release, ...change }) },
            { stack, preview: stack === "prod" },
        );
    /** Whether the program lets it in. */
    const letsIn = async (stack: "staging" | "prod", change: object) => {
        try {
            await run(stack, change);
            return true;
        } catch (error) {
            assert.match((error as Error).message, /^Release 1\.4\.2 may not change/);
            return false;
        }
    };
    const prepare = (evidence: Spoilers, agedSeconds = 0) => {
        fs.rmSync(evidenceFolder, { recursive: true, force: true });
        fs.mkdirSync(evidenceFolder);
        writeEvidence(evidenceFolder, freshEvidence(evidence, agedSeconds));
    };

    const given = () => [
        "--evidence",
        evidenceFolder,
        "--release",
        file("release.json"),
        "--keys",
        file("trusted.json"),
    ];
    /** How `check` at both checkpoints, `admit` to both environments and `report` end, and what they say. */
    async function commands() {
        const signing = (duty: Duty) => ["--key", file(`${duty}.pem`), "--out", file("admissions")];
        const [staging, production, toStaging, toProduction, page] = [
            await runCommand(checkCommand(), [...given(), "--checkpoint", "staging", "--format", "json"]),
            await runCommand(checkCommand(), [...given(), "--checkpoint", "production", "--format", "json"]),
            await runCommand(admitCommand(), [...given(), ...signing("staging"), "--environment", "staging"]),
            await runCommand(admitCommand(), [...given(), ...signing("production"), "--environment", "prod"]),
            await runCommand(reportCommand(), [...given(), "--out", file("page.html")]),
        ];
        assert.deepEqual([staging.stderr, production.stderr, page.stderr, page.exitCode], ["", "", "", 0]);
        return { staging, production, toStaging, toProduction, page };
    }

    const cases: readonly (readonly [
        what: string,
        evidence: Spoilers,
        days: number,
        change: object,
        allowed: boolean,
    ])[] = [
        ["a release that passes every gate", {}, 0, {}, true],
        ["a rollback to a release that ran a month ago", admittedBefore, 30, { rollback: true }, true],
        ["a rollback to a release that has never run", {}, 0, { rollback: true }, false],
        ["a release that a gate denies", unclean, 0, {}, false],
    ];
    for (const [what, evidence, days, change, allowed] of cases)
        it(`should be judged by check, admit and report as by the program, for ${what}`, async () => {
            // The output of a run that the program lets in; a month later, it is read from the state.
            prepare(admittedBefore);
            await run("staging", change);
            const output = await outputOf("release");
            assert.deepEqual(output, { ...release, rollback: false, ...change });
            fs.writeFileSync(file("release.json"), JSON.stringify(output));

            prepare(evidence, days * 86_400);
            assert.deepEqual([await letsIn("staging", change), await letsIn("prod", change)], [allowed, allowed]);
            const { staging, production, toStaging, toProduction, page } = await commands();
            const exitCode = allowed ? 0 : 1;
            assert.deepEqual(
                [staging, production, toStaging, toProduction].map((one) => one.exitCode),
                Array(4).fill(exitCode),
            );
            assert.equal(
                (JSON.parse(production.stdout) as { release: { rollback: boolean } }).release.rollback,
                "rollback" in change,
            );
            assert.match(page.stdout, allowed ? /^Release 1\.4\.2 may go to production/ : /must not go to production/);
            if (!allowed && "rollback" in change) {
                const remark = "No admission shows that this release has run here; a rollback requires one.";
                for (const text of [
                    production.stdout,
                    toProduction.stderr,
                    page.stdout,
                    fs.readFileSync(file("page.html"), "utf8"),
                ])
                    assert.ok(text.includes(remark), text.slice(0, 300));
                assert.match(fs.readFileSync(file("page.html"), "utf8"), /class="verdict fail"/);
            }
        });

    it("should be refused with the key's name where a key is not one of a release", async () => {
        fs.writeFileSync(file("release.json"), JSON.stringify({ ...release, rolback: true }));
        const { exitCode, stderr } = await runCommand(checkCommand(), [...given(), "--checkpoint", "production"]);
        assert.equal(exitCode, 2);
        assert.match(
            stderr,
            /^release check: The release file .*release\.json is wrong: unknown key "rolback"; accepted: version, commit, images, hotfix, rollback, committedAt, repository\.\n$/,
        );
    });
});
