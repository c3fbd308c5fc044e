import { createPublicKey, generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { signingKeyFile } from "../../sandbox/release/signing-key";
import type { Envelope } from "../../release/evidence/envelope";
import { readPublicKey, keyIdOf, type TrustedKey } from "../../release/evidence/keys";
import { privateKeySigner, signStatement } from "../../release/evidence/sign";
import type { ItemName, ItemPredicate } from "../../release/evidence/items";
import type { Statement } from "../../release/evidence/statement";
import type { Instance } from "../../sandbox/instance";

/** A key that signs in tests, with its public half as a stack trusts it. */
export interface TestKey {
    readonly pem: string;
    readonly trusted: TrustedKey;
}

const day = 86_400_000;

/** @param notAfter when it stops to count */
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
        },
    };
}

/** How the evidence of one item differs from a good release's. */
export interface Spoiling<Item extends ItemName = ItemName> {
    readonly item: Item;
    readonly missing?: true;
    /** Changes the predicate before it is signed. */
    readonly change?: (predicate: ItemPredicate<Item>) => void;
    /** Changes the rest of the statement before it is signed. */
    readonly restate?: (statement: Statement) => void;
    /** Changes the envelope after it is signed. */
    readonly reseal?: (envelope: Envelope) => void;
    /** Signs in place of the sandbox's own key. */
    readonly key?: TestKey;
}

/** A copy of a folder of evidence in which one item is spoiled. */
export async function spoiledCopy<Item extends ItemName>(
    instance: Instance,
    folder: string,
    copy: string,
    { change, item, key, missing, reseal, restate }: Spoiling<Item>,
): Promise<void> {
    fs.rmSync(copy, { recursive: true, force: true });
    fs.cpSync(folder, copy, { recursive: true });
    const files = fs.readdirSync(copy).filter((file) => file.startsWith(`${item}.`));
    if (files.length === 0) throw new Error(`there is no evidence of ${item} in ${folder}`);
    const signer = privateKeySigner(key?.pem ?? fs.readFileSync(signingKeyFile(instance)));
    for (const file of files.map((name) => path.join(copy, name))) {
        const good = JSON.parse(fs.readFileSync(file, "utf8")) as Envelope;
        const statement = JSON.parse(Buffer.from(good.payload, "base64").toString()) as Statement;
        change?.(statement.predicate as ItemPredicate<Item>);
        restate?.(statement);
        const envelope = await signStatement(statement, signer);
        reseal?.(envelope);
        if (missing) fs.rmSync(file);
        else fs.writeFileSync(file, JSON.stringify(envelope));
    }
}
