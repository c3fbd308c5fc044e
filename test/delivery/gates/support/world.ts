import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import {
    checkpoints,
    gates,
    judgeRelease,
    type Gate,
    type Judgement,
    type JudgementRequest,
} from "../../../../delivery/gates";
import { dutyNames, mayState, type Duty } from "../../../../delivery/evidence/duties";
import { payloadType, signedBytes, type Envelope } from "../../../../delivery/evidence/envelope";
import {
    items,
    measuredAt,
    releaseItems,
    type ItemName,
    type ItemPredicate,
} from "../../../../delivery/evidence/items";
import { keyIdOf, type TrustedKey } from "../../../../delivery/evidence/keys";
import type { Predicate } from "../../../../delivery/evidence/predicates";
import { createStatement, type Statement } from "../../../../delivery/evidence/statement";
import type { EvidenceFile } from "../../../../delivery/evidence/verify";
import { ago, contents, day, now, release, repository } from "./contents";

export interface KeyPair {
    readonly id: string;
    readonly privateKey: KeyObject;
    readonly publicKey: KeyObject;
}

export function newKey(): KeyPair {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return { id: keyIdOf(pair.publicKey), ...pair };
}

export function trust(key: KeyPair, change: Partial<TrustedKey> = {}): TrustedKey {
    const publicKey = key.publicKey.export({ type: "spki", format: "pem" }).toString();
    const validity = { notBefore: ago(400 * day), notAfter: ago(-400 * day) };
    return { keyId: key.id, publicKey, ...validity, duty: "pipeline", ...change };
}

/** The keys that sign a good release's evidence, one a duty. */
export const signers: Readonly<Record<Duty, KeyPair>> = {
    pipeline: newKey(),
    staging: newKey(),
    production: newKey(),
};
export const trusted = signers.pipeline;
export const stranger = newKey();
export const expired = newKey();
export const expiry = ago(1);

/** The signers' public halves. */
export const trustAll = (change: Partial<TrustedKey> = {}): TrustedKey[] =>
    dutyNames.map((duty) => trust(signers[duty], { duty, ...change }));
export const keys: readonly TrustedKey[] = [...trustAll(), trust(expired, { duty: "staging", notAfter: expiry })];

/** The key that signs an item: its duty's, and staging's for the incidents, which production counts as well. */
export function signerOf(item: ItemName): KeyPair {
    return signers[dutyNames.find((duty) => mayState(duty, item))!];
}

/** A signed envelope around any text, by default by the pipeline's key. */
export function seal(text: string, key: KeyPair = trusted): Envelope {
    const payload = Buffer.from(text);
    const signature = sign("sha256", signedBytes(payload), key.privateKey);
    return {
        payloadType,
        payload: payload.toString("base64"),
        signatures: [{ keyid: key.id, sig: signature.toString("base64") }],
    };
}

/** How one item's evidence differs from a good release's. */
export interface Spoiler {
    /** Changes the predicate. */
    readonly change?: (predicate: never) => void;
    /** Changes the statement before it is signed, whether or not its schema allows that. */
    readonly restate?: (statement: Statement) => void;
    /** Changes the envelope after it is signed. */
    readonly reseal?: (envelope: Envelope) => void;
    readonly key?: KeyPair;
    readonly issuedAt?: string;
    readonly missing?: boolean;
    /** For items about each image: only this service's is spoiled. */
    readonly service?: string;
}

export type Spoilers = Readonly<Partial<Record<ItemName, Spoiler>>>;

/** Issued just after it was measured, and never before the build. */
function issueTime(item: ItemName): string {
    const measured = measuredAt(items[item].predicate, contents[item]);
    return measured > ago(7.9 * 3600) ? measured : ago(7.9 * 3600);
}

export function statementOf(item: ItemName, spoiler: Spoiler = {}, services?: readonly string[]): Statement {
    const predicate = structuredClone(contents[item]) as Predicate;
    spoiler.change?.(predicate as never);
    const issuedAt = spoiler.issuedAt ?? issueTime(item);
    const made = createStatement(items[item].predicate, predicate, release, {
        issuedAt,
        ...(services && { services }),
    });
    spoiler.restate?.(made);
    return made;
}

const good = new Map<string, EvidenceFile>();

function fileOf(item: ItemName, spoiler: Spoiler | undefined, service?: string): EvidenceFile {
    const source = `${[item, service].filter(Boolean).join(".")}.json`;
    const kept = spoiler === undefined ? good.get(source) : undefined;
    if (kept) return kept;
    const statement = statementOf(item, spoiler, service === undefined ? undefined : [service]);
    const envelope = seal(JSON.stringify(statement), spoiler?.key ?? signerOf(item));
    spoiler?.reseal?.(envelope);
    const file = { source, envelope };
    if (spoiler === undefined) good.set(source, file);
    return file;
}

/** All items of a release except admissions, with which it can pass in another way. */
const ofNewRelease = releaseItems.filter((item) => items[item].predicate !== "admission");

/** The evidence of a good release, with some items spoiled; by default what a release has before it is admitted. */
export function evidence(spoilers: Spoilers = {}, wanted: Iterable<ItemName> = ofNewRelease) {
    return [...wanted].flatMap((item): EvidenceFile[] => {
        const spoiler = spoilers[item];
        const services = items[item].scope === "each-image" ? Object.keys(release.images) : [undefined];
        return services.flatMap((service) => {
            const hit = spoiler && (spoiler.service === undefined || spoiler.service === service) ? spoiler : undefined;
            return hit?.missing ? [] : [fileOf(item, hit, service)];
        });
    });
}

export function judge(files: readonly EvidenceFile[], change: Partial<JudgementRequest> = {}): Judgement {
    return judgeRelease(files, { checkpoint: "production", release, repository, now, keys, ...change });
}

export interface GateCase {
    readonly spoilers?: Spoilers;
    readonly hotfix?: boolean;
    readonly limits?: Record<string, number>;
    readonly now?: string;
    readonly productionVersion?: string;
}

/** The outcome of one gate, given only the evidence that it may read. */
export function outcomeOf(gate: Gate, { spoilers = {}, hotfix, limits, now: at, productionVersion }: GateCase) {
    const isHotfix = hotfix ?? gate.releases === "hotfix";
    const spoiled = isHotfix ? { approval: { change: expedite }, ...spoilers } : spoilers;
    const wanted = new Set<ItemName>([...gate.needs, "provenance", ...(isHotfix ? (["hotfix"] as const) : [])]);
    const judgement = judge(evidence(spoiled, wanted), {
        checkpoint: gate.checkpoints.at(-1) ?? checkpoints[0],
        release: { ...release, hotfix: isHotfix },
        ...(limits && { limits }),
        ...(at !== undefined && { now: at }),
        productionVersion,
    });
    const outcome = judgement.outcomes.find((one) => one.id === gate.id);
    if (!outcome) throw new Error(`the gate ${gate.id} did not judge`);
    return outcome;
}

/** Makes all decisions those of approvers who know that the release is a hotfix. */
export function expedite(approval: ItemPredicate<"approval">): void {
    for (const decision of approval.decisions) decision.expedited = true;
}

export function gateNamed(id: string): Gate {
    const found = gates.find((one) => one.id === id);
    if (!found) throw new Error(`there is no gate ${id}`);
    return found;
}

/** Shifts every time in a value by `seconds`, which keeps their order. */
export function shift(value: unknown, seconds: number): void {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
        if (typeof inner === "string" && /^\d{4}-\d{2}-\d{2}T.*Z$/.test(inner)) {
            (value as Record<string, string>)[key] = new Date(Date.parse(inner) + seconds * 1000).toISOString();
        } else shift(inner, seconds);
    }
}

/** Changes a predicate so that it was measured `seconds` before `now`. */
export function measuredAgo(item: ItemName, seconds: number): (predicate: never) => void {
    return (predicate) => {
        const was = measuredAt(items[item].predicate, predicate);
        shift(predicate, (Date.parse(now) - Date.parse(was)) / 1000 - seconds);
    };
}
