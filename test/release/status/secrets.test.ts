import * as assert from "node:assert/strict";
import { secretStatus, storedVersion } from "../../../release/status/secrets";

/** A program that answers everything alike, and what it was asked. */
function answering(output: string, exitCode = 0) {
    const calls: string[] = [];
    const run = (command: string, args: readonly string[]) => {
        calls.push([command, ...args].join(" "));
        return Promise.resolve({ exitCode, output });
    };
    return { calls, run };
}

describe("release status: the secret store", () => {
    const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:relaypacs/prod/database-url-AbCdEf";
    const described = (stages: object) => JSON.stringify({ ARN: arn, VersionIdsToStages: stages });

    it("should tell an entry's current version by DescribeSecret, which gives no value", async () => {
        const tools = answering(described({ a: [], b: ["AWSPREVIOUS"], c: ["AWSPENDING", "AWSCURRENT"] }));
        assert.equal(await storedVersion(tools, "prod", "database-url"), "c");
        assert.deepEqual(tools.calls, [
            "aws secretsmanager describe-secret --secret-id relaypacs/prod/database-url --output json",
        ]);
    });

    for (const output of [described({ a: ["AWSPREVIOUS"] }), described({}), JSON.stringify({ ARN: arn })])
        it(`should not guess a version from the answer ${output}`, async () => {
            await assert.rejects(storedVersion(answering(output), "prod", "database-url"), {
                message: "The secret store has no current version of relaypacs/prod/database-url.",
            });
        });

    for (const output of ["{}", "null", "[]", described({ a: "AWSCURRENT" }), ""])
        it(`should not understand the answer ${output || "nothing"}`, async () => {
            await assert.rejects(storedVersion(answering(output), "prod", "database-url"), {
                message: "The secret store answers to describe-secret of relaypacs/prod/database-url in another form.",
            });
        });

    it("should say why the store does not answer", async () => {
        const refused = answering("An error occurred (AccessDeniedException)\nwhen calling", 254);
        await assert.rejects(storedVersion(refused, "staging", "database-url"), {
            message:
                "The secret store refuses describe-secret of relaypacs/staging/database-url: An error occurred (AccessDeniedException) when calling",
        });
    });
});

describe("release status: secrets", () => {
    const running = (versions: Record<string, string> | undefined) => ({
        service: "backend",
        version: "1.4.2",
        secrets: [{ name: "backend-secrets-1", versions }],
    });
    const cure = "pulumi up --stack prod replaces the pods.";

    it("should be in order when every entry is the store's current version", () => {
        assert.deepEqual(secretStatus(running({ a: "1", b: "2" }), "prod", { a: "1", b: "2", c: "3" }), [
            { verdict: "well", text: "backend: a is the store's current version, 1." },
            { verdict: "well", text: "backend: b is the store's current version, 2." },
        ]);
    });

    it("should be behind when the store is ahead with one of them", () => {
        assert.deepEqual(secretStatus(running({ a: "1", b: "2" }), "prod", { a: "1", b: "3" }), [
            { verdict: "well", text: "backend: a is the store's current version, 1." },
            { verdict: "act", text: `backend: b has version 2, and the store is ahead with 3; ${cure}` },
        ]);
    });

    it("should be behind when a Secret does not say its versions, or the store no longer has the entry", () => {
        assert.deepEqual(secretStatus(running(undefined), "prod", {}), [
            {
                verdict: "act",
                text: `backend: the Secret backend-secrets-1 does not say which versions it has; ${cure}`,
            },
        ]);
        assert.deepEqual(secretStatus(running({ a: "1" }), "prod", {}), [
            { verdict: "act", text: `backend: a has version 1, and the store is ahead with none; ${cure}` },
        ]);
    });

    it("should be in order for a service without secrets", () => {
        assert.deepEqual(secretStatus({ service: "frontend", version: "1.4.2", secrets: [] }, "prod", {}), []);
    });
});
