import { z } from "zod";
import { ObserveError } from "./error";
import type { GitHub } from "./github";

const user = z.object({ login: z.string().min(1) });

const pullRequest = z.object({
    number: z.number(),
    html_url: z.string(),
    user: user.nullable(),
    head: z.object({ sha: z.string() }),
    merged_at: z.string().nullable().optional(),
    merge_commit_sha: z.string().nullable(),
});

const listedCommit = z.object({
    sha: z.string(),
    // Null, empty or absent when the address belongs to no account.
    author: user.nullish().or(z.object({}).transform(() => null)),
    commit: z.object({ message: z.string(), author: z.object({ email: z.string() }).nullish() }),
});

/** GitHub lists at most so many commits of a pull request. */
const listedCommits = 250;

/** The pull request that a release comes from, and who wrote it. */
export interface Change {
    readonly number: number;
    readonly uri: string;
    readonly headCommit: string;
    readonly mergeCommit: string;
    readonly authors: readonly string[];
}

const normal = (email: string) => email.trim().toLowerCase();

/** The login in one of GitHub's own addresses, `123+login@users.noreply.github.com`. */
const loginOf = (email: string) => /^(?:\d+\+)?([a-z0-9-]+(?:\[bot\])?)@users\.noreply\./.exec(email)?.[1];

/**
 * The authors of a pull request: the one who opened it, the authors of its commits, and the co-authors that their
 * messages name.
 *
 * @param known GitHub login by e-mail address, for addresses that belong to no account on GitHub
 * @throws ObserveError for an author without a known login: the approver might be that author
 */
async function authorsOf(
    github: GitHub,
    { number, user: opener }: z.output<typeof pullRequest>,
    known: Readonly<Record<string, string>>,
): Promise<string[]> {
    const commits = await github.list(`repos/${github.repository}/pulls/${number}/commits`, listedCommit);
    if (commits.length >= listedCommits)
        throw new ObserveError(
            `Pull request ${number} has ${listedCommits} commits or more; GitHub does not list all, so its authors are unknown.`,
        );
    const authors = new Map<string, string>();
    const add = (login: string) => authors.set(login.toLowerCase(), login);
    const addAddress = (address: string, sha: string) => {
        const login = known[normal(address)] ?? loginOf(normal(address));
        if (login === undefined)
            throw new ObserveError(
                `Commit ${sha} is by <${address}>, who can't be matched with a GitHub login; give --author ${address}=<login>.`,
            );
        add(login);
    };
    if (opener) add(opener.login);
    for (const { author, commit, sha } of commits) {
        if (author) add(author.login);
        else addAddress(commit.author?.email ?? "unknown", sha);
        for (const [, email = ""] of commit.message.matchAll(/^co-authored-by:.*<([^<>]+)>\s*$/gim))
            addAddress(email, sha);
    }
    return [...authors.values()].sort();
}

/**
 * The pull request whose merge made a commit.
 *
 * @param number its number, for a GitHub that can't list a commit's pull requests
 * @throws ObserveError when there is none, it is not merged, or its merge made another commit
 */
export async function changeOf(
    github: GitHub,
    commit: string,
    options: { readonly number?: number; readonly logins?: Readonly<Record<string, string>> } = {},
): Promise<Change> {
    const at = `repos/${github.repository}`;
    const found =
        options.number === undefined
            ? (await github.list(`${at}/commits/${commit}/pulls`, pullRequest)).find(
                  ({ merge_commit_sha: merge }) => merge === commit,
              )
            : await github.get(`${at}/pulls/${options.number}`, pullRequest);
    if (found === undefined)
        throw new ObserveError(
            `No pull request of ${github.repository} became ${commit}; a release comes from a merge.`,
        );
    if (!found.merged_at || found.merge_commit_sha !== commit)
        throw new ObserveError(
            `Pull request ${found.number} ${found.merged_at ? `became ${found.merge_commit_sha ?? "no commit"}` : "is not merged"}, the release is ${commit}.`,
        );
    return {
        number: found.number,
        uri: found.html_url,
        headCommit: found.head.sha,
        mergeCommit: commit,
        authors: await authorsOf(github, found, options.logins ?? {}),
    };
}
