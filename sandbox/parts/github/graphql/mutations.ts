import { isAdministrator, mayWrite } from "../access";
import { GitHubError } from "../http";
import { actorNamed, addRule, changeRule, emptyRule, removeRule, type RuleSettings } from "../protection/rules";
import { nodeId, type ProtectionRule, type Repository } from "../store";
import { branchProtectionRuleNode, threadNode } from "./nodes";
import { noNode, repositoryWithId } from "./queries";
import type { Scope } from "./scope";

interface Input extends Record<string, unknown> {
    readonly clientMutationId?: string | null;
}

function assertAdministrator({ world, viewer }: Scope, repository: Repository): void {
    if (!isAdministrator(world, viewer, repository)) {
        throw new GitHubError(403, `${viewer.login} does not have the correct permissions to execute this mutation`);
    }
    if (repository.archived) throw new GitHubError(422, "Repository was archived so is read-only.");
}

const lists = [
    "pushActorIds",
    "reviewDismissalActorIds",
    "bypassForcePushActorIds",
    "bypassPullRequestActorIds",
] as const;

/** The rule's settings in the input; null and absence leave a setting as it is. */
function settingsIn({ world }: Scope, input: Input): Partial<RuleSettings> {
    if (input.requiresDeployments === true) {
        throw new GitHubError(422, "The sandbox cannot enforce required deployments");
    }
    const checks = input.requiredStatusChecks as { context: string }[] | null | undefined;
    const given: Record<string, unknown> = {
        ...input,
        ...(checks && { requiredStatusCheckContexts: checks.map(({ context }) => context) }),
    };
    const known = Object.keys(emptyRule).filter((name) => given[name] != null);
    const settings = Object.fromEntries(known.map((name) => [name, given[name]])) as Partial<RuleSettings>;
    for (const list of lists) {
        for (const id of settings[list] ?? []) if (actorNamed(world, id) === undefined) throw noNode(id);
    }
    const { requiredApprovingReviewCount: count = 0 } = settings;
    if (count < 0 || count > 6) throw new GitHubError(422, "requiredApprovingReviewCount must be between 0 and 6");
    return settings;
}

function ruleWithId(scope: Scope, id: unknown): { rule: ProtectionRule; repository: Repository } {
    const rule = scope.world.data.protectionRules.findOneBy("node_id", String(id));
    const repository = rule && scope.world.data.repositories.get(rule.repo_id);
    if (rule === undefined || repository === undefined) throw noNode(String(id));
    assertAdministrator(scope, repository);
    return { rule, repository };
}

const setResolved = (resolved: boolean) => (given: { input: Input }, scope: Scope) => {
    const { world, viewer } = scope;
    const id = String(given.input.threadId);
    const comment = world.data.comments.all().find((row) => nodeId("PullRequestReviewThread", row.id) === id);
    const repository = comment && world.data.repositories.get(comment.repo_id);
    if (comment === undefined || repository === undefined) throw noNode(id);
    if (!mayWrite(world, viewer, repository))
        throw new GitHubError(403, "You do not have permission to resolve this thread");
    const changed = world.data.comments.update(comment.id, { resolved }) ?? comment;
    return { thread: threadNode(changed), clientMutationId: given.input.clientMutationId ?? null };
};

/** The mutations that the sandbox carries out. */
export const mutations = {
    createBranchProtectionRule: ({ input }: { input: Input }, scope: Scope) => {
        const repository = repositoryWithId(scope, String(input.repositoryId));
        assertAdministrator(scope, repository);
        const rule = addRule(scope.world, repository, scope.viewer, String(input.pattern), settingsIn(scope, input));
        return {
            branchProtectionRule: branchProtectionRuleNode(scope.world, rule),
            clientMutationId: input.clientMutationId ?? null,
        };
    },
    updateBranchProtectionRule: ({ input }: { input: Input }, scope: Scope) => {
        const { rule, repository } = ruleWithId(scope, input.branchProtectionRuleId);
        const pattern = typeof input.pattern === "string" ? { pattern: input.pattern } : {};
        const changed = changeRule(scope.world, repository, rule, { ...settingsIn(scope, input), ...pattern });
        return {
            branchProtectionRule: branchProtectionRuleNode(scope.world, changed),
            clientMutationId: input.clientMutationId ?? null,
        };
    },
    deleteBranchProtectionRule: ({ input }: { input: Input }, scope: Scope) => {
        const { rule, repository } = ruleWithId(scope, input.branchProtectionRuleId);
        removeRule(scope.world, repository, rule);
        return { clientMutationId: input.clientMutationId ?? null };
    },
    resolveReviewThread: setResolved(true),
    unresolveReviewThread: setResolved(false),
};
