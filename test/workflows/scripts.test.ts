import * as assert from "node:assert/strict";
import { caller } from "./files";
import { commit, digest, run, step } from "./script";

describe("The step that names a version", () => {
    const script = step("publish.yml", "tag", "VERSION");
    /** A substitute for `gh` that has these tags and records which tag it creates. */
    const gh = (tagged: string, tags: readonly string[]) =>
        `case "$2" in
            */matching-refs/tags/v) printf 'refs/tags/%s\\n' ${tags.join(" ")} ;;
            */matching-refs/*) echo "${tagged}" ;;
            *) echo "$*" >> "$RUNNER_TEMP/calls" ;;
        esac`;
    const named = (version: string, tagged: string, tags: readonly string[] = []) =>
        run(
            `printf '%s' "$GIVEN" > VERSION\n${script}`,
            { GIVEN: version, GITHUB_REPOSITORY: "relaypacs/gateway", GITHUB_SHA: commit },
            { programs: { gh: gh(tagged, tags) } },
        );

    it("should tag a new version", async () => {
        const { code, output, calls } = await named("1.4.2\n", "");
        assert.equal(code, 0);
        assert.equal(output, "version=1.4.2");
        assert.deepEqual(calls, [
            `api repos/relaypacs/gateway/git/refs --silent -f ref=refs/tags/v1.4.2 -f sha=${commit}`,
        ]);
    });

    it("should keep the version when its tag is this commit, as in a repeated run", async () => {
        const { output, calls } = await named("1.4.2", commit);
        assert.equal(output, "version=1.4.2");
        assert.deepEqual(calls, []);
    });

    it("should name a build by its commit when the version belongs to another commit", async () => {
        const { output, calls } = await named("1.4.2", "b".repeat(40));
        assert.equal(output, "version=1.4.2-gaaaaaaa");
        assert.deepEqual(calls, []);
    });

    it("should refuse a version below the newest release", async () => {
        for (const [version, tags] of [
            ["1.4.2", ["v1.4.1", "v1.4.10", "v1.4.3"]],
            ["1.4.2", ["v1.10.0", "v1.9.0", "v2.0.0-rc.1", "very-old"]],
        ] as const) {
            const { code, text, output, calls } = await named(version, "", tags);
            assert.equal(code, 1);
            assert.match(
                text!,
                /^::error file=VERSION::VERSION is "1\.4\.2", lower than the newest release; it must be 1\.(4\.10|10\.0) or higher\.$/m,
            );
            assert.equal(output, "");
            assert.deepEqual(calls, []);
        }
        assert.equal((await named("1.4.2", "b".repeat(40), ["v1.4.2", "v1.5.0"])).code, 1);
    });

    it("should accept a higher version, and an older one whose run is repeated", async () => {
        assert.equal((await named("1.10.0", "", ["v1.9.9", "v2.0.0-rc.1"])).output, "version=1.10.0");
        assert.equal((await named("1.4.2", commit, ["v1.4.2", "v1.5.0"])).output, "version=1.4.2");
        assert.equal((await named("1.4.2", "b".repeat(40), ["v1.4.2"])).output, "version=1.4.2-gaaaaaaa");
    });

    for (const version of ["", "1.4", "v1.4.2", "01.4.2", "1.4.2-rc.1", "1.4.2; id"])
        it(`should refuse the version ${JSON.stringify(version)}`, async () => {
            const { code, text, output } = await named(version, "");
            assert.equal(code, 1);
            assert.match(text, /it must be MAJOR\.MINOR\.PATCH/);
            assert.equal(output, "");
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
    const script = step("deploy.yml", "deploy", "WORKFLOW_REPOSITORY");
    const release = JSON.stringify({ version: "1.4.2", commit, images: { backend: digest } });
    const valid = {
        STACK: "staging",
        RELAYPACS_RELEASE: release,
        HOTFIX: "false",
        INCIDENT: "{}",
        WORKFLOW_REPOSITORY: "relaypacs/platform",
        WORKFLOW_SHA: commit,
    };

    it("should accept a release to staging", async () => {
        assert.equal((await run(script, valid)).code, 0);
    });

    it("should mark the release as a hotfix for the program", async () => {
        const INCIDENT = JSON.stringify({ id: "RP-150", priority: "P1", uri: "https://i/150", openedAt: "2026-01-14" });
        const variables = { ...valid, STACK: "prod", HOTFIX: "true", INCIDENT, GITHUB_ENV: "variables" };
        const { code, text, written } = await run(script, variables);
        assert.equal(code, 0, text);
        const [, value] = /^RELAYPACS_RELEASE=(.*)\n$/.exec(written.get("variables")!)!;
        assert.deepEqual(JSON.parse(value!), { ...(JSON.parse(release) as object), hotfix: true });
    });

    it("should not let a release set another variable", async () => {
        const INCIDENT = JSON.stringify({ id: "RP-150", priority: "P1", uri: "https://i/150", openedAt: "2026-01-14" });
        const RELAYPACS_RELEASE = JSON.stringify(
            { ...(JSON.parse(release) as object), version: "1\nPATH=/tmp" },
            null,
            2,
        );
        const variables = {
            ...valid,
            STACK: "prod",
            HOTFIX: "true",
            INCIDENT,
            RELAYPACS_RELEASE,
            GITHUB_ENV: "variables",
        };
        const { written } = await run(script, variables);
        assert.equal(written.get("variables")!.trim().split("\n").length, 1);
    });

    for (const [what, change, message] of [
        ["a hotfix of staging", { HOTFIX: "true" }, /hotfix is true, but only production has hotfixes/],
        ["another stack", { STACK: "test" }, /environment is "test"; it must be "staging" or "prod"/],
        ["a missing release", { RELAYPACS_RELEASE: "" }, /release must be an object/],
        ["a release without images", { RELAYPACS_RELEASE: '{"version": "1.4.2"}' }, /release must be an object/],
        ["a workflow of an unknown commit", { WORKFLOW_SHA: "" }, /The runner does not say which commit/],
    ] as const)
        it(`should refuse ${what}`, async () => {
            const { code, text } = await run(script, { ...valid, ...change });
            assert.equal(code, 1);
            assert.match(text, message);
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
    const covered = (lines: number) =>
        run(
            `mkdir coverage; echo '{"total": {"lines": {"covered": ${lines}, "total": 10000}}}' > coverage/coverage-summary.json\n${script}`,
            {},
        );

    it("should pass from 80 %", async () => {
        assert.equal((await covered(8000)).code, 0);
        const short = await covered(7999);
        assert.equal(short.code, 1);
        assert.match(short.text, /The frontend's covered lines: 7999 of 10000; at least 80 % are asked\./);
    });

    it("should fail without a report", async () => {
        assert.notEqual((await run(script, {})).code, 0);
    });
});
