import assert from "node:assert/strict";
import * as fs from "node:fs";
import { Command } from "commander";
import { exampleNow, exampleRelease, examples } from "../../../docs/generate/evidence-examples";
import { signStatement } from "../../../delivery/evidence/sign";
import { createStatement } from "../../../delivery/evidence/statement";
import { verifyEvidence } from "../../../delivery/evidence/verify";
import { keyIdOf, keyRing } from "../../../delivery/evidence/keys";
import { signerOf, signingOptions, type SigningOptions } from "../../../release/shared/signer";
import { aws, cloud, cloudEnvironment } from "../../../sandbox/parts/cloud/moto";
import type { Instance } from "../../../sandbox/machine/instance";
import { temporaryInstance } from "../../sandbox/support/instance";

const statement = createStatement("lint", examples["lint-backend"], exampleRelease, { issuedAt: exampleNow });

function parsed(...args: string[]): SigningOptions {
    const command = signingOptions(new Command("test").exitOverride().configureOutput({ writeErr: () => undefined }));
    return command.parse(args, { from: "user" }).opts<SigningOptions>();
}

describe("The options --key and --kms-key", () => {
    it("should take a key file or an AWS KMS key, not both", () => {
        assert.deepEqual(parsed("--key", "a.pem"), { key: "a.pem", kmsMessageType: "DIGEST" });
        assert.deepEqual(parsed("--kms-key", "alias/a", "--kms-message-type", "RAW"), {
            kmsKey: "alias/a",
            kmsMessageType: "RAW",
        });
        assert.throws(() => parsed("--kms-key", "a", "--key", "a.pem"), /cannot be used with/);
        assert.throws(() => parsed("--kms-message-type", "SHA"), /Allowed choices are DIGEST, RAW/);
    });

    it("should leave statements unsigned without a key, and name a missing key file", async () => {
        assert.equal(await signerOf({}), undefined);
        await assert.rejects(signerOf({ key: "nowhere.pem" }), /The signing key nowhere\.pem can't be read/);
    });
});

// The first run on a machine installs Python packages.
describe("Signing with AWS KMS, emulated by Moto", function () {
    this.timeout(300_000);
    let instance: Instance;
    const environment = { ...process.env };
    before(async () => {
        instance = await temporaryInstance();
        await cloud.up(instance, () => undefined);
        Object.assign(process.env, cloudEnvironment(instance));
    });
    after(async () => {
        for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
        Object.assign(process.env, environment);
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

    for (const kmsMessageType of ["DIGEST", "RAW"] as const)
        it(`should make evidence that verifies, by a message of type ${kmsMessageType}, through the environment's proxy`, async () => {
            const kmsKey = await newKey(...signing);
            const signer = await signerOf({ kmsKey, kmsMessageType });
            assert.ok(signer);
            const envelope = await signStatement(statement, signer);
            const ring = keyRing([
                {
                    keyId: keyIdOf(signer.publicKey),
                    publicKey: signer.publicKey.export({ type: "spki", format: "pem" }).toString(),
                    notBefore: "2026-01-01T00:00:00Z",
                    notAfter: "2026-12-31T00:00:00Z",
                    duty: "pipeline",
                },
            ]);
            const verified = verifyEvidence({ source: "a.json", envelope }, ring, exampleNow);
            assert.ok(verified.ok, verified.ok ? "" : verified.problem);
            assert.equal(verified.item, "lint-backend");
        });

    it("should name a key that is missing or of another kind", async () => {
        await assert.rejects(
            signerOf({ kmsKey: "alias/nothing" }),
            /^Error: The KMS key alias\/nothing can't be used: /,
        );
        const rsa = await newKey("--key-usage", "SIGN_VERIFY", "--key-spec", "RSA_2048");
        await assert.rejects(signerOf({ kmsKey: rsa }), /type rsa; accepted: P-256/);
    });
});
