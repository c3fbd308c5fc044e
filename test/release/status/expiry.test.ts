import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { certificateDate, expiryLines, letInTypes } from "../../../release/status/expiry";
import { exitCodeOf, told, well } from "../../../release/status/line";
import { ApiServer } from "../../delivery/rollouts/api-server";

const now = Date.parse("2026-11-30T12:00:00Z");
const at = (time: string, what: string) => ({ at: Date.parse(time), what });

describe("release status: what expires", () => {
    let folder: string;
    let server: ApiServer;
    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "status-expiry-"));
        server = new ApiServer();
        await server.start();
    });
    after(async () => {
        await server.stop();
        fs.rmSync(folder, { recursive: true });
    });

    it("should come in the order of time, what is over first, and ask for action for that alone", () => {
        const all = [
            at("2027-01-14T00:00:00Z", "b"),
            at("2026-11-30T12:00:00Z", "over"),
            at("2026-12-01T12:00:00Z", "a"),
        ];
        assert.deepEqual(expiryLines(all, now), [
            { verdict: "act", text: "2026-11-30, over: over." },
            { verdict: "well", text: "2026-12-01, in 1 day: a." },
            { verdict: "well", text: "2027-01-14, in 44 days: b." },
        ]);
        assert.deepEqual(expiryLines([], now), []);
    });

    it("should fit on the screen", () => {
        const all = Array.from({ length: 8 }, (_, index) =>
            at(`2027-0${String(index + 1)}-01`, `key ${String(index)}`),
        );
        const lines = expiryLines(all, now);
        assert.equal(lines.length, 7);
        assert.deepEqual(lines.at(-1), { verdict: "well", text: "2 dates later than these." });
        assert.equal(expiryLines(all.slice(0, 6), now).length, 6);
    });

    const put = (data: object) => {
        server.put("secrets", { metadata: { name: "public-tls" }, data } as { metadata: { name: string } });
    };
    const asked = () => certificateDate(server.cluster, "relaypacs-prod");

    it("should have the date of the public certificate", async () => {
        const [key, file] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
        const subject = ["-subj", "/CN=relaypacs", "-addext", "subjectAltName=DNS:relaypacs.com,DNS:www.relaypacs.com"];
        const pair = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", file];
        await execa("openssl", ["req", "-x509", "-days", "30", ...pair, ...subject]);
        put({ "tls.crt": fs.readFileSync(file).toString("base64"), "tls.key": "" });
        const { at: until, what } = await asked();
        assert.equal(what, "the certificate of relaypacs.com");
        assert.ok(Math.abs(until - Date.now() - 30 * 86_400_000) < 60_000, new Date(until).toISOString());
    });

    it("should say that there is no certificate, or none to be seen", async () => {
        for (const data of [{}, { "tls.crt": "" }, { "tls.crt": Buffer.from("hello").toString("base64") }]) {
            put(data);
            await assert.rejects(asked(), { message: "The Secret public-tls of relaypacs-prod has no certificate." });
        }
        server.delete("secrets", "public-tls");
        await assert.rejects(asked(), {
            message: "The cluster does not give the certificate public-tls of relaypacs-prod: answered with 404.",
        });
    });

    it("should have the last day of what the policy pack lets in for a time", () => {
        const file = path.join(folder, "pack.json");
        const type = "aws:sqs/queue:Queue";
        const exceptions = [{ type, reason: "A queue for a trial", until: "2027-01-31" }];
        fs.writeFileSync(file, JSON.stringify({ "stack-resource-type": { exceptions }, other: {} }));
        const what = `the exception of the policy pack for ${type}`;
        assert.deepEqual(letInTypes(file), [at("2027-02-01T00:00:00Z", what)]);
        fs.writeFileSync(file, "{}");
        assert.deepEqual(letInTypes(file), []);
        assert.deepEqual(letInTypes("policies/account.json"), []);
        for (const text of [
            "[",
            JSON.stringify({ "stack-resource-type": { exceptions: [{ type, until: "soon" }] } }),
        ]) {
            fs.writeFileSync(file, text);
            assert.throws(() => letInTypes(file), {
                message: `The policy pack's configuration ${file} can't be read, so what it lets in for a time is not known.`,
            });
        }
    });

    it("should be one sentence where it can't be told, in time", async () => {
        const failing = () => Promise.reject(new Error("GITHUB_TOKEN is not set;\n requests need it."));
        assert.deepEqual(await told(failing), [
            { verdict: "unknown", text: "GITHUB_TOKEN is not set; requests need it." },
        ]);
        const never = () => new Promise<never>(() => undefined);
        assert.deepEqual(await told(never, 0.01), [{ verdict: "unknown", text: "There is no answer within 0.01 s." }]);
        assert.deepEqual(await told(() => Promise.resolve([well("Fine.")])), [{ verdict: "well", text: "Fine." }]);
    });

    it("should end with 1 for what is to be done, before 2 for what can't be told", () => {
        const line = (verdict: "well" | "act" | "unknown") => ({ verdict, text: "" });
        assert.equal(exitCodeOf([]), 0);
        assert.equal(exitCodeOf([line("well")]), 0);
        assert.equal(exitCodeOf([line("well"), line("unknown")]), 2);
        assert.equal(exitCodeOf([line("unknown"), line("act")]), 1);
    });
});
