import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { ItemName, ItemPredicate } from "../../../delivery/evidence/items";
import { keyRing } from "../../../delivery/evidence/keys";
import {
    acceptedFindings,
    admissionLines,
    countingEvidence,
    folderWith,
    trustedKeyDates,
} from "../../../release/status/evidence";
import type { Service } from "../../../release/status/services";
import { now, release } from "../../delivery/gates/support/contents";
import { evidence, expired, keys, stranger, trust, trustAll, type Spoilers } from "../../delivery/gates/support/world";

const ring = keyRing([...keys]);
const { version } = release;
const service = (name: "backend" | "frontend", image: string | undefined = release.images[name]): Service => ({
    name,
    version,
    image,
    since: undefined,
    underWay: [],
});

describe("release status: evidence", () => {
    let folder: string;
    beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "status-evidence-"))));
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    const write = (items: readonly ItemName[], spoilers: Spoilers = {}) => {
        fs.mkdirSync(path.join(folder, version), { recursive: true });
        for (const { envelope, source } of evidence(spoilers, items))
            fs.writeFileSync(path.join(folder, version, source), JSON.stringify(envelope));
    };
    const lines = (services: readonly Service[] = [service("backend")]) =>
        admissionLines("staging", version, folder, ring, now, services);

    it("should name the admission by its file and hash, and the schema that the migration left", async () => {
        write(["admission-staging", "migration-staging"]);
        const [admission, schema, ...others] = await lines([service("backend"), service("frontend")]);
        assert.equal(admission?.verdict, "well");
        assert.match(
            admission.text,
            /^1\.4\.2 was let in on [\d-]{10} \d\d:\d\d UTC, and ran from [\d-]{10} \d\d:\d\d UTC, by 1\.4\.2\/admission-staging\.json \([0-9a-f]{12}\)\.$/,
        );
        assert.equal(schema?.verdict, "well");
        assert.match(schema.text, /^Its migration left the schema at \S+ on [\d-]{10} \d\d:\d\d UTC\.$/);
        assert.deepEqual(others, []);
    });

    it("should say nothing of a schema without a migration, and nothing of a service whose image is not known", async () => {
        write(["admission-staging", "migration-prod"]);
        const found = await lines([{ ...service("backend"), image: undefined }]);
        assert.equal(found.length, 1);
    });

    it("should ask for action where no admission counts", async () => {
        const none = { verdict: "act", text: "No admission that counts has let 1.4.2 into staging." };
        assert.deepEqual(await lines(), [none]);
        write(["admission-prod"]);
        assert.deepEqual(await lines(), [none]);
        write(["admission-staging"], { "admission-staging": { key: stranger } });
        const [first, why, ...others] = await lines();
        assert.deepEqual([first, others], [none, []]);
        assert.equal(why?.verdict, "act");
        assert.match(
            why.text,
            /^The admission 1\.4\.2\/admission-staging\.json counts for nothing: it is signed by key /,
        );
    });

    it("should ask for action where other images run than the admission is about", async () => {
        write(["admission-staging"]);
        const other = `sha256:${"9".repeat(64)}`;
        const [, found] = await lines([service("backend", other), service("frontend")]);
        assert.deepEqual(found, {
            verdict: "act",
            text: `backend runs ${other}, and the admission is about ${release.images.backend}.`,
        });
        const [, unknown] = await lines([{ ...service("backend", other), name: "viewer" }]);
        assert.equal(unknown?.text, `viewer runs ${other}, and the admission is about no image of it.`);
    });

    it("should have the due dates of accepted findings, of evidence that counts", async () => {
        const accept = (one: ItemPredicate<"npm-audit">) =>
            void one.scanner.result.push(
                {
                    id: "CVE-2026-1",
                    severity: [{ method: "ghsa", score: "high" }],
                    annotations: [{ package: "left-pad", ticket: "RP-123", dueDate: "2026-12-24" }],
                },
                { id: "CVE-2026-2", severity: [{ method: "ghsa", score: "low" }], annotations: [{ dueDate: "soon" }] },
                { id: "CVE-2026-3", severity: [{ method: "ghsa", score: "low" }] },
            );
        write(["trivy", "npm-audit", "python-audit"], { "npm-audit": { change: accept } });
        const own = path.join(folder, version);
        assert.deepEqual(acceptedFindings(await countingEvidence(own, ring, now)), [
            {
                at: Date.parse("2026-12-24T00:00:00Z"),
                what: "the accepted finding CVE-2026-1 in left-pad (npm-audit), RP-123",
            },
        ]);
        write(["npm-audit"], { "npm-audit": { change: accept, key: stranger } });
        assert.deepEqual(acceptedFindings(await countingEvidence(own, ring, now)), []);
        assert.deepEqual(await countingEvidence(path.join(folder, "1.0.0"), ring, now), []);
    });

    it("should have the last date of each duty's keys", () => {
        const replaced = trust(expired, { duty: "staging", notAfter: "2026-01-01T00:00:00Z" });
        const dates = trustedKeyDates(keyRing([...trustAll({ notAfter: "2030-01-01T00:00:00Z" }), replaced]));
        assert.deepEqual(
            dates.map(({ at }) => new Date(at).getUTCFullYear()),
            [2030, 2030, 2030],
        );
        assert.match(dates[1]?.what ?? "", /^the evidence key [0-9a-f]{12} of the duty staging$/);
        const over = trustedKeyDates(keyRing([replaced]));
        assert.deepEqual(
            over.map(({ at }) => at),
            [Date.parse("2026-01-01T00:00:00Z")],
        );
    });

    it("should come from the bucket, the release's own files alone, or from the folder that is given", async () => {
        const asked: string[][] = [];
        const answer = (exitCode: number, output = "") => ({
            run: (command: string, args: readonly string[]) => {
                asked.push([command, ...args]);
                return Promise.resolve({ exitCode, output });
            },
        });
        const out = path.join(folder, "releases");
        const source = { bucket: "relaypacs-evidence-1", out };
        assert.equal(await folderWith(version, source, answer(0)), out);
        assert.ok(fs.existsSync(out), "a release without evidence has no folder to be read");
        const filters = ["--exclude", "*", "--include", "*.json", "--exclude", "*/*"];
        const copy = ["aws", "s3", "cp", "--recursive", "--only-show-errors"];
        const [from, to] = [`s3://relaypacs-evidence-1/${version}/`, `${out}/${version}/`];
        assert.deepEqual(asked, [[...copy, from, to, ...filters]]);
        assert.equal(await folderWith(version, { folder }, answer(1)), folder);
        assert.equal(asked.length, 1);
        await assert.rejects(folderWith(version, source, answer(1, "fatal error:\n AccessDenied")), {
            message: "The bucket relaypacs-evidence-1 can't be read: fatal error: AccessDenied",
        });
    });
});
