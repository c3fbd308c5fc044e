import { z } from "zod";

/** What was built together and is deployed together. */
export interface ReleaseIdentity {
    /** Semantic version without `v`. */
    readonly version: string;
    /** Commit that the images were built from: 40 hexadecimal digits. */
    readonly commit: string;
    /** `sha256:` and 64 hexadecimal digits, by service. */
    readonly images: Readonly<Record<string, string>>;
}

/** A release as the gates judge it. */
export interface Release extends ReleaseIdentity {
    /** Whether it skips staging's soak to end a P1 incident (specification, section 6, Hotfix). */
    readonly hotfix: boolean;
    /**
     * Whether the environment goes back to it, without a migration: then only its admission counts (section 7).
     *
     * @default false
     */
    readonly rollback?: boolean | undefined;
}

const accept = (pattern: RegExp, what: string, message = `must be ${what}`) =>
    z.string().regex(pattern, message).describe(what);

/** A git commit (SHA-1). */
export const commit = accept(
    /^[0-9a-f]{40}$/,
    "a git commit: 40 hexadecimal digits",
    "must be a git commit of 40 hexadecimal digits",
);

/** An image's identity: the SHA-256 of its manifest (OCI image specification, "Digests"). */
export const digest = accept(
    /^sha256:[0-9a-f]{64}$/,
    'an image digest: "sha256:" and 64 hexadecimal digits',
    "must be sha256: and 64 hexadecimal digits",
);

/** A version's name. It is the name of a folder too, in buckets and on disks, and so has no `/`. */
export const version = accept(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, "a semantic version such as 1.4.2");

/**
 * The one form in which a release is written down: the setting `relaypacs:release`, the stack output `release`, and the
 * release file that the command line reads and a build writes.
 */
export const release = z
    .strictObject({
        version,
        commit,
        images: z
            .record(z.string(), digest)
            .refine((images) => Object.keys(images).length > 0, "must name at least one image")
            .describe("a map of service names to image digests"),
        hotfix: z.boolean().describe("true for a hotfix that ends a P1 incident, else false").default(false),
        /** No migration is performed: the database has this release's schema or a newer one, which an older image does not know. */
        rollback: z.boolean().describe("true to roll back to a release that has run here, else false").default(false),
        /** No report about the commit can be older. `release collect` asks for it. */
        committedAt: z.iso
            .datetime("must be a time in UTC (RFC 3339)")
            .describe("when the commit was made, RFC 3339 in UTC")
            .optional(),
        /** `release collect` asks for it. */
        repository: z
            .string()
            .max(2000)
            .regex(/^[a-z][a-z0-9+.-]*:\S+$/i, "must be an absolute URI")
            .describe("where the source is, an absolute URI such as https://github.com/relaypacs/gateway")
            .optional(),
    })
    .describe('an object {"version", "commit", "images": {<service>: "sha256:…"}}');

/** A release with all that its written form may say. */
export type WrittenRelease = z.output<typeof release>;

const numbersOf = (version: string) => version.replace(/-.*/, "").split(".").map(Number);

/**
 * Whether a release is older than another: by the numbers of its version, and where these are the same (versions without
 * a release tag end with their commit), by when its commit was made, as far as both say so.
 */
export function isOlder(
    one: Pick<WrittenRelease, "version" | "committedAt">,
    other: Pick<WrittenRelease, "version" | "committedAt">,
): boolean {
    const others = numbersOf(other.version);
    const difference = numbersOf(one.version)
        .map((number, at) => number - (others[at] ?? 0))
        .find((each) => each !== 0);
    if (difference !== undefined) return difference < 0;
    const { committedAt: ones } = one;
    return ones !== undefined && other.committedAt !== undefined && Date.parse(ones) < Date.parse(other.committedAt);
}

/** A release as `release collect` needs it: it says also when the commit was made, and where its source is. */
export const collectedRelease = release.extend({
    committedAt: release.shape.committedAt.unwrap(),
    repository: release.shape.repository.unwrap(),
});

/** A release as the gates judge it, from its written form. */
export const judgedRelease = ({ version, commit, images, hotfix, rollback }: Release): Release => ({
    version,
    commit,
    images,
    hotfix,
    rollback,
});
