import * as assert from "node:assert/strict";
import { execa } from "execa";
import { projectRoot } from "../../support/project";

describe("Clients of the AWS SDK", () => {
    it("should be made without a word about versions of the SDK to come", async function () {
        this.timeout(60_000);
        const script = `
            const { STS } = require("@aws-sdk/client-sts");
            const { awsClientOptions } = require("./delivery/core/aws-client");
            void awsClientOptions().then((options) => new STS({ region: "us-east-1", ...options }));`;
        const { all } = await execa("node", ["-r", "ts-node/register", "-e", script], { cwd: projectRoot, all: true });
        assert.equal(all, "");
    });
});
