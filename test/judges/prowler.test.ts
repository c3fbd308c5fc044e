import * as assert from "node:assert/strict";
import { namesByArn, reported } from "./prowler";

const finding = (service: string, uid: string, status: string, check = `${service}_check`) => ({
    metadata: { event_code: check },
    finding_info: { title: `Ensure ${check}` },
    status_code: status,
    resources: [{ uid, group: { name: service } }],
});
const services = ["ecr", "iam", "kms", "s3", "secretsmanager"];
const passing = services.map((service) => finding(service, `arn:of:${service}`, "PASS"));
const names = new Map(services.map((service) => [`arn:of:${service}`, `Kind.staging.${service}`]));

describe("Prowler's report", () => {
    it("should give each failure of a stack's resource by the name that the program gave it", () => {
        const output = [...passing, finding("s3", "arn:of:s3", "FAIL", "s3_bucket_object_lock")];
        assert.deepEqual(reported(JSON.stringify(output), names), {
            failures: [
                { check: "s3_bucket_object_lock", title: "Ensure s3_bucket_object_lock", resource: "Kind.staging.s3" },
            ],
            passed: 5,
        });
    });

    it("should count nothing of the account that no stack declares, and nothing that a person must look at", () => {
        const output = [
            ...passing,
            finding("iam", "arn:aws:iam::123456789012:root", "FAIL", "iam_root_mfa_enabled"),
            finding("kms", "arn:of:kms", "MANUAL", "kms_key_enclave_debug_attestation_detected"),
        ];
        assert.deepEqual(reported(JSON.stringify(output), names), { failures: [], passed: 5 });
    });

    it("should be refused when nothing of a service was judged, or only what no stack declares", () => {
        const message = "Prowler has judged nothing of kms that a stack declares.";
        const others = passing.filter(({ resources: [one] }) => one?.group.name !== "kms");
        assert.throws(() => reported(JSON.stringify(others), names), { message });
        const foreign = finding("kms", "arn:of:another", "PASS");
        assert.throws(() => reported(JSON.stringify([...others, foreign]), names), { message });
    });
});

describe("The names of a stack's resources", () => {
    it("should have the type and the stack, by the ARN of each resource of AWS", () => {
        const resource = (type: string, name: string, outputs?: object) => ({
            urn: `urn:pulumi:prod::relaypacs::${type}::${name}`,
            type,
            ...(outputs && { outputs }),
        });
        const resources = [
            resource("pulumi:pulumi:Stack", "relaypacs-prod"),
            resource("aws:s3/bucket:Bucket", "prod-evidence", { arn: "arn:aws:s3:::relaypacs-evidence" }),
            resource("aws:s3/bucketPolicy:BucketPolicy", "prod-evidence", { bucket: "relaypacs-evidence" }),
            resource("aws:secretsmanager/secret:Secret", "prod-smoke", { arn: "arn:of:the:secret" }),
            resource("aws:secretsmanager/secretVersion:SecretVersion", "prod-smoke", { arn: "arn:of:the:secret" }),
            resource("other:index:Thing", "prod-thing", { arn: "arn:aws:s3:::else" }),
        ];
        assert.deepEqual(Object.fromEntries(namesByArn("prod", { deployment: { resources } })), {
            "arn:aws:s3:::relaypacs-evidence": "Bucket.prod.prod-evidence",
            "arn:of:the:secret": "Secret.prod.prod-smoke",
        });
    });
});
