import { z } from "zod";
import { requireRole, requireRoleForChange, roleOf } from "../access";
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
import { nodeId, type DeploymentPolicy, type Environment, type Repository } from "../store";
import { teamOf, userOf } from "./people";

const settings = z.object({
    wait_timer: z.int().min(0).max(43_200).nullish(),
    prevent_self_review: z.boolean().nullish(),
    can_admins_bypass: z.boolean().nullish(),
    reviewers: z.array(z.object({ type: z.enum(["User", "Team"]), id: z.int() })).nullish(),
    deployment_branch_policy: z
        .object({ protected_branches: z.boolean(), custom_branch_policies: z.boolean() })
        .nullish(),
});

const policySettings = z.object({ name: z.string().min(1), type: z.enum(["branch", "tag"]).default("branch") });

export function environmentOf(world: World, repository: Repository, name: string): Environment {
    const environment = world.data.environments
        .findBy("repo_id", repository.id)
        .find((row) => row.name.toLowerCase() === name.toLowerCase());
    if (environment === undefined) throw notFound();
    return environment;
}

const named = (context: Context) => context.req.param("environment_name");

function reviewersOf(world: World, environment: Environment) {
    return environment.reviewers.flatMap(({ type, id }): { type: string; reviewer: object }[] => {
        if (type === "Team") {
            const team = world.data.teams.get(id);
            return team ? [{ type, reviewer: teamOf(world, team) }] : [];
        }
        const user = world.data.users.get(id);
        return user ? [{ type, reviewer: userOf(world, user) }] : [];
    });
}

function view(world: World, repository: Repository, environment: Environment) {
    const rule = (type: string, number: number) => {
        const id = environment.id * 10 + number;
        return { id, node_id: nodeId("Gate", id), type };
    };
    const reviewers = reviewersOf(world, environment);
    const url = `${world.baseUrl}${restPrefix}/repos/${repository.full_name}/environments/${encodeURIComponent(environment.name)}`;
    return {
        id: environment.id,
        node_id: nodeId("Environment", environment.id),
        name: environment.name,
        url,
        html_url: `${world.baseUrl}/${repository.full_name}/deployments/activity_log?environments_filter=${encodeURIComponent(environment.name)}`,
        created_at: environment.created_at,
        updated_at: environment.updated_at,
        can_admins_bypass: environment.can_admins_bypass,
        protection_rules: [
            ...(environment.wait_timer > 0 ? [{ ...rule("wait_timer", 1), wait_timer: environment.wait_timer }] : []),
            ...(reviewers.length > 0
                ? [
                      {
                          ...rule("required_reviewers", 2),
                          prevent_self_review: environment.prevent_self_review,
                          reviewers,
                      },
                  ]
                : []),
            ...(environment.deployment_branch_policy ? [rule("branch_policy", 3)] : []),
        ],
        deployment_branch_policy: environment.deployment_branch_policy,
    };
}

function assertReviewers(world: World, repository: Repository, reviewers: Environment["reviewers"]): void {
    if (reviewers.length > 6) {
        throw validationFailed("Environment", "reviewers", "A maximum of 6 reviewers can be configured.");
    }
    for (const { type, id } of reviewers) {
        const user = type === "User" ? world.data.users.get(id) : undefined;
        const known = type === "Team" ? world.data.teams.get(id) : user && roleOf(world, user, repository);
        if (known === undefined) {
            throw validationFailed("Environment", "reviewers", `${type} ${id} cannot review deployments.`);
        }
    }
}

async function put(world: World, context: Context): Promise<Response> {
    const repository = requireRoleForChange(world, context, "admin");
    const given = await body(context, settings);
    const policy = given.deployment_branch_policy ?? null;
    if (policy?.protected_branches === policy?.custom_branch_policies && policy !== null) {
        const message = "protected_branches and custom_branch_policies cannot have the same value";
        throw validationFailed("Environment", "deployment_branch_policy", message);
    }
    const reviewers = given.reviewers ?? [];
    assertReviewers(world, repository, reviewers);
    const wanted = {
        wait_timer: given.wait_timer ?? 0,
        prevent_self_review: given.prevent_self_review ?? false,
        can_admins_bypass: given.can_admins_bypass ?? true,
        reviewers,
        deployment_branch_policy: policy,
    };
    const { environments, deploymentPolicies } = world.data;
    const name = named(context);
    const known = environments
        .findBy("repo_id", repository.id)
        .find((row) => row.name.toLowerCase() === name.toLowerCase());
    const environment = known
        ? (environments.update(known.id, wanted) ?? known)
        : environments.insert({ repo_id: repository.id, name, ...wanted });
    if (!policy?.custom_branch_policies) {
        for (const row of deploymentPolicies.findBy("environment_id", environment.id))
            deploymentPolicies.delete(row.id);
    }
    return Response.json(view(world, repository, environment));
}

const policyView = ({ id, name, type }: DeploymentPolicy) => ({
    id,
    node_id: nodeId("GateBranchPolicy", id),
    name,
    type,
});

function policyRoutes(world: World, routes: Routes): void {
    const path = "/repos/:owner/:repo/environments/:environment_name/deployment-branch-policies";
    const { deploymentPolicies } = world.data;
    const environmentAt = (context: Context, repository: Repository) => {
        const environment = environmentOf(world, repository, named(context));
        if (!environment.deployment_branch_policy?.custom_branch_policies) throw notFound();
        return environment;
    };
    const policyAt = (context: Context, repository: Repository) => {
        const environment = environmentAt(context, repository);
        const policy = deploymentPolicies.get(Number(context.req.param("branch_policy_id")));
        if (policy?.environment_id !== environment.id) throw notFound();
        return policy;
    };
    routes.get(path, (context) => {
        const environment = environmentAt(context, requireRole(world, context, "read"));
        const policies = deploymentPolicies.findBy("environment_id", environment.id);
        return Response.json({
            total_count: policies.length,
            branch_policies: pageOf(context, policies.map(policyView)),
        });
    });
    routes.post(path, async (context) => {
        const repository = requireRoleForChange(world, context, "admin");
        const environment = environmentAt(context, repository);
        const { name, type } = await body(context, policySettings);
        const known = deploymentPolicies.findBy("environment_id", environment.id);
        const policy =
            known.find((row) => row.name === name && row.type === type) ??
            deploymentPolicies.insert({ repo_id: repository.id, environment_id: environment.id, name, type });
        return Response.json(policyView(policy));
    });
    routes.get(`${path}/:branch_policy_id`, (context) =>
        Response.json(policyView(policyAt(context, requireRole(world, context, "read")))),
    );
    routes.put(`${path}/:branch_policy_id`, async (context) => {
        const policy = policyAt(context, requireRoleForChange(world, context, "admin"));
        const { name } = await body(context, policySettings);
        return Response.json(policyView(deploymentPolicies.update(policy.id, { name }) ?? policy));
    });
    routes.delete(`${path}/:branch_policy_id`, (context) => {
        deploymentPolicies.delete(policyAt(context, requireRoleForChange(world, context, "admin")).id);
        return noContent();
    });
}

/** Deployment environments (https://docs.github.com/rest/deployments/environments) and their branch policies. */
export function environmentRoutes(world: World, routes: Routes): void {
    const path = "/repos/:owner/:repo/environments";
    const { environments, deploymentPolicies, variables, secrets, publicKeys } = world.data;
    routes.get(path, (context) => {
        const repository = requireRole(world, context, "read");
        const rows = environments.findBy("repo_id", repository.id);
        return Response.json({
            total_count: rows.length,
            environments: pageOf(
                context,
                rows.map((row) => view(world, repository, row)),
            ),
        });
    });
    routes.get(`${path}/:environment_name`, (context) => {
        const repository = requireRole(world, context, "read");
        return Response.json(view(world, repository, environmentOf(world, repository, named(context))));
    });
    routes.put(`${path}/:environment_name`, (context) => put(world, context));
    routes.delete(`${path}/:environment_name`, (context) => {
        const repository = requireRoleForChange(world, context, "admin");
        const { id } = environmentOf(world, repository, named(context));
        environments.delete(id);
        for (const owned of [deploymentPolicies, variables, secrets, publicKeys]) {
            for (const row of owned.findBy("environment_id", id)) owned.delete(row.id);
        }
        return noContent();
    });
    policyRoutes(world, routes);
}
