import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement } from "../../../components/shared/policy-document";
import { deployStatements, signStatements } from "../../../components/identity/pipeline-permissions";
import { signingDuties, signingKeyAlias, type SigningDuty } from "../../../components/identity/signing-duties";
import {
    EvidenceSigningKey,
    manualRotation,
    type EvidenceSigningKeyArgs,
} from "../../../components/security/evidence-signing-key";
import { assertWellFormed, deploy, ofType, only } from "../../support/harness";
import { projectRoot } from "../../support/project";

const account = { accountId: "123456789012", region: "us-east-1" };
const duties = Object.keys(signingDuties) as SigningDuty[];

async function build(duty: SigningDuty, rotation: Pick<EvidenceSigningKeyArgs, "generations" | "current"> = {}) {
    const made: { key?: EvidenceSigningKey } = {};
    const resources = await deploy(() => {
        made.key = new EvidenceSigningKey("evidence", { account, environment: "staging", duty, ...rotation });
    });
    return { resources, key: made.key! };
}

describe("EvidenceSigningKey", () => {
    it("should declare a P-256 key for signatures under the duty's alias, protected, with delayed deletion", async () => {
        const { resources, key } = await build("pipeline");
        assertWellFormed(resources, "evidence");
        assert.equal(resources[0]!.type, "relaypacs:security:EvidenceSigningKey");
        const { inputs, protect } = only(resources, "aws:kms/key:Key");
        assert.deepEqual(
            [inputs.customerMasterKeySpec, inputs.keyUsage, inputs.deletionWindowInDays, protect],
            ["ECC_NIST_P256", "SIGN_VERIFY", 30, true],
        );
        assert.equal(inputs.enableKeyRotation, undefined);
        const alias = only(resources, "aws:kms/alias:Alias").inputs;
        assert.deepEqual([alias.name, alias.targetKeyId], ["alias/relaypacs-evidence-pipeline", "evidence-1"]);
        assert.equal(key.alias, alias.name);
    });

    it("should name the runbook for its rotation, which exists", async () => {
        const { inputs } = only((await build("staging")).resources, "aws:kms/key:Key");
        assert.deepEqual(inputs.tags, {
            "relaypacs:managed-by": "pulumi",
            "relaypacs:environment": "staging",
            ...manualRotation,
        });
        assert.ok(fs.existsSync(path.join(projectRoot, manualRotation["relaypacs:rotation"])));
    });

    it("should keep the old and the new key side by side during a rotation, and sign with one", async () => {
        for (const [current, signing] of [
            ["1", "evidence-1"],
            [undefined, "evidence-2"],
        ] as const) {
            const rotation = { generations: ["1", "2"], ...(current !== undefined && { current }) };
            const { resources, key } = await build("pipeline", rotation);
            assertWellFormed(resources, "evidence");
            assert.deepEqual(
                ofType(resources, "aws:kms/key:Key").map(({ name, protect }) => [name, protect]),
                [
                    ["evidence-1", true],
                    ["evidence-2", true],
                ],
            );
            assert.equal(only(resources, "aws:kms/alias:Alias").inputs.targetKeyId, signing);
            const arns = await new Promise((resolve) => pulumi.output(key.arns).apply(resolve));
            const arn = (name: string) => `arn:aws:kms:us-east-1:123456789012:key/${name}`;
            assert.deepEqual(arns, { 1: arn("evidence-1"), 2: arn("evidence-2") });
        }
    });

    it("should refuse to sign with a key that does not exist", async () => {
        await assert.rejects(build("pipeline", { generations: ["1", "2"], current: "3" }), {
            message: "The evidence key evidence signs with generation 3; its generations are 1, 2. Name one of them.",
        });
        await assert.rejects(build("pipeline", { generations: [] }), /signs with generation none/);
    });

    for (const duty of duties) {
        it(`should allow one role to sign as ${duty}, and no IAM policy to add another`, async () => {
            const { inputs } = only((await build(duty)).resources, "aws:kms/key:Key");
            const { Statement } = JSON.parse(String(inputs.policy)) as { Statement: Statement[] };
            const may = (action: string) =>
                Statement.filter((one) => one.Action.includes(action)).map(({ Principal }) => Principal);
            const projectRoot = { AWS: "arn:aws:iam::123456789012:root" };
            const signer = { AWS: `arn:aws:iam::123456789012:role/relaypacs-${signingDuties[duty].role}` };
            assert.deepEqual(may("kms:Sign"), [signer]);
            const [signing] = Statement.filter(({ Action }) => Action.includes("kms:Sign"));
            assert.deepEqual(signing!.Condition, { StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256" } });
            assert.deepEqual(may("kms:PutKeyPolicy"), [projectRoot]);
            assert.deepEqual(may("kms:GetPublicKey"), [projectRoot, signer]);
            const actions = Statement.flatMap(({ Action }) => Action);
            assert.deepEqual(
                actions.filter((one) => /\*|Decrypt|Encrypt|CreateGrant|GenerateDataKey/.test(one)),
                [],
            );
            assert.equal(inputs.policy, policyDocument(Statement));
        });
    }
});

describe("Signing duties", () => {
    it("should give each role the key of its own duty alone", () => {
        const scope = { account, services: ["backend", "frontend"] };
        const roles = {
            pipeline: signStatements(scope),
            staging: deployStatements(scope, "staging"),
            production: deployStatements(scope, "prod"),
        };
        for (const duty of duties) {
            const signing = roles[duty].filter(({ Action }) => Action.includes("kms:Sign"));
            assert.deepEqual(
                signing.map(({ Action, Condition }) => [Action, Condition]),
                [
                    [
                        ["kms:Sign"],
                        {
                            "ForAnyValue:StringEquals": { "kms:ResourceAliases": [signingKeyAlias(duty)] },
                            StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256" },
                        },
                    ],
                ],
            );
        }
    });
});
