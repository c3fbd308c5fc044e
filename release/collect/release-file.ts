import { collectedRelease, type ReleaseIdentity } from "../../delivery/core/release";
import { parseJson } from "./shared/json";

/** What the reports are about. */
export interface ReleaseFile extends ReleaseIdentity {
    /** When the commit was made, RFC 3339 in UTC: no report of it can be older. */
    readonly committedAt: string;
    /** Where the source is: an absolute URI such as `https://github.com/relaypacs/gateway`. */
    readonly repository: string;
}

/** Reads `release.json`. @throws ReportError that names the key and what is accepted */
export function parseRelease(content: string, name: string): ReleaseFile {
    const { version, commit, images, committedAt, repository } = parseJson(
        content,
        name,
        collectedRelease,
        "a release file",
    );
    return { version, commit, images, committedAt, repository };
}
