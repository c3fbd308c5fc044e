import { createHash, verify } from "node:crypto";
import { z } from "zod";
import { mayState, notEntitled } from "./duties";
import {
    envelope as envelopeSchema,
    maximumPayloadBytes,
    payloadType,
    signedBytes,
    verifiablePayloadBytes,
} from "./envelope";
import { claimedItem, itemOf, measuredAt, type ItemName } from "./items";
import type { KeyRing, TrustedKey } from "./keys";
import { readIssue, readStatement, type Issue, type Statement } from "./statement";
import type { Predicate, PredicateName } from "./predicates";

/** An envelope as it was found, unverified, with its source. */
export interface EvidenceFile {
    /** File name or object key, for messages only. */
    readonly source: string;
    readonly envelope: unknown;
    /** Size in bytes of a file that is too large even to verify its signature; there is no envelope then. */
    readonly oversizeBytes?: number | undefined;
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
    /**
     * Present when a trusted key signed it, or may have, and the gates can't read it. It may speak against the release, so
     * it stands in the way of older evidence. What it says of the release and of its issue, as far as that can be read.
     */
    readonly unread?: Partial<Issue> | undefined;
}

/** An envelope of any payload type. Only in-toto's is read; for others it is only asked who signed. */
const anyEnvelope = envelopeSchema.extend({ payloadType: z.string() });

/**
 * Verifies one envelope. Pure: the time is an argument.
 *
 * A key counts when both `now` and the time of issue are within its validity. The time of issue alone is not enough: no
 * third party attests it, so anyone with a stolen expired key could backdate evidence.
 */
export function verifyEvidence(file: EvidenceFile, ring: KeyRing, now: string): VerifiedEvidence | RejectedEvidence {
    const { source } = file;
    const unreadable = (problem: string, unread?: Partial<Issue>): RejectedEvidence => {
        return { ok: false, source, item: undefined, reason: "unreadable", problem, ...(unread && { unread }) };
    };

    const read = anyEnvelope.safeParse(file.envelope);
    if (!read.success) {
        if (file.oversizeBytes !== undefined) return unreadable(tooLarge(file.oversizeBytes), {});
        return unreadable(notAnEnvelope(read.error.issues[0]?.path.join(".")));
    }
    const payload = Buffer.from(read.data.payload, "base64");
    if (payload.length > verifiablePayloadBytes) return unreadable(tooLarge(payload.length), {});
    const signed = signer(read.data, payload, ring);
    const counts = !("reason" in signed) && isWithin(now, signed);
    // Neither is parsed, so nothing is known of what it says.
    if (payload.length > maximumPayloadBytes) return unreadable(tooLarge(payload.length), counts ? {} : undefined);
    if (read.data.payloadType !== payloadType) return unreadable(notAnEnvelope("payloadType"), counts ? {} : undefined);

    // Read before the signature is verified, only for the item's name in messages.
    const contents = parse(payload);
    const item = claimedItem(contents);
    const reject = (reason: RejectionReason, problem: string, unread?: Partial<Issue>): RejectedEvidence => {
        return { ok: false, source, item, reason, problem, ...(unread && { unread }) };
    };
    const reading = readStatement(contents);

    if ("reason" in signed) return reject(signed.reason, signed.problem);
    const { duty, keyId, notBefore, notAfter } = signed;
    const entitled = (stated: ItemName | undefined) => stated === undefined || mayState(duty, stated);
    if (!reading.ok) {
        const unread = counts && entitled(item) ? readIssue(contents) : undefined;
        return reject("not-understood", `can't be understood: ${reading.problem}`, unread);
    }

    const { issuedAt } = reading.statement.relaypacsRelease;
    for (const [what, when] of [
        ["is judged", now],
        ["was issued", issuedAt],
    ] as const) {
        if (!isWithin(when, signed)) {
            const validity = `key ${short(keyId)}, which counts from ${notBefore} to ${notAfter}`;
            return reject("expired-key", `is signed by ${validity}, but ${what} at ${when}`);
        }
    }
    const stated = itemOf(reading.name, reading.predicate);
    if (!entitled(stated)) {
        return reject("not-entitled", `is signed by key ${short(keyId)}, which ${notEntitled(duty, stated)}`);
    }
    return {
        ok: true,
        source,
        item: stated,
        name: reading.name,
        predicate: reading.predicate,
        statement: reading.statement,
        issuedAt,
        measuredAt: measuredAt(reading.name, reading.predicate),
        keyId,
        sha256: createHash("sha256").update(payload).digest("hex"),
    };
}

const tooLarge = (bytes: number) => `has ${bytes} bytes; accepted: at most ${maximumPayloadBytes}`;

const notAnEnvelope = (path: string | undefined) =>
    `is not a DSSE envelope with an in-toto payload${path ? ` (${path} is wrong)` : ""}`;

/** Whether a moment is within a key's validity. */
function isWithin(moment: string, { notAfter, notBefore }: Pick<TrustedKey, "notAfter" | "notBefore">): boolean {
    return Date.parse(moment) >= Date.parse(notBefore) && Date.parse(moment) <= Date.parse(notAfter);
}

/** The trusted key that signed, or why none did. */
function signer(envelope: z.output<typeof anyEnvelope>, payload: Buffer, ring: KeyRing) {
    if (envelope.signatures.length === 0) return { reason: "unsigned", problem: "has no signature" } as const;
    const bytes = signedBytes(payload, envelope.payloadType);
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
