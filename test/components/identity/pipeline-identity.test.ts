import * as assert from "node:assert/strict";
import type { Statement } from "../../../components/shared/policy-document";
import { duties } from "../../../delivery/evidence/duties";
import { bucketArn, roleArn, roleNames } from "../../../delivery/core/names";
import * as pulumi from "@pulumi/pulumi";
import { PipelineIdentity } from "../../../components/identity/pipeline-identity";
import {
    deployStatements,
    driftStatements,
    previewStatements,
    publishStatements,
    rollbackStatements,
    signStatements,
} from "../../../components/identity/pipeline-permissions";
import { assertWellFormed, deploy, ofType, only } from "../../support/harness";

const account = { accountId: "123456789012", region: "us-east-1" };
const scope = { account, services: ["backend", "frontend"] };
const commits = ["a".repeat(40), "b".repeat(40)];
const args = {
    ...scope,
    environment: "staging",
    subjects: { gateway: "repo:relaypacs@123456/gateway@456789", platform: "repo:relaypacs@123456/platform@345678" },
    workflows: { owner: "relaypacs", repository: "platform", commits: commits.slice(0, 1) },
};

const issuer = "token.actions.githubusercontent.com";

/** What each role trusts, by its name: the subject, and the workflows, without their folder. */
async function trusted(given: ConstructorParameters<typeof PipelineIdentity>[1]) {
    const resources = await deploy(() => new PipelineIdentity("pipeline", given));
    assertWellFormed(resources, "pipeline");
    return ofType(resources, "aws:iam/role:Role").map(({ inputs }) => {
        const { Statement } = JSON.parse(String(inputs.assumeRolePolicy)) as { Statement: Record<string, unknown>[] };
        assert.equal(Statement.length, 1);
        assert.equal(Statement[0]!.Action, "sts:AssumeRoleWithWebIdentity");
        assert.deepEqual(Statement[0]!.Principal, { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` });
        const { StringEquals: claims, ...others } = Statement[0]!.Condition as Record<string, Record<string, unknown>>;
        assert.deepEqual(others, {});
        const { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: subject, ...rest } = claims!;
        assert.equal(audience, "sts.amazonaws.com");
        const { [`${issuer}:job_workflow_ref`]: workflows, ...unknown } = rest;
        assert.deepEqual(unknown, {});
        const files = (workflows as string[] | undefined)?.map((one) => {
            const [, file] = /^relaypacs\/platform\/\.github\/workflows\/(.*)$/.exec(one)!;
            return file;
        });
        return [inputs.name, inputs.maxSessionDuration, subject, files];
    });
}

describe("PipelineIdentity", () => {
    it("should bind each role to one subject and to called workflows at the reviewed commit", async () => {
        const [commit] = commits;
        const gateway = "repo:relaypacs@123456/gateway@456789";
        const platform = "repo:relaypacs@123456/platform@345678";
        const bound = await trusted(args);
        assert.deepEqual(bound, [
            ["relaypacs-preview-staging", 3600, `${platform}:environment:preview-staging`, undefined],
            ["relaypacs-preview-prod", 3600, `${platform}:environment:preview-prod`, undefined],
            ["relaypacs-drift-staging", 3600, `${platform}:environment:drift-staging`, undefined],
            ["relaypacs-drift-prod", 3600, `${platform}:environment:drift-prod`, undefined],
            ["relaypacs-publish", 3600, `${gateway}:ref:refs/heads/main`, [`publish.yml@${commit}`]],
            ["relaypacs-sign-evidence", 3600, `${gateway}:environment:sign-evidence`, [`publish.yml@${commit}`]],
            [
                "relaypacs-deploy-staging",
                7200,
                `${gateway}:environment:staging`,
                [`deploy.yml@${commit}`, `rollback.yml@${commit}`, `rehearse.yml@${commit}`],
            ],
            ["relaypacs-deploy-prod", 7200, `${gateway}:environment:production-deployment`, [`deploy.yml@${commit}`]],
            ["relaypacs-rollback-prod", 7200, `${gateway}:environment:production-rollback`, [`rollback.yml@${commit}`]],
        ]);
        assert.deepEqual(
            bound.map(([name]) => name),
            roleNames.map((role) => roleArn(account, role).split("/")[1]),
        );
        assert.equal(new Set(bound.map(([, , subject]) => subject)).size, bound.length, "a job could take two roles");
    });

    it("should trust two commits while the gateway goes from one to the next", async () => {
        const bound = await trusted({ ...args, workflows: { ...args.workflows, commits } });
        assert.deepEqual(bound.find(([name]) => name === "relaypacs-deploy-staging")![3], [
            ...commits.flatMap((commit) => [
                `deploy.yml@${commit}`,
                `rollback.yml@${commit}`,
                `rehearse.yml@${commit}`,
            ]),
        ]);
    });

    it("should wait for a subject that is known only later", async () => {
        const gateway = pulumi.output(Promise.resolve("repo:relaypacs@1/gateway@2"));
        const bound = await trusted({ ...args, subjects: { ...args.subjects, gateway } });
        assert.deepEqual(bound[4]!.slice(2, 3), ["repo:relaypacs@1/gateway@2:ref:refs/heads/main"]);
    });

    it("should keep each role's trust policy within IAM's limit, 2,048 characters, with the longest names of GitHub", async () => {
        const [owner, name] = ["o".repeat(39), "r".repeat(100)];
        const prefix = `repo:${owner}@${"9".repeat(12)}/${name}@${"9".repeat(12)}`;
        const workflows = { owner, repository: name, commits };
        const subjects = { gateway: prefix, platform: prefix };
        const resources = await deploy(() => new PipelineIdentity("pipeline", { ...args, subjects, workflows }));
        for (const { name: role, inputs } of ofType(resources, "aws:iam/role:Role"))
            assert.ok(String(inputs.assumeRolePolicy).length <= 2048, role);
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
        "preview-staging": previewStatements(scope, "staging"),
        "preview-prod": previewStatements(scope, "prod"),
        "drift-staging": driftStatements(scope, "staging"),
        "drift-prod": driftStatements(scope, "prod"),
        publish: publishStatements(scope),
        sign: signStatements(scope),
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
                ["publish", "sign"].includes(role) ? ["LogInToRegistry"] : [],
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

    for (const role of ["preview-staging", "preview-prod", "drift-staging", "drift-prod"] as const)
        it(`should allow ${role} to write nothing, and to read no entry of the secret store`, () => {
            assert.deepEqual(
                actions(all[role]).filter((action) => !/:(Describe|Get|List|Decrypt)/.test(action)),
                [],
            );
            assert.ok(!actions(all[role]).includes("secretsmanager:GetSecretValue"));
        });

    for (const [role, statements] of Object.entries(all)) {
        it(`should not allow ${role} to delete evidence, shorten its retention or bypass Object Lock`, () => {
            const evidence = statements.filter((one) =>
                [one.Resource].flat().some((arn) => arn?.includes("-evidence-")),
            );
            const may = new Set(
                actions(evidence).filter((action) => !/^s3:Get(Bucket|Encryption|Lifecycle)/.test(action)),
            );
            const looks = role.startsWith("drift-") ? ["s3:ListBucket"] : undefined;
            const reads = ["publish", "sign"].includes(role)
                ? []
                : (looks ?? ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"]);
            const writes = ["sign", "staging", "prod"].includes(role) ? ["s3:PutObject"] : [];
            assert.deepEqual([...may].sort(), [...reads, ...writes]);
            assert.deepEqual(
                actions(statements).filter((action) => /Retention|LegalHold|Bypass|DeleteObjectVersion/.test(action)),
                [],
            );
        });
    }

    it("should let each role store the evidence of its own duty, under a version, and read nothing else", () => {
        const bucket = "arn:aws:s3:::relaypacs-evidence-123456789012-us-east-1";
        const rehearsals = ["rehearsal", "restore-rehearsal"].map((item) => `${bucket}/rehearsals/${item}.*.json`);
        const objects = (role: keyof typeof all, action: string) =>
            all[role]
                .filter(
                    ({ Action, Resource }) =>
                        Action.includes(action) && [Resource].flat().some((arn) => arn?.startsWith(bucket)),
                )
                .flatMap(({ Resource }) => [Resource].flat());
        for (const [role, duty] of [
            ["sign", "pipeline"],
            ["staging", "staging"],
            ["prod", "production"],
        ] as const)
            assert.deepEqual(
                objects(role, "s3:PutObject"),
                duties[duty]
                    .map((item) => (item.endsWith("rehearsal") ? "" : `${bucket}/?*.?*.?*/${item}.*.json`))
                    .filter((arn) => arn !== "")
                    .concat(role === "staging" ? rehearsals : []),
            );
        for (const role of ["drift-staging", "drift-prod"] as const)
            assert.deepEqual(objects(role, "s3:GetObject"), []);
        for (const role of ["preview-staging", "preview-prod", "staging", "prod", "rollback"] as const)
            assert.deepEqual(objects(role, "s3:GetObject"), [`${bucket}/?*.?*.?*/*.json`, ...rehearsals]);
    });

    it("should allow only those to sign who state what they have shown, each with one key", () => {
        const signing = (statements: readonly Statement[]) =>
            statements
                .filter(({ Action }) => Action.includes("kms:Sign"))
                .map(({ Condition }) => Condition!["ForAnyValue:StringEquals"]!["kms:ResourceAliases"]);
        assert.deepEqual(Object.fromEntries(Object.entries(all).map(([role, found]) => [role, signing(found)])), {
            "preview-staging": [],
            "preview-prod": [],
            "drift-staging": [],
            "drift-prod": [],
            publish: [],
            sign: [["alias/relaypacs-evidence-pipeline"]],
            staging: [["alias/relaypacs-evidence-staging"]],
            prod: [["alias/relaypacs-evidence-production"]],
            rollback: [],
        });
    });

    it("should allow what signs to push no image and to store no artifact, and what pushes to store no report", () => {
        const pushing = /^ecr:(PutImage|InitiateLayerUpload|UploadLayerPart|CompleteLayerUpload)$/;
        assert.deepEqual(
            actions(all.sign).filter((action) => pushing.test(action)),
            [],
        );
        assert.equal(actions(all.publish).filter((action) => pushing.test(action)).length, 4);
        const stores = (statements: readonly Statement[]) =>
            statements
                .filter(({ Action }) => Action.includes("s3:PutObject"))
                .flatMap(({ Resource }) => Resource!)
                .map((arn) => arn.replace(/^arn:aws:s3:::relaypacs-(.*)-123456789012-us-east-1/, "$1"))
                .sort();
        assert.deepEqual(stores(all.publish), ["build-artifacts/*", "frontend-assets/*"]);
        // What it stores of evidence is told above.
        assert.deepEqual(
            stores(all.sign).filter((place) => !place.startsWith("evidence/")),
            ["test-reports/*"],
        );
    });

    it("should allow a production rollback what an update needs, and nothing that going back does not", () => {
        const kept = all.prod.filter(({ Sid }) => all.rollback.some((one) => one.Sid === Sid));
        assert.deepEqual(all.rollback, kept);
        const more = new Set(actions(all.prod).filter((action) => !actions(all.rollback).includes(action)));
        assert.deepEqual([...more].sort(), [
            "ecr:BatchGetImage",
            "ecr:PutImage",
            "kms:Sign",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        ]);
        // What it encrypts is Pulumi's state, and no secret or evidence.
        for (const one of all.rollback.filter(({ Action }) => Action.includes("kms:GenerateDataKey")))
            assert.equal(one.Sid, "EncryptPulumiSecrets");
        for (const one of all.rollback.filter(({ Action }) => Action.includes("s3:PutObject")))
            assert.equal(one.Sid, "WritePulumiState");
    });

    it("should allow each stack's updates and previews the key of its own secrets, previews to decrypt only", () => {
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
        for (const stack of ["staging", "prod"] as const)
            assert.deepEqual(of(`preview-${stack}`, "DecryptPulumiSecrets", "EncryptPulumiSecrets"), [
                [anyKey, keys(stack)],
            ]);
        for (const statements of [all.publish, all.sign])
            assert.ok(!JSON.stringify(statements).includes("relaypacs-pulumi"));
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
        for (const stack of ["staging", "prod"] as const)
            assert.deepEqual(stateObjects(`preview-${stack}`, "s3:GetObject"), below("meta.yaml", ...state(stack)));
        for (const role of ["publish", "sign"] as const) assert.deepEqual(stateObjects(role, "s3:GetObject"), []);
    });

    it("should allow mirrored tools to be described and none of them to be pushed", () => {
        const withTools = { ...scope, tools: ["traefik"] };
        for (const statements of [publishStatements(withTools), deployStatements(withTools, "prod")])
            for (const one of statements.filter(({ Action }) => Action.includes("ecr:PutImage")))
                assert.ok(!JSON.stringify(one.Resource).includes("traefik"), one.Sid);
        const described = previewStatements(withTools, "prod").find(({ Sid }) => Sid === "DescribeRegistry")!;
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
        assert.ok(!resources(all["preview-staging"]).includes("prod"));
        assert.ok(!resources(all["preview-prod"]).includes("staging"));
        assert.ok(!resources(all["drift-staging"]).includes("prod"));
        assert.ok(!resources(all["drift-prod"]).includes("staging"));
    });
});
