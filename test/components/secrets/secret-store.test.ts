import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { NamespaceSecrets } from "../../../components/secrets/namespace-secrets";
import { SecretStore } from "../../../components/secrets/secret-store";
import { assertWellFormed, deploy, ofType, only, secretValue } from "../../support/harness";

const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:rotate";
const args = {
    account: { accountId: "123456789012", region: "us-east-1" },
    environment: "staging",
    readerArns: ["arn:aws:iam::123456789012:role/relaypacs-deploy-staging"],
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

    it("should admit its environment's deployment role and no other account", async () => {
        const resources = await deploy(() => new SecretStore("secrets", args));
        const policy = only(resources, kind("SecretPolicy"), "secrets-database-url").inputs;
        assert.equal(policy.blockPublicPolicy, true);
        const { Statement } = JSON.parse(String(policy.policy)) as { Statement: Record<string, unknown>[] };
        assert.deepEqual(
            Statement.map(({ Effect, Principal }) => [Effect, Principal]),
            [
                ["Deny", "*"],
                ["Allow", { AWS: args.readerArns }],
            ],
        );
        assert.deepEqual(Statement[0]!.Condition, { StringNotEquals: { "aws:PrincipalAccount": "123456789012" } });
    });

    it("should output its values as secrets", async () => {
        let store: SecretStore | undefined;
        await deploy(() => (store = new SecretStore("secrets", args)));
        for (const value of Object.values(store!.values)) assert.equal(await pulumi.isSecret(value), true);
    });
});

describe("NamespaceSecrets", () => {
    const variables = { "database-url": "DATABASE_URL" };
    const common = { environment: "staging", namespace: "relaypacs-staging", region: "us-east-1", variables };
    const values = { "database-url": pulumi.secret("given") };

    it("should copy values into an immutable Secret whose name changes with its content", async () => {
        const resources = await deploy(
            () => new NamespaceSecrets("backend", { ...common, values, delivery: "kubernetesSecret" }),
        );
        assertWellFormed(resources, "backend");
        const secret = only(resources, "kubernetes:core/v1:Secret");
        assert.equal(secret.inputs.immutable, true);
        assert.deepEqual(secret.inputs.metadata, {
            namespace: "relaypacs-staging",
            labels: { "relaypacs.com/secrets": "backend" },
        });
        assert.deepEqual(secretValue(secret.inputs.stringData), { DATABASE_URL: "given" });
        assert.equal(ofType(resources, "kubernetes:external-secrets.io/v1:ExternalSecret").length, 0);
    });

    it("should delegate to the External Secrets Operator where configured, and then hold no value at all", async () => {
        const resources = await deploy(
            () => new NamespaceSecrets("backend", { ...common, values, delivery: "externalSecrets" }),
        );
        const external = only(resources, "kubernetes:external-secrets.io/v1:ExternalSecret");
        assert.deepEqual((external.inputs.spec as { data: unknown }).data, [
            { secretKey: "DATABASE_URL", remoteRef: { key: "relaypacs/staging/database-url" } },
        ]);
        only(resources, "kubernetes:external-secrets.io/v1:SecretStore");
        assert.equal(ofType(resources, "kubernetes:core/v1:Secret").length, 0);
        assert.ok(!JSON.stringify(resources).includes("given"));
    });

    it("should refuse an entry that is not in the store", () => {
        assert.throws(
            () => new NamespaceSecrets("backend", { ...common, values: {}, delivery: "kubernetesSecret" }),
            /^Error: the secret store has no entry "database-url"$/,
        );
    });
});
