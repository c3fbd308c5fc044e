import { z } from "zod";
import { commit, moment, text, uri } from "../evidence/predicates/fields";
import type { ReleaseIdentity } from "../evidence/statement";
import { parseJson } from "./shared/json";

const image = z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits");

const release = z.strictObject({
    version: text("Semantic version without v"),
    commit: commit("Commit that the images were built from"),
    committedAt: moment("When the commit was made: no report of it can be older"),
    repository: uri("Where the source is, such as https://github.com/relaypacs/gateway"),
    images: z
        .record(z.string(), image)
        .refine((images) => Object.keys(images).length > 0, "must name an image")
        .describe("Digest of each service's image"),
});

/** What the reports are about. */
export type ReleaseFile = z.output<typeof release> & ReleaseIdentity;

/** Reads `release.json`. @throws ReportError that names the key and what is accepted */
export const parseRelease = (content: string, name: string): ReleaseFile =>
    parseJson(content, name, release, "a release file");
