import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { mayState, notEntitled, type Duty } from "./duties";
import { maximumPayloadBytes, payloadType, signedBytes, type Envelope } from "./envelope";
import { itemOf } from "./items";
import { keyIdOf, readPublicKey } from "./keys";
import { readStatement, type Statement } from "./statement";

/** A signer of evidence: a key in AWS KMS, or a key file in a sandbox. */
export interface Signer {
    readonly publicKey: KeyObject;
    /** The duty of its key, where the key's name tells it: then it signs nothing that the gates would refuse. */
    readonly duty?: Duty | undefined;
    /** ECDSA signature with SHA-256 over the bytes, in DER. */
    sign(bytes: Buffer): Promise<Buffer>;
}

/**
 * Signs a statement, and verifies the signature with the signer's public key. It signs nothing that the gates would not
 * read: what a trusted key signed and no one can read refuses the release.
 *
 * @throws Error when the statement is not valid, too large or not of the key's duty, or the signature does not verify
 */
export async function signStatement(statement: Statement, signer: Signer): Promise<Envelope> {
    const payload = payloadOf(statement, signer.duty);
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

/** The bytes of a statement that the gates will read. */
function payloadOf(statement: Statement, duty: Duty | undefined): Buffer {
    const reading = readStatement(statement);
    if (!reading.ok) throw new Error(`A statement is not signed that the gates could not read: ${reading.problem}.`);
    const item = itemOf(reading.name, reading.predicate);
    const payload = Buffer.from(JSON.stringify(statement));
    if (payload.length > maximumPayloadBytes) {
        throw new Error(
            `The statement of ${item} is not signed: it has ${payload.length} bytes; the gates read at most ${maximumPayloadBytes}.`,
        );
    }
    if (duty !== undefined && !mayState(duty, item)) {
        throw new Error(`The statement of ${item} is not signed: the key ${notEntitled(duty, item)}.`);
    }
    return payload;
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
