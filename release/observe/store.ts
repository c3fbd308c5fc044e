import * as fs from "node:fs";
import * as path from "node:path";
import { loadEvidence, storeEvidence } from "../../delivery/evidence/folder";
import { itemOf } from "../../delivery/evidence/items";
import type { Predicate, PredicateName } from "../../delivery/evidence/predicates";
import { signStatement, type Signer } from "../../delivery/evidence/sign";
import { createStatement, readStatement, subjectName } from "../../delivery/evidence/statement";
import type { ReleaseIdentity } from "../../delivery/core/release";

/**
 * Writes one predicate about a whole release: as an envelope, or as an unsigned statement when there is no signer.
 *
 * @returns the file's name
 */
export async function store<Name extends PredicateName>(
    folder: string,
    name: Name,
    predicate: Predicate<Name>,
    release: ReleaseIdentity,
    signer: Signer | undefined,
): Promise<string> {
    const statement = createStatement(name, predicate, release, { issuedAt: new Date().toISOString() });
    if (signer !== undefined) return storeEvidence(folder, await signStatement(statement, signer));
    const file = `${itemOf(name, predicate)}.statement.json`;
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, file), `${JSON.stringify(statement, null, 2)}\n`);
    return file;
}

/**
 * When the deployment of a release to staging was complete, from evidence in a folder; undefined when there is none. No
 * signature is verified, because the time can only shorten what counts as soak.
 */
export async function deployedAt(folder: string, release: ReleaseIdentity): Promise<string | undefined> {
    if (!fs.existsSync(folder)) return undefined;
    const wanted = new Set(Object.entries(release.images).map(([name, digest]) => `${subjectName(name)}@${digest}`));
    const moments = (await loadEvidence(folder)).flatMap(({ envelope }) => {
        const reading = readStatement(statementIn(envelope));
        if (!reading.ok || reading.name !== "stagingDeployment") return [];
        const subjects = reading.statement.subject.map(({ digest, name }) => `${name}@sha256:${digest.sha256}`);
        if (subjects.length !== wanted.size || !subjects.every((one) => wanted.has(one))) return [];
        return [(reading.predicate as Predicate<"stagingDeployment">).completedAt];
    });
    return moments.sort().at(-1);
}

/** The statement in an envelope, or the unsigned statement that the file is. */
function statementIn(file: unknown): unknown {
    const payload = (file as { payload?: unknown } | undefined)?.payload;
    if (typeof payload !== "string") return file;
    try {
        return JSON.parse(Buffer.from(payload, "base64").toString("utf8"));
    } catch {
        return undefined;
    }
}
