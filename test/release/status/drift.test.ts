import * as assert from "node:assert/strict";
import { GitHub } from "../../../release/observe/github";
import { driftLines } from "../../../release/status/drift";
import { serve, type Answer, type Server } from "../observe/server";

const setting = { owner: "relaypacs", name: "gateway" };
const look = "To look now: npx release drift --stack prod.";
const url = "https://github.com/relaypacs/platform/actions/runs/30433642";

/** GitHub's answers about the last run of the workflow, whose jobs are those of its matrix. */
const answers = (conclusion: string | null): Readonly<Record<string, Answer>> => ({
    "/repos/relaypacs/platform/actions/workflows/drift.yml/runs?branch=main&status=completed&per_page=1": {
        total_count: 1,
        workflow_runs: [{ id: 30433642, name: "Drift", status: "completed", conclusion: "failure", html_url: url }],
    },
    "/repos/relaypacs/platform/actions/runs/30433642/jobs?per_page=100": {
        total_count: 2,
        jobs: [
            { id: 1, name: "drift (staging)", conclusion: "success", completed_at: "2026-11-30T05:26:00Z" },
            { id: 2, name: "drift (prod)", conclusion, completed_at: conclusion && "2026-11-30T05:27:09Z" },
        ],
    },
});

describe("release status: drift", () => {
    let server: Server;
    let given: Readonly<Record<string, Answer>>;
    before(async () => {
        server = await serve(({ headers, url: path = "" }) => {
            assert.equal(headers.authorization, "Bearer token");
            return given[path.replace(/^\/api\/v3/, "")];
        });
    });
    after(() => server.stop());
    const asked = (conclusion: string | null, stack = "prod") => {
        given = answers(conclusion);
        return driftLines(stack, setting, (name) => new GitHub(name, "token", server.url));
    };

    it("should be what the workflow found last in that environment", async () => {
        assert.deepEqual(await asked("success"), [
            { verdict: "well", text: `Nothing had drifted on 2026-11-30 05:27 UTC. ${look}` },
        ]);
        assert.deepEqual(await asked("failure"), [
            {
                verdict: "act",
                text: `Something had drifted on 2026-11-30 05:27 UTC, or could not be looked at: ${url}`,
            },
        ]);
        assert.equal((await asked("failure", "staging"))[0]?.verdict, "well");
    });

    it("should not take a run that has not looked for one that found nothing", async () => {
        for (const conclusion of ["skipped", "cancelled", null])
            assert.deepEqual(await asked(conclusion), [
                { verdict: "well", text: `The last run of the workflow Drift has not looked at prod. ${look}` },
            ]);
    });

    it("should say how to look where it has never run", async () => {
        const never = [{ verdict: "well", text: `The workflow Drift has not run in relaypacs/platform. ${look}` }];
        const github = () => new GitHub("relaypacs/platform", "token", server.url);
        given = {};
        assert.deepEqual(await driftLines("prod", setting, github), never);
        const [runs = ""] = Object.keys(answers(null));
        given = { [runs]: { total_count: 0, workflow_runs: [] } };
        assert.deepEqual(await driftLines("prod", setting, github), never);
    });

    it("should say why it can't be told", async () => {
        await assert.rejects(driftLines("prod", undefined), {
            message: "relaypacs:repository of prod names no repository, so the last drift is not known",
        });
        await assert.rejects(
            driftLines("prod", setting, (name) => new GitHub(name, "", server.url)),
            { message: "GITHUB_TOKEN is not set; requests to GitHub need it." },
        );
        const [runs = ""] = Object.keys(answers(null));
        given = { [runs]: { status: 401, body: { message: "Bad credentials" } } };
        await assert.rejects(
            driftLines("prod", setting, (name) => new GitHub(name, "token", server.url)),
            { message: /^GitHub answered 401 to .*: Bad credentials\. Does GITHUB_TOKEN allow it\?$/ },
        );
    });
});
