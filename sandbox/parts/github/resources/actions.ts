import { z } from "zod";
import { requireRole, requireRoleForChange } from "../access";
import { body, GitHubError, noContent, type Context, type Routes, type World } from "../http";
import { subjectPrefix } from "../oidc/subject";
import type { ActionsSettings, Repository } from "../store";
import { repositoryUrl } from "./repositories";

/** GitHub's defaults for a new repository. */
const defaults: ActionsSettings = {
    enabled: true,
    allowed_actions: "all",
    sha_pinning_required: false,
    selected: { github_owned_allowed: true, verified_allowed: false, patterns_allowed: [] },
    workflow: { default_workflow_permissions: "read", can_approve_pull_request_reviews: false },
    access_level: "none",
    // As repositories have it that were created after 15 July 2026.
    subject_claim: { use_default: true, use_immutable_subject: true },
};

const permissions = z.object({
    enabled: z.boolean(),
    allowed_actions: z.enum(["all", "local_only", "selected"]).optional(),
    sha_pinning_required: z.boolean().optional(),
});

const selected = z.object({
    github_owned_allowed: z.boolean().optional(),
    verified_allowed: z.boolean().optional(),
    patterns_allowed: z.array(z.string()).optional(),
});

const workflow = z.object({
    default_workflow_permissions: z.enum(["read", "write"]).optional(),
    can_approve_pull_request_reviews: z.boolean().optional(),
});

const subjectClaim = z.object({
    use_default: z.boolean(),
    include_claim_keys: z.array(z.string().regex(/^[A-Za-z0-9_]+$/)).optional(),
    use_immutable_subject: z.boolean().optional(),
});

export const settingsOf = (repository: Repository): ActionsSettings => repository.actions ?? defaults;

type MaybeUndefined<T> = { [K in keyof T]: T[K] | undefined };

const defined = <T extends object>(given: MaybeUndefined<Partial<T>>) =>
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;

/** What Actions may do in a repository (https://docs.github.com/rest/actions/permissions and …/actions/oidc). */
export function actionsRoutes(world: World, routes: Routes): void {
    const path = "/repos/:owner/:repo/actions/permissions";
    const read = (context: Context) => {
        const repository = requireRole(world, context, "admin");
        return { repository, settings: settingsOf(repository) };
    };
    const write = (context: Context, change: (settings: ActionsSettings) => Partial<ActionsSettings>) => {
        const repository = requireRoleForChange(world, context, "admin");
        const settings = settingsOf(repository);
        world.data.repositories.update(repository.id, { actions: { ...settings, ...change(settings) } });
        return noContent();
    };
    const assertSelected = (settings: ActionsSettings) => {
        if (!settings.enabled || settings.allowed_actions !== "selected") {
            throw new GitHubError(409, "Conflict: allowed_actions is not set to selected");
        }
        return settings.selected;
    };

    routes.get(path, (context) => {
        const { repository, settings } = read(context);
        const { enabled, allowed_actions, sha_pinning_required } = settings;
        return Response.json({
            enabled,
            ...(enabled && { allowed_actions }),
            ...(enabled &&
                allowed_actions === "selected" && {
                    selected_actions_url: `${repositoryUrl(world, repository)}/actions/permissions/selected-actions`,
                }),
            sha_pinning_required,
        });
    });
    routes.put(path, async (context) => {
        const given = await body(context, permissions);
        return write(context, () => defined<ActionsSettings>(given));
    });
    routes.get(`${path}/selected-actions`, (context) => Response.json(assertSelected(read(context).settings)));
    routes.put(`${path}/selected-actions`, async (context) => {
        const given = await body(context, selected);
        return write(context, (settings) => ({ selected: { ...assertSelected(settings), ...defined(given) } }));
    });
    routes.get(`${path}/workflow`, (context) => Response.json(read(context).settings.workflow));
    routes.put(`${path}/workflow`, async (context) => {
        const given = await body(context, workflow);
        return write(context, (settings) => ({ workflow: { ...settings.workflow, ...defined(given) } }));
    });
    routes.get(`${path}/access`, (context) => Response.json({ access_level: read(context).settings.access_level }));
    routes.put(`${path}/access`, async (context) => {
        const given = await body(context, z.object({ access_level: z.enum(["none", "user", "organization"]) }));
        return write(context, () => given);
    });
    routes.get("/repos/:owner/:repo/actions/oidc/customization/sub", (context) => {
        const { repository, settings } = read(context);
        return Response.json({
            ...settings.subject_claim,
            sub_claim_prefix: subjectPrefix(repository, settings.subject_claim),
        });
    });
    routes.put("/repos/:owner/:repo/actions/oidc/customization/sub", async (context) => {
        const { use_default, include_claim_keys, use_immutable_subject } = await body(context, subjectClaim);
        write(context, ({ subject_claim }) => ({
            subject_claim: {
                use_default,
                ...(include_claim_keys && { include_claim_keys }),
                use_immutable_subject: use_immutable_subject ?? subject_claim.use_immutable_subject,
            },
        }));
        return Response.json({}, { status: 201 });
    });
}
