import { githubIssuer } from "../../delivery/core/names";

/** GitHub's ids of a repository and its owner, as text. */
export interface RepositoryIds {
    readonly owner: string;
    readonly repository: string;
}

/**
 * The beginning of each subject of a repository's OIDC tokens; a job adds `:environment:<name>` or `:ref:<ref>`.
 *
 * @param ids where the repository sends immutable subjects, as those do that were created, renamed or transferred after
 *     15 July 2026: ids follow the names, so that a name which someone else takes later makes another subject. Older
 *     repositories send names alone until they opt in.
 */
export const subjectPrefix = (owner: string, name: string, ids?: RepositoryIds): string =>
    ids ? `repo:${owner}@${ids.owner}/${name}@${ids.repository}` : `repo:${owner}/${name}`;

/**
 * An id that GitHub gave, as text.
 *
 * @throws Error when it is none: a look-up of something that does not exist answers 0 or nothing, without an error
 */
export function knownId(what: string, id: unknown): string {
    const text = typeof id === "number" || typeof id === "string" ? String(id) : "";
    if (/^[1-9]\d*$/.test(text)) return text;
    throw new Error(
        `GitHub's id of ${what} is ${JSON.stringify(id) ?? "missing"}; it must be a whole number above 0. ` +
            "Check that it exists and that GITHUB_TOKEN may read it.",
    );
}

/** The called workflows of the platform's repository whose jobs take a role. */
export type CalledWorkflow = "deploy.yml" | "publish.yml" | "rehearse.yml" | "rollback.yml";

/** Where the called workflows are, and at which commits they were reviewed. */
export interface ReviewedWorkflows {
    readonly owner: string;
    readonly repository: string;
    /** Full commits, 40 hexadecimal digits each. */
    readonly commits: readonly string[];
}

/** Values of the claim `job_workflow_ref` in the tokens of these workflows' jobs, one for each commit. */
export const workflowReferences = (
    { owner, repository, commits }: ReviewedWorkflows,
    files: readonly CalledWorkflow[],
): string[] =>
    commits.flatMap((commit) => files.map((file) => `${owner}/${repository}/.github/workflows/${file}@${commit}`));

/** A condition on claims of a token. AWS compares a claim with each of the values; a token without the claim fails. */
export const claimsEqual = (claims: Readonly<Record<string, string | readonly string[]>>) => ({
    StringEquals: Object.fromEntries(
        Object.entries(claims).map(([claim, value]) => [`${githubIssuer}:${claim}`, value]),
    ),
});
