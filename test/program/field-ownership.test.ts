import * as assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { takeFieldsBack } from "../../program/field-ownership";
import { freshEvidence, writeEvidence } from "../delivery/gates/support/fresh";
import { stackFile } from "../support/stack-file";
import type { Registered } from "../support/harness";
import { evidenceFolder, pipelineVariables, runProgram } from "./run-program";

const annotation = "pulumi.com/patchForce";

const annotations = (one: Registered) =>
    (one.inputs.metadata as { readonly annotations?: Readonly<Record<string, string>> }).annotations ?? {};

/** Types of the cluster's objects that take fields back, and of those that don't. */
function typesOf(resources: readonly Registered[]) {
    const objects = resources.filter((one) => one.type.startsWith("kubernetes:"));
    const types = (force: boolean) =>
        new Set(objects.filter((one) => (annotations(one)[annotation] === "true") === force).map((one) => one.type));
    return { taken: types(true), left: types(false) };
}

describe("Fields that were changed by hand in the cluster", () => {
    before(() => {
        writeEvidence(evidenceFolder, freshEvidence());
    });

    it("should be taken back for every object of staging but the definitions that a cluster shares", async () => {
        const { taken, left } = typesOf(await runProgram(stackFile("staging"), pipelineVariables));
        assert.deepEqual([...left], ["kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"]);
        for (const type of ["apps/v1:Deployment", "networking.k8s.io/v1:NetworkPolicy", "core/v1:Namespace"])
            assert.ok(taken.has(`kubernetes:${type}`), type);
    });

    it("should leave the weights of production to Argo Rollouts", async () => {
        const resources = await runProgram(stackFile("prod"), pipelineVariables, { stack: "prod", preview: true });
        const { taken, left } = typesOf(resources);
        assert.ok(left.has("kubernetes:traefik.io/v1alpha1:TraefikService"));
        assert.ok(!taken.has("kubernetes:traefik.io/v1alpha1:TraefikService"));
        assert.ok(taken.has("kubernetes:argoproj.io/v1alpha1:Rollout"));
    });

    it("should keep an object's other annotations, labels and options", () => {
        const opts = { protect: true };
        const metadata = { name: "a", annotations: { "pulumi.com/skipAwait": "true" } };
        const transformed = takeFieldsBack({
            type: "kubernetes:core/v1:Service",
            name: "a",
            props: { metadata, spec: { type: "ClusterIP" } },
            opts,
            resource: {} as pulumi.Resource,
        });
        assert.deepEqual(transformed, {
            props: {
                metadata: { name: "a", annotations: { "pulumi.com/skipAwait": "true", [annotation]: "true" } },
                spec: { type: "ClusterIP" },
            },
            opts,
        });
        assert.deepEqual(metadata.annotations, { "pulumi.com/skipAwait": "true" });
    });

    it("should not touch resources of other providers", () => {
        const given = { type: "aws:s3/bucket:Bucket", name: "a", props: {}, opts: {}, resource: {} as pulumi.Resource };
        assert.equal(takeFieldsBack(given), undefined);
    });
});
