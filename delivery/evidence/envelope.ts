import { dsse } from "@sigstore/core";
import { z } from "zod";

/** Payload type of every in-toto envelope. */
export const payloadType = "application/vnd.in-toto+json";

/** The largest payload that is read, in bytes. A report with thousands of findings is far smaller. */
export const maximumPayloadBytes = 1_048_576;

/** The largest payload whose signature is verified, in bytes, to learn whether a trusted key signed what is not read. */
export const verifiablePayloadBytes = 8 * maximumPayloadBytes;

/** A DSSE envelope v1.0 (https://github.com/secure-systems-lab/dsse): a signed statement as it is stored. */
export const envelope = z.object({
    payloadType: z.literal(payloadType).describe("Always this type"),
    payload: z.base64().describe("The statement, base64 of its JSON"),
    signatures: z
        .array(
            z.object({
                keyid: z.string().optional().describe("SHA-256 of the public key (SPKI, DER), hexadecimal"),
                sig: z.base64().describe("ECDSA signature over the pre-authentication encoding, DER in base64"),
            }),
        )
        .describe("Signatures; one by a trusted key is enough"),
});
export type Envelope = z.output<typeof envelope>;

/** The bytes that are signed: DSSE's pre-authentication encoding of type and payload. */
export function signedBytes(payload: Buffer, type: string = payloadType): Buffer {
    return dsse.preAuthEncoding(type, payload);
}
