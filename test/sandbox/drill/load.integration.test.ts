import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { execa } from "execa";
import { startLoad, type LoadFailure } from "../../../sandbox/drill/load";
import { waitUntil } from "../../../sandbox/machine/process";
import { sharedFlags } from "../../../sandbox/toolchain/programs";
import { projectRoot } from "../../support/project";

const source = path.join(projectRoot, "sandbox/toolchain/load");

describe("The load program", function () {
    this.timeout(120_000);

    let folder: string;
    let server: http.Server;
    let connections = 0;
    const hosts = new Set<string>();

    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "load-"));
        let asked = 0;
        server = http.createServer((request, response) => {
            hosts.add(String(request.headers.host));
            asked += 1;
            response.setHeader("RelayPACS-Version", asked % 2 === 0 ? "1.0.0" : "1.1.0");
            response.writeHead(asked % 50 === 0 ? 500 : 200).end("{}");
        });
        server.on("connection", () => (connections += 1));
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    after(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        fs.rmSync(folder, { recursive: true });
    });

    const connect = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;

    it("should keep its rate, and count every request by version and every failure with its time", async () => {
        const file = path.join(folder, "records.jsonl");
        const began = Date.now();
        const load = await startLoad({
            url: "http://relaypacs.com/api/v1/health",
            connect: connect(),
            rate: 200,
            file,
        });
        await waitUntil(
            () => Promise.resolve(load.records().filter(({ type }) => type === "second").length >= 3),
            "three seconds of load",
            30,
        );
        const summary = await load.stop();
        const seconds = (Date.parse(summary.time) - Date.parse(summary.start)) / 1000;
        assert.ok(Math.abs(summary.requests - 200 * seconds) < 20, `${summary.requests} requests in ${seconds} s`);
        assert.deepEqual([...hosts], ["relaypacs.com"]);
        assert.ok(connections < 50, `${connections} connections for ${summary.requests} requests`);

        const failed = Math.floor(summary.requests / 50);
        assert.equal(summary.failed, failed);
        assert.deepEqual(summary.failedVersions, { "1.0.0": failed });
        assert.deepEqual(summary.statuses, { "200": summary.requests - failed, "500": failed });
        assert.ok(Math.abs(summary.versions["1.0.0"]! - summary.versions["1.1.0"]!) <= 1, JSON.stringify(summary));
        const failures = load.records().filter((record): record is LoadFailure => record.type === "failure");
        assert.equal(failures.length, failed);
        for (const { status, version, time } of failures) {
            assert.deepEqual([status, version], [500, "1.0.0"]);
            assert.ok(Date.parse(time) >= began && Date.parse(time) <= Date.now(), time);
        }
    });

    it("should count requests that get no answer", async () => {
        const file = path.join(folder, "closed.jsonl");
        const load = await startLoad({ url: "http://127.0.0.1:9/", rate: 100, file });
        await waitUntil(() => Promise.resolve(load.records().length >= 10), "ten failures", 30);
        const summary = await load.stop();
        assert.equal(summary.failed, summary.requests);
        assert.deepEqual(summary.statuses, {});
        assert.match((load.records()[0] as LoadFailure).error ?? "", /connection refused/);
    });

    it("should report what it cannot request", async () => {
        const load = startLoad({ url: "relaypacs.com", file: path.join(folder, "wrong.jsonl") });
        await assert.rejects(load, /did not last until its end:\n-url is "relaypacs\.com", but must be/);
    });

    it("should pass its own tests", async () => {
        const options = { cwd: source, env: { CGO_ENABLED: "0" } };
        await assert.doesNotReject(execa("go", ["vet", ...sharedFlags, "./..."], options));
        const test = ["test", ...sharedFlags, "-count=1", "./..."];
        const result = await execa("go", test, { ...options, reject: false, all: true });
        assert.equal(result.exitCode, 0, result.all);
    });
});
