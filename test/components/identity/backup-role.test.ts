import * as assert from "node:assert/strict";
import { BackupRole } from "../../../components/identity/backup-role";
import { assertWellFormed, deploy, only } from "../../support/harness";

const account = { accountId: "123456789012", region: "us-east-1" };

describe("BackupRole", () => {
    for (const stack of ["staging", "prod"] as const)
        it(`should be for the backup pods of ${stack} alone`, async () => {
            const resources = await deploy(() => new BackupRole("backup", { account, environment: "staging", stack }));
            assertWellFormed(resources, "backup");
            const role = only(resources, "aws:iam/role:Role").inputs;
            assert.equal(role.name, `relaypacs-database-backup-${stack}`);
            assert.deepEqual(JSON.parse(String(role.assumeRolePolicy)), {
                Version: "2012-10-17",
                Statement: [
                    {
                        Sid: "BackupPods",
                        Effect: "Allow",
                        Principal: { Service: "pods.eks.amazonaws.com" },
                        Action: ["sts:AssumeRole", "sts:TagSession"],
                        Condition: {
                            StringEquals: {
                                "aws:SourceAccount": "123456789012",
                                "aws:RequestTag/kubernetes-namespace": `relaypacs-${stack}`,
                                "aws:RequestTag/kubernetes-service-account": "database-backup",
                            },
                        },
                    },
                ],
            });
        });

    it("should add backups of its environment and do nothing else: no reading, no listing, no deleting", async () => {
        const resources = await deploy(
            () => new BackupRole("backup", { account, environment: "staging", stack: "prod" }),
        );
        const { policy } = only(resources, "aws:iam/rolePolicy:RolePolicy").inputs;
        const { Statement } = JSON.parse(String(policy)) as {
            readonly Statement: readonly { Action: string[]; Resource: string; Condition?: unknown }[];
        };
        assert.deepEqual(
            Statement.map(({ Action, Resource }) => [Action, Resource]),
            [
                [["s3:PutObject"], "arn:aws:s3:::relaypacs-database-backups-123456789012-us-east-1/prod/*"],
                [["kms:Decrypt", "kms:GenerateDataKey"], "arn:aws:kms:us-east-1:123456789012:key/*"],
            ],
        );
        assert.deepEqual(Statement[1]?.Condition, {
            "ForAnyValue:StringEquals": { "kms:ResourceAliases": ["alias/relaypacs-database-backups"] },
        });
    });
});
