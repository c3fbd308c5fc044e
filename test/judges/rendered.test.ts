import * as assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ArtifactStore } from "../../components/storage/artifact-store";
import { deploy } from "../support/harness";
import { render } from "./rendered";

const account = { accountId: "123456789012", region: "us-east-1" };

async function rendered(build: () => unknown) {
    return render((await deploy(build)).map((one) => ({ stack: "staging", one })));
}

describe("What outside judges read", () => {
    it("should have blocks and references as a plan of Terraform has them", async () => {
        const args = { account, environment: "staging", evidenceRetentionYears: 6 };
        const { objects, plan } = await rendered(() => new ArtifactStore("artifacts", args));
        assert.deepEqual(objects, []);
        const address = "aws_s3_bucket_lifecycle_configuration.staging_artifacts-evidence";
        const resource = <One extends { address: string }>(all: readonly One[]) =>
            all.find((one) => one.address === address);
        const { values } = resource(plan.planned_values.root_module.resources)!;
        assert.equal(values.bucket, "relaypacs-evidence-123456789012-us-east-1");
        assert.deepEqual((values.rule as object[])[0], {
            abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
            filter: [{ prefix: "" }],
            id: "abort-unfinished-uploads",
            status: "Enabled",
        });
        const bucket = "aws_s3_bucket.staging_artifacts-evidence";
        assert.deepEqual(resource(plan.configuration.root_module.resources)?.expressions, {
            bucket: { references: [`${bucket}.id`, bucket] },
        });
    });

    it("should have the pods of custom kinds as those of built-in ones, and secrets opened", async () => {
        const template = { metadata: { labels: { app: "backend" } }, spec: { containers: [{ name: "backend" }] } };
        const custom = (kind: string, spec: object) =>
            new k8s.apiextensions.CustomResource(kind.toLowerCase(), {
                apiVersion: "argoproj.io/v1alpha1",
                kind,
                metadata: { name: kind.toLowerCase(), namespace: "relaypacs-prod" },
                spec,
            });
        const { objects } = await rendered(() => {
            custom("Rollout", { replicas: 2, template });
            custom("AnalysisTemplate", {
                metrics: [
                    { name: "query", provider: { prometheus: {} } },
                    { provider: { job: { spec: { template } } } },
                ],
            });
            new k8s.core.v1.Secret("own", { stringData: pulumi.secret({ key: "opened" }) });
        });
        const metadata = (name: string) => ({ name, namespace: "relaypacs-prod" });
        assert.deepEqual(objects.slice(0, 2), [
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: metadata("rollout"),
                spec: { replicas: 2, template },
            },
            { apiVersion: "batch/v1", kind: "Job", metadata: metadata("analysistemplate"), spec: { template } },
        ]);
        assert.deepEqual(objects[2]?.stringData, { key: "opened" });
    });
});
