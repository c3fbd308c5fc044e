import * as assert from "node:assert/strict";
import { gates } from "../../delivery/gates";
import { earlierDecisions } from "../../release/observe/approval";
import { actions, caller, reusable, steps } from "./files";
import { commit, digest, run, step } from "./script";

/** A repository with these commits, each with the version and the tags that it gets. Its `HEAD` is the last one. */
const history = (commits: readonly (readonly [version: string, ...tags: string[]])[]) =>
    [
        "export GIT_CONFIG_GLOBAL=/dev/null HOME=. GIT_AUTHOR_NAME=A GIT_COMMITTER_NAME=A EMAIL=a@example.com",
        "git init --quiet gateway",
        "cd gateway",
        ...commits.flatMap(([version, ...tags]) => [
            `printf '%s' ${quoted(version)} > VERSION`,
            "git add VERSION",
            "git commit --quiet --allow-empty --message x",
            ...tags.map((tag) => `git tag ${tag}`),
        ]),
    ].join("\n");
const quoted = (text: string) => `$'${text.replaceAll("\n", "\\n").replaceAll("'", "\\'")}'`;

describe("The step that names a version", () => {
    const script = step("publish.yml", "tag", "VERSION");
    /** Names the version of a commit: the last one, or as many before it. Records which tag is created. */
    const named = async (commits: Parameters<typeof history>[0], before = 0) => {
        const checkout = `git checkout --quiet HEAD~${before}; GITHUB_SHA="$(git rev-parse HEAD)"; echo "$GITHUB_SHA" > ../head`;
        const { written, output, ...ended } = await run(
            `${history(commits)}\n${checkout}\n${script}`,
            { GITHUB_REPOSITORY: "relaypacs/gateway" },
            { programs: { gh: 'echo "$*" >> "$RUNNER_TEMP/calls"' } },
        );
        const head = written.get("head")!.trim();
        return { ...ended, head, version: output.replace(/^version=/, "").replace(head.slice(0, 7), "<commit>") };
    };

    it("should tag a new version", async () => {
        for (const commits of [
            [["1.4.2\n"]],
            [["1.4.1", "v1.4.1"], ["1.4.2"]],
            [["1.9.9", "v1.9.9"], ["1.10.0"]],
        ] as const) {
            const { code, text, calls, head, version } = await named(commits);
            assert.equal(code, 0, text);
            const [last] = commits.at(-1)!;
            assert.equal(version, last.trim());
            assert.deepEqual(calls, [
                `api repos/relaypacs/gateway/git/refs --silent -f ref=refs/tags/v${last.trim()} -f sha=${head}`,
            ]);
        }
    });

    it("should keep the version when its tag is this commit, as in a repeated run", async () => {
        const { calls, version } = await named([["1.4.2", "v1.4.2"]]);
        assert.equal(version, "1.4.2");
        assert.deepEqual(calls, []);
    });

    it("should look through an annotated tag to its commit", async () => {
        const annotated = "--annotate --message x v1.4.2";
        assert.equal((await named([["1.4.2", annotated]])).version, "1.4.2");
        const { calls, version } = await named([["1.4.2", annotated], ["1.4.2"]]);
        assert.equal(version, "1.4.2-g<commit>");
        assert.deepEqual(calls, []);
    });

    it("should name a build by its commit when the version belongs to another commit", async () => {
        const { calls, version } = await named([["1.4.2", "v1.4.2"], ["1.4.2"]]);
        assert.equal(version, "1.4.2-g<commit>");
        assert.deepEqual(calls, []);
    });

    it("should refuse a version below the newest release before it", async () => {
        for (const tags of [
            ["v1.4.1", "v1.4.10", "v1.4.3"],
            ["v1.10.0", "v1.9.0", "v2.0.0-rc.1", "very-old"],
            ["v1.4.2", "v1.10.0"],
        ]) {
            const { code, text, calls, version } = await named([["1.4.1", ...tags], ["1.4.2"]]);
            assert.equal(code, 1);
            assert.match(
                text!,
                /^::error file=VERSION::VERSION is "1\.4\.2", lower than the newest release; it must be 1\.(4\.10|10\.0) or higher\.$/m,
            );
            assert.equal(version, "");
            assert.deepEqual(calls, []);
        }
    });

    it("should give the same version when a run is repeated after newer releases, tagged or not", async () => {
        const newer = [["1.5.0", "v1.5.0"]] as const;
        assert.equal((await named([["1.4.2", "v1.4.2"], ...newer], 1)).version, "1.4.2");
        assert.equal((await named([["1.4.2", "v1.4.2"], ["1.4.2"], ...newer], 1)).version, "1.4.2-g<commit>");
    });

    for (const version of ["", "1.4", "v1.4.2", "01.4.2", "1.4.2-rc.1", "1.4.2; id"])
        it(`should refuse the version ${JSON.stringify(version)}`, async () => {
            const { code, text, version: given } = await named([[version]]);
            assert.equal(code, 1);
            assert.match(text, /it must be MAJOR\.MINOR\.PATCH/);
            assert.equal(given, "");
        });
});

describe("The check of VERSION on a pull request", () => {
    const script = step("ci.yml", "commit-messages", "file=VERSION");
    const checked = (...commits: Parameters<typeof history>[0]) => run(`${history(commits)}\n${script}`, {});

    it("should refuse what would be refused once it is merged", async () => {
        const tagged = ["1.4.2", "v1.4.1", "v1.4.10"] as const;
        assert.match(
            (await checked(tagged, ["1.4.2"])).text!,
            /^::error file=VERSION::VERSION is "1\.4\.2", lower than .*; it must be 1\.4\.10 or higher\.$/m,
        );
        for (const version of ["", "1.4", "v1.4.11"]) {
            const { code, text } = await checked(tagged, [version]);
            assert.equal(code, 1);
            assert.match(
                text!,
                /^::error file=VERSION::VERSION is ".*"; it must be MAJOR\.MINOR\.PATCH, for example 1\.4\.2\.$/m,
            );
        }
        const { code, text } = await run(`${history([["1.4.2"]])}\nrm VERSION\n${script}`, {});
        assert.equal(code, 1);
        assert.match(text!, /it must be MAJOR\.MINOR\.PATCH/);
    });

    it("should accept a version that is new, or unchanged", async () => {
        for (const version of ["1.4.10", "1.4.11", "2.0.0"])
            assert.equal((await checked(["1.4.10", "v1.4.10", "v1.4.9"], [version])).code, 0, version);
        assert.equal((await checked(["0.1.0"])).code, 0);
    });
});

describe("The step that loads what the registry does not have yet", () => {
    const script = step("publish.yml", "push", "docker load");
    const run1 = "https://github.com/relaypacs/gateway/actions/runs/1/attempts/";
    const labels = {
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.version": "1.4.2",
        "com.relaypacs.build.run": `${run1}1`,
    };
    /** Runs the step for two services, of which the registry has these. */
    const load = (found: Readonly<Record<string, unknown>> | null, pushed: readonly string[] = []) =>
        run(
            script,
            { SERVICES: "backend frontend", GITHUB_SHA: commit, VERSION: "1.4.2", RUN: run1, ECR_REGISTRY: "registry" },
            {
                files: { labels: JSON.stringify(found) },
                programs: {
                    aws: `case "$*" in ${pushed.map((one) => `*relaypacs/${one}*) echo 1 ;; `).join("")}*) echo 0 ;; esac`,
                    docker: 'echo "$*" >> "$RUNNER_TEMP/calls"; if [[ "$1" == image ]]; then cat "$RUNNER_TEMP/labels"; fi',
                },
            },
        );

    it("should load each image and keep its name for the push", async () => {
        const { code, text, written, calls } = await load(labels);
        assert.equal(code, 0, text);
        assert.equal(written.get("built"), "backend\nfrontend\n");
        const folder = /^load --input (.*)\/images\/backend\.tar$/.exec(calls[0]!)![1]!;
        assert.deepEqual(calls, [
            `load --input ${folder}/images/backend.tar`,
            `image inspect registry/relaypacs/backend:${commit} --format {{json .Config.Labels}}`,
            `load --input ${folder}/images/frontend.tar`,
            `image inspect registry/relaypacs/frontend:${commit} --format {{json .Config.Labels}}`,
        ]);
    });

    it("should leave alone what the registry has already", async () => {
        const { code, written, calls } = await load(labels, ["backend"]);
        assert.equal(code, 0);
        assert.equal(written.get("built"), "frontend\n");
        assert.ok(!calls.some((call) => call.includes("backend")));
        assert.equal((await load(labels, ["backend", "frontend"])).written.get("built"), "");
    });

    it("should accept an image that an earlier attempt of the run has built", async () => {
        assert.equal((await load({ ...labels, "com.relaypacs.build.run": `${run1}7` })).code, 0);
    });

    for (const [what, found] of [
        ["another commit", { ...labels, "org.opencontainers.image.revision": "b".repeat(40) }],
        ["another version", { ...labels, "org.opencontainers.image.version": "1.4.3" }],
        ["another run", { ...labels, "com.relaypacs.build.run": run1.replace("/1/", "/2/") }],
        ["no run", { ...labels, "com.relaypacs.build.run": undefined }],
        ["no label", null],
    ] as const)
        it(`should refuse an image whose labels name ${what}`, async () => {
            const { code, text, written } = await load(found);
            assert.equal(code, 1);
            assert.match(
                text!,
                /^::error::The labels of the image of backend do not name commit a{40}, version 1\.4\.2 and this run\.$/m,
            );
            assert.equal(written.get("built"), undefined);
        });
});

describe("The step that checks a deployment's inputs", () => {
    const script = step("deploy.yml", "inputs", "environment is");
    const fields = { version: "1.4.2", commit, images: { backend: digest } };
    const release = JSON.stringify(fields);
    const valid = { STACK: "staging", RELEASE: release, HOTFIX: "false", INCIDENT: "{}" };
    const incident = { id: "RP-150", priority: "P1", uri: "https://i/150", openedAt: "2026-01-14" };
    const hotfix = { ...valid, STACK: "prod", HOTFIX: "true", INCIDENT: JSON.stringify(incident) };
    const output = async (variables: Readonly<Record<string, string>>) => {
        const { code, text, output: written } = await run(script, variables);
        assert.equal(code, 0, text);
        const [, value] = /^release=(.*)$/.exec(written)!;
        return JSON.parse(value!) as object;
    };

    it("should accept a release to staging and to production", async () => {
        assert.deepEqual(await output(valid), fields);
        assert.deepEqual(await output({ ...valid, STACK: "prod" }), fields);
    });

    it("should mark the release as a hotfix for the program", async () => {
        assert.deepEqual(await output(hotfix), { ...fields, hotfix: true });
    });

    it("should accept the stored record, which the run shows, and leave out what the program does not take", async () => {
        const record = {
            ...fields,
            committedAt: "2026-01-14T17:00:00Z",
            repository: "https://github.com/relaypacs/gateway",
        };
        const RELEASE = JSON.stringify(record, null, 2);
        assert.deepEqual(await output({ ...valid, RELEASE }), fields);
        assert.deepEqual(await output({ ...hotfix, RELEASE }), { ...fields, hotfix: true });
        assert.deepEqual(
            await output({ ...valid, RELEASE: JSON.stringify({ ...record, hotfix: true, rollback: true }) }),
            fields,
        );
    });

    it("should not let a release set another output", async () => {
        const RELEASE = JSON.stringify({ ...fields, version: "1\nrelease=other" }, null, 2);
        const { output: written } = await run(script, { ...hotfix, RELEASE });
        assert.equal(written.split("\n").length, 1);
    });

    for (const [what, change, message] of [
        ["a hotfix of staging", { HOTFIX: "true" }, /hotfix is true, but only production has hotfixes/],
        ["another stack", { STACK: "test" }, /environment is "test"; it must be "staging" or "prod"/],
        ["a missing release", { RELEASE: "" }, /release must be an object/],
        ["a release without images", { RELEASE: '{"version": "1.4.2"}' }, /release must be an object/],
        ...["{}", "", "[]", JSON.stringify({ ...incident, uri: undefined })].map(
            (INCIDENT) =>
                [
                    `a hotfix of the incident ${INCIDENT}`,
                    { ...hotfix, INCIDENT },
                    /incident must be an object with "id", "priority", "uri" and "openedAt" for a hotfix/,
                ] as const,
        ),
    ] as const)
        it(`should refuse ${what}`, async () => {
            const { code, text, output: written } = await run(script, { ...valid, ...change });
            assert.equal(code, 1);
            assert.match(text!, message);
            assert.equal(written, "");
        });
});

describe("The steps that check the origin of a workflow", () => {
    const origins = steps.filter(({ step: one }) => one.env?.WORKFLOW_SHA !== undefined);

    it("should come before every checkout of the workflow's own commit", () => {
        const checkouts = steps.filter(({ step: one }) => one.with?.ref === "${{ job.workflow_sha }}");
        const job = ({ where }: { where: string }) => where.replace(/ step \d+$/, "");
        assert.deepEqual(origins.map(job), checkouts.map(job));
        assert.ok(origins.length >= 5);
    });

    it("should refuse a workflow of an unknown commit", async () => {
        const valid = {
            STACK: "staging",
            REHEARSE: "false",
            VERSION: "",
            WORKFLOW_REPOSITORY: "relaypacs/platform",
            WORKFLOW_SHA: commit,
        };
        for (const { step: one, where } of origins) {
            assert.equal((await run(one.run!, valid)).code, 0, where);
            for (const change of [{ WORKFLOW_SHA: "" }, { WORKFLOW_REPOSITORY: "" }]) {
                const { code, text } = await run(one.run!, { ...valid, ...change });
                assert.equal(code, 1, where);
                assert.match(text!, /The runner does not say which commit/);
            }
        }
    });
});

describe("The action forward", () => {
    const script = actions.get(".github/actions/forward/action.yml")!.runs.steps[0]!.run!;
    /** Asks a substitute for `gh`, to which the release is in this place. */
    const asked = (running: string, place: string) =>
        run(
            script,
            { RUNNING: running, GITHUB_REPOSITORY: "relaypacs/gateway" },
            {
                files: { "release.json": JSON.stringify({ version: "1.4.2", commit }) },
                programs: { gh: `echo "$*" >> "$RUNNER_TEMP/calls"; ${place}` },
            },
        );
    const compare = (base: string) => `api repos/relaypacs/gateway/compare/${base}...${commit} --jq .status`;

    it("should let a newer release pass, and the same one", async () => {
        for (const place of ["ahead", "identical"]) {
            const { calls, code, output, text } = await asked("1.4.1", `echo ${place}`);
            assert.deepEqual([code, text, output, calls], [0, "", "base=v1.4.1", [compare("v1.4.1")]]);
        }
    });

    it("should compare with the commit of a build that has no tag", async () => {
        const { calls, code, output } = await asked("1.4.1-gbbbbbbb", "echo ahead");
        assert.deepEqual([code, output, calls], [0, "base=bbbbbbb", [compare("bbbbbbb")]]);
    });

    it("should let the first release pass", async () => {
        const { calls, code, output } = await asked("none", "exit 1");
        assert.deepEqual([code, output, calls], [0, "", []]);
    });

    it("should refuse an older release, and one of another history", async () => {
        for (const place of ["behind", "diverged", ""]) {
            const { code, text } = await asked("1.5.0", `echo "${place}"`);
            assert.equal(code, 1);
            assert.equal(
                text,
                `::error::1.5.0 runs, and 1.4.2 is ${place}; accepted: a release that is ahead. To go back, use the workflow "Roll back".`,
            );
        }
        assert.notEqual((await asked("1.4.1", "exit 1")).code, 0);
    });

    it("should be asked by the page, and again under the lock before anything is signed or changed", () => {
        const { page, deploy } = reusable("deploy.yml").jobs;
        const at = (job: typeof page, words: string) =>
            job!.steps!.findIndex(({ run: text, uses }) => (text ?? uses ?? "").includes(words));
        assert.ok(at(page, "actions/forward") >= 0 && at(page, "actions/forward") < at(page, "release report"));
        const check = at(deploy, "actions/forward");
        assert.equal(deploy!.steps![check]!.if, undefined, "in staging as well as in production");
        assert.ok(at(deploy, "pulumi stack output") < check && check < at(deploy, "observe approval"));
    });
});

describe("The steps about a release that is to be approved", () => {
    const page = (words: string) => step("deploy.yml", "page", words);

    it("should note the decisions about production of earlier attempts", async () => {
        const one = (name: string, state: string, comment = "") => ({
            state,
            comment,
            user: { login: "ada", id: 7 },
            environments: [{ name }],
        });
        const answer = [
            one("production", "rejected", "no\nnot yet"),
            one("production", "pending"),
            one("staging-soak", "approved"),
        ];
        const { code, output, text } = await run(
            page("decisions="),
            { GITHUB_REPOSITORY: "relaypacs/gateway", GITHUB_RUN_ID: "47" },
            {
                files: { answer: JSON.stringify(answer) },
                programs: {
                    gh: 'if [[ "$*" == "api repos/relaypacs/gateway/actions/runs/47/approvals" ]]; then cat answer; else exit 1; fi',
                },
            },
        );
        assert.equal(code, 0, text);
        assert.equal(
            output,
            `decisions=${JSON.stringify([{ state: "rejected", comment: "no\nnot yet", user: { login: "ada" } }])}`,
        );
        assert.deepEqual(
            earlierDecisions(output.replace("decisions=", "")).map(({ user }) => user.login),
            ["ada"],
        );
        const { deploy } = reusable("deploy.yml").jobs;
        const observing = deploy!.steps!.find(({ run: text = "" }) => text.includes("observe approval"))!;
        assert.equal(observing.env!.EARLIER, "${{ needs.page.outputs.earlier }}");
        assert.match(observing.run!, / --earlier "\$EARLIER" /);
        assert.equal(reusable("deploy.yml").jobs.page!.outputs!.earlier, "${{ steps.earlier.outputs.decisions }}");
    });

    it("should list the changes since the version that runs, tagged or not", async () => {
        for (const [RUNNING, RUNNING_COMMIT] of [
            ["1.4.1", "v1.4.1"],
            ["1.4.1-gbbbbbbb", "bbbbbbb"],
        ] as const) {
            const { calls, code, text } = await run(
                page("release report"),
                { RUNNING, RUNNING_COMMIT, HOTFIX: "false", GITHUB_REPOSITORY: "relaypacs/gateway" },
                {
                    files: { "release.json": JSON.stringify({ version: "1.4.2", commit }) },
                    programs: {
                        gh: 'echo "gh $3" >> calls',
                        npx: 'echo "$1 $2" >> calls; if [[ "$2" == check ]]; then exit 1; fi',
                    },
                },
            );
            assert.equal(code, 0, text);
            assert.deepEqual(calls, [
                `gh repos/relaypacs/gateway/compare/${RUNNING_COMMIT}...${commit}`,
                "release report",
                "release check",
            ]);
        }
    });

    const judged = (outcomes: readonly object[]) =>
        run(page("denied="), {}, { files: { "judgement.json": JSON.stringify({ outcomes }) } });
    const awaiting = gates.filter(({ needs }) => (needs as readonly string[]).includes("approval"));

    it("should go on to the approval when nothing but the approval is missing", async () => {
        assert.ok(awaiting.length >= 2);
        const outcomes = [
            ...awaiting.map(({ id, title }) => ({ id, title, status: "fail" })),
            { id: "incident-count", title: "Incidents", status: "warn" },
            { id: "unit-tests", title: "Unit tests", status: "pass" },
        ];
        const { code, output, text } = await judged(outcomes);
        assert.deepEqual([code, output, text], [0, "", ""]);
    });

    it("should end at every other gate that fails", async () => {
        const others = gates.filter((one) => !awaiting.includes(one));
        const { code, output, text } = await judged(others.map(({ id, title }) => ({ id, title, status: "fail" })));
        const titles = others.map(({ title }) => title).join(", ");
        assert.deepEqual([code, output], [1, `denied=${titles}`]);
        assert.equal(text, `::error::The release is denied before an approver is asked: ${titles}. The page says why.`);
    });

    it("should end when there is no judgement", async () => {
        assert.notEqual((await run(page("denied="), {})).code, 0);
        assert.notEqual((await run(page("denied="), {}, { files: { "judgement.json": "{}" } })).code, 0);
    });
});

describe("The messages to Slack", () => {
    const RELEASE = JSON.stringify({ version: "1.4.2", commit });
    const told = async (workflow: string, job: string, variables: Readonly<Record<string, string>>) => {
        const { code, text, written } = await run(
            step(workflow, job, "message.json"),
            { SLACK_WEBHOOK: "https://hooks.example/secret", RUN_URL: "https://run", RELEASE, ...variables },
            { programs: { curl: 'cat > sent; echo "$*" > arguments' } },
        );
        assert.equal(code, 0, text);
        assert.equal(written.get("sent"), 'url = "https://hooks.example/secret"\n');
        assert.doesNotMatch(written.get("arguments")!, /hooks/, "the address would be in the list of processes");
        return (JSON.parse(written.get("message.json")!) as { text: string }).text;
    };

    it("should say that a release waits for an approver, and where its page is", async () => {
        const page = { OUTCOME: "success", DENIED: "", PAGE: "https://page" };
        assert.equal(
            await told("deploy.yml", "page", page),
            "RelayPACS 1.4.2 waits for an approver. The page: https://page https://run",
        );
        assert.equal(
            await told("deploy.yml", "page", { ...page, OUTCOME: "failure", DENIED: "Staging soak, Approval" }),
            "RelayPACS 1.4.2 does not go to production, denied by: Staging soak, Approval. The page: https://page https://run",
        );
        assert.equal(
            await told("deploy.yml", "page", { OUTCOME: "cancelled", DENIED: "", PAGE: "" }),
            "RelayPACS 1.4.2 does not go to production: its page was not written (cancelled). https://run",
        );
    });

    it("should say why a release ended before its deployment", async () => {
        for (const [APPROVAL, why] of [
            ["failure", "it was not approved"],
            ["cancelled", "its run was cancelled before the approval"],
            ["success", "it was cancelled, or a newer release took its place in the queue"],
            ["skipped", "it was cancelled, or a newer release took its place in the queue"],
        ] as const)
            assert.equal(
                await told("deploy.yml", "ended", { STACK: "prod", APPROVAL }),
                `RelayPACS 1.4.2 does not go to prod: ${why}. https://run`,
            );
    });

    it("should be any that a workflow of the gateway sends", async () => {
        assert.equal(await told("notify.yml", "slack", { TEXT: 'main is "red".' }), 'main is "red". https://run');
        assert.equal(caller.jobs.red!.with!.text, "RelayPACS' main is red, and this commit is not released.");
    });
});

describe("The step that moves the branch staging", () => {
    const script = step("deploy.yml", "deploy", "git/refs/heads/staging");
    const files = { "release.json": JSON.stringify({ version: "1.4.2", commit }) };
    /** A substitute for `gh` with these responses to a comparison and to a move. */
    const move = (place: string, moved = "true", MIRROR = "/rory-deployment") =>
        run(
            script,
            { MIRROR, GITHUB_REPOSITORY: "relaypacs/gateway", GH_TOKEN: "token" },
            {
                files,
                programs: {
                    gh: `echo "$*" >> "$RUNNER_TEMP/calls"; case "$2" in */compare/*) ${place} ;; *) ${moved} ;; esac`,
                },
            },
        );
    const compare = `api repos/relaypacs/gateway/compare/staging...${commit} --jq .status`;
    const patch = `api --method PATCH repos/relaypacs/gateway/git/refs/heads/staging --silent -f sha=${commit} -F force=false`;

    it("should move the branch forward to the release, without force", async () => {
        const { code, calls, text } = await move("echo ahead");
        assert.deepEqual([code, text, calls], [0, "", [compare, patch]]);
    });

    it("should not move the branch when it names the release already", async () => {
        const { code, calls, text } = await move("echo identical");
        assert.deepEqual([code, text, calls], [0, "", [compare]]);
    });

    it("should not move the branch for an older release, and warn", async () => {
        const { code, calls, text } = await move("echo behind");
        assert.deepEqual([code, calls], [0, [compare]]);
        assert.match(text!, /^::warning::Staging runs 1\.4\.2, which is older than what the branch staging names/);
    });

    it("should say in one sentence that the setting names no actor", async () => {
        const { code, calls, text } = await move("echo ahead", "true", "");
        assert.deepEqual([code, calls], [0, []]);
        assert.match(text!, /^::notice::[^.]*relaypacs:repository\.stagingMirror names no actor for it\.$/);
    });

    for (const [what, place, moved] of [
        ["GitHub does not answer", "exit 1", "true"],
        ["the histories have diverged", "echo diverged", "exit 1"],
        ["the token may not move it", "echo ahead", "exit 1"],
    ] as const)
        it(`should fail, and say that staging runs the release, when ${what}`, async () => {
            const { code, text } = await move(place, moved);
            assert.equal(code, 1);
            assert.match(text!, /^::error::Staging runs 1\.4\.2, but the branch staging was not moved to a{40}: /);
        });
});

describe("The step that protects images from expiry", () => {
    const script = step("deploy.yml", "deploy", "running-$STACK");
    const variables = {
        STACK: "staging",
        RELAYPACS_RELEASE: JSON.stringify({ version: "1.4.2", commit, images: { backend: digest, frontend: digest } }),
    };
    const aws = (tags: string) => `
        case "$2" in
            describe-images) echo '${tags}' ;;
            batch-get-image) echo '{"images": [{"imageManifest": "{}", "imageManifestMediaType": "a/b"}]}' ;;
            put-image) echo "$*" >> "$RUNNER_TEMP/calls" ;;
        esac`;

    it("should tag each image of the release", async () => {
        const { code, text, calls } = await run(script, variables, { programs: { aws: aws('["v1.4.2"]') } });
        assert.equal(code, 0, text);
        assert.deepEqual(
            calls,
            ["backend", "frontend"].map(
                (service) =>
                    `ecr put-image --repository-name relaypacs/${service} --image-tag running-staging-1.4.2 ` +
                    `--image-digest ${digest} --image-manifest {} --image-manifest-media-type a/b ` +
                    "--query image.imageId --output json",
            ),
        );
    });

    it("should skip an image that has the tag", async () => {
        assert.deepEqual(
            (await run(script, variables, { programs: { aws: aws('["running-staging-1.4.2"]') } })).calls,
            [],
        );
    });

    it("should fail when the registry does not have an image", async () => {
        assert.notEqual((await run(script, variables, { programs: { aws: "exit 254" } })).code, 0);
    });
});

describe("The status checks of the calling workflow", () => {
    const script = caller.jobs.checks!.steps![0]!.run!;

    it("should pass only on success", async () => {
        for (const [RESULT, code] of [
            ["success", 0],
            ["failure", 1],
            ["skipped", 1],
            ["cancelled", 1],
            ["", 1],
        ] as const)
            assert.equal((await run(script, { CHECK: "lint-backend", RESULT })).code, code, RESULT);
    });
});

describe("The check of the frontend's coverage", () => {
    const script = step("ci.yml", "test-frontend", "coverage-summary");
    const covered = (lines: number, total = 10000) =>
        run(
            `mkdir coverage; echo '{"total": {"lines": {"covered": ${lines}, "total": ${total}}}}' > coverage/coverage-summary.json\n${script}`,
            {},
        );

    it("should pass from 80 %", async () => {
        const enough = await covered(8000);
        assert.equal(enough.code, 0);
        // GitHub shows a notice with the checks of the pull request.
        assert.equal(
            enough.text,
            "::notice title=Coverage of the frontend::8000 of 10000 lines (80 %); at least 80 % are asked.",
        );
        const short = await covered(7999);
        assert.equal(short.code, 1);
        assert.equal((await covered(10, 10)).code, 0);
        const few = await covered(9, 9);
        assert.equal(few.code, 1);
        assert.equal(few.text, "::error::The frontend's covered lines: 9 of 9; at least 80 % of 10 or more are asked.");
        assert.match(
            short.text,
            /The frontend's covered lines: 7999 of 10000; at least 80 % of 10 or more are asked\./,
        );
    });

    it("should fail without a report", async () => {
        assert.notEqual((await run(script, {})).code, 0);
    });
});
