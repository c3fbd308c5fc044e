import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { NamespaceSecrets } from "../../../components/secrets/namespace-secrets";
import { SecretStore } from "../../../components/secrets/secret-store";
import { asked, assertWellFormed, deploy, ofType, only, secretValue } from "../../support/harness";

const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:rotate";
const args = {
    account: { accountId: "123456789012", region: "us-east-1" },
    environment: "staging",
    readerArns: ["arn:aws:iam::123456789012:role/relaypacs-deploy-staging"],
    otherReaderArns: ["arn:aws:iam::123456789012:role/rotation"],
    rotation: { functionArn, days: 90 },
    secrets: {
        "database-url": { description: "Database", value: pulumi.secret("given"), rotated: true },
        "application-secret-key": { description: "Key", value: undefined, rotated: true },
        "slack-webhook": { description: "Slack", value: "plain by mistake", rotated: false },
    },
};
const kind = (type: string) => `aws:secretsmanager/${type[0]!.toLowerCase()}${type.slice(1)}:${type}`;

describe("SecretStore", () => {
    it("should declare an encrypted, protected entry per secret", async () => {
        const resources = await deploy(() => new SecretStore("secrets", args));
        assertWellFormed(resources, "secrets");
        assert.deepEqual(
            ofType(resources, kind("Secret")).map(({ inputs, protect }) => [inputs.name, inputs.kmsKeyId, protect]),
            Object.keys(args.secrets).map((entry) => [
                `relaypacs/staging/${entry}`,
                "arn:aws:kms:us-east-1:123456789012:key/secrets-key",
                true,
            ]),
        );
    });

    it("should pass every value as a Pulumi secret, even one given in plain text", async () => {
        const resources = await deploy(() => new SecretStore("secrets", args));
        const value = (entry: string) =>
            secretValue(only(resources, kind("SecretVersion"), `secrets-${entry}`).inputs.secretString);
        assert.equal(value("database-url"), "given");
        assert.equal(value("slack-webhook"), "plain by mistake");
    });

    it("should generate a value once: 48 random bytes, kept in later runs", async () => {
        const generate = async () => {
            const resources = await deploy(() => new SecretStore("secrets", args));
            const version = only(resources, kind("SecretVersion"), "secrets-application-secret-key");
            assert.deepEqual(version.ignoreChanges, ["secretString"]);
            assert.deepEqual(only(resources, kind("SecretVersion"), "secrets-database-url").ignoreChanges, []);
            return String(secretValue(version.inputs.secretString));
        };
        const [first, second] = [await generate(), await generate()];
        assert.match(first, /^[\w-]{64}$/);
        assert.notEqual(first, second);
    });

    it("should rotate what a function can rotate, and say so where people must", async () => {
        const resources = await deploy(() => new SecretStore("secrets", args));
        assert.deepEqual(
            ofType(resources, kind("SecretRotation")).map(({ name, inputs }) => [
                name,
                inputs.rotationLambdaArn,
                inputs.rotationRules,
            ]),
            ["database-url", "application-secret-key"].map((entry) => [
                `secrets-${entry}`,
                functionArn,
                { automaticallyAfterDays: 90 },
            ]),
        );
        const byHand = only(resources, kind("Secret"), "secrets-slack-webhook").inputs.tags as Record<string, string>;
        assert.equal(byHand["relaypacs:rotation"], "by hand, every 90 days");
    });

    it("should admit its environment's deployment role, deny values to all but the readers, and other accounts", async () => {
        const resources = await deploy(() => new SecretStore("secrets", args));
        const policy = only(resources, kind("SecretPolicy"), "secrets-database-url").inputs;
        assert.equal(policy.blockPublicPolicy, true);
        const { Statement } = JSON.parse(String(policy.policy)) as { Statement: Record<string, unknown>[] };
        assert.deepEqual(
            Statement.map(({ Effect, Principal }) => [Effect, Principal]),
            [
                ["Deny", "*"],
                ["Deny", "*"],
                ["Allow", { AWS: args.readerArns }],
            ],
        );
        assert.deepEqual(Statement[0]!.Condition, { StringNotEquals: { "aws:PrincipalAccount": "123456789012" } });
        assert.equal(Statement[1]!.Action, "secretsmanager:GetSecretValue");
        assert.deepEqual(Statement[1]!.Condition, {
            ArnNotEquals: { "aws:PrincipalArn": [...args.readerArns, ...args.otherReaderArns] },
        });
    });

    it("should take the stages of no version away when the configuration's value changes", async () => {
        const resources = await deploy(() => new SecretStore("secrets", args));
        for (const one of ofType(resources, kind("SecretVersion"))) assert.equal(one.retainOnDelete, true, one.name);
    });

    describe("what it holds now", () => {
        const rotated = { "secrets-database-url": { versionId: "version-of-a-rotation", value: "rotated" } };

        /** What is current, by entry. */
        async function current(options: Parameters<typeof deploy>[1] = {}) {
            let store: SecretStore | undefined;
            const resources = await deploy(() => (store = new SecretStore("secrets", args)), options);
            const known = new Map<string, { versionId?: string; value?: string }>();
            for (const [entry, { versionId, value }] of Object.entries(store!.current)) {
                assert.equal(await pulumi.isSecret(value), true, entry);
                assert.equal(await pulumi.isSecret(versionId), false, entry);
                const read: { versionId?: string; value?: string } = {};
                versionId.apply((id) => (read.versionId = id));
                value.apply((text) => (read.value = text));
                known.set(entry, read);
            }
            // The callbacks above run after those that made the values.
            await new Promise((resolve) => setTimeout(resolve, 10));
            return { known, resources };
        }

        it("should be the configuration's value at first, as a secret with its version", async () => {
            const { known } = await current();
            assert.deepEqual(known.get("slack-webhook"), {
                versionId: "version-of-secrets-slack-webhook",
                value: "plain by mistake",
            });
        });

        it("should be what a rotation has written, which the configuration does not overwrite", async () => {
            const { known, resources } = await current({ rotated });
            assert.deepEqual(known.get("database-url"), { versionId: "version-of-a-rotation", value: "rotated" });
            const version = only(resources, kind("SecretVersion"), "secrets-database-url");
            assert.equal(secretValue(version.inputs.secretString), "given");
            assert.equal(version.inputs.versionStages, undefined);
            assert.ok(asked.includes("getSecretVersion secrets-database-url-id version-of-a-rotation"));
        });

        it("should be told to a preview by its version alone, without reading a value", async () => {
            const { known } = await current({ rotated, preview: true });
            assert.deepEqual(known.get("database-url"), { versionId: "version-of-a-rotation", value: "given" });
            assert.deepEqual(
                asked.map((one) => one.split(" ")[0]),
                Object.keys(args.secrets).map(() => "getSecretVersions"),
            );
        });
    });
});

describe("NamespaceSecrets", () => {
    const variables = { "database-url": "DATABASE_URL", "application-secret-key": "SECRET_KEY" };
    const common = { environment: "staging", namespace: "relaypacs-staging", region: "us-east-1", variables };
    const entries = {
        "database-url": { versionId: "version-1", value: pulumi.secret("given") },
        "application-secret-key": { versionId: "version-2", value: pulumi.secret("key") },
    };
    const copied = { ...common, entries, delivery: "kubernetesSecret" as const };
    const delegated = { ...common, entries, delivery: "externalSecrets" as const };
    const written = '{"application-secret-key":"version-2","database-url":"version-1"}';

    it("should copy values into an immutable Secret that says which versions of the store they are", async () => {
        const resources = await deploy(() => new NamespaceSecrets("backend", copied));
        assertWellFormed(resources, "backend");
        const secret = only(resources, "kubernetes:core/v1:Secret");
        assert.equal(secret.inputs.immutable, true);
        assert.deepEqual(secret.inputs.metadata, {
            namespace: "relaypacs-staging",
            annotations: { "relaypacs.com/secret-versions": written },
        });
        assert.deepEqual(secretValue(secret.inputs.stringData), { DATABASE_URL: "given", SECRET_KEY: "key" });
        assert.equal(ofType(resources, "kubernetes:external-secrets.io/v1:ExternalSecret").length, 0);
    });

    it("should be replaced by an update when a value changes, and in a preview when a version does", async () => {
        const options = async (preview: boolean) => {
            const resources = await deploy(() => new NamespaceSecrets("backend", copied), { preview });
            const { ignoreChanges, placement } = only(resources, "kubernetes:core/v1:Secret");
            return [ignoreChanges, placement.replaceOnChanges];
        };
        assert.deepEqual(await options(false), [[], []]);
        assert.deepEqual(await options(true), [["data", "stringData"], ["metadata.annotations"]]);
    });

    it("should keep its name where pods are not to run again, and never be deleted as unused", async () => {
        let own: NamespaceSecrets | undefined;
        const same = { ...copied, naming: "same" as const };
        const resources = await deploy(() => (own = new NamespaceSecrets("migration", same)));
        assert.deepEqual(only(resources, "kubernetes:core/v1:Secret").inputs.metadata, {
            name: "migration",
            namespace: "relaypacs-staging",
            annotations: { "relaypacs.com/secret-versions": written },
        });
        // A resource that depends on the name by an output would be replaced together with the Secret.
        const internals = own!.secretName as unknown as {
            promise(): Promise<string>;
            allResources(): Promise<ReadonlySet<unknown>>;
        };
        assert.equal(await internals.promise(), "migration");
        assert.equal((await internals.allResources()).size, 0);
    });

    it("should have the External Secrets Operator read the same versions, and then hold no value at all", async () => {
        const resources = await deploy(() => new NamespaceSecrets("backend", delegated));
        const external = only(resources, "kubernetes:external-secrets.io/v1:ExternalSecret");
        const { data, target } = external.inputs.spec as { data: unknown; target: { name: string } };
        assert.deepEqual(data, [
            {
                secretKey: "DATABASE_URL",
                remoteRef: { key: "relaypacs/staging/database-url", version: "uuid/version-1" },
            },
            {
                secretKey: "SECRET_KEY",
                remoteRef: { key: "relaypacs/staging/application-secret-key", version: "uuid/version-2" },
            },
        ]);
        assert.match(target.name, /^backend-[0-9a-f]{10}$/);
        assert.deepEqual(target, {
            name: (external.inputs.metadata as { name: string }).name,
            creationPolicy: "Owner",
            immutable: true,
            template: { metadata: { annotations: { "relaypacs.com/secret-versions": written } } },
        });
        only(resources, "kubernetes:external-secrets.io/v1:SecretStore");
        assert.equal(ofType(resources, "kubernetes:core/v1:Secret").length, 0);
        assert.ok(!JSON.stringify(resources).includes("given"));
    });

    it("should give the operator's Secret a new name for a new version, and keep the old one for the way back", async () => {
        const targetOf = async (versionId: string) => {
            const changed = { ...entries, "database-url": { versionId, value: "" } };
            const args = { ...delegated, retain: true, entries: changed };
            const resources = await deploy(() => new NamespaceSecrets("backend", args));
            const { spec } = only(resources, "kubernetes:external-secrets.io/v1:ExternalSecret").inputs;
            const { target } = spec as { target: { name: string; creationPolicy: string } };
            assert.equal(target.creationPolicy, "Orphan");
            return target.name;
        };
        assert.equal(await targetOf("version-1"), await targetOf("version-1"));
        assert.notEqual(await targetOf("version-1"), await targetOf("version-3"));
    });

    it("should refuse an entry that is not in the store", () => {
        for (const args of [copied, delegated])
            assert.throws(
                () => new NamespaceSecrets("backend", { ...args, entries: {} }),
                /^Error: the secret store has no entry "database-url"$/,
            );
    });
});
