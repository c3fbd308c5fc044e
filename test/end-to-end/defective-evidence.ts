import { createPublicKey, generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { dutyOf } from "../../sandbox/stacks/evidence/dossier";
import { signingKeyFile } from "../../sandbox/stacks/evidence/signing-key";
import type { Envelope } from "../../delivery/evidence/envelope";
import { readPublicKey, keyIdOf, type TrustedKey } from "../../delivery/evidence/keys";
import { privateKeySigner, signStatement } from "../../delivery/evidence/sign";
import type { ItemName, ItemPredicate } from "../../delivery/evidence/items";
import type { Statement } from "../../delivery/evidence/statement";
import type { Instance } from "../../sandbox/machine/instance";

/** A key that signs in tests, with its public half as a stack trusts it. */
export interface TestKey {
    readonly pem: string;
    readonly trusted: TrustedKey;
}

const day = 86_400_000;

/** @param notAfter end of the key's validity */
export function testKey(notAfter: Date): TestKey {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
    return {
        pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        trusted: {
            keyId: keyIdOf(readPublicKey(publicKey)),
            publicKey,
            notBefore: new Date(notAfter.getTime() - 30 * day).toISOString(),
            notAfter: notAfter.toISOString(),
            duty: "staging",
        },
    };
}

/** A defect in the evidence of one item. */
export interface Defect<Item extends ItemName = ItemName> {
    readonly item: Item;
    readonly missing?: true;
    /** Changes the predicate before it is signed. */
    readonly changePredicate?: (predicate: ItemPredicate<Item>) => void;
    /** Changes the rest of the statement before it is signed. */
    readonly changeStatement?: (statement: Statement) => void;
    /** Changes the envelope after it is signed. */
    readonly changeEnvelope?: (envelope: Envelope) => void;
    /** Signs in place of the sandbox's own key of the item's duty. */
    readonly key?: TestKey;
}

/** Copies a folder of evidence with defects, one after the other where they are in one item. */
export async function copyWithDefects(
    instance: Instance,
    folder: string,
    copy: string,
    ...defects: readonly Defect[]
): Promise<void> {
    fs.rmSync(copy, { recursive: true, force: true });
    fs.cpSync(folder, copy, { recursive: true });
    for (const defect of defects) await insertDefect(instance, copy, defect);
}

async function insertDefect<Item extends ItemName>(
    instance: Instance,
    folder: string,
    { changePredicate, item, key, missing, changeEnvelope, changeStatement }: Defect<Item>,
): Promise<void> {
    const files = fs.readdirSync(folder).filter((file) => file.startsWith(`${item}.`));
    if (files.length === 0) throw new Error(`there is no evidence of ${item} in ${folder}`);
    const signer = privateKeySigner(key?.pem ?? fs.readFileSync(signingKeyFile(instance, dutyOf(item))));
    for (const file of files.map((name) => path.join(folder, name))) {
        const good = JSON.parse(fs.readFileSync(file, "utf8")) as Envelope;
        const statement = JSON.parse(Buffer.from(good.payload, "base64").toString()) as Statement;
        changePredicate?.(statement.predicate as ItemPredicate<Item>);
        changeStatement?.(statement);
        const envelope = await signStatement(statement, signer);
        changeEnvelope?.(envelope);
        if (missing) fs.rmSync(file);
        else fs.writeFileSync(file, JSON.stringify(envelope));
    }
}
