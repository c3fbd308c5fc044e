import * as assert from "node:assert/strict";
import type { Statement } from "../../components/access-policy";
import { PipelineIdentity } from "../../components/pipeline-identity";
import { deployStatements, previewStatements, publishStatements } from "../../components/pipeline-permissions";
import { assertWellFormed, deploy, ofType, only } from "./harness";

const account = { accountId: "123456789012", region: "us-east-1" };
const scope = { account, services: ["backend", "frontend"] };
const args = {
    ...scope,
    environment: "staging",
    repository: { owner: "relaypacs", name: "gateway", platform: "platform" },
};

describe("PipelineIdentity", () => {
    it("binds each role to exactly one subject and audience", async () => {
        const resources = await deploy(() => new PipelineIdentity("pipeline", args));
        assertWellFormed(resources, "pipeline");
        const bound = ofType(resources, "aws:iam/role:Role").map(({ inputs }) => {
            const { Statement } = JSON.parse(String(inputs.assumeRolePolicy)) as {
                Statement: Record<string, unknown>[];
            };
            assert.equal(Statement.length, 1);
            assert.equal(Statement[0]!.Action, "sts:AssumeRoleWithWebIdentity");
            return [inputs.name, inputs.maxSessionDuration, Statement[0]!.Condition];
        });
        const claims = (subject: string, repository = "gateway") => ({
            StringEquals: {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": `repo:relaypacs/${repository}:${subject}`,
            },
        });
        assert.deepEqual(bound, [
            ["relaypacs-preview", 3600, claims("pull_request", "platform")],
            ["relaypacs-publish", 3600, claims("ref:refs/heads/main")],
            ["relaypacs-deploy-staging", 3600, claims("environment:staging")],
            ["relaypacs-deploy-prod", 3600, claims("environment:production")],
        ]);
    });

    it("trusts GitHub's issuer for AWS's audience, and makes no user or key", async () => {
        const resources = await deploy(() => new PipelineIdentity("pipeline", args));
        const provider = only(resources, "aws:iam/openIdConnectProvider:OpenIdConnectProvider");
        assert.equal(provider.inputs.url, "https://token.actions.githubusercontent.com");
        assert.deepEqual(provider.inputs.clientIdLists, ["sts.amazonaws.com"]);
        assert.deepEqual(
            resources.filter((one) => /user|accessKey/i.test(one.type)),
            [],
        );
    });
});

describe("pipeline permissions", () => {
    const actions = (statements: readonly Statement[]) => statements.flatMap((one) => one.Action);
    const all = {
        preview: previewStatements(scope),
        publish: publishStatements(scope),
        staging: deployStatements(scope, "staging"),
        prod: deployStatements(scope, "prod"),
    };

    for (const [role, statements] of Object.entries(all)) {
        it(`${role} has no wildcard action, and a wildcard resource only to log in to the registry`, () => {
            assert.deepEqual(
                actions(statements).filter((action) => action.includes("*")),
                [],
            );
            assert.deepEqual(
                statements.filter((one) => one.Resource === "*").map((one) => one.Sid),
                role === "publish" ? ["LogInToRegistry"] : [],
            );
            assert.equal(new Set(statements.map((one) => one.Sid)).size, statements.length);
        });

        it(`${role} can't change identities, keys, buckets or repositories`, () => {
            const forbidden =
                /^(iam|kms|ecr|s3|secretsmanager):(Create|Delete(?!Object$)|Put(?!Object$|Image$|SecretValue$)|Update(?!SecretVersionStage$)|Attach|Pass)/;
            assert.deepEqual(
                actions(statements).filter((action) => forbidden.test(action)),
                [],
            );
        });

        it(`${role} uses keys only under a named alias, except to describe them`, () => {
            for (const one of statements.filter((statement) =>
                actions([statement]).some((action) => /^kms:(Decrypt|Encrypt|GenerateDataKey|Sign)/.test(action)),
            )) {
                assert.ok(one.Condition?.["ForAnyValue:StringEquals"]?.["kms:ResourceAliases"], one.Sid);
            }
        });
    }

    it("lets a pull request read no secret and write nothing", () => {
        assert.deepEqual(
            actions(all.preview).filter((action) => !/:(Describe|Get|List|Decrypt)/.test(action)),
            [],
        );
        assert.ok(!actions(all.preview).includes("secretsmanager:GetSecretValue"));
    });

    for (const [role, statements] of Object.entries(all)) {
        it(`${role} can't delete evidence, shorten its retention or get round Object Lock`, () => {
            const evidence = statements.filter((one) =>
                [one.Resource].flat().some((arn) => arn?.includes("-evidence-")),
            );
            const may = new Set(
                actions(evidence).filter((action) => !/^s3:Get(Bucket|Encryption|Lifecycle)/.test(action)),
            );
            const reads = role === "publish" ? [] : ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"];
            const writes = role === "preview" ? [] : ["s3:PutObject"];
            assert.deepEqual([...may].sort(), [...reads, ...writes]);
            assert.deepEqual(
                actions(statements).filter((action) => /Retention|LegalHold|Bypass|DeleteObjectVersion/.test(action)),
                [],
            );
            for (const one of evidence.filter(({ Action }) => Action.includes("s3:PutObject")))
                assert.equal(one.Resource, "arn:aws:s3:::relaypacs-evidence-123456789012-us-east-1/*/*.json");
        });
    }

    it("signs in no preview", () => {
        assert.ok(!actions(all.preview).includes("kms:Sign"));
        assert.ok(actions(all.preview).includes("kms:GetPublicKey"));
    });

    it("describes mirrored tools and pushes none of them", () => {
        const withTools = { ...scope, tools: ["traefik"] };
        for (const statements of [publishStatements(withTools), deployStatements(withTools, "prod")])
            for (const one of statements.filter(({ Action }) => Action.includes("ecr:PutImage")))
                assert.ok(!JSON.stringify(one.Resource).includes("traefik"), one.Sid);
        const described = previewStatements(withTools).find(({ Sid }) => Sid === "DescribeRegistry")!;
        assert.ok(described.Resource!.includes("arn:aws:ecr:us-east-1:123456789012:repository/relaypacs/traefik"));
    });

    it("keeps staging and production apart", () => {
        const resources = (statements: readonly Statement[]) =>
            JSON.stringify(statements.map((one) => one.Sid !== "DescribeRoles" && [one.Resource, one.Condition]));
        assert.ok(!resources(all.staging).includes("prod"));
        assert.ok(!resources(all.prod).includes("staging"));
    });
});
