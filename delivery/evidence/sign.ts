import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { payloadType, signedBytes, type Envelope } from "./envelope";
import { keyIdOf, readPublicKey } from "./keys";
import type { Statement } from "./statement";

/** A signer of evidence: a key in AWS KMS, or a key file in a sandbox. */
export interface Signer {
    readonly publicKey: KeyObject;
    /** ECDSA signature with SHA-256 over the bytes, in DER. */
    sign(bytes: Buffer): Promise<Buffer>;
}

/**
 * Signs a statement, and verifies the signature with the signer's public key.
 *
 * @throws Error when the signature does not verify
 */
export async function signStatement(statement: Statement, signer: Signer): Promise<Envelope> {
    const payload = Buffer.from(JSON.stringify(statement));
    const bytes = signedBytes(payload);
    const signature = await signer.sign(bytes);
    const keyid = keyIdOf(signer.publicKey);
    if (!verify("sha256", bytes, signer.publicKey, signature)) {
        throw new Error(
            `The signature by key ${keyid} does not verify with its public key; ` +
                "if an AWS emulator signed, let it sign the message instead of its digest.",
        );
    }
    return {
        payloadType,
        payload: payload.toString("base64"),
        signatures: [{ keyid, sig: signature.toString("base64") }],
    };
}

/** Signs with a private key on the curve P-256 in PEM. For sandboxes: a real account signs with AWS KMS. */
export function privateKeySigner(pem: string | Buffer): Signer {
    let key: KeyObject;
    try {
        key = createPrivateKey(pem);
    } catch {
        throw new Error("The signing key can't be read; give an unencrypted private key on the curve P-256 in PEM.");
    }
    const publicKey = readPublicKey(createPublicKey(key).export({ type: "spki", format: "pem" }).toString());
    return { publicKey, sign: (bytes) => Promise.resolve(sign("sha256", bytes, key)) };
}

/** Signs with a private key in a file. */
export async function keyFileSigner(path: string): Promise<Signer> {
    let pem: Buffer;
    try {
        pem = await readFile(path);
    } catch (error) {
        throw new Error(`The signing key ${path} can't be read: ${(error as Error).message}.`, { cause: error });
    }
    return privateKeySigner(pem);
}
