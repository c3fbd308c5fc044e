import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { parse, unknownVariables, variableOf } from "../../settings/parse";
import { schema } from "../../settings/schema";
import { stackFileValue } from "../../settings/stack-file";
import { stackSetting } from "../../settings/stack-values";
import { changeJson, changeText, mutations, type Mutation } from "../release/collect/mutations";
import { assertSentence, propertyRuns } from "../support/sentences";
import { stackSettings } from "../support/stack-file";

const keys = Object.keys(schema.shape);
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const release = JSON.stringify({
    version: "1.4.2",
    commit: "a".repeat(40),
    images: { backend: digest, frontend: digest },
});
const valid: Readonly<Record<string, string>> = {
    ...stackSettings("staging"),
    release,
    blueGreen: JSON.stringify({ canarySeconds: 600 }),
    databaseUrl: "postgresql://relaypacs:not-a-real-password@database:5432/relaypacs",
    smokePassword: "not-a-real-password",
    dockerHubToken: "not-a-real-token",
    slackWebhook: "https://hooks.slack.com/services/not/a/real-one",
};

/** A setting's text, changed: in its value where it is JSON, else in its letters. */
function changed(text: string, steps: readonly Mutation[], structured: boolean): string {
    if (structured && /^[[{]/.test(text)) return JSON.stringify(steps.reduce<unknown>(changeJson, JSON.parse(text)));
    return steps.reduce(changeText, text);
}

const anyKey = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...Object.keys(valid)) },
    { weight: 1, arbitrary: fc.string() },
);
const change = fc.record({ key: anyKey, steps: mutations, structured: fc.boolean() });

describe("Bad input", function () {
    this.timeout(120_000);

    it("should be told in sentences where it is a setting", () => {
        let refused = 0;
        fc.assert(
            fc.property(
                fc.array(change, { minLength: 1, maxLength: 3 }),
                fc.constantFrom("staging", "prod"),
                (changes, stack) => {
                    const raw = { ...valid };
                    for (const { key, steps, structured } of changes)
                        raw[key] = changed(Object.hasOwn(valid, key) ? valid[key]! : "", steps, structured);
                    const parsed = parse(raw, stack);
                    if (parsed.ok) return;
                    refused += 1;
                    assert.ok(parsed.sentences.length > 0);
                    parsed.sentences.forEach(assertSentence);
                    for (const secret of ["not-a-real-password", "not-a-real-token", "/not/a/real-one"])
                        assert.ok(!parsed.sentences.some((one) => one.includes(secret)), "a secret is shown");
                },
            ),
            propertyRuns,
        );
        assert.ok(refused > propertyRuns.numRuns / 2, `only ${refused} were refused`);
    });

    it("should be told in sentences where it is an environment variable", () => {
        const name = fc.oneof(
            fc
                .tuple(fc.constantFrom(...keys), mutations)
                .map(([key, steps]) => steps.reduce(changeText, variableOf(key))),
            fc.string().map((end) => `RELAYPACS_${end}`),
        );
        const known = new Set(keys.map((key) => variableOf(key)));
        fc.assert(
            fc.property(name, (given) => {
                const found = unknownVariables([given]);
                found.forEach(assertSentence);
                const general = given.replace(/^RELAYPACS_(STAGING|PROD)_/, "RELAYPACS_");
                assert.equal(found.length, given.startsWith("RELAYPACS_") && !known.has(general) ? 1 : 0);
            }),
            propertyRuns,
        );
    });

    it("should be told in a sentence where it is a variable of a command", () => {
        const before = process.env.RELAYPACS_STAGING_REPOSITORY;
        try {
            fc.assert(
                fc.property(mutations, (steps) => {
                    // No environment can hold these characters.
                    const text = Buffer.from(
                        steps.reduce(changeText, valid.repository!).replaceAll("\0", ""),
                    ).toString();
                    process.env.RELAYPACS_STAGING_REPOSITORY = text;
                    try {
                        assert.deepEqual(stackSetting("repository", "staging"), JSON.parse(text));
                    } catch (error) {
                        if (error instanceof assert.AssertionError) throw error;
                        assertSentence((error as Error).message);
                    }
                }),
                propertyRuns,
            );
        } finally {
            if (before === undefined) delete process.env.RELAYPACS_STAGING_REPOSITORY;
            else process.env.RELAYPACS_STAGING_REPOSITORY = before;
        }
    });

    it("should be told in a sentence where it is a stack file", () => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-stack-file-"));
        const file = path.join(folder, "Pulumi.staging.yaml");
        const config = {
            "relaypacs:hostname": "staging.example.com",
            "relaypacs:repository": { owner: "o", name: "n" },
        };
        const whole = stringify({ config: { ...config, "relaypacs:services": [{ name: "backend", routes: ["/"] }] } });
        let refused = 0;
        try {
            fc.assert(
                fc.property(mutations, fc.constantFrom(...keys, "constructor"), (steps, key) => {
                    fs.writeFileSync(file, steps.reduce(changeText, whole));
                    try {
                        stackFileValue(`relaypacs:${key}`, "staging", folder);
                    } catch (error) {
                        refused += 1;
                        assertSentence((error as Error).message);
                    }
                }),
                propertyRuns,
            );
        } finally {
            fs.rmSync(folder, { recursive: true });
        }
        assert.ok(refused > 100, `only ${refused} were refused`);
    });
});
