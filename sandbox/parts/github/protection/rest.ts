import { z } from "zod";
import { requireRole, requireRoleForChange, requireViewer } from "../access";
import {
    body,
    noContent,
    notFound,
    GitHubError,
    restPrefix,
    validationFailed,
    type Context,
    type Routes,
    type World,
} from "../http";
import { branchTip } from "../git";
import type { ProtectionRule, Repository } from "../store";
import { userOf, teamOf } from "../resources/people";
import { actorNamed, addRule, changeRule, removeRule, rulesOf, type RuleSettings } from "./rules";

const actorLists = z.object({
    users: z.array(z.string()).optional(),
    teams: z.array(z.string()).optional(),
    apps: z.array(z.string()).optional(),
});

const statusChecks = z.object({
    strict: z.boolean().optional(),
    contexts: z.array(z.string()).optional(),
    checks: z.array(z.object({ context: z.string(), app_id: z.int().nullish() })).optional(),
});

const reviews = z.object({
    dismiss_stale_reviews: z.boolean().optional(),
    require_code_owner_reviews: z.boolean().optional(),
    required_approving_review_count: z.int().min(0).max(6).optional(),
    require_last_push_approval: z.boolean().optional(),
    dismissal_restrictions: actorLists.optional(),
    bypass_pull_request_allowances: actorLists.optional(),
});

const protection = z.object({
    required_status_checks: statusChecks.nullable(),
    enforce_admins: z.boolean().nullable(),
    required_pull_request_reviews: reviews.nullable(),
    restrictions: actorLists.nullable(),
    required_linear_history: z.boolean().optional(),
    allow_force_pushes: z.boolean().nullish(),
    allow_deletions: z.boolean().optional(),
    block_creations: z.boolean().optional(),
    required_conversation_resolution: z.boolean().optional(),
    lock_branch: z.boolean().nullish(),
    allow_fork_syncing: z.boolean().nullish(),
});

function idsOf(world: World, lists: z.infer<typeof actorLists>): string[] {
    const { users = [], teams = [], apps = [] } = lists;
    const find = <T extends { node_id: string }>(rows: T[], named: (row: T) => boolean, name: string) => {
        const row = rows.find(named);
        if (row === undefined) throw validationFailed("Branch", "actors", `${name} could not be found`);
        return row.node_id;
    };
    if (apps.length > 0) throw validationFailed("Branch", "apps", "the sandbox has no GitHub Apps");
    return [
        ...users.map((login) => find(world.data.users.all(), (row) => row.login === login, login)),
        ...teams.map((slug) => find(world.data.teams.all(), (row) => row.slug === slug, slug)),
    ];
}

function fromChecks(given: z.infer<typeof statusChecks>): Partial<RuleSettings> {
    const contexts = given.checks?.map((check) => check.context) ?? given.contexts;
    return {
        requiresStatusChecks: true,
        ...(given.strict !== undefined && { requiresStrictStatusChecks: given.strict }),
        ...(contexts && { requiredStatusCheckContexts: contexts }),
    };
}

function fromReviews(world: World, given: z.infer<typeof reviews>): Partial<RuleSettings> {
    const dismissal = given.dismissal_restrictions && idsOf(world, given.dismissal_restrictions);
    const count = given.required_approving_review_count;
    return {
        requiresApprovingReviews: true,
        ...(count !== undefined && { requiredApprovingReviewCount: count }),
        ...(given.dismiss_stale_reviews !== undefined && { dismissesStaleReviews: given.dismiss_stale_reviews }),
        ...(given.require_code_owner_reviews !== undefined && {
            requiresCodeOwnerReviews: given.require_code_owner_reviews,
        }),
        ...(given.require_last_push_approval !== undefined && {
            requireLastPushApproval: given.require_last_push_approval,
        }),
        ...(dismissal && { restrictsReviewDismissals: dismissal.length > 0, reviewDismissalActorIds: dismissal }),
        ...(given.bypass_pull_request_allowances && {
            bypassPullRequestActorIds: idsOf(world, given.bypass_pull_request_allowances),
        }),
    };
}

function fromProtection(world: World, given: z.infer<typeof protection>): Partial<RuleSettings> {
    return {
        requiresStatusChecks: false,
        requiredStatusCheckContexts: [],
        requiresStrictStatusChecks: false,
        requiresApprovingReviews: false,
        ...(given.required_status_checks && fromChecks(given.required_status_checks)),
        ...(given.required_pull_request_reviews && {
            requiredApprovingReviewCount: 1,
            ...fromReviews(world, given.required_pull_request_reviews),
        }),
        isAdminEnforced: given.enforce_admins ?? false,
        restrictsPushes: given.restrictions !== null,
        pushActorIds: given.restrictions === null ? [] : idsOf(world, given.restrictions),
        requiresLinearHistory: given.required_linear_history ?? false,
        allowsForcePushes: given.allow_force_pushes ?? false,
        allowsDeletions: given.allow_deletions ?? false,
        blocksCreations: given.block_creations ?? false,
        requiresConversationResolution: given.required_conversation_resolution ?? false,
        lockBranch: given.lock_branch ?? false,
        lockAllowsFetchAndMerge: given.allow_fork_syncing ?? false,
    };
}

const rulePath = (world: World, repository: Repository, rule: ProtectionRule) =>
    `${world.baseUrl}${restPrefix}/repos/${repository.full_name}/branches/${encodeURIComponent(rule.pattern)}/protection`;

function actors(world: World, ids: readonly string[], url: string) {
    const found = ids.map((id) => actorNamed(world, id));
    return {
        url,
        users_url: `${url}/users`,
        teams_url: `${url}/teams`,
        apps_url: `${url}/apps`,
        users: found.flatMap((actor) => (actor?.type === "User" ? [userOf(world, actor.row)] : [])),
        teams: found.flatMap((actor) => (actor?.type === "Team" ? [teamOf(world, actor.row)] : [])),
        apps: [],
    };
}

const checksView = (rule: ProtectionRule, url: string) => ({
    url: `${url}/required_status_checks`,
    strict: rule.requiresStrictStatusChecks,
    contexts: rule.requiredStatusCheckContexts,
    contexts_url: `${url}/required_status_checks/contexts`,
    checks: rule.requiredStatusCheckContexts.map((context) => ({ context, app_id: null })),
});

function reviewsView(world: World, rule: ProtectionRule, base: string) {
    const url = `${base}/required_pull_request_reviews`;
    return {
        url,
        dismiss_stale_reviews: rule.dismissesStaleReviews,
        require_code_owner_reviews: rule.requiresCodeOwnerReviews,
        require_last_push_approval: rule.requireLastPushApproval,
        required_approving_review_count: rule.requiredApprovingReviewCount,
        ...(rule.restrictsReviewDismissals && {
            dismissal_restrictions: actors(world, rule.reviewDismissalActorIds, `${url}/dismissal_restrictions`),
        }),
        ...(rule.bypassPullRequestActorIds.length > 0 && {
            bypass_pull_request_allowances: actors(world, rule.bypassPullRequestActorIds, url),
        }),
    };
}

function protectionView(world: World, repository: Repository, rule: ProtectionRule) {
    const url = rulePath(world, repository, rule);
    return {
        url,
        ...(rule.requiresStatusChecks && { required_status_checks: checksView(rule, url) }),
        ...(rule.requiresApprovingReviews && { required_pull_request_reviews: reviewsView(world, rule, url) }),
        ...(rule.restrictsPushes && { restrictions: actors(world, rule.pushActorIds, `${url}/restrictions`) }),
        required_signatures: { url: `${url}/required_signatures`, enabled: rule.requiresCommitSignatures },
        enforce_admins: { url: `${url}/enforce_admins`, enabled: rule.isAdminEnforced },
        required_linear_history: { enabled: rule.requiresLinearHistory },
        allow_force_pushes: { enabled: rule.allowsForcePushes },
        allow_deletions: { enabled: rule.allowsDeletions },
        block_creations: { enabled: rule.blocksCreations },
        required_conversation_resolution: { enabled: rule.requiresConversationResolution },
        lock_branch: { enabled: rule.lockBranch },
        allow_fork_syncing: { enabled: rule.lockAllowsFetchAndMerge },
    };
}

function existingRule(world: World, context: Context, change: boolean) {
    const repository = (change ? requireRoleForChange : requireRole)(world, context, "admin");
    const branch = context.req.param("branch");
    if (branchTip(world, repository, branch) === undefined) throw new GitHubError(404, "Branch not found");
    const rule = rulesOf(world, repository).find((other) => other.pattern === branch);
    if (rule === undefined) throw new GitHubError(404, "Branch not protected");
    return { repository, rule, url: rulePath(world, repository, rule) };
}

/**
 * Branch protection over REST (https://docs.github.com/rest/branches/branch-protection): another view of the rules that
 * GraphQL writes. As on GitHub, REST reaches the rule with the branch's exact name.
 */
export function protectionRoutes(world: World, routes: Routes): void {
    const path = "/repos/:owner/:repo/branches/:branch{.+}/protection";
    const switches = [
        { name: "enforce_admins", field: "isAdminEnforced" },
        { name: "required_signatures", field: "requiresCommitSignatures" },
    ] as const;
    for (const { name, field } of switches) {
        const set = (enabled: boolean) => (context: Context) => {
            const { repository, rule, url } = existingRule(world, context, true);
            changeRule(world, repository, rule, { [field]: enabled });
            return enabled ? Response.json({ url: `${url}/${name}`, enabled }) : noContent();
        };
        routes.get(`${path}/${name}`, (context) => {
            const { rule, url } = existingRule(world, context, false);
            return Response.json({ url: `${url}/${name}`, enabled: rule[field] });
        });
        routes.post(`${path}/${name}`, set(true));
        routes.delete(`${path}/${name}`, set(false));
    }

    const parts = [
        {
            name: "required_status_checks",
            field: "requiresStatusChecks",
            view: (rule: ProtectionRule, url: string) => checksView(rule, url),
            change: async (context: Context) => fromChecks(await body(context, statusChecks)),
            absent: { requiredStatusCheckContexts: [], requiresStrictStatusChecks: false } as Partial<RuleSettings>,
        },
        {
            name: "required_pull_request_reviews",
            field: "requiresApprovingReviews",
            view: (rule: ProtectionRule, url: string) => reviewsView(world, rule, url),
            change: async (context: Context) => fromReviews(world, await body(context, reviews)),
            absent: { requiredApprovingReviewCount: 0 } as Partial<RuleSettings>,
        },
    ] as const;
    for (const { name, field, view, change, absent } of parts) {
        routes.get(`${path}/${name}`, (context) => {
            const { rule, url } = existingRule(world, context, false);
            if (!rule[field]) throw notFound();
            return Response.json(view(rule, url));
        });
        routes.patch(`${path}/${name}`, async (context) => {
            const { repository, rule, url } = existingRule(world, context, true);
            if (!rule[field]) throw notFound();
            return Response.json(view(changeRule(world, repository, rule, await change(context)), url));
        });
        routes.delete(`${path}/${name}`, (context) => {
            const { repository, rule } = existingRule(world, context, true);
            if (!rule[field]) throw notFound();
            changeRule(world, repository, rule, { [field]: false, ...absent });
            return noContent();
        });
    }

    routes.get(path, (context) => {
        const { repository, rule } = existingRule(world, context, false);
        return Response.json(protectionView(world, repository, rule));
    });
    routes.put(path, async (context) => {
        const repository = requireRoleForChange(world, context, "admin");
        const branch = context.req.param("branch");
        if (branchTip(world, repository, branch) === undefined) throw new GitHubError(404, "Branch not found");
        const settings = fromProtection(world, await body(context, protection));
        const known = rulesOf(world, repository).find((rule) => rule.pattern === branch);
        const rule = known
            ? changeRule(world, repository, known, settings)
            : addRule(world, repository, requireViewer(world, context), branch, settings);
        return Response.json(protectionView(world, repository, rule));
    });
    routes.delete(path, (context) => {
        const { repository, rule } = existingRule(world, context, true);
        removeRule(world, repository, rule);
        return noContent();
    });
}
