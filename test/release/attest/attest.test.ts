import * as assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { examples } from "../../../docs/generate/evidence-examples";
import { keyIdOf, keyRing } from "../../../delivery/evidence/keys";
import { verifyEvidence } from "../../../delivery/evidence/verify";
import { attestable, attestCommand } from "../../../release/attest/command";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const release = { version: "1.4.2", commit: "c".repeat(40), images: { backend: digest("1"), frontend: digest("2") } };

describe("The command release attest", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    let folder = "";

    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "state-"));
        write("key.pem", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
        write("release.json", JSON.stringify(release));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    const write = (name: string, text: string) => {
        fs.writeFileSync(path.join(folder, name), text);
    };
    const state = async (predicate: string, contents: unknown, ...options: string[]) => {
        write("contents.json", typeof contents === "string" ? contents : JSON.stringify(contents));
        const at = (name: string) => path.join(folder, name);
        const given = ["--contents", at("contents.json"), "--release", at("release.json"), "--out", at("evidence")];
        const lines: string[] = [];
        const { log, error } = console;
        const before = process.exitCode;
        console.log = console.error = (line: string) => lines.push(line);
        try {
            await attestCommand().parseAsync([predicate, ...given, ...options], { from: "user" });
            return {
                exitCode: process.exitCode ?? 0,
                text: lines.join("\n"),
                files: fs.existsSync(at("evidence")) ? fs.readdirSync(at("evidence")) : [],
            };
        } finally {
            Object.assign(console, { log, error });
            process.exitCode = before;
        }
    };
    const trusted = () => ({
        keyId: keyIdOf(publicKey),
        publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
        notBefore: "2020-01-01T00:00:00Z",
        notAfter: "2100-01-01T00:00:00Z",
        duty: "staging",
    });

    it("should sign a predicate about the whole release, as the gates read it", async () => {
        const { exitCode, text, files } = await state(
            "rollbackPlan",
            examples["rollback-plan"],
            "--key",
            path.join(folder, "key.pem"),
        );
        assert.equal(exitCode, 0, text);
        assert.deepEqual(files, [`rollback-plan.${keyIdOf(publicKey).slice(0, 8)}.json`]);
        const envelope: unknown = JSON.parse(fs.readFileSync(path.join(folder, "evidence", files[0]!), "utf8"));
        const read = verifyEvidence({ source: files[0]!, envelope }, keyRing([trusted()]), new Date().toISOString());
        assert.ok(read.ok);
        assert.deepEqual(read.predicate, examples["rollback-plan"]);
        assert.deepEqual(
            read.statement.subject.map(({ name }) => name),
            ["relaypacs/backend", "relaypacs/frontend"],
        );
    });

    it("should refuse a rehearsal that went nowhere, or not in staging, and call it a success", async () => {
        for (const [change, message] of [
            [{ toVersion: "1.4.2" }, /a rollback that succeeded went from fromVersion to another toVersion/],
            [{ fromVersion: undefined }, /a rollback that succeeded went from fromVersion to another toVersion/],
            [{ environment: "my laptop" }, /predicate\.environment is "my laptop"/],
            [{ documentSha256: undefined }, /predicate\.documentSha256 is missing/],
        ] as const) {
            const { exitCode, text, files } = await state("rehearsal", { ...examples.rehearsal, ...change });
            assert.equal(exitCode, 2);
            assert.match(text, message);
            assert.deepEqual(files, []);
        }
        const failed = { ...examples.rehearsal, result: "failed", fromVersion: undefined, toVersion: undefined };
        assert.deepEqual((await state("rehearsal", failed)).files, ["rehearsal.statement.json"]);
    });

    it("should refuse a restore that compared nothing, and call it a success", async () => {
        const rehearsal = examples["restore-rehearsal"];
        const unsaid = /a restore that succeeded has backupTakenAt, tables and rows/;
        for (const [change, message] of [
            [{ backupTakenAt: undefined }, unsaid],
            [{ tables: undefined }, unsaid],
            [{ rows: undefined }, unsaid],
            [{ rows: -1 }, /predicate\.rows is -1/],
            [{ environment: "prod" }, /predicate\.environment is "prod"/],
            [{ documentSha256: undefined }, /predicate\.documentSha256 is missing/],
        ] as const) {
            const { exitCode, text, files } = await state("restoreRehearsal", { ...rehearsal, ...change });
            assert.equal(exitCode, 2);
            assert.match(text, message);
            assert.deepEqual(files, []);
        }
        const failed = { ...rehearsal, result: "failed", backupTakenAt: undefined, tables: undefined, rows: undefined };
        assert.deepEqual((await state("restoreRehearsal", failed)).files, ["restoreRehearsal.statement.json"]);
    });

    it("should attest the provenance of one image, unsigned without a key", async () => {
        const { exitCode, text, files } = await state("provenance", examples.provenance, "--service", "backend");
        assert.equal(exitCode, 0, text);
        assert.deepEqual(files, ["provenance.backend.statement.json"]);
    });

    for (const [what, contents, options, message] of [
        ["an invalid predicate", { ...examples["rollback-plan"], application: "hope" }, [], /application is "hope"/],
        [
            "contents that are not valid JSON",
            "{",
            [],
            /^release attest: The predicate .*contents\.json is not valid JSON/,
        ],
        [
            "a service that the release does not have",
            examples["rollback-plan"],
            ["--service", "worker"],
            /no image of worker/,
        ],
        [
            "a missing key file",
            examples["rollback-plan"],
            ["--key", "none.pem"],
            /The signing key none\.pem can't be read/,
        ],
    ] as const)
        it(`should refuse ${what}, and write nothing`, async () => {
            const { exitCode, text, files } = await state("rollbackPlan", contents, ...options);
            assert.equal(exitCode, 2);
            assert.match(text, message);
            assert.deepEqual(files, []);
        });

    it("should not accept a predicate that a command observes itself", async () => {
        assert.deepEqual(
            [...attestable],
            ["build", "hotfix", "provenance", "rehearsal", "restoreRehearsal", "rollbackPlan"],
        );
        const [argument] = attestCommand().registeredArguments;
        assert.deepEqual(argument!.argChoices, [...attestable]);
        assert.ok(argument!.required);
    });
});
