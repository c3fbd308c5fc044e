import { createHash, verify } from "node:crypto";
import { envelope as envelopeSchema, maximumPayloadBytes, signedBytes, type Envelope } from "./envelope";
import { claimedItem, itemOf, measuredAt, type ItemName } from "./items";
import type { KeyRing } from "./keys";
import { readStatement, type Statement } from "./statement";
import type { Predicate, PredicateName } from "./predicates";

/** An envelope as it was found, unverified, with its source. */
export interface EvidenceFile {
    /** File name or object key, for messages only. */
    readonly source: string;
    readonly envelope: unknown;
}

/** Authentic and valid evidence, signed by a trusted key. Whether it is fresh and about this release is not checked yet. */
export interface VerifiedEvidence {
    readonly ok: true;
    readonly source: string;
    readonly item: ItemName;
    readonly name: PredicateName;
    readonly predicate: Predicate;
    readonly statement: Statement;
    readonly issuedAt: string;
    readonly measuredAt: string;
    readonly keyId: string;
    /** SHA-256 of the signed statement, in hexadecimal, which identifies the evidence. */
    readonly sha256: string;
}

export type RejectionReason =
    "unreadable" | "unsigned" | "unknown-key" | "forged" | "expired-key" | "not-entitled" | "not-understood";

/** Evidence that does not count, and why. `item` is only its own claim and is not verified. */
export interface RejectedEvidence {
    readonly ok: false;
    readonly source: string;
    readonly item: ItemName | undefined;
    readonly reason: RejectionReason;
    /** A clause that follows the evidence's name. */
    readonly problem: string;
}

/**
 * Verifies one envelope. Pure: the time is an argument.
 *
 * A key counts when both `now` and the time of issue are within its validity. The time of issue alone is not enough: no
 * third party attests it, so anyone with a stolen expired key could backdate evidence.
 */
export function verifyEvidence(file: EvidenceFile, ring: KeyRing, now: string): VerifiedEvidence | RejectedEvidence {
    const { source } = file;
    const unreadable = (problem: string): RejectedEvidence => {
        return { ok: false, source, item: undefined, reason: "unreadable", problem };
    };

    const read = envelopeSchema.safeParse(file.envelope);
    if (!read.success) {
        const path = read.error.issues[0]?.path.join(".");
        return unreadable(`is not a DSSE envelope with an in-toto payload${path ? ` (${path} is wrong)` : ""}`);
    }
    const payload = Buffer.from(read.data.payload, "base64");
    if (payload.length > maximumPayloadBytes) {
        return unreadable(`has ${payload.length} bytes; accepted: at most ${maximumPayloadBytes}`);
    }
    // Read before the signature is verified, only for the item's name in messages.
    const contents = parse(payload);
    const item = claimedItem(contents);
    const reject = (reason: RejectionReason, problem: string): RejectedEvidence => {
        return { ok: false, source, item, reason, problem };
    };
    const reading = readStatement(contents);

    const signed = signer(read.data, payload, ring);
    if ("reason" in signed) return reject(signed.reason, signed.problem);
    if (!reading.ok) return reject("not-understood", `can't be understood: ${reading.problem}`);

    const { keyId, notBefore, notAfter, predicates } = signed;
    const { issuedAt } = reading.statement.relaypacsRelease;
    for (const [what, when] of [
        ["is judged", now],
        ["was issued", issuedAt],
    ] as const) {
        if (!(Date.parse(when) >= Date.parse(notBefore) && Date.parse(when) <= Date.parse(notAfter))) {
            const validity = `key ${short(keyId)}, which counts from ${notBefore} to ${notAfter}`;
            return reject("expired-key", `is signed by ${validity}, but ${what} at ${when}`);
        }
    }
    if (predicates && !predicates.includes(reading.name)) {
        return reject("not-entitled", `is signed by key ${short(keyId)}, which may not state ${reading.name}`);
    }
    return {
        ok: true,
        source,
        item: itemOf(reading.name, reading.predicate),
        name: reading.name,
        predicate: reading.predicate,
        statement: reading.statement,
        issuedAt,
        measuredAt: measuredAt(reading.name, reading.predicate),
        keyId,
        sha256: createHash("sha256").update(payload).digest("hex"),
    };
}

/** The trusted key that signed, or why none did. */
function signer(envelope: Envelope, payload: Buffer, ring: KeyRing) {
    if (envelope.signatures.length === 0) return { reason: "unsigned", problem: "has no signature" } as const;
    const bytes = signedBytes(payload);
    let forgedBy: string | undefined;
    for (const { keyid, sig } of envelope.signatures) {
        const known = ring.get(keyid ?? "");
        if (!known) continue;
        if (verifies(bytes, known.key, sig)) return known.trusted;
        forgedBy = known.trusted.keyId;
    }
    if (forgedBy !== undefined) {
        const problem = `is forged: the signature by key ${short(forgedBy)} does not belong to its contents`;
        return { reason: "forged", problem } as const;
    }
    const named = envelope.signatures.map(({ keyid }) => (keyid ? short(keyid) : "without id"));
    return { reason: "unknown-key", problem: `is signed by key ${named.join(", ")}, which is not trusted` } as const;
}

function verifies(bytes: Buffer, key: Parameters<typeof verify>[2], signature: string): boolean {
    try {
        return verify("sha256", bytes, key, Buffer.from(signature, "base64"));
    } catch {
        return false;
    }
}

function parse(payload: Buffer): unknown {
    try {
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    } catch {
        return undefined;
    }
}

/** The first 12 digits of a key's id, for messages. */
export function short(keyId: string): string {
    return keyId.slice(0, 12);
}
