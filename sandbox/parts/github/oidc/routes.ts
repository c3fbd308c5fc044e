import { z } from "zod";
import { requireRole, requireViewer } from "../access";
import { body, GitHubError, validationFailed, type Routes, type World } from "../http";
import { matchesPattern, rulesOf } from "../protection/rules";
import { environmentOf } from "../resources/environments";
import { settingsOf } from "../resources/actions";
import type { Environment, Repository } from "../store";
import { issuer, TokenIssuer } from "./issuer";
import { subjectOf } from "./subject";

const file = String.raw`\.github/workflows/[\w.-]+\.ya?ml`;

/** A job that asks for a token. On GitHub, the running job is what says this. */
const job = z.strictObject({
    audience: z.string().min(1),
    ref: z.string().regex(/^refs\/(heads|tags|pull)\/.+$/, "is not a full ref"),
    event_name: z.enum(["push", "pull_request", "schedule", "workflow_dispatch"]).default("push"),
    environment: z.string().min(1).optional(),
    /** The file of the run's own workflow. */
    workflow: z.string().regex(new RegExp(`^${file}$`), "is not a workflow's file"),
    /** The workflow that the job is from, where that is a called one. */
    job_workflow_ref: z
        .string()
        .regex(new RegExp(`^[\\w.-]+/[\\w.-]+/${file}@.+$`), "is not OWNER/NAME/.github/workflows/FILE@REF")
        .optional(),
});

/** GitHub starts no job of a ref that its environment does not accept. */
function assertAccepted(world: World, repository: Repository, environment: Environment, ref: string): void {
    const policy = environment.deployment_branch_policy;
    if (policy === null) return;
    const [, kind, ...names] = ref.split("/");
    const name = names.join("/");
    const type = kind === "heads" ? "branch" : "tag";
    const patterns = policy.protected_branches
        ? rulesOf(world, repository).map(({ pattern }) => ({ name: pattern, type: "branch" }))
        : world.data.deploymentPolicies.findBy("environment_id", environment.id);
    if (kind !== "pull" && patterns.some((one) => one.type === type && matchesPattern(name, one.name))) return;
    const message = `${name} is not allowed to deploy to ${environment.name} due to environment protection rules.`;
    throw new GitHubError(403, message);
}

/**
 * OIDC tokens of jobs, as `token.actions.githubusercontent.com` issues them. No workflow runs in the sandbox: who may
 * write to the repository describes the job.
 */
export function oidcRoutes(world: World, routes: Routes): void {
    const tokens = new TokenIssuer();
    routes.get("/.well-known/jwks", () => Response.json(tokens.keySet()));
    routes.get("/.well-known/openid-configuration", () =>
        Response.json({ issuer, jwks_uri: `${world.baseUrl}/.well-known/jwks` }),
    );
    routes.post("/repos/:owner/:repo/actions/oidc/token", async (context) => {
        const repository = requireRole(world, context, "write");
        const actor = requireViewer(world, context);
        const { audience, environment, workflow, job_workflow_ref, ...given } = await body(context, job);
        if (environment !== undefined)
            assertAccepted(world, repository, environmentOf(world, repository, environment), given.ref);
        const branch = world.data.branches
            .findBy("repo_id", repository.id)
            .find(({ name }) => given.ref === `refs/heads/${name}`);
        if (branch === undefined && given.ref.startsWith("refs/heads/"))
            throw validationFailed("Job", "ref", `${given.ref} does not exist`);
        const [owner = ""] = repository.full_name.split("/");
        const workflowRef = `${repository.full_name}/${workflow}@${given.ref}`;
        const claims = {
            ...given,
            aud: audience,
            ...(environment !== undefined && { environment }),
            repository: repository.full_name,
            repository_id: String(repository.id),
            repository_owner: owner,
            repository_owner_id: String(repository.owner_id),
            repository_visibility: repository.private ? "private" : "public",
            actor: actor.login,
            actor_id: String(actor.id),
            ...(branch && { sha: branch.sha }),
            workflow_ref: workflowRef,
            job_workflow_ref: job_workflow_ref ?? workflowRef,
            runner_environment: "github-hosted",
        };
        const sub = subjectOf(repository, settingsOf(repository).subject_claim, claims);
        return Response.json({ value: tokens.sign({ ...claims, sub }) }, { status: 201 });
    });
}
