import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { verifiablePayloadBytes, type Envelope } from "./envelope";
import { items, itemOf } from "./items";
import { readStatement } from "./statement";
import type { EvidenceFile } from "./verify";

/** In bytes. Base64 adds a third to the payload; the rest of an envelope is small. */
const maximumFileBytes = verifiablePayloadBytes * 1.4;

/**
 * Reads every envelope of a folder: its files whose names end in `.json`, in the order of their names. A file that
 * is not valid JSON stays in the list, so that the judgement rejects it by name. Synchronous, because a program must
 * finish its judgement before it registers resources.
 *
 * @throws Error when the folder or a file itself can't be read
 */
export function readEvidence(folder: string): EvidenceFile[] {
    try {
        return readdirSync(folder, { withFileTypes: true })
            .filter((one) => one.isFile() && one.name.endsWith(".json"))
            .map((one) => one.name)
            .sort()
            .map((source) => readFile(folder, source));
    } catch (error) {
        throw new Error(`The evidence folder ${folder} can't be read: ${(error as Error).message}.`, { cause: error });
    }
}

/** `readEvidence` as a promise, for callers that load other things in parallel. */
export function loadEvidence(folder: string): Promise<EvidenceFile[]> {
    return new Promise((resolve) => {
        resolve(readEvidence(folder));
    });
}

/** A file's contents: undefined when they are not valid JSON, or when they are far too large for an envelope. */
function readFile(folder: string, source: string): EvidenceFile {
    const path = join(folder, source);
    const { size } = statSync(path);
    if (size > maximumFileBytes) return { source, envelope: undefined, oversizeBytes: size };
    const text = readFileSync(path, "utf8");
    try {
        return { source, envelope: JSON.parse(text) };
    } catch {
        return { source, envelope: undefined };
    }
}

/**
 * Stores an envelope in a folder, named by the item, the image if it is about only one, and the key (in-toto's file
 * naming). Evidence of the same item by the same key is replaced.
 *
 * @returns the file's name
 * @throws Error when the envelope's statement is not valid
 */
export async function storeEvidence(folder: string, envelope: Envelope): Promise<string> {
    const reading = readStatement(JSON.parse(Buffer.from(envelope.payload, "base64").toString("utf8")));
    if (!reading.ok) throw new Error(`Evidence is not stored: ${reading.problem}.`);
    const item = itemOf(reading.name, reading.predicate);
    const image = items[item].scope === "each-image" ? reading.statement.subject.map((one) => one.name).sort() : [];
    const parts = [item, ...image.map((one) => one.replace(/^.*\//, "")), envelope.signatures[0]?.keyid?.slice(0, 8)];
    const name = `${parts.filter((part) => part !== undefined).join(".")}.json`;
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), `${JSON.stringify(envelope, null, 2)}\n`);
    return name;
}
