import * as assert from "node:assert/strict";
import { RehearsalRole } from "../../../components/identity/rehearsal-role";
import { assertWellFormed, deploy, only } from "../../support/harness";

const account = { accountId: "123456789012", region: "us-east-1" };
const bucket = "arn:aws:s3:::relaypacs-database-backups-123456789012-us-east-1";

describe("RehearsalRole", () => {
    const register = () => deploy(() => new RehearsalRole("rehearsal", { account, environment: "staging" }));

    it("should be for the pods of staging that rehearse a restore, and no others", async () => {
        const resources = await register();
        assertWellFormed(resources, "rehearsal");
        const role = only(resources, "aws:iam/role:Role").inputs;
        assert.equal(role.name, "relaypacs-restore-rehearsal-staging");
        const { Statement } = JSON.parse(String(role.assumeRolePolicy)) as { readonly Statement: readonly object[] };
        assert.equal(Statement.length, 1);
        assert.deepEqual((Statement[0] as { readonly Condition: object }).Condition, {
            StringEquals: {
                "aws:SourceAccount": "123456789012",
                "aws:RequestTag/kubernetes-namespace": "relaypacs-staging",
                "aws:RequestTag/kubernetes-service-account": "restore-rehearsal",
            },
        });
    });

    it("should read staging's backups and do nothing else: no writing, no deleting, none of production's", async () => {
        const { policy } = only(await register(), "aws:iam/rolePolicy:RolePolicy").inputs;
        const { Statement } = JSON.parse(String(policy)) as {
            readonly Statement: readonly { Action: string[]; Resource: string; Condition?: unknown }[];
        };
        assert.deepEqual(
            Statement.map(({ Action, Resource }) => [Action, Resource]),
            [
                [["s3:ListBucket"], bucket],
                [["s3:GetObject"], `${bucket}/staging/*`],
                [["kms:Decrypt"], "arn:aws:kms:us-east-1:123456789012:key/*"],
            ],
        );
        assert.deepEqual(
            Statement.map(({ Condition }) => Condition),
            [
                { StringLike: { "s3:prefix": "staging/*" } },
                undefined,
                { "ForAnyValue:StringEquals": { "kms:ResourceAliases": ["alias/relaypacs-database-backups"] } },
            ],
        );
    });
});
