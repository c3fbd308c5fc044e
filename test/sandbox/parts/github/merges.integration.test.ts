import assert from "node:assert/strict";
import { administrator, author, engineeringManager, techLead } from "../../../../sandbox/parts/github/relaypacs";
import {
    assertRefused,
    branch,
    commit,
    merge,
    openPull,
    protect,
    protectedRepository,
    report,
    requiredChecks,
    review,
    tip,
} from "./changes";
import { createRepository, sandbox, type Client, type Sandbox } from "./harness";

const noReview = "At least 1 approving review is required by reviewers with write access.";

describe("A merge into a protected branch", () => {
    let world: Sandbox;
    let admin: Client;
    let developer: Client;
    let count = 0;

    before(async () => {
        world = await sandbox();
        admin = world.as(administrator);
        developer = world.as(author);
    });

    after(() => world.remove());

    const prepare = (settings: object = {}, rule: object = {}) =>
        protectedRepository(world, `merges-${++count}`, settings, rule);

    /** The same, with everything done that a merge needs. */
    async function ready(settings: object = {}, rule: object = {}) {
        const prepared = await prepare(settings, rule);
        await report(world, prepared.repository, prepared.pull);
        assert.equal((await review(world, techLead, prepared.repository, prepared.pull)).status, 201);
        return prepared;
    }

    it("should succeed by squash when all is satisfied, with one commit more and the merged branch deleted", async () => {
        const { repository, pull } = await ready();
        const before = await tip(admin, repository, "main");
        assert.equal((await admin.get(`${repository}/pulls/${pull.number}`)).body.mergeable_state, "clean");
        const merged = await merge(developer, repository, pull);
        assert.deepEqual([merged.status, merged.body.merged], [200, true]);
        const { parents, message } = await admin.expect("GET", `${repository}/git/commits/${merged.body.sha}`);
        assert.deepEqual(
            parents.map(({ sha }: { sha: string }) => sha),
            [before],
        );
        assert.match(message, / \(#1\)$/m);
        assert.equal(await tip(admin, repository, "main"), merged.body.sha);
        assert.equal((await admin.get(`${repository}/git/ref/heads/${pull.branch}`)).status, 404);
        assert.equal((await admin.get(`${repository}/contents/${pull.branch}.txt`)).status, 200);
        assertRefused(await merge(developer, repository, pull), 405, "Pull Request is not mergeable");
    });

    it("should be found by the commit that it made, as an open one is by its head", async () => {
        const { repository, pull } = await ready();
        const numbers = async (sha: string) => {
            const found = await admin.expect("GET", `${repository}/commits/${sha}/pulls`);
            return (found as { number: number }[]).map(({ number }) => number);
        };
        assert.deepEqual(await numbers(await tip(admin, repository, pull.branch)), [pull.number]);
        assert.deepEqual(await numbers(await tip(admin, repository, "main")), []);
        const { body } = await merge(developer, repository, pull);
        assert.deepEqual(await numbers(body.sha as string), [pull.number]);
        const unknown = "0".repeat(40);
        assertRefused(
            await admin.get(`${repository}/commits/${unknown}/pulls`),
            422,
            `No commit found for SHA: ${unknown}`,
        );
    });

    it("should succeed by rebase too, with each commit again and no merge commit", async () => {
        const { repository, pull } = await prepare();
        await commit(developer, repository, pull.branch, "second.txt");
        await report(world, repository, pull);
        await review(world, techLead, repository, pull);
        const merged = await merge(developer, repository, pull, "rebase");
        assert.equal(merged.status, 200, JSON.stringify(merged.body));
        const history = await admin.expect("GET", `${repository}/commits?sha=main`);
        assert.equal(history.length, 3);
        assert.ok(history.every(({ parents }: { parents: unknown[] }) => parents.length < 2));
    });

    it("should be refused while checks are missing", async () => {
        const { repository, pull } = await prepare();
        await review(world, techLead, repository, pull);
        assertRefused(await merge(admin, repository, pull), 405, "4 of 4 required status checks are expected.");
        await report(world, repository, pull, "success", requiredChecks.slice(1));
        assertRefused(await merge(admin, repository, pull), 405, 'Required status check "lint" is expected.');
        assert.equal((await admin.get(`${repository}/pulls/1`)).body.mergeable_state, "blocked");
    });

    it("should be refused while a check has failed, runs, or succeeded for an older commit", async () => {
        const { repository, pull } = await ready();
        await report(world, repository, pull, "failure", ["e2e"]);
        assertRefused(await merge(admin, repository, pull), 405, 'Required status check "e2e" is failing.');
        const sha = await tip(admin, repository, pull.branch);
        const status = { state: "pending", context: "e2e" };
        await developer.expect("POST", `${repository}/statuses/${sha}`, status);
        assertRefused(await merge(admin, repository, pull), 405, 'Required status check "e2e" is pending.');
        await developer.expect("POST", `${repository}/statuses/${sha}`, { ...status, state: "success" });
        await commit(developer, repository, pull.branch, "later.txt");
        assertRefused(await merge(admin, repository, pull), 405, /^4 of 4 required status checks are expected\./);
    });

    it("should be refused without an approving review, whatever the author or a comment says", async () => {
        const { repository, pull } = await prepare();
        await report(world, repository, pull);
        assertRefused(await merge(developer, repository, pull), 405, noReview);
        const own = await review(world, author, repository, pull);
        assertRefused(own, 422, "Unprocessable Entity");
        assert.deepEqual(own.body.errors, ["Can not approve your own pull request"]);
        const path = `${repository}/pulls/${pull.number}/reviews`;
        const pending = await developer.expect("POST", path, { body: "mine" });
        const submitted = await developer.post(`${path}/${pending.id}/events`, { event: "APPROVE" });
        assert.equal(submitted.status, 422);
        await review(world, techLead, repository, pull, "COMMENT");
        assertRefused(await merge(developer, repository, pull), 405, noReview);
    });

    it("should be refused while a reviewer's last word is a request for changes", async () => {
        const { repository, pull } = await ready();
        await review(world, engineeringManager, repository, pull, "REQUEST_CHANGES");
        assertRefused(await merge(admin, repository, pull), 405, /^Changes have been requested/);
        await review(world, engineeringManager, repository, pull);
        assert.equal((await merge(admin, repository, pull)).status, 200);
    });

    it("should be refused after a push that the approval does not cover", async () => {
        const { repository, pull } = await ready();
        await commit(developer, repository, pull.branch, "sneaked-in.txt");
        await report(world, repository, pull);
        const [dismissed] = await admin.expect("GET", `${repository}/pulls/${pull.number}/reviews`);
        assert.equal(dismissed.state, "DISMISSED");
        assertRefused(await merge(developer, repository, pull), 405, noReview);
    });

    it("should be refused when the only approval is by the author of the last push", async () => {
        const { repository, pull } = await prepare();
        await commit(world.as(techLead), repository, pull.branch, "helped.txt");
        await report(world, repository, pull);
        await review(world, techLead, repository, pull);
        const message = "New changes require approval from someone other than the last pusher.";
        assertRefused(await merge(developer, repository, pull), 405, message);
        await review(world, engineeringManager, repository, pull);
        assert.equal((await merge(developer, repository, pull)).status, 200);
    });

    it("should be refused on a stale branch, until it is brought up to date and judged again", async () => {
        const { repository, pull } = await ready();
        const other = await openPull(world, repository, "feature/RP-2-other");
        await report(world, repository, other);
        await review(world, techLead, repository, other);
        assert.equal((await merge(developer, repository, other)).status, 200);
        const stale = "The head branch is not up to date with the base branch.";
        assertRefused(await merge(admin, repository, pull), 405, stale);
        assert.equal((await admin.get(`${repository}/pulls/1`)).body.mergeable_state, "behind");
        await developer.expect("PUT", `${repository}/pulls/1/update-branch`, {});
        assertRefused(await merge(admin, repository, pull), 405, /required status checks are expected/);
        await report(world, repository, pull);
        await review(world, engineeringManager, repository, pull);
        assert.equal((await merge(developer, repository, pull)).status, 200);
        for (const name of ["feature/RP-1-change.txt", "feature/RP-2-other.txt"]) {
            assert.equal((await admin.get(`${repository}/contents/${name}`)).status, 200, name);
        }
    });

    it("should be refused as a merge commit, by the repository and by the branch", async () => {
        const { repository, pull } = await ready();
        const message = "Merge commits are not allowed on this repository.";
        assertRefused(await merge(admin, repository, pull, "merge"), 405, message);
        await admin.expect("PATCH", repository, { allow_merge_commit: true });
        const linear = "This branch must not contain merge commits.";
        assertRefused(await merge(admin, repository, pull, "merge"), 405, linear);
    });

    it("should be refused while a conversation is open", async () => {
        const { repository, pull } = await ready();
        const comment = { path: `${pull.branch}.txt`, position: 1, body: "why?" };
        const path = `${repository}/pulls/${pull.number}/reviews`;
        await world.as(techLead).expect("POST", path, { event: "COMMENT", comments: [comment] });
        assertRefused(await merge(admin, repository, pull), 405, /^A conversation must be resolved/);
        const [owner, name] = repository.split("/").slice(2);
        const { data } = await developer.graphql(
            `query ($owner: String!, $name: String!) {
                    repository(owner: $owner, name: $name) {
                        pullRequest(number: 1) { reviewThreads(first: 9) { nodes { id isResolved } } }
                    }
                }`,
            { owner, name },
        );
        const [thread] = data.repository.pullRequest.reviewThreads.nodes;
        assert.equal(thread.isResolved, false);
        const resolve =
            "mutation ($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { isResolved } } }";
        await developer.graphql(resolve, { id: thread.id });
        assert.equal((await merge(developer, repository, pull)).status, 200);
    });

    it("should wait for a code owner where one is named", async () => {
        const repository = await createRepository(world, `merges-${++count}`);
        const owners = Buffer.from("* @relaypacs/engineering-managers\n/docs/ @tove-lead\n").toString("base64");
        const file = { message: "chore: owners", content: owners };
        await admin.expect("PUT", `${repository}/contents/.github/CODEOWNERS`, file);
        await protect(admin, repository, { requiresCodeOwnerReviews: true });
        const pull = await openPull(world, repository, "owned");
        await report(world, repository, pull);
        await review(world, techLead, repository, pull);
        const message = "Waiting on code owner review from relaypacs/engineering-managers.";
        assertRefused(await merge(developer, repository, pull), 405, message);
        await review(world, engineeringManager, repository, pull);
        assert.equal((await merge(developer, repository, pull)).status, 200);
    });

    it("should be refused when the head has moved meanwhile, for a draft, and for conflicting changes", async () => {
        const { repository, pull } = await ready();
        const path = `${repository}/pulls/${pull.number}/merge`;
        const moved = await developer.put(path, { merge_method: "squash", sha: "0".repeat(40) });
        assertRefused(moved, 409, "Head branch was modified. Review and try the merge again.");
        await branch(developer, repository, "draft");
        await commit(developer, repository, "draft", "draft.txt");
        const draft = { title: "feat: later", head: "draft", base: "main", draft: true };
        const { number } = await developer.expect("POST", `${repository}/pulls`, draft);
        const refused = await merge(developer, repository, { number, branch: "draft" });
        assertRefused(refused, 405, "Pull Request is still a draft");

        const open = await createRepository(world, `merges-${++count}`);
        await branch(admin, open, "one");
        await commit(admin, open, "one", "same.txt");
        await commit(admin, open, "main", "same.txt");
        const request = { title: "feat: same", head: "one", base: "main" };
        const conflict = await admin.expect("POST", `${open}/pulls`, request);
        assert.equal((await admin.get(`${open}/pulls/${conflict.number}`)).body.mergeable_state, "dirty");
        const attempt = await merge(admin, open, { number: conflict.number, branch: "one" });
        assertRefused(attempt, 405, "Pull Request is not mergeable");
    });

    it("should bind administrators only where the rule says so", async () => {
        const bound = await prepare();
        assertRefused(await merge(admin, bound.repository, bound.pull), 405, /^4 of 4 .* At least 1 approving/);
        const free = await prepare({}, { isAdminEnforced: false });
        assertRefused(await merge(developer, free.repository, free.pull), 405, /^4 of 4/);
        assert.equal((await merge(admin, free.repository, free.pull)).status, 200);
    });

    it("should allow a push only to those whom the rule names, and to administrators", async () => {
        const { node_id } = await admin.expect("GET", "/users/tove-lead");
        const rule = { restrictsPushes: true, pushActorIds: [node_id] };
        const { repository, pull } = await ready({}, rule);
        assertRefused(await merge(developer, repository, pull), 405, /^You're not authorized to push to this branch\./);
        assert.equal((await merge(world.as(techLead), repository, pull)).status, 200);
    });

    it("should keep what the base got meanwhile, where a branch need not be up to date", async () => {
        const { repository, pull } = await ready({}, { requiresStrictStatusChecks: false, pattern: "staging" });
        await commit(admin, repository, "main", "meanwhile.txt");
        assert.equal((await merge(developer, repository, pull)).status, 200);
        for (const name of ["meanwhile.txt", `${pull.branch}.txt`]) {
            assert.equal((await admin.get(`${repository}/contents/${name}`)).status, 200, name);
        }
    });

    it("should be impossible between branches that do not exist, since such a pull request is refused", async () => {
        const { repository } = await prepare();
        const request = { title: "feat: nothing", head: "absent", base: "main" };
        assertRefused(await developer.post(`${repository}/pulls`, request), 422, "Validation Failed");
        assert.equal((await admin.get(`${repository}/git/ref/heads/absent`)).status, 404);
    });
});
