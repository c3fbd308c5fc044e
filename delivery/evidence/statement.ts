import { z } from "zod";
import type { ReleaseIdentity } from "../core/release";
import { commit, moment, sha256, text } from "./predicates/fields";
import { predicateNamed, predicates, type Predicate, type PredicateName } from "./predicates";
import { repositoryName } from "../core/names";

export const statementType = "https://in-toto.io/Statement/v1";

/** An image of a release: the repository's name without registry, and the SHA-256 of its manifest. */
const subject = z.object({
    name: text("Image repository without its registry, such as relaypacs/backend"),
    digest: z.object({ sha256: sha256("Digest of the image's manifest") }),
});

/**
 * Which release the evidence belongs to, and when it was issued. An extension field, as in-toto allows: consumers that
 * don't know it ignore it. Digests alone can't detect a replay, because an unchanged build has the same digest.
 */
const issue = z.object({
    version: text("Version of the release, without v"),
    commit: commit("Commit that the release was built from"),
    issuedAt: moment("When the statement was made, after the images were built"),
});

/**
 * An in-toto Statement v1 about one release. Backend and frontend are tested, approved and deployed together, so a
 * statement names as subjects all images that it is about: every image of the release, or the one image that was scanned
 * or built.
 */
export const statement = z.object({
    _type: z.literal(statementType).describe("Always this type"),
    subject: z.array(subject).min(1).describe("The images that the statement is about"),
    predicateType: z.string().describe("Type URI of the predicate"),
    predicate: z.record(z.string(), z.unknown()).describe("What is stated, in the predicate type's own fields"),
    relaypacsRelease: issue.describe("The release that it belongs to"),
});
export type Statement = z.output<typeof statement>;
export type Issue = z.output<typeof issue>;

/** Subject name of a service's image: its repository in the registry. */
export const subjectName = repositoryName;

export interface StatementOptions {
    /** RFC 3339, UTC. */
    readonly issuedAt: string;
    /** Services whose images the statement is about; all of the release's by default. */
    readonly services?: readonly string[];
}

/**
 * Makes a statement about a release.
 *
 * @throws Error that names what is not valid in the contents, so that nothing is signed that the gates could not read
 */
export function createStatement<Name extends PredicateName>(
    name: Name,
    contents: Predicate<Name>,
    release: ReleaseIdentity,
    options: StatementOptions,
): Statement {
    const services = options.services ?? Object.keys(release.images);
    const made = readStatement({
        _type: statementType,
        subject: services.map((service) => {
            const digest = release.images[service];
            if (digest === undefined) {
                throw new Error(
                    `The release has no image of ${service}; its services are ${Object.keys(release.images).join(", ")}.`,
                );
            }
            return { name: subjectName(service), digest: { sha256: digest.replace(/^sha256:/, "") } };
        }),
        predicateType: predicates[name].type,
        predicate: contents,
        relaypacsRelease: { version: release.version, commit: release.commit, issuedAt: options.issuedAt },
    });
    if (!made.ok) throw new Error(`Evidence ${name} can't be stated: ${made.problem}.`);
    return made.statement;
}

export type Reading =
    | {
          readonly ok: true;
          readonly statement: Statement;
          readonly name: PredicateName;
          readonly predicate: Predicate;
      }
    | { readonly ok: false; readonly problem: string };

/** Reads a statement and its predicate, or says what is not valid, and where. */
export function readStatement(value: unknown): Reading {
    const outer = statement.safeParse(value);
    if (!outer.success) return { ok: false, problem: explain(outer.error, value) };
    const name = predicateNamed(outer.data.predicateType);
    if (name === undefined) {
        return { ok: false, problem: `predicateType is "${outer.data.predicateType}", which is not a known type` };
    }
    const inner = predicates[name].schema.safeParse(outer.data.predicate);
    if (!inner.success) return { ok: false, problem: explain(inner.error, outer.data.predicate, "predicate") };
    return { ok: true, statement: outer.data, name, predicate: inner.data };
}

/** What a statement that can't be read says of its release and of its issue, as far as that can be read. */
export function readIssue(value: unknown): Partial<Issue> {
    const given = z.object({ relaypacsRelease: z.record(z.string(), z.unknown()) }).safeParse(value);
    if (!given.success) return {};
    const { commit, issuedAt, version } = given.data.relaypacsRelease;
    const { shape } = issue;
    const read = {
        version: shape.version.safeParse(version).data,
        commit: shape.commit.safeParse(commit).data,
        issuedAt: shape.issuedAt.safeParse(issuedAt).data,
    };
    return Object.fromEntries(Object.entries(read).filter(([, one]) => one !== undefined));
}

/** The first issue of a schema, as `predicate.result is "SKIPPED" (Invalid option: …)`. */
function explain(error: z.ZodError, value: unknown, root?: string): string {
    const issue = error.issues[0];
    if (!issue) return "it does not match its schema";
    const path = [root, ...issue.path].filter((step) => step !== undefined).map(String);
    const given = issue.path.reduce<unknown>(
        (inner, step) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[step],
        value,
    );
    const place = path.join(".") || "the statement";
    if (issue.code === "custom") return `${place}: ${issue.message}`;
    if (given === undefined) return `${place} is missing`;
    const shown = typeof given === "object" ? "not accepted" : JSON.stringify(given).slice(0, 80);
    return `${place} is ${shown} (${issue.message})`;
}
