/** Changes that someone makes beside the program. */
import * as assert from "node:assert/strict";
import { oneUpdate, type Seen } from "./fault";
import type { Ground } from "./ground";

const bucket = "relaypacs-evidence-123456789012-us-east-1";

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
