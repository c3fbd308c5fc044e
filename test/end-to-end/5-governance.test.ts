import * as assert from "node:assert/strict";
import { judgeWebIdentity, type WebIdentityProvider } from "../../sandbox/parts/cloud/web-identity";
import { administrator, author, deployment, techLead, type Person } from "../../sandbox/parts/github/relaypacs";
import { repository as settings } from "../../settings/schema";
import {
    assertRefused,
    branch,
    commit,
    merge,
    openPull,
    report,
    review,
    tip,
    type Pull,
} from "../sandbox/parts/github/changes";
import { Client } from "../sandbox/parts/github/harness";
import * as world from "./world";

const repository = "/repos/relaypacs/gateway";
const people = {
    as: (person: Person | { token: string }) =>
        new Client(`http://127.0.0.1:${String(world.instance.ports.github)}`, person),
};
const checks = settings.parse({ owner: "relaypacs", name: "gateway" }).requiredChecks;

/** The repository as the program has created it: no test here sets a rule. */
describe("The branch main, protected by the program,", () => {
    const admin = people.as(administrator);
    const developer = people.as(author);
    let count = 0;

    const open = () => openPull(people, repository, `feature/RP-${String(++count)}-change`);
    const pass = (pull: Pull, names: readonly string[] = checks) => report(people, repository, pull, "success", names);
    const approve = (pull: Pull) => review(people, techLead, repository, pull);

    it("should take no pull request with a check missing", async () => {
        const pull = await open();
        await approve(pull);
        await pass(pull, checks.slice(1));
        assertRefused(
            await merge(developer, repository, pull),
            405,
            `Required status check "${String(checks[0])}" is expected.`,
        );
    });

    it("should take no pull request with a failed check", async () => {
        const pull = await open();
        await approve(pull);
        await pass(pull, checks.slice(1));
        await report(people, repository, pull, "failure", checks.slice(0, 1));
        assertRefused(await merge(developer, repository, pull), 405, /Required status check/);
    });

    it("should take no pull request without a review, nor with the author's own", async () => {
        const pull = await open();
        await pass(pull);
        const message = "At least 1 approving review is required by reviewers with write access.";
        assertRefused(await merge(developer, repository, pull), 405, message);
        assert.equal((await review(people, author, repository, pull)).status, 422);
        assertRefused(await merge(admin, repository, pull), 405, message);
    });

    it("should take no merge commit, and take the same pull request by squash", async () => {
        const pull = await open();
        await pass(pull);
        await approve(pull);
        assert.equal((await merge(developer, repository, pull, "merge")).status, 405);
        assert.equal((await merge(developer, repository, pull)).status, 200);
        const history = (await admin.expect("GET", `${repository}/commits?sha=main`)) as { parents: unknown[] }[];
        assert.ok(history.every(({ parents }) => parents.length < 2));
    });

    it("should take no stale branch until it is up to date again", async () => {
        const stale = await open();
        const other = await open();
        for (const pull of [stale, other]) {
            await pass(pull);
            await approve(pull);
        }
        assert.equal((await merge(developer, repository, other)).status, 200);
        assertRefused(await merge(developer, repository, stale), 405, /up.to.date|behind|out.of.date/i);
    });

    it("should take no direct push, not even an administrator's", async () => {
        const sha = await tip(admin, repository, "main");
        for (const client of [developer, admin]) {
            await assert.rejects(commit(client, repository, "main", "direct.txt"));
        }
        assert.equal(await tip(admin, repository, "main"), sha);
    });

    it("should be accompanied by version tags that never move", async () => {
        const sha = await tip(admin, repository, "main");
        await admin.expect("POST", `${repository}/git/refs`, { ref: "refs/tags/v1.0.0", sha });
        await branch(developer, repository, "feature/RP-99-tag");
        const other = await commit(developer, repository, "feature/RP-99-tag", "tag.txt");
        assert.equal(
            (await admin.patch(`${repository}/git/refs/tags/v1.0.0`, { sha: other, force: true })).status,
            422,
        );
        assert.equal((await admin.delete(`${repository}/git/refs/tags/v1.0.0`)).status, 422);
        const { object } = (await admin.expect("GET", `${repository}/git/ref/tags/v1.0.0`)) as {
            object: { sha: string };
        };
        assert.equal(object.sha, sha);
    });
});

/** What deploy.yml does once a release is admitted to staging (specification, section 2). */
describe("The branch staging, made and protected by the program,", () => {
    const mirror = people.as(deployment);
    const path = `${repository}/git/refs/heads/staging`;

    it("should be moved forward to a released commit by the one actor who is named for it, and by no one else", async () => {
        const sha = await tip(mirror, repository, "main");
        const before = await tip(mirror, repository, "staging");
        assert.notEqual(before, sha, "the pull requests above were merged");
        const place = (await mirror.expect("GET", `${repository}/compare/staging...${sha}`)) as { status: string };
        assert.equal(place.status, "ahead");
        assert.equal((await mirror.patch(path, { sha, force: false })).status, 422, "no check has passed on it");
        await report(people, repository, { number: 0, branch: "main" }, "success", checks);
        for (const person of [administrator, author, techLead]) {
            const moved = await people.as(person).patch(path, { sha, force: false });
            assertRefused(moved, 422, "Changes must be made through a pull request.");
        }
        await mirror.expect("PATCH", path, { sha, force: false });
        assert.equal(await tip(mirror, repository, "staging"), sha);
        assertRefused(await mirror.patch(path, { sha: before, force: true }), 422, /^Cannot force-push to this branch/);
    });

    it("should show no change at the commit to which it has moved, even after a refresh", async () => {
        const parent = "urn:pulumi:staging::relaypacs::relaypacs:governance:RepositoryGovernance";
        const target = `${parent}$github:index/branch:Branch::repository-staging`;
        const flags = ["--refresh", "--expect-no-changes", "--target", target];
        // The release that the earlier tests have deployed.
        const options = { release: await world.publish("1.4.0") };
        const { exitCode, output } = await world.pulumi(["preview", ...flags], options);
        assert.equal(exitCode, 0, output);
    });
});

describe("The roles of the pipeline, as the program has created them,", () => {
    const front = `http://127.0.0.1:${String(world.instance.ports.github)}`;
    const admin = people.as(administrator);
    const provider = async (): Promise<WebIdentityProvider> => ({
        arn: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        issuer: "https://token.actions.githubusercontent.com",
        audiences: ["sts.amazonaws.com"],
        ...((await (await fetch(`${front}/.well-known/jwks`)).json()) as Pick<WebIdentityProvider, "keys">),
    });

    /** Whether a job of the gateway's `main` may take a role; its own workflow's job, unless a called one is given. */
    async function takes(role: string, environment: string | undefined, called?: string): Promise<boolean> {
        const { value } = (await admin.expect("POST", `${repository}/actions/oidc/token`, {
            audience: "sts.amazonaws.com",
            ref: "refs/heads/main",
            workflow: ".github/workflows/ci-cd.yml",
            ...(environment !== undefined && { environment }),
            ...(called !== undefined && {
                // The commit that the stack file names.
                job_workflow_ref: `relaypacs/platform/.github/workflows/${called}@${"0".repeat(40)}`,
            }),
        })) as { readonly value: string };
        const { Role } = await world.aws<{ Role: { AssumeRolePolicyDocument: unknown } }>(
            "iam",
            "get-role",
            "--role-name",
            `relaypacs-${role}`,
        );
        return judgeWebIdentity(value, Role.AssumeRolePolicyDocument, await provider()).allowed;
    }

    for (const [role, environment, called] of [
        ["publish", undefined, "publish.yml"],
        ["sign-evidence", "sign-evidence", "publish.yml"],
        ["deploy-staging", "staging", "deploy.yml"],
        ["deploy-staging", "staging", "rollback.yml"],
        ["deploy-prod", "production-deployment", "deploy.yml"],
        ["rollback-prod", "production-rollback", "rollback.yml"],
    ] as const) {
        it(`should give ${called} the role ${role}, by the ids that GitHub has given the repository`, async () => {
            assert.equal(await takes(role, environment, called), true);
        });

        it(`should give a job of the gateway's own workflow no role ${role}, whatever ${called} may`, async () => {
            assert.equal(await takes(role, environment), false);
        });
    }
});
