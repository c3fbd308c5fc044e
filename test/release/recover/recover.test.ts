import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { recover } from "../../../release/recover/command";
import type { Account } from "../../../release/recover/identities";
import type { Exported } from "../../../release/recover/pending";

const urn = (type: string, name: string) => `urn:pulumi:staging::relaypacs::${type}::${name}`;

interface Given {
    readonly name: string;
    readonly type: string;
    readonly inputs?: object;
    readonly id?: string;
}

const resourceOf = ({ name, type, ...rest }: Given) => ({ urn: urn(type, name), type, custom: true, ...rest });

const bucket = { name: "logs", type: "aws:s3/bucket:Bucket", inputs: { bucket: "relaypacs-logs" } };
const key = { name: "key", type: "aws:kms/key:Key", inputs: { description: "Encrypts artifacts" } };
const secret = { name: "webhook", type: "aws:secretsmanager/secret:Secret", inputs: { name: "relaypacs/webhook" } };
const version = {
    name: "webhook",
    type: "aws:secretsmanager/secretVersion:SecretVersion",
    inputs: { secretId: "arn:webhook" },
};
const policy = {
    name: "main",
    type: "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
    inputs: { repository: "gateway", environment: "production", branchPattern: "main" },
};
const service = {
    name: "backend",
    type: "kubernetes:core/v1:Service",
    inputs: { metadata: { name: "backend", namespace: "relaypacs-staging" } },
};
const provider = { name: "github", type: "pulumi:providers:github", id: "1", inputs: { owner: "relaypacs" } };

const account: Account = {
    number: () => Promise.resolve("123456789012"),
    keys: () => Promise.resolve([{ id: "key-1", description: "Encrypts artifacts" }]),
    secret: (name) =>
        Promise.resolve(
            ["relaypacs/webhook", "arn:webhook"].includes(name)
                ? { arn: "arn:webhook", currentVersion: "v1" }
                : undefined,
        ),
    branchProtection: () => Promise.resolve(undefined),
    deploymentPolicy: (...asked) => Promise.resolve(asked.join() === "gateway,production,main" ? "7" : undefined),
    ruleset: () => Promise.resolve(undefined),
};

/** Recovers a stack with these resources, of which an update was making those that are pending. */
async function recovered(
    pending: readonly Given[],
    {
        account: changed = {},
        resources = [provider],
        fails,
    }: { account?: Partial<Account>; resources?: readonly Given[]; fails?: string } = {},
) {
    const state = {
        version: 3,
        deployment: {
            manifest: { magic: "kept" },
            resources: resources.map(resourceOf),
            pending_operations: pending.map((one) => ({ type: "creating", resource: resourceOf(one) })),
        },
    };
    const calls: string[] = [];
    const said: string[] = [];
    const owners: string[] = [];
    let imported: Exported | undefined;
    const fileOf = (args: readonly string[]) => args[args.indexOf("--file") + 1]!;
    const called = (args: readonly string[]) => {
        const call = args.slice(0, args[0] === "stack" ? 2 : 1).join(" ");
        calls.push(call);
        return { exitCode: call === fails ? 255 : 0, output: call === fails ? "error: no such stack\n" : "" };
    };
    let problem: Error | undefined;
    try {
        await recover({
            stack: "staging",
            say: (line) => said.push(line),
            account: (owner) => {
                owners.push(owner);
                return { ...account, ...changed };
            },
            tools: {
                run: (_, args) => {
                    if (args[1] === "export") fs.writeFileSync(fileOf(args), JSON.stringify(state));
                    if (args[1] === "import") imported = JSON.parse(fs.readFileSync(fileOf(args), "utf8")) as Exported;
                    assert.deepEqual(args.slice(-3), ["--stack", "staging", "--non-interactive"]);
                    return Promise.resolve(called(args));
                },
                show: (_, args) => Promise.resolve(called(args)),
            },
        });
    } catch (error) {
        problem = error as Error;
    }
    const made = (imported?.deployment.resources ?? []).slice(resources.length);
    return { calls, imported, made: made.map(({ id, type }) => [type, id]), owners, problem: problem?.message, said };
}

describe("release recover", () => {
    it("should put what was being made into the state under its id, and let a refresh find out", async () => {
        const { calls, imported, made, owners, said } = await recovered([
            bucket,
            key,
            secret,
            version,
            policy,
            service,
        ]);
        assert.deepEqual(calls, ["stack export", "stack import", "refresh"]);
        assert.deepEqual(owners, ["relaypacs"]);
        assert.deepEqual(made, [
            [bucket.type, "relaypacs-logs"],
            [key.type, "key-1"],
            [secret.type, "arn:webhook"],
            [version.type, "arn:webhook|v1"],
            [policy.type, "gateway:production:7"],
            [service.type, "relaypacs-staging/backend"],
        ]);
        assert.deepEqual(imported?.deployment.manifest, { magic: "kept" });
        assert.equal(imported.deployment.pending_operations, undefined);
        assert.equal(said[0], "logs (aws:s3/bucket:Bucket): looked for as relaypacs-logs");
        assert.equal(said.at(-1), "The state of staging is what exists. Finish the update: pulumi up --stack staging.");
    });

    it("should forget what was not made, and what the state has already", async () => {
        const taken = { ...key, name: "other", id: "key-1" };
        const gone = { ...secret, inputs: { name: "relaypacs/other" } };
        const before = { ...version, name: "older", id: "arn:webhook|v1" };
        const { made, said } = await recovered([key, gone, version], { resources: [provider, taken, before] });
        assert.deepEqual(made, []);
        assert.equal(said[0], "key (aws:kms/key:Key): looked for as nothing; it is made again");
    });

    it("should refresh alone when nothing was under way, as after an interruption of its own", async () => {
        const { calls, said } = await recovered([]);
        assert.deepEqual(calls, ["stack export", "refresh"]);
        assert.equal(said[0], "No creation was under way in staging.");
    });

    const refused: Readonly<Record<string, readonly [Given, Partial<Account>, string]>> = {
        "a kind that it does not know": [
            { name: "queue", type: "aws:sqs/queue:Queue", inputs: {} },
            {},
            "queue (aws:sqs/queue:Queue) may have been made, and can't be looked for: it is of a kind whose ids are not known here. See docs/runbooks/update-killed.md.",
        ],
        "an input that the state does not have": [
            { ...bucket, inputs: {} },
            {},
            "logs (aws:s3/bucket:Bucket) may have been made, and can't be looked for: its bucket is not in the state. See docs/runbooks/update-killed.md.",
        ],
        "two keys that may be it": [
            key,
            {
                keys: () =>
                    Promise.resolve(["key-1", "key-2"].map((id) => ({ id, description: "Encrypts artifacts" }))),
            },
            `key (aws:kms/key:Key) may have been made, and can't be looked for: 2 keys that the state does not have are described as "Encrypts artifacts"; schedule the deletion of all but one. See docs/runbooks/update-killed.md.`,
        ],
        "an account that does not answer": [
            secret,
            { secret: () => Promise.reject(new Error("aws secretsmanager describe-secret failed: ExpiredToken")) },
            "webhook (aws:secretsmanager/secret:Secret) may have been made, and can't be looked for: aws secretsmanager describe-secret failed: ExpiredToken. See docs/runbooks/update-killed.md.",
        ],
    };
    for (const [what, [pending, changed, sentence]] of Object.entries(refused))
        it(`should change nothing for ${what}`, async () => {
            const { calls, problem } = await recovered([bucket, pending], { account: changed });
            assert.equal(problem, sentence);
            assert.deepEqual(calls, ["stack export"]);
        });

    it("should end with what pulumi says", async () => {
        assert.equal(
            (await recovered([], { fails: "stack export" })).problem,
            "pulumi stack export failed: error: no such stack",
        );
        assert.equal(
            (await recovered([bucket], { fails: "stack import" })).problem,
            "pulumi stack import failed: error: no such stack",
        );
        assert.equal(
            (await recovered([], { fails: "refresh" })).problem,
            "pulumi refresh ended with 255; run this command again.",
        );
    });
});
