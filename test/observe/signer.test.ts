import assert from "node:assert/strict";
import * as fs from "node:fs";
import { Command } from "commander";
import { exampleNow, exampleRelease, examples } from "../../release/evidence/examples";
import { signStatement } from "../../release/evidence/sign";
import { createStatement } from "../../release/evidence/statement";
import { verifyEvidence } from "../../release/evidence/verify";
import { keyIdOf, keyRing } from "../../release/evidence/keys";
import { signerOf, signingOptions, type SigningOptions } from "../../release/signer";
import { aws, cloud, cloudEnvironment } from "../../sandbox/cloud/moto";
import type { Instance } from "../../sandbox/instance";
import { temporaryInstance } from "../application/instance";

const statement = createStatement("lint", examples["lint-backend"], exampleRelease, { issuedAt: exampleNow });

function parsed(...args: string[]): SigningOptions {
    const command = signingOptions(new Command("test").exitOverride().configureOutput({ writeErr: () => undefined }));
    return command.parse(args, { from: "user" }).opts<SigningOptions>();
}

describe("the options to sign with", () => {
    it("take a key file or a key of AWS KMS, not both", () => {
        assert.deepEqual(parsed("--key", "a.pem"), { key: "a.pem", kmsMessageType: "DIGEST" });
        assert.deepEqual(parsed("--kms-key", "alias/a", "--kms-message-type", "RAW"), {
            kmsKey: "alias/a",
            kmsMessageType: "RAW",
        });
        assert.throws(() => parsed("--kms-key", "a", "--key", "a.pem"), /cannot be used with/);
        assert.throws(() => parsed("--kms-message-type", "SHA"), /Allowed choices are DIGEST, RAW/);
    });

    it("leave statements unsigned without a key, and name a key file that is missing", async () => {
        assert.equal(await signerOf({}), undefined);
        await assert.rejects(signerOf({ key: "nowhere.pem" }), /The signing key nowhere\.pem can't be read/);
    });
});

// The first run on a machine installs the Python packages.
describe("signing with AWS KMS, played by Moto", function () {
    this.timeout(300_000);
    let instance: Instance;
    const before_ = { ...process.env };
    before(async () => {
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
        Object.assign(process.env, cloudEnvironment(instance));
    });
    after(async () => {
        for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
        Object.assign(process.env, before_);
        await cloud.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });

    async function newKey(...usage: string[]): Promise<string> {
        const created = JSON.parse(await aws(instance, ["kms", "create-key", ...usage])) as {
            readonly KeyMetadata: { readonly KeyId: string };
        };
        return created.KeyMetadata.KeyId;
    }
    const signing = ["--key-usage", "SIGN_VERIFY", "--key-spec", "ECC_NIST_P256"];

    it("gives evidence that verifies, through the proxy and the authority of the environment", async () => {
        const kmsKey = await newKey(...signing);
        // Moto hashes what it is given, as AWS does with a RAW message only.
        const signer = await signerOf({ kmsKey, kmsMessageType: "RAW" });
        assert.ok(signer);
        const envelope = await signStatement(statement, signer);
        const ring = keyRing([
            {
                keyId: keyIdOf(signer.publicKey),
                publicKey: signer.publicKey.export({ type: "spki", format: "pem" }).toString(),
                notBefore: "2026-01-01T00:00:00Z",
                notAfter: "2026-12-31T00:00:00Z",
            },
        ]);
        const verified = verifyEvidence({ source: "a.json", envelope }, ring, exampleNow);
        assert.ok(verified.ok, verified.ok ? "" : verified.problem);
        assert.equal(verified.item, "lint-backend");
    });

    it("signs nothing that does not verify: Moto hashes a digest once more", async () => {
        const signer = await signerOf({ kmsKey: await newKey(...signing), kmsMessageType: "DIGEST" });
        assert.ok(signer);
        await assert.rejects(signStatement(statement, signer), /let it sign the message instead of its digest/);
    });

    it("names a key that is missing or of another kind", async () => {
        await assert.rejects(
            signerOf({ kmsKey: "alias/nothing" }),
            /^Error: The KMS key alias\/nothing can't be used: /,
        );
        const rsa = await newKey("--key-usage", "SIGN_VERIFY", "--key-spec", "RSA_2048");
        await assert.rejects(signerOf({ kmsKey: rsa }), /type rsa; accepted: P-256/);
    });
});
