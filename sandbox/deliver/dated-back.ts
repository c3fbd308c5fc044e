import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { envelope } from "../../delivery/evidence/envelope";
import type { TrustedKey } from "../../delivery/evidence/keys";
import { signStatement } from "../../delivery/evidence/sign";
import type { Statement } from "../../delivery/evidence/statement";
import { storeEvidence } from "../../delivery/evidence/folder";
import { predicates } from "../../delivery/evidence/predicates";
import type { Instance } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { accountSigner } from "./account";

const time = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})/g;

/** A text in which every time (RFC 3339) is so many milliseconds earlier. */
export const datedBack = (text: string, milliseconds: number): string =>
    text.replace(time, (one) => new Date(Date.parse(one) - milliseconds).toISOString().replace(/\.000Z$/, "Z"));

/** A statement in the past. That of the build names the release's record, which has another sum then. */
export function statementDatedBack(text: string, milliseconds: number, record: string): Statement {
    const statement = JSON.parse(datedBack(text, milliseconds)) as Statement;
    if (statement.predicateType !== predicates.build.type) return statement;
    const { artifacts } = statement.predicate as { artifacts: { name: string; sha256: string }[] };
    for (const one of artifacts)
        if (one.name === "release.json") one.sha256 = createHash("sha256").update(record).digest("hex");
    return statement;
}

/** Signs the evidence of a folder again, each by the key that has signed it, with all its times in the past. */
export async function dateBack(
    instance: Instance,
    folder: string,
    keys: readonly TrustedKey[],
    milliseconds: number,
    record: string,
): Promise<void> {
    const signer = await accountSigner(instance);
    for (const file of fs.readdirSync(folder)) {
        const read = envelope.parse(JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")));
        const key = keys.find(({ keyId }) => keyId === read.signatures[0]?.keyid);
        if (key === undefined) throw new SandboxError(`${file} is signed by none of the account's keys.`);
        const text = Buffer.from(read.payload, "base64").toString();
        const statement = statementDatedBack(text, milliseconds, record);
        const stored = await storeEvidence(folder, await signStatement(statement, await signer(key.duty)));
        if (stored !== file) throw new SandboxError(`${file} would be ${stored} after it was signed again.`);
    }
}
