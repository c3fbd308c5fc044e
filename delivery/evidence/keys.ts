import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { moment } from "./predicates/fields";
import { dutyNames } from "./duties";

/** A public key that may sign evidence, pinned with its validity. */
export const trustedKey = z.strictObject({
    keyId: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe("SHA-256 of the public key (SPKI, DER), 64 hexadecimal digits"),
    publicKey: z.string().describe("the public key on the curve P-256, in PEM (SPKI)"),
    notBefore: moment("when the key starts to count"),
    notAfter: moment("when the key stops to count"),
    duty: z
        .enum(dutyNames, {
            error: ({ input }) =>
                `is ${input === undefined ? "missing" : JSON.stringify(input)}; accepted: one of ${dutyNames.join(", ")}`,
        })
        .describe(`what the key signs for, which decides the items that it may state: ${dutyNames.join(", ")}`),
});
export type TrustedKey = z.output<typeof trustedKey>;

/** A key's id: the SHA-256 of its public half (SPKI, DER) in hexadecimal. */
export function keyIdOf(key: KeyObject): string {
    return createHash("sha256")
        .update(key.export({ type: "spki", format: "der" }))
        .digest("hex");
}

/**
 * Reads a public key.
 *
 * @throws Error when it is not a public key, or not on the curve P-256 (AWS KMS: ECC_NIST_P256)
 */
export function readPublicKey(pem: string): KeyObject {
    // Node.js would accept it and derive the public half, and a private key would stay in the configuration.
    if (pem.includes("PRIVATE KEY")) throw new Error("The public key is a private key; give its public half (SPKI).");
    let key: KeyObject;
    try {
        key = createPublicKey(pem);
    } catch {
        throw new Error("The public key can't be read; give it in PEM (SPKI), as kms:GetPublicKey gives it in DER.");
    }
    if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
        const type = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? "unknown";
        throw new Error(`The public key is of type ${type}; accepted: P-256 (AWS KMS: ECC_NIST_P256).`);
    }
    return key;
}

/** What is wrong with a key, and where. */
function clauseOf(issue: z.core.$ZodIssue | undefined): string {
    const place = issue?.path.map(String).join(".") ?? "";
    const missing = issue?.code === "invalid_type" && issue.message.endsWith("received undefined");
    const what = missing ? "is missing" : (issue?.message ?? "is wrong");
    return place === "" ? what : `${place} ${what}`;
}

/** Parsed keys by id. */
export type KeyRing = ReadonlyMap<string, { readonly trusted: TrustedKey; readonly key: KeyObject }>;

/**
 * Reads the trusted keys.
 *
 * @throws Error that names the key, for an empty list, an invalid key, an id that is not the key's, or an id given twice
 */
export function keyRing(keys: readonly unknown[]): KeyRing {
    if (keys.length === 0) throw new Error("No key is trusted, so no evidence counts; name at least one public key.");
    const ring = new Map<string, { trusted: TrustedKey; key: KeyObject }>();
    for (const [index, given] of keys.entries()) {
        const parsed = trustedKey.safeParse(given);
        if (!parsed.success) {
            throw new Error(`Trusted key ${index}: ${clauseOf(parsed.error.issues[0])}.`);
        }
        const key = readPublicKey(parsed.data.publicKey);
        const { keyId, notBefore, notAfter } = parsed.data;
        if (keyIdOf(key) !== keyId) {
            throw new Error(`Trusted key ${index}: keyId is ${keyId}, but the public key's id is ${keyIdOf(key)}.`);
        }
        if (Date.parse(notBefore) >= Date.parse(notAfter)) {
            throw new Error(
                `Trusted key ${keyId}: notAfter (${notAfter}) must be later than notBefore (${notBefore}).`,
            );
        }
        if (ring.has(keyId)) throw new Error(`Trusted key ${keyId} is given twice; give it once.`);
        ring.set(keyId, { trusted: parsed.data, key });
    }
    return ring;
}
