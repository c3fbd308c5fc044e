import { z } from "zod";
import { requireRole, requireRoleForChange } from "../access";
import { body, GitHubError, noContent, notFound, pageOf, type Context, type Routes, type World } from "../http";
import type { Variable } from "../store";
import { actionsName, scopes } from "./scopes";

const view = ({ name, value, created_at, updated_at }: Variable) => ({ name, value, created_at, updated_at });

/** Actions variables of a repository and of an environment (https://docs.github.com/rest/actions/variables). */
export function variableRoutes(world: World, routes: Routes): void {
    const { variables } = world.data;
    for (const { path, scopeOf } of scopes(world, "variables")) {
        const found = (context: Context, change: boolean) => {
            const repository = (change ? requireRoleForChange : requireRole)(world, context, "write");
            const scope = scopeOf(context, repository);
            const rows = variables
                .findBy("repo_id", repository.id)
                .filter((row) => row.environment_id === scope.environment_id);
            return { scope, rows, named: (name: string) => rows.find((row) => row.name === name.toUpperCase()) };
        };
        const existing = (context: Context, change: boolean) => {
            const variable = found(context, change).named(context.req.param("name"));
            if (variable === undefined) throw notFound();
            return variable;
        };
        routes.get(path, (context) => {
            const { rows } = found(context, false);
            return Response.json({ total_count: rows.length, variables: pageOf(context, rows.map(view)) });
        });
        routes.post(path, async (context) => {
            const { scope, named } = found(context, true);
            const { name, value } = await body(context, z.object({ name: actionsName, value: z.string() }));
            if (named(name)) throw new GitHubError(409, "Already exists - Variable already exists");
            variables.insert({ ...scope, name: name.toUpperCase(), value });
            return Response.json({}, { status: 201 });
        });
        routes.get(`${path}/:name`, (context) => Response.json(view(existing(context, false))));
        routes.patch(`${path}/:name`, async (context) => {
            const variable = existing(context, true);
            const change = await body(
                context,
                z.object({ name: actionsName.optional(), value: z.string().optional() }),
            );
            variables.update(variable.id, {
                ...(change.value !== undefined && { value: change.value }),
                ...(change.name !== undefined && { name: change.name.toUpperCase() }),
            });
            return noContent();
        });
        routes.delete(`${path}/:name`, (context) => {
            variables.delete(existing(context, true).id);
            return noContent();
        });
    }
}
