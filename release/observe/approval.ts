import { z } from "zod";
import type { ApproverTeams } from "../shared/approver-teams";
import type { Predicate } from "../../delivery/evidence/predicates";
import type { Change } from "./change";
import { ObserveError } from "./error";
import type { GitHub } from "./github";

type Approval = Predicate<"approval">;
type Decision = Approval["decisions"][number];

/** Names of the roles in evidence. */
const roles = { "Engineering Manager": "engineering-manager", "Tech Lead": "tech-lead" } as const satisfies Record<
    ApproverTeams[string],
    Decision["role"]
>;

/** The GitHub environment whose approvals count. */
const environment = "production";

/** What an approver of a hotfix writes: it confirms that the hotfix has not soaked. */
const expedited = "expedited";

/**
 * Whether a comment confirms that the hotfix has not soaked: its first line is the word `expedited`, in capitals or not,
 * and nothing else. Reasons follow on other lines. A sentence with the word in it may say the opposite.
 */
export function isExpedited(comment: string): boolean {
    return comment.trim().split("\n", 1)[0]?.trim().toLowerCase() === expedited;
}

const user = z.object({ login: z.string().min(1) });
const instant = z.iso.datetime({ offset: true });

const review = z.object({
    user: user.nullable(),
    state: z.string(),
    body: z.string().nullable().optional(),
    submitted_at: instant.nullable().optional(),
    commit_id: z.string().nullable(),
});

const run = z.object({ head_sha: z.string(), html_url: z.string() });

const runApproval = z.object({
    state: z.enum(["approved", "rejected", "pending"]),
    comment: z.string(),
    user,
    environments: z.array(z.object({ name: z.string().optional() })),
});

/** A decision as GitHub lists it, without what is not asked for. */
export type EarlierDecision = Pick<z.output<typeof runApproval>, "comment" | "state" | "user">;

/**
 * Reads decisions as GitHub's API lists them (`GET …/actions/runs/{id}/approvals`).
 *
 * @throws ObserveError when it is something else
 */
export function earlierDecisions(text: string): EarlierDecision[] {
    try {
        return z.array(runApproval.pick({ comment: true, state: true, user: true })).parse(JSON.parse(text));
    } catch {
        throw new ObserveError(
            "--earlier must be a list of decisions as GitHub's API lists a run's approvals, in JSON.",
        );
    }
}

const deployment = z.object({ id: z.number() });
const status = z.object({
    state: z.string(),
    created_at: instant,
    log_url: z.string().optional(),
    target_url: z.string().optional(),
});

/** Statuses of a deployment that still waits for an approval. */
const undecided = new Set(["waiting", "pending"]);

interface Verdict {
    readonly login: string;
    readonly approved: boolean;
    readonly comment: string;
    readonly decidedAt: string;
}

async function roleOf(github: GitHub, teams: ApproverTeams, login: string): Promise<Decision["role"]> {
    const shape = z.object({ state: z.string() });
    for (const [team, role] of Object.entries(teams)) {
        const path = `orgs/${github.organization}/teams/${team}/memberships/${login}`;
        if ((await github.find(path, shape))?.state === "active") return roles[role];
    }
    return "other";
}

/** The last verdict of each person, with the role that the person has now. */
async function decisionsOf(github: GitHub, teams: ApproverTeams, verdicts: readonly Verdict[]): Promise<Decision[]> {
    const last = new Map<string, Verdict>();
    for (const one of [...verdicts].sort((a, b) => Date.parse(a.decidedAt) - Date.parse(b.decidedAt)))
        last.set(one.login.toLowerCase(), one);
    return Promise.all(
        [...last.values()].map(async ({ approved, comment, decidedAt, login }) => ({
            login,
            role: await roleOf(github, teams, login),
            verdict: approved ? ("approved" as const) : ("rejected" as const),
            expedited: isExpedited(comment),
            decidedAt: new Date(decidedAt).toISOString(),
            ...(comment.trim() !== "" && { comment: comment.trim().slice(0, 2000) }),
        })),
    );
}

/** Verdicts in the reviews of a pull request: approvals and requests for changes. */
async function reviewVerdicts(github: GitHub, number: number) {
    const reviews = await github.list(`repos/${github.repository}/pulls/${number}/reviews`, review);
    return reviews.flatMap(({ body, commit_id: commit, state, submitted_at: at, user: reviewer }) => {
        const upper = state.toUpperCase();
        if (!reviewer || !at || (upper !== "APPROVED" && upper !== "CHANGES_REQUESTED")) return [];
        const approved = upper === "APPROVED";
        return [{ login: reviewer.login, approved, comment: body ?? "", decidedAt: at, commit: commit ?? "" }];
    });
}

/**
 * When the run's last approval was decided. GitHub's list of approvals has no times, but a deployment's first status after
 * "waiting" follows the decision at once. Each attempt of the run that asked for an approval has a deployment of its own.
 */
async function decidedAt(github: GitHub, runId: number, commit: string): Promise<string> {
    const at = `repos/${github.repository}/deployments`;
    const query = new URLSearchParams({ sha: commit, environment });
    const ofRun = new RegExp(`/actions/runs/${runId}(?:/|$)`);
    const times: string[] = [];
    for (const { id } of await github.list(`${at}?${query.toString()}`, deployment)) {
        const decided = (await github.list(`${at}/${id}/statuses`, status))
            .filter(({ log_url: log, state, target_url: target }) => {
                return !undecided.has(state) && (ofRun.test(log ?? "") || ofRun.test(target ?? ""));
            })
            .map((one) => one.created_at);
        times.push(...inOrder(decided).slice(0, 1));
    }
    const last = inOrder(times).at(-1);
    if (last === undefined)
        throw new ObserveError(
            `Run ${runId} has no deployment to ${environment} that was decided, so the time of the decision is unknown.`,
        );
    return last;
}

const inOrder = (times: readonly string[]) => [...times].sort((a, b) => Date.parse(a) - Date.parse(b));

/**
 * The decisions that GitHub did not list yet when the approver's page was written. Its list has those of all attempts of a
 * run, in no order that it documents, and does not say which attempt one is of.
 */
function withoutEarlier<One extends EarlierDecision>(
    decisions: readonly One[],
    earlier: readonly EarlierDecision[],
): One[] {
    const left = [...decisions];
    for (const one of earlier) {
        const at = left.findIndex(
            ({ comment, state, user: { login } }) =>
                login === one.user.login && state === one.state && comment === one.comment,
        );
        if (at >= 0) left.splice(at, 1);
    }
    return left;
}

/**
 * Who approved a release, from the approvals of the environment "production" in a workflow run (specification,
 * section 5).
 *
 * @param teams the teams whose members have a role
 * @param earlier decisions of the run's earlier attempts, which do not count
 * @throws ObserveError when the run is about another commit, or no one has decided yet
 */
export async function approvalOfRun(
    github: GitHub,
    runId: number,
    change: Change,
    teams: ApproverTeams,
    earlier: readonly EarlierDecision[] = [],
    now = new Date(),
): Promise<Approval> {
    const at = `repos/${github.repository}/actions/runs/${runId}`;
    const { head_sha: head, html_url: uri } = await github.get(at, run);
    if (head !== change.mergeCommit)
        throw new ObserveError(`Run ${runId} is about ${head}, the release is ${change.mergeCommit}.`);
    const decided = (await github.get(`${at}/approvals`, z.array(runApproval))).filter(
        ({ environments, state }) => state !== "pending" && environments.some(({ name }) => name === environment),
    );
    const approvals = withoutEarlier(decided, earlier);
    if (approvals.length === 0)
        throw new ObserveError(
            `No one has decided about ${environment} in run ${runId} yet${decided.length > 0 ? "; earlier attempts do not count" : ""}.`,
        );
    const moment = await decidedAt(github, runId, change.mergeCommit);
    const verdicts = approvals.map(({ comment, state, user: { login } }) => ({
        login,
        approved: state === "approved",
        comment,
        decidedAt: moment,
    }));
    return approval(uri, change, await decisionsOf(github, teams, verdicts), now);
}

/** Who approved a release, from the reviews of its pull request. */
export async function approvalOfReviews(
    github: GitHub,
    change: Change,
    teams: ApproverTeams,
    now = new Date(),
): Promise<Approval> {
    const verdicts = await reviewVerdicts(github, change.number);
    return approval(change.uri, change, await decisionsOf(github, teams, verdicts), now);
}

function approval(uri: string, change: Change, decisions: Decision[], now: Date): Approval {
    return { environment: "prod", authors: [...change.authors], decisions, uri, measuredAt: now.toISOString() };
}

/** The reviews of the pull request that the release comes from (specification, sections 2 and 5). */
export async function codeReviewOf(github: GitHub, change: Change, now = new Date()): Promise<Predicate<"codeReview">> {
    const last = new Map<string, Awaited<ReturnType<typeof reviewVerdicts>>[number]>();
    for (const one of await reviewVerdicts(github, change.number)) last.set(one.login.toLowerCase(), one);
    return {
        pullRequest: change.uri,
        headCommit: change.headCommit,
        mergeCommit: change.mergeCommit,
        authors: [...change.authors],
        reviews: [...last.values()].map(({ approved, commit, decidedAt: at, login }) => ({
            login,
            state: approved ? ("approved" as const) : ("changes-requested" as const),
            commit,
            submittedAt: new Date(at).toISOString(),
        })),
        measuredAt: now.toISOString(),
    };
}
