import { z } from "zod";
import { quote, ReportError } from "./shared/error";
import { parseJson } from "./shared/json";
import type { ScanResult, Vulnerability } from "./results";

const severity = z.enum(["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN"]);

const vulnerability = z.object({
    VulnerabilityID: z.string().min(1),
    PkgName: z.string().min(1),
    InstalledVersion: z.string(),
    FixedVersion: z.string().optional(),
    Severity: severity,
    SeveritySource: z.string().min(1).optional(),
});

const secret = z.object({
    RuleID: z.string().min(1),
    Severity: severity,
    Title: z.string(),
    StartLine: z.int().min(0),
});

const misconfiguration = z.object({
    ID: z.string().min(1),
    Severity: severity,
    Title: z.string().min(1).optional(),
    /** "PASS" is listed only with `--include-non-failures`; "EXCEPTION" is a failure that someone excepted. */
    Status: z.string().optional(),
});

const license = z.object({
    Name: z.string().min(1),
    Severity: severity,
    /** Empty for the licence of a file. */
    PkgName: z.string().default(""),
    FilePath: z.string().default(""),
});

/** A finding that `.trivyignore`, a policy or a VEX document took out of the report. */
const modified = z.discriminatedUnion("Type", [
    z.object({ Type: z.literal("vulnerability"), Finding: vulnerability }),
    z.object({ Type: z.literal("secret"), Finding: secret }),
    z.object({ Type: z.literal("misconfiguration"), Finding: misconfiguration }),
    z.object({ Type: z.literal("license"), Finding: license }),
]);

const report = z.object({
    SchemaVersion: z.literal(2),
    Trivy: z.object({ Version: z.string().min(1).optional() }).optional(),
    CreatedAt: z.iso.datetime({ offset: true }),
    ArtifactName: z.string().min(1),
    ArtifactType: z.string().regex(/^\w+$/, "must be one word"),
    Metadata: z.object({
        OS: z.object({ Family: z.string(), Name: z.string(), EOSL: z.boolean().optional() }).optional(),
        ImageID: z.string().optional(),
        RepoDigests: z.array(z.string().regex(/@sha256:[0-9a-f]{64}$/)).optional(),
    }),
    Results: z
        .array(
            z.object({
                Target: z.string(),
                Class: z.string().optional(),
                Vulnerabilities: z.array(vulnerability).nullish(),
                Secrets: z.array(secret).nullish(),
                Misconfigurations: z.array(misconfiguration).nullish(),
                Licenses: z.array(license).nullish(),
                ExperimentalModifiedFindings: z.array(modified).nullish(),
            }),
        )
        .optional(),
});

/** Classes of results about packages. Others are about configuration, secrets and licences. */
const packageClasses = new Set(["os-pkgs", "lang-pkgs"]);

type TrivyResult = NonNullable<z.output<typeof report>["Results"]>[number];

const ratingOf = (severity: string, source = "trivy") =>
    severity === "UNKNOWN" ? undefined : { method: source, score: severity.toLowerCase() };

/** All findings of one result, also those that a list of Trivy's own hides. */
function findingsOf(result: TrivyResult): Vulnerability[] {
    const { Target, Vulnerabilities, Secrets, Misconfigurations, Licenses } = result;
    const hidden = result.ExperimentalModifiedFindings ?? [];
    const vulnerabilities = hidden.flatMap((one) => (one.Type === "vulnerability" ? [one.Finding] : []));
    const secrets = hidden.flatMap((one) => (one.Type === "secret" ? [one.Finding] : []));
    const misconfigurations = hidden.flatMap((one) => (one.Type === "misconfiguration" ? [one.Finding] : []));
    const licenses = hidden.flatMap((one) => (one.Type === "license" ? [one.Finding] : []));
    return [
        ...[...(Vulnerabilities ?? []), ...vulnerabilities].map((one) => ({
            id: one.VulnerabilityID,
            rating: ratingOf(one.Severity, one.SeveritySource),
            package: one.PkgName,
            installedVersion: one.InstalledVersion,
            fixedVersion: one.FixedVersion,
            target: Target,
        })),
        ...[...(Secrets ?? []), ...secrets].map((one) => ({
            id: `secret:${one.RuleID}`,
            rating: ratingOf(one.Severity),
            package: one.Title,
            installedVersion: `line ${String(one.StartLine)}`,
            fixedVersion: undefined,
            target: Target,
        })),
        ...[...(Misconfigurations ?? []), ...misconfigurations]
            .filter(({ Status }) => Status !== "PASS")
            .map((one) => ({
                id: `misconfiguration:${one.ID}`,
                rating: ratingOf(one.Severity),
                package: one.Title ?? one.ID,
                installedVersion: "unknown",
                fixedVersion: undefined,
                target: Target,
            })),
        ...[...(Licenses ?? []), ...licenses].map((one) => ({
            id: `license:${one.Name}`,
            rating: ratingOf(one.Severity),
            package: one.PkgName || one.FilePath || one.Name,
            installedVersion: "unknown",
            fixedVersion: undefined,
            target: Target,
        })),
    ];
}

/** Refuses a scan that did not look at everything in the image. */
function checkComplete(os: z.output<typeof report>["Metadata"]["OS"], results: readonly TrivyResult[], file: string) {
    if (os?.EOSL === true)
        throw new ReportError(
            file,
            "Metadata.OS.EOSL",
            `${quote(`${os.Family} ${os.Name}`)} is at the end of its life and gets no more advisories, so a scan of it finds nothing new; build the image on a supported release.`,
        );
    if (os !== undefined && os.Family !== "none" && !results.some((one) => one.Class === "os-pkgs"))
        throw new ReportError(
            file,
            "Results",
            `Trivy scanned libraries alone, not the packages of ${quote(`${os.Family} ${os.Name}`)}; run it without --pkg-types (formerly --vuln-type).`,
        );
}

/**
 * Trivy's JSON report on an image (`trivy image --format json`, schema 2).
 *
 * The image must be scanned in the registry, so that the report has its digest in `RepoDigests`. "UNKNOWN" is Trivy's
 * severity for a finding without a rating. Findings that `.trivyignore` or a VEX document hides count where the report
 * still names them (`--show-suppressed`); only the manifest accepts one. A secret in the image is a finding with the id
 * `secret:<rule>`, and what other scanners of Trivy's find (`--scanners`) one with `misconfiguration:<id>` or
 * `license:<name>`. A report is refused when the image's distribution is at its end of life, or was not scanned.
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
    checkComplete(Metadata.OS, Results, file);
    return {
        kind: "scan",
        scanner: "trivy",
        packageUrl: "pkg:github/aquasecurity/trivy",
        version: Trivy?.Version,
        vulnerabilities: Results.flatMap(findingsOf),
        imageDigests: digests,
        onlineDatabase: false,
        scannedAt: new Date(CreatedAt),
    };
}
