/** Changes that someone makes beside the program. */
import * as assert from "node:assert/strict";
import { oneUpdate, type Seen } from "./fault";
import type { Ground } from "./ground";

const bucket = "relaypacs-evidence-123456789012-us-east-1";

export async function changedSecret(ground: Ground): Promise<Seen> {
    await ground.restore();
    const secret = "relaypacs/staging/slack-webhook";
    const value = async () =>
        (
            JSON.parse(await ground.aws("secretsmanager", "get-secret-value", "--secret-id", secret)) as {
                SecretString: string;
            }
        ).SecretString;
    const before = await value();
    const other = "https://hooks.slack.com/services/changed/outside";
    // Version 1 of the command line would fetch an address that is an argument by itself.
    const put = JSON.stringify({ SecretId: secret, SecretString: other });
    await ground.aws("secretsmanager", "put-secret-value", "--cli-input-json", put);
    const preview = await ground.pulumi(["preview", "--refresh", "--diff"]);
    assert.equal(preview.exitCode, 0, preview.output);
    assert.match(preview.output, /slack-webhook/);
    for (const text of [before, other]) assert.ok(!preview.output.includes(text), "the secret is in the output");
    const seconds = await oneUpdate(ground, "--refresh");
    assert.equal(await value(), before);
    return {
        seen: "The preview names the secret and not its value; the update put the configured value back.",
        recoverySeconds: seconds,
    };
}

export async function changedBucket(ground: Ground): Promise<Seen> {
    await ground.restore();
    await ground.aws("s3api", "delete-bucket-policy", "--bucket", bucket);
    await ground.aws("s3api", "delete-public-access-block", "--bucket", bucket);
    await ground.aws(
        "s3api",
        "put-bucket-versioning",
        "--bucket",
        bucket,
        "--versioning-configuration",
        "Status=Suspended",
    );
    const preview = await ground.pulumi(["preview", "--refresh", "--expect-no-changes"]);
    assert.notEqual(preview.exitCode, 0);
    assert.match(preview.output, /artifacts-evidence/);
    const seconds = await oneUpdate(ground, "--refresh");
    const policy = await ground.aws("s3api", "get-bucket-policy", "--bucket", bucket);
    assert.match(policy, /aws:SecureTransport/);
    return {
        seen: "The preview named the bucket; the update put policy, access block and versioning back.",
        recoverySeconds: seconds,
    };
}
