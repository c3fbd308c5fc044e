import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import {
    administrator,
    author,
    engineeringManager,
    organization,
    techLead,
} from "../../../sandbox/parts/github/relaypacs";
import { approverTeams } from "../../../release/shared/approver-teams";
import {
    approvalOfReviews,
    approvalOfRun,
    codeReviewOf,
    earlierDecisions,
    type EarlierDecision,
} from "../../../release/observe/approval";
import { changeOf, type Change } from "../../../release/observe/change";
import { GitHub, repositoryOf } from "../../../release/observe/github";
import { incidentsFromExport, incidentsFromGitHub } from "../../../release/observe/incidents";
import { merge, openPull, review } from "../../sandbox/parts/github/changes";
import { createRepository, sandbox, type Sandbox } from "../../sandbox/parts/github/harness";
import { describedGitHub, example } from "./github-responses";

describe("The command release observe on the emulated GitHub", function () {
    this.timeout(60_000);
    let world: Sandbox;
    before(async () => {
        world = await sandbox();
    });
    after(() => world.remove());

    const github = (name: string, token: string = administrator.token) =>
        new GitHub(`${organization}/${name}`, token, `http://127.0.0.1:${world.settings.ports.front}/`);

    it("should count the incidents of a week by the labels of issues", async () => {
        const at = await createRepository(world, "incidents");
        const client = world.as(administrator);
        for (const [title, ...labels] of [
            ["uploads fail", "P1"],
            ["both", "P2", "P1"],
            ["slow", "P2"],
            ["typo", "P3"],
            ["question"],
        ])
            await client.expect("POST", `${at}/issues`, { title, labels });
        const { incidents, source, windowEndedAt, windowStartedAt } = await incidentsFromGitHub(github("incidents"));
        assert.deepEqual(
            incidents.map(({ id, priority }) => [id, priority]).sort(),
            [1, 2, 3].map((number) => [`relaypacs/incidents#${number}`, number === 3 ? "P2" : "P1"]),
        );
        assert.equal(source, `http://127.0.0.1:${world.settings.ports.front}/relaypacs/incidents/issues`);
        assert.equal(Date.parse(windowEndedAt) - Date.parse(windowStartedAt), 7 * 86_400_000);
        const later = new Date(Date.now() + 8 * 86_400_000);
        assert.deepEqual((await incidentsFromGitHub(github("incidents"), later)).incidents, []);
    });

    it("should attest who approved a pull request, in which role, and who wrote it", async () => {
        const at = await createRepository(world, "approvals");
        const pull = await openPull(world, at, "feature/RP-1-change");
        await review(world, techLead, at, pull, "REQUEST_CHANGES");
        await review(world, techLead, at, pull);
        await review(world, administrator, at, pull);
        await world.as(engineeringManager).post(`/repos/relaypacs/approvals/pulls/${pull.number}/reviews`, {
            event: "REQUEST_CHANGES",
            body: "expedited\nBut no.",
        });
        const merged = await merge(world.as(administrator), at, pull);
        assert.equal(merged.status, 200, JSON.stringify(merged.body));
        const sha = String(merged.body.sha);
        const change = await changeOf(github("approvals"), sha, { number: pull.number });
        // Once the pull request is merged, the emulator also lists commits of the base.
        assert.ok(change.authors.includes(author.login), change.authors.join());
        const approval = await approvalOfReviews(github("approvals"), change, approverTeams());
        assert.deepEqual(approval.authors, change.authors);
        assert.deepEqual(
            approval.decisions.map(({ expedited, login, role, verdict }) => [login, role, verdict, expedited]).sort(),
            [
                [administrator.login, "other", "approved", false],
                [engineeringManager.login, "engineering-manager", "rejected", true],
                [techLead.login, "tech-lead", "approved", false],
            ],
        );
        const codeReview = await codeReviewOf(github("approvals"), change);
        assert.deepEqual([codeReview.mergeCommit, codeReview.authors], [sha, change.authors]);
        assert.deepEqual(codeReview.reviews.map(({ login, state }) => [login, state]).sort(), [
            [administrator.login, "approved"],
            [engineeringManager.login, "changes-requested"],
            [techLead.login, "approved"],
        ]);
        assert.ok(codeReview.reviews.every(({ commit }) => commit === codeReview.headCommit));
        const other = "0".repeat(40);
        await assert.rejects(changeOf(github("approvals"), other, { number: pull.number }), {
            name: "ObserveError",
            message: `Pull request ${pull.number} became ${sha}, the release is ${other}.`,
        });
        const open = await openPull(world, at, "feature/RP-2-open");
        await assert.rejects(changeOf(github("approvals"), sha, { number: open.number }), {
            message: `Pull request ${open.number} is not merged, the release is ${sha}.`,
        });
    });

    it("should say what GitHub refuses, and never print the token", async () => {
        await assert.rejects(github("nowhere").get("repos/relaypacs/nowhere", null as never), {
            name: "ObserveError",
            message: "GitHub has no repos/relaypacs/nowhere, or GITHUB_TOKEN may not see it.",
        });
        await assert.rejects(incidentsFromGitHub(github("incidents", "a-wrong-token")), (error: Error) => {
            assert.match(error.message, /^GitHub answered 401 to repos|^GitHub has no repos/);
            assert.doesNotMatch(error.message, /a-wrong-token/);
            return true;
        });
        assert.throws(() => new GitHub("gateway", "token"), /The repository is "gateway"; it must be owner\/name/);
        assert.throws(() => new GitHub("relaypacs/gateway", ""), /GITHUB_TOKEN is not set/);
        assert.equal(repositoryOf("https://github.com/relaypacs/gateway.git"), "relaypacs/gateway");
        assert.throws(() => repositoryOf("git@github.com"), /must be an address such as/);
    });
});

describe("The command release observe approval on responses that follow GitHub's API description", () => {
    const commit = "c".repeat(40);
    const at = "/repos/relaypacs/gateway";
    const run = 4711;
    const simple = (login: string) => ({
        ...(example("/repos/{owner}/{repo}/actions/runs/{run_id}/approvals") as { user: object }).user,
        login,
    });
    const pull = () => ({
        ...example("/repos/{owner}/{repo}/commits/{commit_sha}/pulls"),
        number: 57,
        // GitHub's own example lacks what its description asks of a team.
        requested_teams: [],
        html_url: "https://github.com/relaypacs/gateway/pull/57",
        user: simple("ada"),
        merged_at: "2026-01-14T08:00:00Z",
        merge_commit_sha: commit,
    });
    const listed = (login: string | null, message = "feat: a change") => {
        const one = example("/repos/{owner}/{repo}/pulls/{pull_number}/commits") as { commit: object };
        return { ...one, author: login === null ? null : simple(login), commit: { ...one.commit, message } };
    };
    const approvals = (state: string, login: string, comment: string, environment = "production") => {
        const one = example("/repos/{owner}/{repo}/actions/runs/{run_id}/approvals") as { environments: object[] };
        return {
            ...one,
            state,
            comment,
            user: simple(login),
            environments: one.environments.map((each) => ({ ...each, name: environment })),
        };
    };
    const status = (state: string, createdAt: string, runId = run) => ({
        ...example("/repos/{owner}/{repo}/deployments/{deployment_id}/statuses"),
        state,
        created_at: createdAt,
        log_url: `https://github.com/relaypacs/gateway/actions/runs/${runId}/job/1`,
    });
    const responses = () => ({
        [`${at}/commits/${commit}/pulls`]: [pull()],
        [`${at}/pulls/57/commits`]: [
            listed("ada"),
            listed(
                "grace",
                "fix: it\n\nCo-authored-by: Edsger <1+edsger@users.noreply.github.com>\nCo-authored-by: Bot <ci@example.com>",
            ),
        ],
        [`${at}/actions/runs/${run}`]: {
            ...example("/repos/{owner}/{repo}/actions/runs/{run_id}"),
            head_sha: commit,
            html_url: `https://github.com/relaypacs/gateway/actions/runs/${run}`,
        },
        [`${at}/actions/runs/${run}/approvals`]: [
            approvals("approved", "margaret", "Ship it"),
            approvals("approved", "ken", "", "staging"),
        ],
        [`${at}/deployments`]: [{ ...example("/repos/{owner}/{repo}/deployments"), id: 9 }],
        [`${at}/deployments/9/statuses`]: [
            status("in_progress", "2026-01-14T09:30:05Z"),
            status("queued", "2026-01-14T09:30:00Z"),
            status("pending", "2026-01-14T09:00:00Z"),
            status("success", "2026-01-14T07:00:00Z", 12),
        ],
        "/orgs/relaypacs/teams/tech-leads/memberships/margaret": {
            ...example("/orgs/{org}/teams/{team_slug}/memberships/{username}"),
            state: "active",
        },
    });
    const logins = { "ci@example.com": "relaypacs-bot" };

    async function observe(
        answers: Record<string, unknown>,
        runId = run,
        known: Record<string, string> = logins,
        teams = approverTeams(),
        earlier: readonly EarlierDecision[] = [],
    ) {
        const server = await describedGitHub(answers);
        try {
            const github = new GitHub("relaypacs/gateway", "a-token", server.url);
            const change: Change = await changeOf(github, commit, { logins: known });
            const approval = await approvalOfRun(
                github,
                runId,
                change,
                teams,
                earlier,
                new Date("2026-01-14T10:00:00Z"),
            );
            assert.deepEqual(server.problems, []);
            return approval;
        } finally {
            await server.stop();
        }
    }

    it("should attest the approvals of the environment, with the time at which the run continued", async () => {
        assert.deepEqual(await observe(responses()), {
            environment: "prod",
            authors: ["ada", "edsger", "grace", "relaypacs-bot"],
            decisions: [
                {
                    login: "margaret",
                    role: "tech-lead",
                    verdict: "approved",
                    expedited: false,
                    decidedAt: "2026-01-14T09:30:00.000Z",
                    comment: "Ship it",
                },
            ],
            uri: `https://github.com/relaypacs/gateway/actions/runs/${run}`,
            measuredAt: "2026-01-14T10:00:00.000Z",
        });
    });

    describe("in the second attempt of a run", () => {
        const [rejection, approval, other] = [
            approvals("rejected", "linus", "no"),
            approvals("approved", "margaret", ""),
            approvals("approved", "ken", "", "staging"),
        ];
        const decision = (one: object) => one as EarlierDecision;
        /** Two attempts asked: the first was decided at 9:30, the second at 11:00, and then its job ran. */
        const attempts = (listed: readonly object[]) => ({
            ...responses(),
            [`${at}/actions/runs/${run}/approvals`]: listed,
            [`${at}/deployments`]: [9, 10].map((id) => ({ ...example("/repos/{owner}/{repo}/deployments"), id })),
            [`${at}/deployments/10/statuses`]: [
                status("success", "2026-01-14T11:05:00Z"),
                status("in_progress", "2026-01-14T11:00:10Z"),
                status("queued", "2026-01-14T11:00:00Z"),
                status("pending", "2026-01-14T10:30:00Z"),
            ],
        });
        const decided = async (listed: readonly object[], earlier: readonly object[]) =>
            (await observe(attempts(listed), run, logins, approverTeams(), earlier.map(decision))).decisions.map(
                ({ decidedAt, login, verdict }) => [login, verdict, decidedAt],
            );

        it("should leave out what was decided in the first, and date the approval to the second", async () => {
            const expected = [["margaret", "approved", "2026-01-14T11:00:00.000Z"]];
            // GitHub documents no order of its list.
            assert.deepEqual(await decided([rejection, approval, other], [rejection]), expected);
            assert.deepEqual(await decided([approval, other, rejection], [rejection]), expected);
        });

        it("should count a decision that is made again in the same words", async () => {
            assert.deepEqual(await decided([approval, approval], [approval]), [
                ["margaret", "approved", "2026-01-14T11:00:00.000Z"],
            ]);
        });

        it("should count a rejection since the page", async () => {
            assert.deepEqual(
                (await decided([rejection, approval], [])).map(([login]) => login),
                ["linus", "margaret"],
            );
        });

        it("should attest nothing when there is nothing but what was decided in the first", async () => {
            await assert.rejects(decided([approval, other], [approval]), {
                name: "ObserveError",
                message: `No one has decided about production in run ${run} yet; earlier attempts do not count.`,
            });
        });

        it("should refuse a list that is not GitHub's", () => {
            assert.deepEqual(earlierDecisions("[]"), []);
            for (const text of ["", "{}", "[{}]", '[{"state": "approved", "comment": ""}]'])
                assert.throws(() => earlierDecisions(text), {
                    name: "ObserveError",
                    message: "--earlier must be a list of decisions as GitHub's API lists a run's approvals, in JSON.",
                });
        });
    });

    it("should take roles from the teams in the settings and from no others", async () => {
        const answers = responses();
        const roleWith = async (teams: ReturnType<typeof approverTeams>) =>
            (await observe(answers, run, logins, teams)).decisions.map(({ role }) => role);
        assert.deepEqual(await roleWith({ leads: "Tech Lead" }), ["other"]);
        assert.deepEqual(await roleWith({ "tech-leads": "Engineering Manager" }), ["engineering-manager"]);
        const variable = "RELAYPACS_PROD_REPOSITORY";
        const before = process.env[variable];
        try {
            process.env[variable] = JSON.stringify({ approverTeams: { leads: "Tech Lead" } });
            assert.deepEqual(approverTeams(), { leads: "Tech Lead" });
            process.env[variable] = JSON.stringify({ owner: "relaypacs" });
            assert.deepEqual(approverTeams(), {
                "engineering-managers": "Engineering Manager",
                "tech-leads": "Tech Lead",
            });
            process.env[variable] = JSON.stringify({ approverTeams: ["leads"] });
            assert.throws(approverTeams, {
                message:
                    'relaypacs:repository.approverTeams of prod is ["leads"]; it must be a map of one to 6 GitHub team slugs to "Engineering Manager" or "Tech Lead".',
            });
        } finally {
            if (before === undefined) Reflect.deleteProperty(process.env, variable);
            else process.env[variable] = before;
        }
    });

    it("should attest a rejection and an expedited approval, and give invited members no role", async () => {
        const answers = responses();
        answers[`${at}/actions/runs/${run}/approvals`] = [
            approvals("approved", "margaret", "Expedited\nP1, has not soaked."),
            approvals("rejected", "linus", "no"),
        ];
        answers["/orgs/relaypacs/teams/tech-leads/memberships/margaret"] = {
            ...example("/orgs/{org}/teams/{team_slug}/memberships/{username}"),
            state: "pending",
        };
        assert.deepEqual(
            (await observe(answers)).decisions.map(({ expedited, login, role, verdict }) => [
                login,
                role,
                verdict,
                expedited,
            ]),
            [
                ["margaret", "other", "approved", true],
                ["linus", "other", "rejected", false],
            ],
        );
    });

    it("should attest nothing for another commit, without a decision, or when the time of the decision is unknown", async () => {
        const about = async (key: string, value: unknown, message: string) => {
            await assert.rejects(observe({ ...responses(), [key]: value }), { name: "ObserveError", message });
        };
        const other = {
            ...example("/repos/{owner}/{repo}/actions/runs/{run_id}"),
            head_sha: "d".repeat(40),
        };
        await about(
            `${at}/actions/runs/${run}`,
            other,
            `Run ${run} is about ${"d".repeat(40)}, the release is ${commit}.`,
        );
        await about(
            `${at}/actions/runs/${run}/approvals`,
            [],
            `No one has decided about production in run ${run} yet.`,
        );
        await about(
            `${at}/deployments/9/statuses`,
            [status("pending", "2026-01-14T09:00:00Z"), status("success", "2026-01-14T07:00:00Z", 12)],
            `Run ${run} has no deployment to production that was decided, so the time of the decision is unknown.`,
        );
        await about(
            `${at}/commits/${commit}/pulls`,
            [],
            `No pull request of relaypacs/gateway became ${commit}; a release comes from a merge.`,
        );
    });

    it("should attest nothing while an author is unknown, who might be the approver", async () => {
        const answers = responses();
        answers[`${at}/pulls/57/commits`] = [listed(null)];
        await assert.rejects(observe(answers), /^ObserveError: Commit [0-9a-f]+ is by <[^>]+>, who can't be matched/);
        await assert.rejects(observe(responses(), run, {}), {
            message: / is by <ci@example\.com>, .*; give --author ci@example\.com=<login>\.$/,
        });
        answers[`${at}/pulls/57/commits`] = Array.from({ length: 250 }, () => listed("ada"));
        await assert.rejects(observe(answers), /has 250 commits or more/);
    });
});

describe("Incidents from a tracker's export", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-export-"));
    after(() => {
        fs.rmSync(folder, { recursive: true });
    });
    const exported = {
        source: "https://incidents.example/api",
        exportedAt: "2026-01-14T18:00:00Z",
        windowStartedAt: "2026-01-07T18:00:00Z",
        incidents: [{ id: "INC-42", priority: "P1", openedAt: "2026-01-13T02:00:00Z" }],
    };
    const read = (value: unknown) => {
        const file = path.join(folder, "export.json");
        fs.writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
        return incidentsFromExport(file);
    };

    it("should be attested as of the time of the export", () => {
        const { exportedAt, ...rest } = exported;
        assert.deepEqual(read(exported), { ...rest, windowEndedAt: exportedAt });
    });

    it("should be refused with the place that is wrong", () => {
        for (const [value, message] of [
            ["{", /export\.json can't be read: /],
            [
                { ...exported, incidents: [{ id: "INC-1", priority: "P0", openedAt: exported.exportedAt }] },
                /incidents\.0\.priority: /,
            ],
            [{ ...exported, exportedAt: "2026-01-12T00:00:00Z" }, /INC-42 was opened after the export was made\.$/],
            [{ ...exported, exportedAt: "2026-01-01T00:00:00Z", incidents: [] }, /./],
        ] as const)
            assert.throws(() => read(value), { message });
        assert.throws(() => incidentsFromExport(path.join(folder, "none.json")), /none\.json can't be read/);
    });
});
