import assert from "node:assert/strict";
import { readStatement, createStatement } from "../../../delivery/evidence/statement";
import { junitReport } from "../../../release/shared/junit";
import { smokeOf } from "../../../release/observe/smoke";
import { smokeTest } from "../../../release/smoke/smoke-tests";
import { digestA } from "./history";
import { serve, type Answer } from "./server";

const release = {
    version: "1.4.2",
    commit: "c".repeat(40),
    committedAt: "2026-01-14T08:00:00Z",
    repository: "https://github.com/relaypacs/gateway",
    images: digestA,
};

/** The report of the smoke tests against a server with these responses. */
async function report(answers: Readonly<Record<string, Answer>>, at: Date): Promise<string> {
    const server = await serve(({ url = "" }) => answers[url]);
    try {
        const credentials = { username: "synthetic-user", password: "never-to-be-printed" };
        const results = await smokeTest(new URL(server.url), credentials, { attempts: 1 });
        return junitReport(`smoke ${new URL(server.url).host}`, results, at);
    } finally {
        await server.stop();
    }
}

const well = { "/health": {}, "/api/v1/health": {}, "/api/v1/auth/login": { access_token: "a" } };
const at = new Date("2026-01-14T10:00:00Z");

describe("The command release observe smoke", () => {
    it("should attest the report of the smoke tests", async () => {
        const run = smokeOf(await report(well, at), "smoke.xml", release);
        const { annotations, name, uri } = run.configuration[0];
        assert.deepEqual([run.result, name, annotations.total, annotations.passed], ["PASSED", "smoke", 3, 3]);
        assert.deepEqual([annotations.serverErrors, annotations.startedOn], [0, at.toISOString()]);
        assert.ok(annotations.slowestHealthSeconds! >= 0 && annotations.slowestHealthSeconds! < 10);
        assert.equal(uri, `git+https://github.com/relaypacs/gateway@${"c".repeat(40)}#smoke-tests`);
        const statement = createStatement("testResult", run, release, { issuedAt: at.toISOString() });
        assert.ok(readStatement(statement).ok);
    });

    it("should count server errors", async () => {
        const answers = {
            ...well,
            "/api/v1/health": { status: 503, body: {} },
            "/api/v1/auth/login": { status: 500, body: {} },
        };
        const run = smokeOf(await report(answers, at), "smoke.xml", release);
        assert.deepEqual(
            [run.result, run.configuration[0].annotations.failed, run.configuration[0].annotations.serverErrors],
            ["FAILED", 2, 2],
        );
        const refused = { ...well, "/api/v1/auth/login": { status: 401, body: {} } };
        const denied = smokeOf(await report(refused, at), "smoke.xml", release);
        assert.equal(denied.configuration[0].annotations.serverErrors, 0);
    });

    it("should refuse tests from before the deployment or the commit, other suites and damaged reports", async () => {
        const text = await report(well, at);
        assert.throws(() => smokeOf(text, "smoke.xml", release, "2026-01-14T10:00:01Z"), {
            name: "ObserveError",
            message:
                "smoke.xml is from 2026-01-14T10:00:00.000Z, before the deployment was complete (2026-01-14T10:00:01Z).",
        });
        assert.throws(() => smokeOf(text, "smoke.xml", { ...release, committedAt: "2026-01-14T11:00:00Z" }), {
            message: /before the release's commit/,
        });
        assert.throws(() => smokeOf(text.replace('name="API health"', 'name="other"'), "smoke.xml", release), {
            message: "smoke.xml has no tests health and API health; it must be from release/smoke/main.ts.",
        });
        assert.throws(() => smokeOf(text.slice(0, 200), "smoke.xml", release), { name: "ReportError" });
    });
});
