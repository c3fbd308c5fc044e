import { z } from "zod";
import { ReportError } from "./shared/error";
import { parseJson } from "./shared/json";
import type { ScanResult, Vulnerability } from "./results";

const vulnerability = z.object({
    VulnerabilityID: z.string().min(1),
    PkgName: z.string().min(1),
    InstalledVersion: z.string(),
    FixedVersion: z.string().optional(),
    Severity: z.enum(["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN"]),
    SeveritySource: z.string().min(1).optional(),
});

const report = z.object({
    SchemaVersion: z.literal(2),
    Trivy: z.object({ Version: z.string().min(1).optional() }).optional(),
    CreatedAt: z.iso.datetime({ offset: true }),
    ArtifactName: z.string().min(1),
    ArtifactType: z.string().min(1),
    Metadata: z.object({
        ImageID: z.string().optional(),
        RepoDigests: z.array(z.string().regex(/@sha256:[0-9a-f]{64}$/)).optional(),
    }),
    Results: z
        .array(
            z.object({
                Target: z.string(),
                Class: z.string().optional(),
                Vulnerabilities: z.array(vulnerability).nullish(),
            }),
        )
        .optional(),
});

/** Classes of results about packages. Others are about configuration, secrets and licences. */
const packageClasses = new Set(["os-pkgs", "lang-pkgs"]);

/**
 * Trivy's JSON report on an image (`trivy image --format json`, schema 2).
 *
 * The image must be scanned in the registry, so that the report has its digest in `RepoDigests`. "UNKNOWN" is Trivy's
 * severity for a finding without a rating. Findings that `.trivyignore` hides are not in the report.
 */
export function readTrivy(text: string, file: string): ScanResult {
    const { Trivy, CreatedAt, ArtifactType, Metadata, Results } = parseJson(
        text,
        file,
        report,
        "Trivy (trivy image --format json)",
    );
    if (ArtifactType !== "container_image")
        throw new ReportError(file, "ArtifactType", `Trivy scanned a ${ArtifactType}; it must scan a container image.`);
    const digests = (Metadata.RepoDigests ?? []).map((reference) => reference.slice(reference.indexOf("@") + 1));
    if (digests.length === 0)
        throw new ReportError(
            file,
            "Metadata.RepoDigests",
            "The report does not say which digest was scanned; scan the pushed image by its digest.",
        );
    if (Results?.some((one) => packageClasses.has(one.Class ?? "")) !== true)
        throw new ReportError(file, "Results", "Trivy found no packages in the image; nothing was scanned.");
    const vulnerabilities = Results.flatMap((result) =>
        (result.Vulnerabilities ?? []).map((one): Vulnerability => {
            const known = one.Severity !== "UNKNOWN";
            return {
                id: one.VulnerabilityID,
                rating: known
                    ? { method: one.SeveritySource ?? "trivy", score: one.Severity.toLowerCase() }
                    : undefined,
                package: one.PkgName,
                installedVersion: one.InstalledVersion,
                fixedVersion: one.FixedVersion,
                target: result.Target,
            };
        }),
    );
    return {
        kind: "scan",
        scanner: "trivy",
        packageUrl: "pkg:github/aquasecurity/trivy",
        version: Trivy?.Version,
        vulnerabilities,
        imageDigests: digests,
        onlineDatabase: false,
        scannedAt: new Date(CreatedAt),
    };
}
