import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { readDockerfile } from "../../../sandbox/deliver/compose";

const gateway = path.join(__dirname, "../../../sandbox/gateway");

describe("Dockerfiles of the gateway", () => {
    it("should be read as what runs on this machine", () => {
        const recipe = readDockerfile(fs.readFileSync(path.join(gateway, "backend/Dockerfile"), "utf8"));
        assert.deepEqual(recipe, {
            base: "python:3.12-slim",
            runs: ["pip install --no-cache-dir --requirement requirements.txt"],
            environment: { HOST: "0.0.0.0", PORT: "8000" },
            command: ["python", "-m", "app"],
        });
    });

    it("should be refused with an instruction that would be left out", () => {
        assert.throws(
            () => readDockerfile('FROM node:24-slim\nENTRYPOINT ["node"]\n'),
            /^SandboxError: A Dockerfile has "ENTRYPOINT \["node"\]"; accepted in the sandbox: FROM, RUN, ENV, CMD/,
        );
    });
});
