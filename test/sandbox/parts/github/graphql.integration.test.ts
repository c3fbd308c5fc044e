import assert from "node:assert/strict";
import { administrator, author, deployment, organization, teams } from "../../../../sandbox/parts/github/relaypacs";
import { branch, protect, specified } from "./changes";
import { createRepository, sandbox, type Client, type Sandbox } from "./harness";

const read = `query ($id: ID!) {
    node(id: $id) {
        ... on BranchProtectionRule {
            pattern isAdminEnforced requiredApprovingReviewCount requiresLinearHistory requiredStatusCheckContexts
            repository { name }
            pushAllowances(first: 100) { nodes { actor { ... on Team { id name slug } ... on User { id name login } } } }
        }
    }
}`;

describe("Branch protection over GraphQL and REST, against GitHub's schema,", () => {
    let world: Sandbox;
    let admin: Client;
    let path: string;
    let id: string;

    before(async () => {
        world = await sandbox();
        admin = world.as(administrator);
        path = await createRepository(world, "graphql");
        id = await protect(admin, path);
    });

    after(() => world.remove());

    it("should read a rule as it was written", async () => {
        const { data } = await admin.graphql(read, { id });
        assert.equal(data.node.pattern, "main");
        assert.equal(data.node.requiredApprovingReviewCount, 1);
        assert.deepEqual(data.node.requiredStatusCheckContexts, specified.requiredStatusCheckContexts);
        assert.equal(data.node.repository.name, "graphql");
    });

    it("should answer a query whose parts differ in whether a name may be missing, as GitHub does", async () => {
        const { data: found } = await admin.graphql(
            `query ($org: String!, $slug: String!, $login: String!) {
                organization(login: $org) { team(slug: $slug) { id } }
                user(login: $login) { id }
            }`,
            { org: organization, slug: teams.techLeads, login: author.login },
        );
        const input = {
            branchProtectionRuleId: id,
            restrictsPushes: true,
            pushActorIds: [found.organization.team.id, found.user.id],
        };
        const change = `mutation ($input: UpdateBranchProtectionRuleInput!) {
            updateBranchProtectionRule(input: $input) { branchProtectionRule { id restrictsPushes requiresLinearHistory } }
        }`;
        const { data } = await admin.graphql(change, { input });
        assert.deepEqual(data.updateBranchProtectionRule.branchProtectionRule, {
            id,
            restrictsPushes: true,
            requiresLinearHistory: true,
        });
        const { data: shown } = await admin.graphql(read, { id });
        assert.deepEqual(
            shown.node.pushAllowances.nodes.map(
                ({ actor }: { actor: { slug?: string; login?: string } }) => actor.slug ?? actor.login,
            ),
            [teams.techLeads, author.login],
        );
    });

    it("should name who bypasses pull requests, over REST as well, until the list is emptied", async () => {
        const bypassers = `query ($id: ID!) { node(id: $id) { ... on BranchProtectionRule {
            bypassPullRequestAllowances(first: 100) { nodes { actor { __typename ... on User { login } } } }
        } } }`;
        const change = async (actors: readonly string[]) => {
            const { errors } = await admin.graphql(
                `mutation ($input: UpdateBranchProtectionRuleInput!) {
                    updateBranchProtectionRule(input: $input) { clientMutationId }
                }`,
                { input: { branchProtectionRuleId: id, bypassPullRequestActorIds: actors } },
            );
            return errors?.[0].message as string | undefined;
        };
        const { data } = await admin.graphql(`{ user(login: "${deployment.login}") { id } }`);
        const shown = async () => {
            const { nodes } = (await admin.graphql(bypassers, { id })).data.node.bypassPullRequestAllowances;
            const { body } = await admin.get(`${path}/branches/main/protection/required_pull_request_reviews`);
            return [nodes, body.bypass_pull_request_allowances?.users.map(({ login }: { login: string }) => login)];
        };
        assert.equal(await change([data.user.id]), undefined);
        assert.deepEqual(await shown(), [
            [{ actor: { __typename: "User", login: deployment.login } }],
            [deployment.login],
        ]);
        assert.match((await change(["U_absent"]))!, /^Could not resolve to a node with the global id of 'U_absent'/);
        assert.equal(await change([]), undefined);
        assert.deepEqual(await shown(), [[], undefined]);
    });

    it("should list a repository's rules, page by page", async () => {
        await branch(admin, path, "staging");
        const second = await protect(admin, path, { pattern: "staging" });
        const list = `query ($id: ID!, $cursor: String) {
            node(id: $id) { ... on Repository { branchProtectionRules(first: 1, after: $cursor) {
                nodes { id pattern } pageInfo { hasNextPage endCursor }
            } } }
        }`;
        const repository = (await admin.expect("GET", path)).node_id;
        const first = (await admin.graphql(list, { id: repository })).data.node.branchProtectionRules;
        assert.deepEqual([first.nodes[0].id, first.pageInfo.hasNextPage], [id, true]);
        const cursor = first.pageInfo.endCursor;
        const next = (await admin.graphql(list, { id: repository, cursor })).data.node.branchProtectionRules;
        assert.deepEqual([next.nodes[0].id, next.pageInfo.hasNextPage], [second, false]);
    });

    it("should refuse what GitHub's schema does not know, and say what the sandbox lacks", async () => {
        const unknown = await admin.graphql("{ viewer { shoeSize } }");
        assert.match(unknown.errors[0].message, /Cannot query field "shoeSize" on type "User"/);
        const lacking = await admin.graphql("{ viewer { bio } }");
        assert.equal(lacking.errors[0].message, "The sandbox does not have the field User.bio");
        const input = { repositoryId: "x", pattern: "main", colour: "red" };
        const wrong = await admin.graphql(
            "mutation ($input: CreateBranchProtectionRuleInput!) { createBranchProtectionRule(input: $input) { clientMutationId } }",
            { input },
        );
        assert.match(wrong.errors[0].message, /Field "colour" is not defined/);
        assert.match((await admin.graphql("{ viewer ")).errors[0].message, /Syntax Error/);
    });

    it("should say in GitHub's words what it cannot find, and what is taken", async () => {
        const { data, errors } = await admin.graphql(read, { id: "absent" });
        assert.equal(data.node, null);
        assert.deepEqual(
            [errors[0].type, errors[0].message],
            ["NOT_FOUND", "Could not resolve to a node with the global id of 'absent'"],
        );
        await assert.rejects(protect(admin, path), /Name already protected: main/);
    });

    it("should leave rules to administrators", async () => {
        await assert.rejects(protect(world.as(author), path, { pattern: "mine" }), /FORBIDDEN/);
        assert.equal((await world.as(author).delete(`${path}/branches/main/protection`)).status, 403);
    });

    it("should show the same rule over REST, and the flag on the branch", async () => {
        const { body } = await admin.get(`${path}/branches/main/protection`);
        assert.equal(body.enforce_admins.enabled, true);
        assert.equal(body.required_status_checks.strict, true);
        assert.equal(body.required_pull_request_reviews.require_last_push_approval, true);
        assert.deepEqual(
            body.restrictions.teams.map(({ slug }: { slug: string }) => slug),
            [teams.techLeads],
        );
        assert.equal((await admin.get(`${path}/branches/main`)).body.protected, true);
    });

    it("should show over GraphQL what was changed by hand over REST", async () => {
        const protection = `${path}/branches/main/protection`;
        await admin.expect("DELETE", `${protection}/enforce_admins`);
        await admin.expect("PATCH", `${protection}/required_status_checks`, { strict: false, contexts: ["lint"] });
        await admin.expect("PATCH", `${protection}/required_pull_request_reviews`, {
            required_approving_review_count: 2,
        });
        const { data } = await admin.graphql(read, { id });
        assert.deepEqual(
            [data.node.isAdminEnforced, data.node.requiredStatusCheckContexts, data.node.requiredApprovingReviewCount],
            [false, ["lint"], 2],
        );
        await admin.expect("POST", `${protection}/required_signatures`);
        assert.equal((await admin.get(`${protection}/required_signatures`)).body.enabled, true);
        await admin.expect("DELETE", `${protection}/required_signatures`);
        await admin.expect("DELETE", `${protection}/required_status_checks`);
        assert.equal((await admin.get(`${protection}/required_status_checks`)).status, 404);
        const whole = {
            required_status_checks: { strict: true, contexts: ["unit"] },
            enforce_admins: true,
            required_pull_request_reviews: null,
            restrictions: null,
            required_linear_history: true,
        };
        const replaced = await admin.expect("PUT", protection, whole);
        assert.equal(replaced.required_pull_request_reviews, undefined);
        assert.deepEqual(replaced.required_status_checks.contexts, ["unit"]);
    });

    it("should release a branch when its rule is deleted", async () => {
        const remove =
            "mutation ($id: ID!) { deleteBranchProtectionRule(input: { branchProtectionRuleId: $id }) { clientMutationId } }";
        assert.equal((await admin.graphql(remove, { id })).errors, undefined);
        const gone = await admin.get(`${path}/branches/main/protection`);
        assert.deepEqual([gone.status, gone.body.message], [404, "Branch not protected"]);
        assert.equal((await admin.get(`${path}/branches/main`)).body.protected, false);
        assert.match((await admin.graphql(read, { id })).errors[0].message, /^Could not resolve to a node/);
    });
});
