import assert from "node:assert/strict";
import { administrator, author, type Person } from "../../../../sandbox/parts/github/relaypacs";
import { createRepository, type Answer, type Client, type Sandbox } from "./harness";

/** Clients of GitHub, in the sandbox or in a test's own instance. */
export type People = Pick<Sandbox, "as">;

export const requiredChecks = ["lint", "unit", "e2e", "security"];

/** The six rules that the specification gives `main`, as the Pulumi provider writes them. */
export const specified = {
    pattern: "main",
    isAdminEnforced: true,
    requiresApprovingReviews: true,
    requiredApprovingReviewCount: 1,
    dismissesStaleReviews: true,
    requireLastPushApproval: true,
    requiresStatusChecks: true,
    requiresStrictStatusChecks: true,
    requiredStatusCheckContexts: requiredChecks,
    requiresLinearHistory: true,
    requiresConversationResolution: true,
};

/** Protects a branch through GraphQL, and returns the rule's node id. */
export async function protect(client: Client, repository: string, settings: object = {}): Promise<string> {
    const { node_id } = await client.expect("GET", repository);
    const { data, errors } = await client.graphql(
        `mutation ($input: CreateBranchProtectionRuleInput!) {
            createBranchProtectionRule(input: $input) { branchProtectionRule { id } }
        }`,
        { input: { repositoryId: node_id, ...specified, ...settings } },
    );
    if (errors) throw new Error(JSON.stringify(errors));
    return data.createBranchProtectionRule.branchProtectionRule.id as string;
}

/** Puts a file on a branch, and returns the new commit. */
export async function commit(client: Client, repository: string, branch: string, file: string): Promise<string> {
    const content = Buffer.from(`${file} on ${branch}\n`).toString("base64");
    const body = await client.expect("PUT", `${repository}/contents/${file}`, {
        branch,
        message: `feat: add ${file}`,
        content,
    });
    return body.commit.sha as string;
}

export async function tip(client: Client, repository: string, branch: string): Promise<string> {
    return (await client.expect("GET", `${repository}/git/ref/heads/${branch}`)).object.sha as string;
}

export async function branch(client: Client, repository: string, name: string, from = "main"): Promise<void> {
    const sha = await tip(client, repository, from);
    await client.expect("POST", `${repository}/git/refs`, { ref: `refs/heads/${name}`, sha });
}

export interface Pull {
    readonly number: number;
    readonly branch: string;
}

/** A feature branch of the author's with one new file, and a pull request for it. */
export async function openPull(world: People, repository: string, name: string, base = "main"): Promise<Pull> {
    const client = world.as(author);
    await branch(client, repository, name, base);
    await commit(client, repository, name, `${name}.txt`);
    const body = await client.expect("POST", `${repository}/pulls`, { title: `feat: ${name}`, head: name, base });
    return { number: body.number as number, branch: name };
}

export async function report(
    world: People,
    repository: string,
    pull: Pull,
    conclusion = "success",
    names: readonly string[] = requiredChecks,
): Promise<void> {
    const client = world.as(administrator);
    const head_sha = await tip(client, repository, pull.branch);
    for (const name of names) {
        const run = { name, head_sha, status: "completed", conclusion };
        await client.expect("POST", `${repository}/check-runs`, run);
    }
}

export const review = (world: People, person: Person, repository: string, pull: Pull, event = "APPROVE") =>
    world.as(person).post(`${repository}/pulls/${pull.number}/reviews`, { event, body: "seen" });

export const merge = (client: Client, repository: string, pull: Pull, merge_method = "squash") =>
    client.put(`${repository}/pulls/${pull.number}/merge`, { merge_method });

/** A repository with `main` protected as the specification wants, merging kept linear, and one pull request. */
export async function protectedRepository(
    world: Sandbox,
    name: string,
    settings: object = {},
    rule: object = {},
): Promise<{ repository: string; pull: Pull }> {
    const merging = { allow_merge_commit: false, delete_branch_on_merge: true, ...settings };
    const repository = await createRepository(world, name, merging);
    await protect(world.as(administrator), repository, rule);
    return { repository, pull: await openPull(world, repository, "feature/RP-1-change") };
}

export function assertRefused({ status, body }: Answer, expected: number, message: string | RegExp): void {
    assert.equal(status, expected, JSON.stringify(body));
    if (typeof message === "string") assert.equal(body.message, message);
    else assert.match(body.message, message);
}
