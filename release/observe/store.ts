import * as fs from "node:fs";
import * as path from "node:path";
import { loadEvidence, storeEvidence } from "../../delivery/evidence/folder";
import { itemOf } from "../../delivery/evidence/items";
import type { KeyRing } from "../../delivery/evidence/keys";
import { newestEvidence } from "../../delivery/evidence/newest";
import type { Predicate, PredicateName } from "../../delivery/evidence/predicates";
import { signStatement, type Signer } from "../../delivery/evidence/sign";
import { createStatement } from "../../delivery/evidence/statement";
import type { ReleaseIdentity } from "../../delivery/core/release";
import { ObserveError } from "./error";

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
 * When the deployment of a release to staging was complete, from verified evidence in a folder; undefined when there is
 * none. What a soak or smoke tests are signed to be rests on it.
 *
 * @param ring gives the trusted keys; not asked where the folder does not exist
 * @throws ObserveError when evidence of the deployment counts for nothing
 */
export async function deployedAt(
    folder: string,
    release: ReleaseIdentity,
    ring: () => Promise<KeyRing>,
): Promise<string | undefined> {
    if (!fs.existsSync(folder)) return undefined;
    const files = await loadEvidence(folder);
    if (files.length === 0) return undefined;
    try {
        const { commit, images, version } = release;
        const about = { version, commit, images };
        const now = new Date().toISOString();
        return newestEvidence("staging-deployment", files, await ring(), now, about)?.predicate.completedAt;
    } catch (error) {
        throw new ObserveError((error as Error).message);
    }
}
