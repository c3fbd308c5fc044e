import * as fs from "node:fs";
import * as path from "node:path";
import { items, measuredAt, releaseItems } from "../../../../delivery/evidence/items";
import type { Predicate } from "../../../../delivery/evidence/predicates";
import { createStatement } from "../../../../delivery/evidence/statement";
import type { EvidenceFile } from "../../../../delivery/evidence/verify";
import { ago, contents, now as exampleNow, release } from "./contents";
import { seal, shift, signerOf, type Spoilers } from "./world";

/**
 * The evidence of the good release as of now, for judgements by the real clock.
 *
 * @param agedSeconds how long ago the good release was admitted
 */
export function freshEvidence(spoilers: Spoilers = {}, agedSeconds = 0): EvidenceFile[] {
    const seconds = (Date.now() - Date.parse(exampleNow)) / 1000 - agedSeconds;
    const wanted = releaseItems.filter((item) => {
        return spoilers[item]?.missing !== true && (items[item].predicate !== "admission" || item in spoilers);
    });
    return wanted.flatMap((item) => {
        const { predicate: name, scope } = items[item];
        const { change, key = signerOf(item), reseal, restate } = spoilers[item] ?? {};
        const predicate = structuredClone(contents[item]) as Predicate;
        change?.(predicate as never);
        shift(predicate, seconds);
        const issued = { issuedAt: ago(7.9 * 3600) };
        shift(issued, seconds);
        const at = "completedAt" in predicate ? predicate.completedAt : measuredAt(name, predicate);
        const issuedAt = at > issued.issuedAt ? at : issued.issuedAt;
        const services = scope === "each-image" ? Object.keys(release.images).map((one) => [one]) : [undefined];
        return services.map((about) => {
            const statement = createStatement(name, predicate, release, {
                issuedAt,
                ...(about && { services: about }),
            });
            restate?.(statement);
            const envelope = seal(JSON.stringify(statement), key);
            reseal?.(envelope);
            return { source: `${[item, ...(about ?? [])].join(".")}.json`, envelope };
        });
    });
}

/** Writes evidence in the layout of a release's evidence folder. */
export function writeEvidence(folder: string, evidence: readonly EvidenceFile[]): void {
    for (const { source, envelope } of evidence) fs.writeFileSync(path.join(folder, source), JSON.stringify(envelope));
}
