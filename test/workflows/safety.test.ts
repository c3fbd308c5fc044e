import * as assert from "node:assert/strict";
import { callerFiles, jobs, ownAction, shortName, steps, texts, workflows, type Step } from "./files";
import { commandsThatRunCode, nameOf, tokenJobs, whatItRuns } from "./token-jobs";

const expressions = (text: string) => [...text.matchAll(/\$\{\{([^]*?)\}\}/g)].map((match) => match[1]!.trim());

describe("Every workflow", () => {
    it("should be found and parsed", () => {
        assert.ok(workflows.size >= 5);
        assert.ok(steps.length > 40);
    });

    it("should pin every action by a full commit, with its version in a comment", () => {
        let count = 0;
        for (const [file, text] of texts)
            for (const line of text.split("\n").filter((one) => /^\s*(- )?uses:/.test(one))) {
                const used = line.replace(/^\s*(- )?uses:\s*/, "");
                if (/^[.$]\//.test(used)) continue;
                if (callerFiles.includes(file) && used.startsWith("relaypacs/platform/"))
                    assert.match(used, /^relaypacs\/platform\/\.github\/workflows\/[a-z]+\.yml@[0-9a-f]{40}$/, file);
                else assert.match(used, /^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, file);
                count += 1;
            }
        assert.ok(count > 20);
    });

    it("should use actions of this repository from a checkout of it, or else at the commit of the called workflow", () => {
        let count = 0;
        for (const { file, id, job } of jobs) {
            const ofPlatform = ({ uses, with: given }: Step) =>
                uses?.startsWith("actions/checkout@") &&
                (/\/(?:drift|pull-request)\.yml$/.test(file) || given?.repository !== undefined);
            const start = job.steps?.some(ofPlatform) ? "./" : "$/";
            for (const { uses } of job.steps ?? []) {
                if (ownAction(uses) === undefined) continue;
                assert.equal(uses!.slice(0, 2), start, `${file} ${id} uses ${uses}`);
                count += 1;
            }
        }
        assert.ok(count >= 12);
    });

    it("should use the same version of each action", () => {
        const versions = new Map<string, Set<string>>();
        for (const { step } of steps) {
            const [name, commit] = step.uses?.split("@") ?? [];
            if (name && commit) versions.set(name, (versions.get(name) ?? new Set()).add(commit));
        }
        assert.ok(versions.size >= 6);
        for (const [name, commits] of versions) assert.equal(commits.size, 1, name);
    });

    it("should have no permission as a whole, and give each job only what it needs", () => {
        for (const [file, { permissions }] of workflows) assert.deepEqual(permissions, {}, file);
        const writes = jobs.flatMap(({ file, id, job }) => {
            assert.ok(job.permissions, `${file} ${id} says no permissions`);
            return Object.entries(job.permissions)
                .filter(([scope, access]) => `${scope}: ${access}` !== "contents: read")
                .map(([scope, access]) => `${shortName(file)} ${id} ${scope}: ${access}`);
        });
        assert.deepEqual(writes.sort(), [
            "deploy.yml deploy id-token: write",
            "deploy.yml monitoring id-token: write",
            "deploy.yml page id-token: write",
            "drift.yml drift id-token: write",
            "gateway/ci-cd.yml production id-token: write",
            "gateway/ci-cd.yml publish contents: write",
            "gateway/ci-cd.yml publish id-token: write",
            "gateway/ci-cd.yml publish pull-requests: read",
            "gateway/ci-cd.yml staging id-token: write",
            "gateway/hotfix.yml production id-token: write",
            "gateway/rollback.yml restore id-token: write",
            "gateway/rollback.yml rollback id-token: write",
            "publish.yml evidence id-token: write",
            "publish.yml evidence pull-requests: read",
            "publish.yml push id-token: write",
            "publish.yml tag contents: write",
            "pull-request.yml preview id-token: write",
            "rehearse.yml rehearse id-token: write",
            "rollback.yml rollback id-token: write",
        ]);
    });

    it("should give an AWS token only to the jobs that are listed in token-jobs.ts, and to each what is listed", () => {
        const minting = jobs.filter(({ job }) => job.permissions?.["id-token"] === "write");
        assert.deepEqual(Object.fromEntries(minting.map((one) => [nameOf(one), whatItRuns(one)])), tokenJobs);
        for (const one of jobs.filter(({ job }) => job.steps)) {
            const takes = one.job.steps!.some(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"));
            assert.equal(nameOf(one) in tokenJobs, takes, nameOf(one));
        }
    });

    it("should run no code of the gateway where a token may be had", () => {
        const withFiles = Object.entries(tokenJobs).filter(([, { has }]) => has === "the gateway");
        assert.deepEqual(
            withFiles.map(([name]) => name),
            ["publish.yml push", "publish.yml evidence"],
        );
        for (const [name, { runs }] of withFiles) {
            for (const command of runs)
                assert.match(
                    command,
                    /^(docker (buildx imagetools create|image inspect|load|login|logout|push)|npm (ci|run build) in platform|npx release .* in platform)$/,
                    `${name} has a checkout of the gateway`,
                );
        }
    });

    it("should build the gateway's images and assets in jobs of their own, without a token", () => {
        const building = jobs.filter(
            ({ file, job }) =>
                file.endsWith("publish.yml") &&
                (job.steps ?? []).some(({ run = "", "working-directory": folder }) =>
                    commandsThatRunCode(run).some(
                        (one) => /^docker build /.test(one) || (/^npm /.test(one) && folder !== "platform"),
                    ),
                ),
        );
        assert.deepEqual(
            building.map(({ id, job }) => [id, job.permissions]),
            [
                ["images", { contents: "read" }],
                ["assets", { contents: "read" }],
            ],
        );
    });

    it("should find what a job runs, whatever line, operator or variable is before it", () => {
        const script = `
            version="$(node --print 1)"
            if [[ -n "$x" ]]; then npm run build; fi
            echo "npm is not run here" # npm ci
            DEBUG=1 ./script.sh && sudo make all
            for x in a; do docker build .; done | bash -c true`;
        assert.deepEqual(commandsThatRunCode(script), [
            "node --print 1",
            "npm run build",
            "./script.sh",
            "make all",
            "docker build .",
            "bash -c true",
        ]);
    });

    it("should give every job a timeout and a fixed version of the runner", () => {
        for (const { file, id, job } of jobs) {
            if (job.uses) continue;
            assert.equal(job["runs-on"], "ubuntu-24.04", `${file} ${id}`);
            assert.ok((job["timeout-minutes"] ?? 0) >= 1 && (job["timeout-minutes"] ?? 0) <= 120, `${file} ${id}`);
        }
    });

    it("should keep no credential in a checkout", () => {
        const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
        assert.ok(checkouts.length >= 10);
        for (const { where, step } of checkouts) assert.equal(step.with?.["persist-credentials"], false, where);
    });

    it("should run scripts in bash, where a command that fails before a pipe fails the step", () => {
        for (const { file, id, job, workflow } of jobs)
            for (const step of job.steps ?? [])
                if (step.run !== undefined)
                    assert.equal(step.shell ?? workflow.defaults?.run.shell, "bash", `${file} ${id}`);
        for (const { where, step } of steps.filter((one) => one.where.includes("action.yml")))
            if (step.run !== undefined) assert.equal(step.shell, "bash", where);
    });

    it("should pass values to scripts by environment variables, not by expressions", () => {
        for (const { where, step } of steps) assert.deepEqual(expressions(step.run ?? ""), [], where);
    });

    it("should pass text from outside to scripts only by environment variables", () => {
        const untrusted =
            /github\.(event\.(pull_request\.(title|body|head\.(ref|label))|issue|comment|head_commit)|head_ref)/;
        const places = steps.flatMap(({ where, step }) =>
            Object.entries({ ...step.env, ...(step.with as Record<string, string>) })
                .filter(([, value]) => untrusted.test(String(value)))
                .map(([key]) => `${where} ${key}`),
        );
        assert.deepEqual(places, [
            ".github/workflows/ci.yml commit-messages step 3 BRANCH",
            ".github/workflows/ci.yml commit-messages step 5 TITLE",
            ".github/workflows/title.yml commit-messages step 5 TITLE",
        ]);
    });

    it("should never run the code of a pull request with the permissions of its target", () => {
        for (const [file, { on }] of workflows)
            for (const event of ["pull_request_target", "workflow_run", "issue_comment"])
                assert.ok(!(event in on), `${file} runs on ${event}`);
    });

    it("should contain no secret, and read secrets only in environments and inputs of steps", () => {
        const patterns = [
            /AKIA[0-9A-Z]{16}/,
            /gh[pousr]_\w{20}/,
            /hooks\.slack\.com\/services/,
            /:\/\/[^\s:/@]+:[^\s@/]+@/,
        ];
        for (const [file, text] of texts) {
            for (const pattern of patterns) assert.doesNotMatch(text, pattern, file);
            for (const expression of expressions(text).filter((one) => /\bsecrets\b/.test(one)))
                assert.match(expression, /^secrets\.[A-Z_]+$/, file);
            assert.doesNotMatch(text, /secrets: inherit/, file);
        }
        for (const { where, step } of steps) assert.doesNotMatch(step.run ?? "", /set -x|printenv|\benv\b$/m, where);
    });

    it("should not run twice at once on one branch, and not cancel a release or a deployment", () => {
        for (const [file, { on, concurrency }] of workflows)
            if (!("workflow_call" in on)) assert.ok(concurrency, `${file} starts by itself without concurrency`);
        const groups = [
            ...[...workflows].map(([file, { concurrency }]) => ({ place: file, concurrency })),
            ...jobs.map(({ file, id, job }) => ({ place: `${file} ${id}`, concurrency: job.concurrency })),
        ];
        assert.deepEqual(
            groups.flatMap(({ place, concurrency }) =>
                concurrency ? [`${shortName(place)}: ${concurrency["cancel-in-progress"]}`] : [],
            ),
            [
                "drift.yml: false",
                "publish.yml: false",
                "pull-request.yml: true",
                "title.yml: true",
                "gateway/ci-cd.yml: ${{ github.event_name == 'pull_request' }}",
                "gateway/hotfix.yml: false",
                "gateway/rollback.yml: false",
                "deploy.yml deploy: false",
                "rehearse.yml rehearse: false",
                "rollback.yml rollback: false",
            ],
        );
        const names = groups.flatMap(({ concurrency }) => (concurrency ? [concurrency.group] : []));
        assert.equal(new Set(names).size, names.length, "a called run would wait for the run that called it");
    });

    it("should use no mutable tag, and change clusters only through Pulumi", () => {
        for (const { where, step } of steps) {
            assert.doesNotMatch(step.run ?? "", /:latest\b/, where);
            assert.doesNotMatch(step.run ?? "", /kubectl (set|apply|patch|rollout|scale|edit|delete)/, where);
        }
    });
});
