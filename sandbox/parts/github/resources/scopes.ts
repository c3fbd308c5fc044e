import { z } from "zod";
import type { Context, World } from "../http";
import type { Repository } from "../store";
import { environmentOf } from "./environments";

/** Letters, digits and `_`; neither a digit nor `GITHUB_` first (GitHub's naming rules for secrets and variables). */
export const actionsName = z
    .string()
    .regex(/^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i, "may hold letters, digits and _, and not begin with a digit or GITHUB_");

export interface Scope {
    readonly repo_id: number;
    /** 0 for the repository itself. */
    readonly environment_id: number;
}

/** The two scopes of variables and secrets, by path. */
export function scopes(world: World, kind: "variables" | "secrets") {
    return [
        {
            path: `/repos/:owner/:repo/actions/${kind}`,
            scopeOf: (_: Context, repository: Repository): Scope => ({ repo_id: repository.id, environment_id: 0 }),
        },
        {
            path: `/repos/:owner/:repo/environments/:environment_name/${kind}`,
            scopeOf: (context: Context, repository: Repository): Scope => ({
                repo_id: repository.id,
                environment_id: environmentOf(world, repository, context.req.param("environment_name")).id,
            }),
        },
    ];
}
