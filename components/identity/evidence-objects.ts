import { bucketArn, type Account } from "../../delivery/core/names";
import { duties, type Duty } from "../../delivery/evidence/duties";
import { rehearsals, rehearsalsFolder, releaseItems, type ItemName } from "../../delivery/evidence/items";

/**
 * Objects of the evidence bucket, as IAM writes them: a release's evidence lies under its version, rehearsals under a name
 * of their own. IAM's wildcards also match `/`, so the reader still checks each key (`release fetch`).
 *
 * @param duty only what this duty states, by the items in the names of the files; all by default
 */
export function evidenceObjects(account: Account, duty?: Duty): string[] {
    const bucket = bucketArn(account, "evidence");
    const own: readonly ItemName[] = duty === undefined ? [...releaseItems, ...rehearsals] : duties[duty];
    const files = own.filter((item) => releaseItems.includes(item)).map((item) => `${item}.*.json`);
    return [
        ...(duty === undefined ? ["*.json"] : files).map((file) => `${bucket}/?*.?*.?*/${file}`),
        ...rehearsals
            .filter((item) => own.includes(item))
            .map((item) => `${bucket}/${rehearsalsFolder}/${item}.*.json`),
    ];
}
