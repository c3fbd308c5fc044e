import * as assert from "node:assert/strict";
import type { Statement } from "../../../components/shared/policy-document";
import { duties } from "../../../delivery/evidence/duties";
import { bucketArn, roleArn, roleNames } from "../../../delivery/core/names";
import { PipelineIdentity } from "../../../components/identity/pipeline-identity";
import {
    deployStatements,
    previewStatements,
    publishStatements,
    rollbackStatements,
} from "../../../components/identity/pipeline-permissions";
import { assertWellFormed, deploy, ofType, only } from "../../support/harness";

const account = { accountId: "123456789012", region: "us-east-1" };
const scope = { account, services: ["backend", "frontend"] };
const args = {
    ...scope,
    environment: "staging",
    repository: { owner: "relaypacs", name: "gateway", platform: "platform" },
};

describe("PipelineIdentity", () => {
    it("should bind each role to exactly one subject and audience", async () => {
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
            ["relaypacs-preview", 3600, claims("environment:preview", "platform")],
            ["relaypacs-publish", 3600, claims("ref:refs/heads/main")],
            ["relaypacs-deploy-staging", 7200, claims("environment:staging")],
            ["relaypacs-deploy-prod", 7200, claims("environment:production")],
            ["relaypacs-rollback-prod", 7200, claims("environment:production-rollback")],
        ]);
        assert.deepEqual(
            bound.map(([name]) => name),
            roleNames.map((role) => roleArn(account, role).split("/")[1]),
        );
    });

    it("should keep each role's policy within IAM's limit for inline policies, 10,240 characters", async () => {
        const services = Array.from({ length: 12 }, (_, at) => `service-with-a-long-name-${at}`);
        const resources = await deploy(() => new PipelineIdentity("pipeline", { ...args, services }));
        for (const { name, inputs } of ofType(resources, "aws:iam/rolePolicy:RolePolicy"))
            assert.ok(String(inputs.policy).length <= 10_240, name);
    });

    it("should trust GitHub's issuer for AWS's audience, and create no user or access key", async () => {
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

describe("The pipeline's permissions", () => {
    const actions = (statements: readonly Statement[]) => statements.flatMap((one) => one.Action);
    const all = {
        preview: previewStatements(scope),
        publish: publishStatements(scope),
        staging: deployStatements(scope, "staging"),
        prod: deployStatements(scope, "prod"),
        rollback: rollbackStatements(scope),
    };
    const of = (role: keyof typeof all, ...sids: string[]) =>
        all[role].filter(({ Sid }) => sids.includes(Sid)).map(({ Resource, Condition }) => [Resource, Condition]);
    /** Object keys in the state's bucket on which a role may perform an action. */
    const stateObjects = (role: keyof typeof all, action: string) =>
        all[role]
            .filter(({ Action }) => Action.includes(action))
            .flatMap(({ Resource }) => Resource ?? [])
            .filter((arn) => arn.startsWith(`${bucketArn(account, "pulumi-state")}/`))
            .map((arn) => arn.slice(bucketArn(account, "pulumi-state").length + 1))
            .sort();

    for (const [role, statements] of Object.entries(all)) {
        it(`should allow ${role} no wildcard action, and a wildcard resource only to log in to the registry`, () => {
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

        it(`should not allow ${role} to change identities, keys, buckets or repositories`, () => {
            const forbidden =
                /^(iam|kms|ecr|s3|secretsmanager):(Create|Delete(?!Object$)|Put(?!Object$|Image$|SecretValue$)|Update(?!SecretVersionStage$)|Attach|Pass)/;
            assert.deepEqual(
                actions(statements).filter((action) => forbidden.test(action)),
                [],
            );
        });

        it(`should allow ${role} keys only by a named alias, except to describe them`, () => {
            for (const one of statements.filter((statement) =>
                actions([statement]).some((action) => /^kms:(Decrypt|Encrypt|GenerateDataKey|Sign)/.test(action)),
            )) {
                assert.ok(one.Condition?.["ForAnyValue:StringEquals"]?.["kms:ResourceAliases"], one.Sid);
            }
        });
    }

    it("should allow a preview to write nothing, and to read no entry of the secret store", () => {
        assert.deepEqual(
            actions(all.preview).filter((action) => !/:(Describe|Get|List|Decrypt)/.test(action)),
            [],
        );
        assert.ok(!actions(all.preview).includes("secretsmanager:GetSecretValue"));
    });

    for (const [role, statements] of Object.entries(all)) {
        it(`should not allow ${role} to delete evidence, shorten its retention or bypass Object Lock`, () => {
            const evidence = statements.filter((one) =>
                [one.Resource].flat().some((arn) => arn?.includes("-evidence-")),
            );
            const may = new Set(
                actions(evidence).filter((action) => !/^s3:Get(Bucket|Encryption|Lifecycle)/.test(action)),
            );
            const reads = role === "publish" ? [] : ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"];
            const writes = ["preview", "rollback"].includes(role) ? [] : ["s3:PutObject"];
            assert.deepEqual([...may].sort(), [...reads, ...writes]);
            assert.deepEqual(
                actions(statements).filter((action) => /Retention|LegalHold|Bypass|DeleteObjectVersion/.test(action)),
                [],
            );
        });
    }

    it("should let each role store the evidence of its own duty, under a version, and read nothing else", () => {
        const bucket = "arn:aws:s3:::relaypacs-evidence-123456789012-us-east-1";
        const objects = (role: keyof typeof all, action: string) =>
            all[role]
                .filter(
                    ({ Action, Resource }) =>
                        Action.includes(action) && [Resource].flat().some((arn) => arn?.startsWith(bucket)),
                )
                .flatMap(({ Resource }) => [Resource].flat());
        for (const [role, duty] of [
            ["publish", "pipeline"],
            ["staging", "staging"],
            ["prod", "production"],
        ] as const)
            assert.deepEqual(
                objects(role, "s3:PutObject"),
                duties[duty]
                    .map((item) => (item === "rehearsal" ? "" : `${bucket}/?*.?*.?*/${item}.*.json`))
                    .filter((arn) => arn !== "")
                    .concat(role === "staging" ? [`${bucket}/rehearsals/rehearsal.*.json`] : []),
            );
        for (const role of ["preview", "staging", "prod", "rollback"] as const)
            assert.deepEqual(objects(role, "s3:GetObject"), [
                `${bucket}/?*.?*.?*/*.json`,
                `${bucket}/rehearsals/rehearsal.*.json`,
            ]);
    });

    it("should allow neither a preview nor a rollback to sign", () => {
        for (const statements of [all.preview, all.rollback]) {
            assert.ok(!actions(statements).includes("kms:Sign"));
            assert.ok(actions(statements).includes("kms:GetPublicKey"));
        }
    });

    it("should allow a production rollback what a deployment may do, except to sign evidence", () => {
        const kept = all.prod.filter(
            ({ Sid }) => !["StoreEvidence", "SignEvidence", "NameSigningKey", "StoreReports"].includes(Sid),
        );
        assert.equal(kept.length, all.prod.length - 4);
        assert.deepEqual(all.rollback, kept);
    });

    it("should allow each stack's updates the key of its own secrets, and previews to decrypt with both keys", () => {
        const keys = (...stacks: string[]) => ({
            "ForAnyValue:StringEquals": {
                "kms:ResourceAliases": stacks.map((stack) => `alias/relaypacs-pulumi-${stack}`),
            },
        });
        const anyKey = "arn:aws:kms:us-east-1:123456789012:key/*";
        for (const [role, stack] of [
            ["staging", "staging"],
            ["prod", "prod"],
            ["rollback", "prod"],
        ] as const)
            assert.deepEqual(of(role, "DecryptPulumiSecrets", "EncryptPulumiSecrets"), [
                [anyKey, keys(stack)],
                [anyKey, keys(stack)],
            ]);
        assert.deepEqual(of("preview", "DecryptPulumiSecrets", "EncryptPulumiSecrets"), [
            [anyKey, keys("staging", "prod")],
        ]);
        assert.ok(!JSON.stringify(all.publish).includes("relaypacs-pulumi"));
    });

    it("should allow each stack's updates to write and unlock its own state, and none to write the bucket's layout", () => {
        const state = (stack: string) => [`stacks/relaypacs/${stack}.json*`, `stacks/relaypacs/${stack}.pulumi-tags`];
        const records = (stack: string) => [
            `backups/relaypacs/${stack}/*`,
            `history/relaypacs/${stack}/*`,
            `locks/organization/relaypacs/${stack}/*`,
        ];
        const below = (...paths: string[]) => paths.map((path) => `.pulumi/${path}`).sort();
        for (const [role, stack] of [
            ["staging", "staging"],
            ["prod", "prod"],
            ["rollback", "prod"],
        ] as const) {
            assert.deepEqual(stateObjects(role, "s3:PutObject"), below(...records(stack), ...state(stack)));
            assert.deepEqual(stateObjects(role, "s3:DeleteObject"), below(records(stack)[2]!));
            assert.deepEqual(
                stateObjects(role, "s3:GetObject"),
                below(
                    ...records(stack),
                    "meta.yaml",
                    ...state(stack),
                    // All that staging's page and plan name of production: its version.
                    ...(stack === "staging" ? ["stacks/relaypacs/prod.json"] : []),
                ),
            );
        }
        assert.deepEqual(
            stateObjects("preview", "s3:GetObject"),
            below("meta.yaml", ...state("prod"), ...state("staging")),
        );
        assert.deepEqual(stateObjects("publish", "s3:GetObject"), []);
    });

    it("should allow mirrored tools to be described and none of them to be pushed", () => {
        const withTools = { ...scope, tools: ["traefik"] };
        for (const statements of [publishStatements(withTools), deployStatements(withTools, "prod")])
            for (const one of statements.filter(({ Action }) => Action.includes("ecr:PutImage")))
                assert.ok(!JSON.stringify(one.Resource).includes("traefik"), one.Sid);
        const described = previewStatements(withTools).find(({ Sid }) => Sid === "DescribeRegistry")!;
        assert.ok(described.Resource!.includes("arn:aws:ecr:us-east-1:123456789012:repository/relaypacs/traefik"));
    });

    it("should keep staging and production apart", () => {
        const resources = (statements: readonly Statement[]) =>
            JSON.stringify(
                statements
                    .filter(({ Sid }) => !["DescribeRoles", "ReadProductionVersion"].includes(Sid))
                    .map((one) => [one.Resource, one.Condition]),
            );
        assert.ok(!resources(all.staging).includes("prod"));
        assert.ok(!resources(all.prod).includes("staging"));
        assert.ok(!resources(all.rollback).includes("staging"));
    });
});
