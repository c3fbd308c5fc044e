import assert from "node:assert/strict";
import { administrator, author, deployment, techLead } from "../../../../sandbox/parts/github/relaypacs";
import { assertRefused, branch, commit, merge, openPull, protect, protectedRepository, report, tip } from "./changes";
import { createRepository, sandbox, type Client, type Sandbox } from "./harness";

describe("A push to a protected branch or tag", () => {
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

    const prepare = () => protectedRepository(world, `pushes-${++count}`);

    it("should be refused for the branch itself, as a file, a deletion of one, or a moved ref", async () => {
        const { repository } = await prepare();
        const main = await tip(admin, repository, "main");
        const content = Buffer.from("x").toString("base64");
        const through = /^Could not create file: Changes must be made through a pull request\./;
        for (const client of [admin, developer]) {
            const created = await client.put(`${repository}/contents/x.txt`, { message: "feat: x", content });
            assertRefused(created, 409, through);
            const named = { message: "feat: x", content, branch: "refs/heads/main" };
            assert.equal((await client.put(`${repository}/contents/x.txt`, named)).status, 404);
        }
        const readme = await admin.expect("GET", `${repository}/contents/README.md`);
        const removal = { message: "chore: remove", sha: readme.sha };
        const deleted = await admin.delete(`${repository}/contents/README.md`, removal);
        assertRefused(deleted, 409, /^Could not delete file: Changes must be made/);
        const sha = await tip(admin, repository, "feature/RP-1-change");
        for (const ref of ["heads/main", "refs/heads/main"]) {
            const moved = await admin.patch(`${repository}/git/refs/${ref}`, { sha, force: true });
            assertRefused(moved, 422, /^Changes must be made through a pull request\./);
        }
        assert.equal(await tip(admin, repository, "main"), main);
    });

    it("should neither force nor delete a protected branch, even where administrators are not bound", async () => {
        const { repository } = await prepare();
        await protect(admin, repository, { isAdminEnforced: false, pattern: "feature/*" });
        const sha = await tip(admin, repository, "main");
        const path = `${repository}/git/refs/heads/feature/RP-1-change`;
        assertRefused(await admin.patch(path, { sha, force: true }), 422, "Cannot force-push to this branch");
        assertRefused(await admin.delete(path), 422, "Cannot delete this branch");
    });

    describe("by an actor who bypasses pull requests", () => {
        const path = (repository: string) => `${repository}/git/refs/heads/staging`;

        /**
         * A branch `staging` at the commit of `main`, with the same protection except for one person, and a pull
         * request with one more commit.
         */
        async function mirrored() {
            const { repository, pull } = await prepare();
            await branch(admin, repository, "staging");
            const { id } = (await admin.graphql(`{ user(login: "${deployment.login}") { id } }`)).data.user;
            await protect(admin, repository, { pattern: "staging", bypassPullRequestActorIds: [id] });
            const sha = await tip(admin, repository, pull.branch);
            return { repository, pull, sha };
        }

        it("should go forward to a commit that has passed its checks, and be refused to everyone else", async () => {
            const { repository, pull, sha } = await mirrored();
            const mirror = world.as(deployment);
            const missing = "4 of 4 required status checks are expected.";
            assertRefused(await mirror.patch(path(repository), { sha, force: false }), 422, missing);
            await report(world, repository, pull);
            const refused = "Changes must be made through a pull request.";
            for (const client of [admin, developer, world.as(techLead)]) {
                assertRefused(await client.patch(path(repository), { sha, force: false }), 422, refused);
            }
            await mirror.expect("PATCH", path(repository), { sha, force: false });
            assert.equal(await tip(admin, repository, "staging"), sha);
            const main = await mirror.patch(`${repository}/git/refs/heads/main`, { sha, force: false });
            assertRefused(main, 422, refused);
        });

        it("should go neither back, nor to a merge commit, nor delete the branch", async () => {
            const { repository, pull, sha } = await mirrored();
            const mirror = world.as(deployment);
            await report(world, repository, pull);
            await mirror.expect("PATCH", path(repository), { sha });
            await report(world, repository, { ...pull, branch: "main" });
            const main = await tip(admin, repository, "main");
            for (const force of [true, false]) {
                const back = await mirror.patch(path(repository), { sha: main, force });
                assertRefused(back, 422, "Cannot force-push to this branch");
            }
            assertRefused(await mirror.delete(path(repository)), 422, "Cannot delete this branch");
            const other = { ...pull, branch: "feature/RP-2-merged" };
            await branch(developer, repository, other.branch);
            await commit(developer, repository, other.branch, "other.txt");
            const second = await tip(admin, repository, other.branch);
            const { tree } = await developer.expect("GET", `${repository}/git/commits/${sha}`);
            const joined = { message: "chore: merge", tree: tree.sha, parents: [sha, second] };
            const merged = await developer.expect("POST", `${repository}/git/commits`, joined);
            await developer.expect("PATCH", `${repository}/git/refs/heads/${other.branch}`, { sha: merged.sha });
            await report(world, repository, other);
            const linear = "This branch must not contain merge commits.";
            assertRefused(await mirror.patch(path(repository), { sha: merged.sha }), 422, linear);
            assert.equal(await tip(admin, repository, "staging"), sha);
        });

        it("should need no approval of a pull request, but its checks", async () => {
            const { repository } = await mirrored();
            const pull = await openPull(world, repository, "feature/RP-3-direct", "staging");
            const mirror = world.as(deployment);
            assertRefused(await merge(mirror, repository, pull), 405, "4 of 4 required status checks are expected.");
            await report(world, repository, pull);
            assertRefused(await merge(developer, repository, pull), 405, /^At least 1 approving review is required/);
            assert.equal((await merge(mirror, repository, pull)).status, 200);
        });
    });

    it("should create a version tag once and for all", async () => {
        const { repository, pull } = await prepare();
        await admin.expect("POST", `${repository}/rulesets`, {
            name: "version tags",
            target: "tag",
            enforcement: "active",
            conditions: { ref_name: { include: ["refs/tags/v*"], exclude: [] } },
            rules: [{ type: "update" }, { type: "deletion" }, { type: "non_fast_forward" }],
        });
        const sha = await tip(admin, repository, "main");
        const later = await tip(admin, repository, pull.branch);
        for (const tag of ["v1.0.0", "build-1"]) {
            await developer.expect("POST", `${repository}/git/refs`, { ref: `refs/tags/${tag}`, sha });
        }
        const path = `${repository}/git/refs/tags/v1.0.0`;
        const violation = (text: string) => `Repository rule violations found\n\n${text}\n\n`;
        const update = violation("Cannot update this protected ref.");
        assertRefused(await admin.patch(path, { sha: later }), 422, update);
        const forced = violation("Cannot update this protected ref.\n\nCannot force-push to this branch");
        await admin.expect("PATCH", `${repository}/git/refs/tags/build-1`, { sha: later });
        await admin.expect("POST", `${repository}/git/refs`, { ref: "refs/tags/v2.0.0", sha: later });
        assertRefused(await admin.patch(`${repository}/git/refs/tags/v2.0.0`, { sha, force: true }), 422, forced);
        assertRefused(await admin.delete(path), 422, violation("Cannot delete this protected ref."));
        await admin.expect("DELETE", `${repository}/git/refs/tags/build-1`);
    });

    it("should need the right to write", async () => {
        const open = await createRepository(world, `pushes-${++count}`, { visibility: "public" });
        const sha = await tip(admin, open, "main");
        const response = await fetch(`http://127.0.0.1:${world.settings.ports.front}${open}/git/refs`, {
            method: "POST",
            body: JSON.stringify({ ref: "refs/heads/stranger", sha }),
        });
        assert.equal(response.status, 401);
    });
});
