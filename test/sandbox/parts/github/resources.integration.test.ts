import assert from "node:assert/strict";
import * as fs from "node:fs";
import { administrator, author, organization, teams, techLead } from "../../../../sandbox/parts/github/relaypacs";
import { createRepository, sandbox, type Client, type Sandbox } from "./harness";

/** As long as a libsodium sealed box of six bytes; GitHub does not read its content. */
const sealed = Buffer.alloc(54, 7).toString("base64");

describe("GitHub's resources beyond the emulator, against GitHub's OpenAPI description,", () => {
    let world: Sandbox;
    let admin: Client;
    let path: string;

    before(async () => {
        world = await sandbox();
        admin = world.as(administrator);
        path = await createRepository(world, "resources");
    });

    after(() => world.remove());

    it("should refuse an unknown token, and hide a private repository from strangers", async () => {
        const stranger = await world.as({ token: "nobody-owns-this" }).get(path);
        assert.deepEqual([stranger.status, stranger.body.message], [401, "Bad credentials"]);
        const { status } = await world.as(administrator).get("/repos/relaypacs/absent");
        assert.equal(status, 404);
    });

    it("should have no limit of requests per hour that a long run of tests could reach", async () => {
        const remaining = async () => {
            const response = await fetch(`http://127.0.0.1:${world.settings.ports.front}/user`, {
                headers: { Authorization: `Bearer ${administrator.token}` },
            });
            assert.equal(((await response.json()) as { login: string }).login, administrator.login);
            return response.headers.get("X-RateLimit-Remaining");
        };
        assert.equal(await remaining(), await remaining());
    });

    it("should keep a repository's settings, including those that the package emulate does not know", async () => {
        const settings = {
            allow_merge_commit: false,
            allow_update_branch: true,
            delete_branch_on_merge: true,
            squash_merge_commit_title: "PR_TITLE",
            squash_merge_commit_message: "PR_BODY",
            security_and_analysis: { secret_scanning: { status: "enabled" } },
        };
        await admin.expect("PATCH", path, settings);
        const { body } = await admin.get(path);
        for (const [name, value] of Object.entries(settings).slice(0, -1)) assert.equal(body[name], value, name);
        assert.equal(body.security_and_analysis.secret_scanning.status, "enabled");
        assert.equal(body.security_and_analysis.secret_scanning_push_protection.status, "disabled");
        assert.equal(body.visibility, "private");
    });

    it("should create a repository with the visibility that is asked for", async () => {
        const settings = { name: "visible", visibility: "public", allow_merge_commit: false, has_discussions: true };
        const body = await admin.expect("POST", `/orgs/${organization}/repos`, settings);
        assert.deepEqual(
            [body.visibility, body.private, body.allow_merge_commit, body.has_discussions],
            ["public", false, false, true],
        );
        const again = await admin.post(`/orgs/${organization}/repos`, settings);
        assert.deepEqual([again.status, again.body.errors[0].message], [422, "name already exists on this account"]);
    });

    it("should keep environments with reviewers, and only the given settings", async () => {
        const team = await admin.expect("GET", `/orgs/${organization}/teams/${teams.techLeads}`);
        const user = await admin.expect("GET", `/users/${techLead.login}`);
        const environment = `${path}/environments/production`;
        const wanted = {
            wait_timer: 5,
            prevent_self_review: true,
            reviewers: [
                { type: "Team", id: team.id },
                { type: "User", id: user.id },
            ],
            deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
            can_admins_bypass: false,
        };
        await admin.expect("PUT", environment, wanted);
        const { body } = await admin.get(environment);
        assert.deepEqual(
            body.protection_rules.map((rule: { type: string }) => rule.type),
            ["wait_timer", "required_reviewers", "branch_policy"],
        );
        const [, reviewers] = body.protection_rules;
        assert.equal(reviewers.prevent_self_review, true);
        assert.deepEqual(
            reviewers.reviewers.map(
                (each: { reviewer: { slug?: string; login?: string } }) => each.reviewer.slug ?? each.reviewer.login,
            ),
            [teams.techLeads, techLead.login],
        );
        assert.equal(body.can_admins_bypass, false);

        await admin.expect("PUT", environment, {});
        const bare = (await admin.get(environment)).body;
        assert.deepEqual(
            [bare.protection_rules, bare.deployment_branch_policy, bare.can_admins_bypass],
            [[], null, true],
        );
        assert.equal((await admin.get(`${path}/environments`)).body.total_count, 1);
        await admin.expect("DELETE", environment);
        assert.equal((await admin.get(environment)).status, 404);
    });

    it("should refuse an environment that contradicts itself or names a stranger as reviewer", async () => {
        const policy = { protected_branches: true, custom_branch_policies: true };
        const both = await admin.put(`${path}/environments/odd`, { deployment_branch_policy: policy });
        assert.equal(both.status, 422);
        const stranger = await admin.put(`${path}/environments/odd`, { reviewers: [{ type: "User", id: 4711 }] });
        assert.equal(stranger.status, 422);
        assert.equal((await admin.get(`${path}/environments/odd`)).status, 404);
    });

    it("should keep an environment's branch policies", async () => {
        const environment = `${path}/environments/staging`;
        const policy = { protected_branches: false, custom_branch_policies: true };
        await admin.expect("PUT", environment, { deployment_branch_policy: policy });
        const made = await admin.expect("POST", `${environment}/deployment-branch-policies`, { name: "main" });
        const one = `${environment}/deployment-branch-policies/${made.id}`;
        await admin.expect("PUT", one, { name: "release/*" });
        assert.equal((await admin.get(one)).body.name, "release/*");
        assert.equal((await admin.get(`${environment}/deployment-branch-policies`)).body.total_count, 1);
        await admin.expect("DELETE", one);
        assert.equal((await admin.get(one)).status, 404);
    });

    it("should keep variables of the repository and of an environment apart", async () => {
        await admin.expect("PUT", `${path}/environments/staging`, {});
        for (const scope of [`${path}/actions/variables`, `${path}/environments/staging/variables`]) {
            await admin.expect("POST", scope, { name: "region", value: "one" });
            assert.equal((await admin.post(scope, { name: "REGION", value: "two" })).status, 409);
            await admin.expect("PATCH", `${scope}/REGION`, { value: scope });
            assert.deepEqual((await admin.get(`${scope}/REGION`)).body.value, scope);
            assert.equal((await admin.get(scope)).body.total_count, 1);
        }
        await admin.expect("DELETE", `${path}/actions/variables/REGION`);
        assert.equal((await admin.get(`${path}/actions/variables/REGION`)).status, 404);
        assert.equal((await admin.get(`${path}/environments/staging/variables/REGION`)).status, 200);
        assert.equal((await admin.post(`${path}/actions/variables`, { name: "GITHUB_X", value: "" })).status, 422);
    });

    it("should take secrets only when they are sealed for the current key, and return none", async () => {
        for (const scope of [`${path}/actions/secrets`, `${path}/environments/staging/secrets`]) {
            const { key, key_id } = await admin.expect("GET", `${scope}/public-key`);
            assert.equal(Buffer.from(key, "base64").length, 32);
            const plain = { encrypted_value: Buffer.from("in the clear").toString("base64"), key_id };
            assert.equal((await admin.put(`${scope}/TOKEN`, plain)).status, 422);
            assert.equal((await admin.put(`${scope}/TOKEN`, { encrypted_value: sealed, key_id: "1" })).status, 422);
            assert.equal((await admin.put(`${scope}/TOKEN`, { encrypted_value: sealed, key_id })).status, 201);
            assert.equal((await admin.put(`${scope}/TOKEN`, { encrypted_value: sealed, key_id })).status, 204);
            const { body } = await admin.get(`${scope}/TOKEN`);
            assert.deepEqual(Object.keys(body), ["name", "created_at", "updated_at"]);
            await admin.expect("DELETE", `${scope}/TOKEN`);
            assert.equal((await admin.get(`${scope}/TOKEN`)).status, 404);
        }
    });

    it("should keep what Actions may do", async () => {
        const permissions = `${path}/actions/permissions`;
        assert.equal((await admin.get(`${permissions}/selected-actions`)).status, 409);
        await admin.expect("PUT", permissions, {
            enabled: true,
            allowed_actions: "selected",
            sha_pinning_required: true,
        });
        const selected = { github_owned_allowed: true, verified_allowed: false, patterns_allowed: ["aws-actions/*"] };
        await admin.expect("PUT", `${permissions}/selected-actions`, selected);
        assert.deepEqual((await admin.get(`${permissions}/selected-actions`)).body, selected);
        const shown = (await admin.get(permissions)).body;
        assert.deepEqual([shown.allowed_actions, shown.sha_pinning_required], ["selected", true]);
        await admin.expect("PUT", `${permissions}/workflow`, { default_workflow_permissions: "write" });
        const workflow = { default_workflow_permissions: "write", can_approve_pull_request_reviews: false };
        assert.deepEqual((await admin.get(`${permissions}/workflow`)).body, workflow);
        const claim = { use_default: false, include_claim_keys: ["repo", "context"] };
        await admin.expect("PUT", `${path}/actions/oidc/customization/sub`, claim);
        const { sub_claim_prefix, ...subjectClaim } = (await admin.get(`${path}/actions/oidc/customization/sub`)).body;
        assert.deepEqual(subjectClaim, { ...claim, use_immutable_subject: true });
        assert.match(sub_claim_prefix, /^repo:relaypacs@\d+\/resources@\d+$/);
    });

    it("should update dependencies only where vulnerability alerts are on", async () => {
        assert.equal((await admin.get(`${path}/vulnerability-alerts`)).status, 404);
        const early = await admin.put(`${path}/automated-security-fixes`);
        assert.equal(early.status, 422);
        await admin.expect("PUT", `${path}/vulnerability-alerts`);
        await admin.expect("PUT", `${path}/automated-security-fixes`);
        assert.deepEqual((await admin.get(`${path}/automated-security-fixes`)).body, { enabled: true, paused: false });
        await admin.expect("DELETE", `${path}/vulnerability-alerts`);
        assert.equal((await admin.get(`${path}/automated-security-fixes`)).body.enabled, false);
    });

    it("should give roles by team and by collaboration", async () => {
        const team = `/orgs/${organization}/teams/${teams.techLeads}`;
        await admin.expect("PUT", `${team}/repos/${organization}/resources`, { permission: "maintain" });
        await admin.expect("PUT", `${path}/collaborators/${author.login}`, { permission: "triage" });
        const role = async (login: string) =>
            (await admin.get(`${path}/collaborators/${login}/permission`)).body.role_name;
        assert.equal(await role(techLead.login), "maintain");
        assert.equal(await role(author.login), "write", "the organisation's base permission is more than triage");
        assert.equal(await role(administrator.login), "admin");
        const [collaborator] = (await admin.get(`${path}/collaborators?affiliation=direct`)).body;
        assert.deepEqual([collaborator.login, collaborator.role_name], [author.login, "triage"]);
        const [shown] = (await admin.get(`${path}/teams`)).body;
        assert.deepEqual([shown.slug, shown.permission], [teams.techLeads, "maintain"]);
    });

    it("should leave administration to administrators", async () => {
        const developer = world.as(author);
        const attempts = await Promise.all([
            developer.patch(path, { description: "mine" }),
            developer.delete(path),
            developer.put(`${path}/environments/mine`, {}),
            developer.post(`${path}/rulesets`, { name: "mine", enforcement: "active" }),
            developer.put(`${path}/actions/permissions`, { enabled: false }),
            developer.put(`${path}/collaborators/${author.login}`, { permission: "admin" }),
            developer.post(`${path}/transfer`, { new_owner: author.login }),
            developer.delete(`/orgs/${organization}/members/${techLead.login}`),
            developer.post(`/orgs/${organization}/teams`, { name: "mine" }),
            developer.put(`/orgs/${organization}/memberships/${author.login}`, { role: "admin" }),
        ]);
        assert.deepEqual(new Set(attempts.map(({ status }) => status)), new Set([403]));
    });

    it("should keep teams, by name and by number", async () => {
        const made = await admin.expect("POST", `/orgs/${organization}/teams`, { name: "Release Crew" });
        assert.equal(made.slug, "release-crew");
        const byNumber = await admin.expect("GET", `/organizations/1/team/${made.id}`);
        assert.equal(byNumber.name, "Release Crew");
        const change = { name: "Release Crew", notification_setting: "notifications_disabled" };
        await admin.expect("PATCH", `/orgs/${organization}/teams/release-crew`, change);
        const shown = (await admin.get(`/orgs/${organization}/teams/release-crew`)).body;
        assert.equal(shown.notification_setting, "notifications_disabled");
        await admin.expect("DELETE", `/organizations/1/team/${made.id}`);
        assert.equal((await admin.get(`/orgs/${organization}/teams/release-crew`)).status, 404);
    });

    it("should keep rulesets, and refuse a rule that the sandbox could not enforce", async () => {
        const ruleset = {
            name: "version tags",
            target: "tag",
            enforcement: "active",
            conditions: { ref_name: { include: ["refs/tags/v*"], exclude: [] } },
            rules: [{ type: "update" }, { type: "deletion" }],
        };
        const made = await admin.expect("POST", `${path}/rulesets`, ruleset);
        const one = `${path}/rulesets/${made.id}`;
        const shown = (await admin.get(one)).body;
        assert.deepEqual([shown.rules, shown.conditions], [ruleset.rules, ruleset.conditions]);
        await admin.expect("PUT", one, { ...ruleset, enforcement: "disabled" });
        assert.equal((await admin.get(`${path}/rulesets`)).body[0].enforcement, "disabled");
        assert.equal((await admin.post(`${path}/rulesets`, ruleset)).status, 422, "the name is taken");
        const more = { ...ruleset, name: "more", rules: [{ type: "required_deployments" }] };
        const refused = await admin.post(`${path}/rulesets`, more);
        assert.equal(refused.status, 422);
        assert.match(refused.body.message, /cannot enforce a rule of type required_deployments; it enforces creation/);
        await admin.expect("DELETE", one);
        assert.deepEqual((await admin.get(`${path}/rulesets`)).body, []);
    });

    it("should survive a restart, and drop everything of a repository that is deleted", async () => {
        const gone = await createRepository(world, "short-lived");
        const { key_id } = await admin.expect("GET", `${gone}/actions/secrets/public-key`);
        await admin.expect("PUT", `${gone}/environments/production`, {});
        await admin.expect("PUT", `${gone}/actions/secrets/TOKEN`, { encrypted_value: sealed, key_id });
        const before = await admin.expect("GET", gone);
        await world.stop();
        await world.start();
        assert.deepEqual(await admin.expect("GET", gone), before);
        assert.equal((await admin.get(`${gone}/environments`)).body.total_count, 1);
        assert.equal((await admin.expect("GET", `${gone}/actions/secrets/public-key`)).key_id, key_id);
        await admin.expect("DELETE", gone);
        const state = JSON.parse(fs.readFileSync(world.settings.stateFile!, "utf8")) as {
            collections: Record<string, { items: { repo_id?: number }[] }>;
        };
        const left = Object.entries(state.collections).filter(([, { items }]) =>
            items.some((item) => item.repo_id === before.id),
        );
        assert.deepEqual(left, []);
    });
});
