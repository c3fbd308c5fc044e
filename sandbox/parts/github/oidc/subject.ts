import type { Repository, SubjectClaim } from "../store";

/** Claims of a token, all but times as text. */
export type Claims = Readonly<Record<string, string | number>>;

type Named = Pick<Repository, "full_name" | "id" | "owner_id">;

/** The beginning of a repository's subjects, with ids unless the repository still sends names alone. */
export function subjectPrefix({ full_name, id, owner_id }: Named, { use_immutable_subject }: SubjectClaim): string {
    const [owner = "", name = ""] = full_name.split("/");
    return use_immutable_subject ? `repo:${owner}@${owner_id}/${name}@${id}` : `repo:${full_name}`;
}

/** A `:` in a value would look like the end of it. */
const escaped = (value: string) => value.replaceAll(":", "%3A");

/** What follows the repository in the default subject (https://docs.github.com/actions/reference/security/oidc). */
function contextOf({ environment, event_name, ref }: Claims): string {
    if (environment !== undefined) return `environment:${escaped(String(environment))}`;
    return event_name === "pull_request" ? "pull_request" : `ref:${escaped(String(ref))}`;
}

/** The `sub` of a job with these claims, by the repository's template. */
export function subjectOf(repository: Named, settings: SubjectClaim, claims: Claims): string {
    const keys = settings.use_default ? undefined : settings.include_claim_keys;
    const parts = (keys ?? ["repo", "context"]).map((key) => {
        if (key === "repo") return subjectPrefix(repository, settings);
        if (key === "context") return contextOf(claims);
        return `${key}:${escaped(String(claims[key] ?? ""))}`;
    });
    return parts.join(":");
}
