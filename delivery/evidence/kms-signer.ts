import { createHash } from "node:crypto";
import { dutyNames, signingKeyAlias } from "./duties";
import { readPublicKey } from "./keys";
import type { Signer } from "./sign";

/** The operations of AWS KMS that are used; `@aws-sdk/client-kms`'s aggregated client `KMS` has them. */
export interface KeyManagement {
    getPublicKey(input: { KeyId: string }): Promise<{ PublicKey?: Uint8Array | undefined }>;
    sign(input: {
        KeyId: string;
        Message: Uint8Array;
        MessageType: "DIGEST" | "RAW";
        SigningAlgorithm: "ECDSA_SHA_256";
    }): Promise<{ Signature?: Uint8Array | undefined }>;
}

export interface KmsSignerOptions {
    /** Key id, ARN or alias of an asymmetric key of the type ECC_NIST_P256 for SIGN_VERIFY. */
    readonly keyId: string;
    /**
     * What is sent to KMS. AWS accepts at most 4,096 bytes of a RAW message; emulators that hash a digest again need RAW.
     *
     * @default "DIGEST"
     */
    readonly messageType?: "DIGEST" | "RAW";
}

/** Signs with an asymmetric key that never leaves AWS KMS. */
export async function kmsSigner(kms: KeyManagement, options: KmsSignerOptions): Promise<Signer> {
    const { keyId, messageType = "DIGEST" } = options;
    const { PublicKey } = await kms.getPublicKey({ KeyId: keyId });
    if (!PublicKey) throw new Error(`AWS KMS gave no public key for ${keyId}; it must be an ECC_NIST_P256 key.`);
    const body = Buffer.from(PublicKey).toString("base64");
    return {
        // An id or an ARN does not tell the duty.
        duty: dutyNames.find((duty) => keyId === signingKeyAlias(duty)),
        publicKey: readPublicKey(`-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`),
        sign: async (bytes) => {
            const { Signature } = await kms.sign({
                KeyId: keyId,
                Message: messageType === "RAW" ? bytes : createHash("sha256").update(bytes).digest(),
                MessageType: messageType,
                SigningAlgorithm: "ECDSA_SHA_256",
            });
            if (!Signature) throw new Error(`AWS KMS gave no signature by ${keyId}; it must allow SIGN_VERIFY.`);
            return Buffer.from(Signature);
        },
    };
}
