import { z } from "zod";
import { isOwner, requireRole, requireRoleForChange, requireViewer, roleOf } from "../access";
import {
    body,
    validationFailed,
    noContent,
    notFound,
    pageOf,
    restPrefix,
    type Context,
    type Routes,
    type World,
} from "../http";
import { matchesPattern } from "../protection/rules";
import { nodeId, type Repository, type Ruleset, type User } from "../store";

/** Rule types that the front enforces. Another is refused: a stored rule that is not enforced would mislead. */
export const enforcedRules = [
    "creation",
    "update",
    "deletion",
    "non_fast_forward",
    "required_linear_history",
    "required_signatures",
] as const;

const rule = z.object({
    type: z.enum(enforcedRules, {
        error: (issue) =>
            `the sandbox cannot enforce a rule of type ${String(issue.input)}; it enforces ${enforcedRules.join(", ")}`,
    }),
    parameters: z.record(z.string(), z.unknown()).optional(),
});

const settings = z.object({
    name: z.string().min(1),
    target: z.enum(["branch", "tag"]).default("branch"),
    enforcement: z.enum(["disabled", "active", "evaluate"]),
    bypass_actors: z
        .array(
            z.object({
                actor_id: z.int().nullish(),
                actor_type: z.enum(["OrganizationAdmin", "RepositoryRole", "Team", "User"]),
                bypass_mode: z.enum(["always", "pull_request", "exempt"]).default("always"),
            }),
        )
        .nullish(),
    conditions: z
        .object({
            ref_name: z.object({ include: z.array(z.string()).default([]), exclude: z.array(z.string()).default([]) }),
        })
        .nullish(),
    rules: z.array(rule).default([]),
});

/** Numbers of GitHub's repository roles in `bypass_actors`. */
const roleNumbers: Record<number, string> = { 1: "read", 2: "maintain", 3: "triage", 4: "write", 5: "admin" };

function bypasses(world: World, repository: Repository, user: User, ruleset: Ruleset): boolean {
    return ruleset.bypass_actors.some(({ actor_type, actor_id, bypass_mode }) => {
        if (bypass_mode === "pull_request") return false;
        switch (actor_type) {
            case "OrganizationAdmin":
                return isOwner(world, user, repository.owner_id);
            case "User":
                return user.id === actor_id;
            case "Team":
                return world.data.teamMembers.findBy("user_id", user.id).some((row) => row.team_id === actor_id);
            default:
                return roleOf(world, user, repository) === roleNumbers[actor_id ?? 0];
        }
    });
}

function covers(repository: Repository, ruleset: Ruleset, ref: string): boolean {
    const kind = ref.startsWith("refs/tags/") ? "tag" : "branch";
    if (ruleset.target !== kind || ruleset.enforcement !== "active") return false;
    const matches = (pattern: string) =>
        pattern === "~ALL" ||
        (pattern === "~DEFAULT_BRANCH" && ref === `refs/heads/${repository.default_branch}`) ||
        matchesPattern(ref, pattern);
    const { include, exclude } = ruleset.conditions.ref_name;
    return include.some(matches) && !exclude.some(matches);
}

/** Types of the rules that bind this user on this ref. */
export function rulesOn(world: World, repository: Repository, user: User, ref: string): Set<string> {
    const binding = world.data.rulesets
        .findBy("repo_id", repository.id)
        .filter((ruleset) => covers(repository, ruleset, ref) && !bypasses(world, repository, user, ruleset));
    return new Set(binding.flatMap((ruleset) => ruleset.rules.map(({ type }) => type)));
}

function view(world: World, context: Context, repository: Repository, ruleset: Ruleset) {
    const bypassed = bypasses(world, repository, requireViewer(world, context), ruleset);
    const path = `${repository.full_name}/rulesets/${ruleset.id}`;
    return {
        id: ruleset.id,
        name: ruleset.name,
        target: ruleset.target,
        source_type: "Repository",
        source: repository.full_name,
        enforcement: ruleset.enforcement,
        conditions: ruleset.conditions,
        rules: ruleset.rules,
        node_id: ruleset.node_id,
        created_at: ruleset.created_at,
        updated_at: ruleset.updated_at,
        bypass_actors: ruleset.bypass_actors,
        current_user_can_bypass: bypassed ? "always" : "never",
        _links: {
            self: { href: `${world.baseUrl}${restPrefix}/repos/${path}` },
            html: { href: `${world.baseUrl}/${path.replace("/rulesets/", "/rules/")}` },
        },
    };
}

/** Repository rulesets for branches and tags (https://docs.github.com/rest/repos/rules). */
export function rulesetRoutes(world: World, routes: Routes): void {
    const path = "/repos/:owner/:repo/rulesets";
    const { rulesets } = world.data;
    const given = async (context: Context, repository: Repository, except?: number) => {
        const { bypass_actors, conditions, ...wanted } = await body(context, settings);
        const others = rulesets.findBy("repo_id", repository.id).filter((row) => row.id !== except);
        if (others.some((row) => row.name === wanted.name)) {
            throw validationFailed("Ruleset", "name", "Name must be unique");
        }
        return {
            ...wanted,
            bypass_actors: bypass_actors ?? [],
            conditions: conditions ?? { ref_name: { include: [], exclude: [] } },
        };
    };
    const existing = (context: Context, repository: Repository) => {
        const ruleset = rulesets.get(Number(context.req.param("ruleset_id")));
        if (ruleset?.repo_id !== repository.id) throw notFound();
        return ruleset;
    };
    routes.get(path, (context) => {
        const repository = requireRole(world, context, "read");
        const shown = rulesets.findBy("repo_id", repository.id).map((ruleset) => {
            const {
                rules: _,
                conditions: __,
                bypass_actors: ___,
                ...brief
            } = view(world, context, repository, ruleset);
            return brief;
        });
        return Response.json(pageOf(context, shown));
    });
    routes.post(path, async (context) => {
        const repository = requireRoleForChange(world, context, "admin");
        const row = rulesets.insert({ repo_id: repository.id, node_id: "", ...(await given(context, repository)) });
        const ruleset = rulesets.update(row.id, { node_id: nodeId("RepositoryRuleset", row.id) }) ?? row;
        return Response.json(view(world, context, repository, ruleset), { status: 201 });
    });
    routes.get(`${path}/:ruleset_id`, (context) => {
        const repository = requireRole(world, context, "read");
        return Response.json(view(world, context, repository, existing(context, repository)));
    });
    routes.put(`${path}/:ruleset_id`, async (context) => {
        const repository = requireRoleForChange(world, context, "admin");
        const { id } = existing(context, repository);
        const ruleset = rulesets.update(id, await given(context, repository, id));
        if (ruleset === undefined) throw notFound();
        return Response.json(view(world, context, repository, ruleset));
    });
    routes.delete(`${path}/:ruleset_id`, (context) => {
        const repository = requireRoleForChange(world, context, "admin");
        rulesets.delete(existing(context, repository).id);
        return noContent();
    });
}
