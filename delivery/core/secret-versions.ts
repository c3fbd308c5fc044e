/**
 * Versions of the secret store (AWS Secrets Manager) by entry. An id names a value for good and says nothing of it, so
 * it may be written down and compared where the value may not be read.
 */
export type SecretVersions = Readonly<Record<string, string>>;

/** Annotation of a Kubernetes Secret: the versions of the store that it was made from, as JSON. */
export const secretVersionsAnnotation = "relaypacs.com/secret-versions";

/** The annotation's text. Entries are sorted, so that equal versions are equal text. */
export const writtenVersions = (versions: SecretVersions): string =>
    JSON.stringify(Object.fromEntries(Object.entries(versions).sort(([a], [b]) => (a < b ? -1 : 1))));

/** The versions that an annotation names; undefined for a Secret without one, and for text of another form. */
export function readVersions(annotation: string | undefined): SecretVersions | undefined {
    if (annotation === undefined) return undefined;
    try {
        const read = JSON.parse(annotation) as unknown;
        if (typeof read !== "object" || read === null || Array.isArray(read)) return undefined;
        return Object.values(read).every((id) => typeof id === "string") ? (read as SecretVersions) : undefined;
    } catch {
        return undefined;
    }
}

/** The version with the stage AWSCURRENT; undefined where none has it. */
export const currentVersion = (
    versions: readonly { readonly versionId: string; readonly versionStages: readonly string[] }[],
): string | undefined => versions.find(({ versionStages }) => versionStages.includes("AWSCURRENT"))?.versionId;
