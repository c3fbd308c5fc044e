import * as assert from "node:assert/strict";
import { ContainerRegistry, lifecycleRules } from "../../../components/registry/container-registry";
import { assertWellFormed, deploy, ofType, only } from "../../support/harness";

const args = {
    account: { accountId: "123456789012", region: "us-east-1" },
    environment: "staging",
    services: ["backend", "frontend"],
    publisherArn: "arn:aws:iam::123456789012:role/relaypacs-publish",
    readerArns: ["arn:aws:iam::123456789012:role/relaypacs-deploy-staging"],
    keepReleases: 30,
};

describe("ContainerRegistry", () => {
    it("should declare one guarded repository per service", async () => {
        const resources = await deploy(() => new ContainerRegistry("registry", args));
        assertWellFormed(resources, "registry");
        assert.deepEqual(
            ofType(resources, "aws:ecr/repository:Repository").map((one) => one.inputs.name),
            ["relaypacs/backend", "relaypacs/frontend"],
        );
        const backend = only(resources, "aws:ecr/repository:Repository", "registry-backend");
        assert.equal(backend.inputs.imageTagMutability, "IMMUTABLE");
        assert.deepEqual(backend.inputs.imageScanningConfiguration, { scanOnPush: true });
        assert.deepEqual(backend.inputs.encryptionConfigurations, [
            { encryptionType: "KMS", kmsKey: "arn:aws:kms:us-east-1:123456789012:key/registry-key" },
        ]);
        assert.equal(backend.inputs.forceDelete, false);
        assert.equal(backend.protect, true);
    });

    it("should rotate its key and delay its deletion", async () => {
        const resources = await deploy(() => new ContainerRegistry("registry", args));
        const key = only(resources, "aws:kms/key:Key");
        assert.equal(key.inputs.enableKeyRotation, true);
        assert.equal(key.inputs.deletionWindowInDays, 30);
        assert.equal(only(resources, "aws:kms/alias:Alias").inputs.name, "alias/relaypacs-registry");
    });

    it("should allow the publisher to push, the deployers to pull, and no one else", async () => {
        const resources = await deploy(() => new ContainerRegistry("registry", args));
        const { Statement } = JSON.parse(
            String(only(resources, "aws:ecr/repositoryPolicy:RepositoryPolicy", "registry-backend").inputs.policy),
        ) as { Statement: { Sid: string; Principal: { AWS: unknown }; Action: string[] }[] };
        assert.deepEqual(
            Statement.map(({ Sid, Principal }) => [Sid, Principal]),
            [
                ["Push", { AWS: args.publisherArn }],
                ["Pull", { AWS: args.readerArns }],
            ],
        );
        assert.ok(!Statement[1]!.Action.includes("ecr:PutImage"));
        assert.ok(!Statement.flatMap((one) => one.Action).some((action) => /Delete|\*/.test(action)));
    });

    it("should give mirrored tools guarded repositories that the pipeline can't push to", async () => {
        const resources = await deploy(
            () => new ContainerRegistry("registry", { ...args, tools: ["traefik", "prometheus"] }),
        );
        assertWellFormed(resources, "registry");
        assert.deepEqual(
            ofType(resources, "aws:ecr/repository:Repository").map((one) => one.inputs.name),
            ["relaypacs/backend", "relaypacs/frontend", "relaypacs/traefik", "relaypacs/prometheus"],
        );
        const traefik = only(resources, "aws:ecr/repository:Repository", "registry-traefik");
        assert.deepEqual([traefik.inputs.imageTagMutability, traefik.protect], ["IMMUTABLE", true]);
        const { Statement } = JSON.parse(
            String(only(resources, "aws:ecr/repositoryPolicy:RepositoryPolicy", "registry-traefik").inputs.policy),
        ) as { Statement: { Sid: string; Principal: unknown }[] };
        assert.deepEqual(
            Statement.map(({ Sid, Principal }) => [Sid, Principal]),
            [["Pull", { AWS: args.readerArns }]],
        );
        assert.ok(only(resources, "aws:ecr/lifecyclePolicy:LifecyclePolicy", "registry-traefik"));
    });

    it("should shield what runs before it expires anything", () => {
        const rules = lifecycleRules(30);
        assert.deepEqual(
            rules.map(({ rulePriority, selection }) => [rulePriority, selection.tagPatternList, selection.countNumber]),
            [
                [1, ["running-prod-*"], 1000],
                // Every image runs there, so protecting all of them would expire none.
                [2, ["running-staging-*"], 30],
                [3, ["*"], 30],
                [4, undefined, 14],
            ],
        );
        assert.deepEqual(rules[3]!.selection, {
            tagStatus: "untagged",
            countType: "sinceImagePushed",
            countUnit: "days",
            countNumber: 14,
        });
    });

    it("should replace a lifecycle policy by deleting the old one first, because a later deletion would remove the new one", async () => {
        const resources = await deploy(() => new ContainerRegistry("registry", args));
        const policies = ofType(resources, "aws:ecr/lifecyclePolicy:LifecyclePolicy");
        assert.deepEqual(
            policies.map((one) => one.deleteBeforeReplace),
            [true, true],
        );
    });
});
