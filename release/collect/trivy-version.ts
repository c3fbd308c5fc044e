import { z } from "zod";
import { parseJson } from "./shared/json";

const report = z.object({
    Version: z.string().min(1),
    VulnerabilityDB: z.object({
        Version: z.int().min(1),
        UpdatedAt: z.iso.datetime({ offset: true }),
    }),
});

/** The output of `trivy version --format json` after a scan: the database that was used, and its age. */
export function readTrivyVersion(text: string, file: string) {
    const { Version, VulnerabilityDB } = parseJson(text, file, report, "trivy version --format json");
    return {
        version: Version,
        databaseVersion: String(VulnerabilityDB.Version),
        databaseUpdatedAt: new Date(VulnerabilityDB.UpdatedAt),
    };
}
