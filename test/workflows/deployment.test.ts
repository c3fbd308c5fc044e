import * as assert from "node:assert/strict";
import { form } from "../sandbox/runner/support";
import { play, release, type Played } from "./world";

const record = JSON.stringify({
    ...release,
    committedAt: "2026-11-30T10:00:00Z",
    repository: "https://github.com/relaypacs/gateway",
});

/** AWS, GitHub, Pulumi and the cluster, as far as a deployment asks them. */
const programs = {
    aws: `
        echo "aws $*" >> "$CALLS"
        case "$*" in
            "sts get-caller-identity "*) echo 123456789012 ;;
            *"relaypacs/"*"/github-token"*) echo token-for-github ;;
            "secretsmanager "*) echo word ;;
            "s3 cp "*"/release.json release.json") printf '%s' '${record}' > release.json ;;
            "s3api list-objects-v2 "*) echo None ;;
            "ecr describe-images "*) echo '["v1.4.2"]' ;;
            "ecr batch-get-image "*) echo '{"images": [{"imageManifest": "{}", "imageManifestMediaType": "m"}]}' ;;
        esac`,
    curl: `
        if [[ "$*" == *checksums.txt ]]; then echo "0000  pulumi-v3.0.0-linux-x64.tar.gz"; fi
        if [[ "$*" == *message.json* ]]; then
            [[ "$(cat)" == *secret-SLACK_WEBHOOK* ]] && echo "slack $(jq --raw-output .text message.json)" >> "$CALLS"
        fi`,
    gh: 'echo "gh $*" >> "$CALLS"; [[ "$*" != *compare* ]] || echo ahead',
    kubectl: 'echo "{\\"items\\": []}"',
    node: 'if [[ "$1" == --print ]]; then echo 3.0.0; else echo "node $*" >> "$CALLS"; fi',
    npm: "true",
    npx: `
        echo "npx $*" >> "$CALLS"
        case "$*" in
            "release show build "*)
                jq --null-input --arg sha256 "$(sha256sum release.json | cut --delimiter ' ' --fields 1)" \\
                    '{artifacts: [{kind: "build-metadata", name: "release.json", $sha256}]}' ;;
            "release show migration-"*) echo '{"fromRevision": "a", "toRevision": "a"}' ;;
            "release show rehearsal "*) echo null ;;
        esac`,
    pulumi: `
        if [[ "$*" == "stack output "* ]]; then echo '{"version": "1.4.1"}'; exit; fi
        [[ "$1" != up ]] || echo "pulumi $* with $RELAYPACS_RELEASE" >> "$CALLS"
        echo "pulumi says $GITHUB_TOKEN"`,
    sha256sum: 'if [[ "$1" == --check ]]; then cat > /dev/null; else /usr/bin/sha256sum "$@"; fi',
    tar: "true",
    yq: "echo '[]'",
};

/** Deploys to staging with the workflow's own scripts. */
const deployed = (more: Partial<Record<keyof typeof programs, string>> = {}): Promise<Played> =>
    play({
        file: "staging.yml",
        event: form({ release: JSON.stringify(release) }),
        programs: { ...programs, ...more },
    });

const job = "staging / deploy";
const called = (played: Played, start: string) => played.calls().filter((line) => line.startsWith(start));

describe("A deployment by the workflow's own scripts", function () {
    this.timeout(120_000);

    it("should check, update, test, admit, store and tell, in this order", async () => {
        const played = await deployed();
        assert.equal(played.run.conclusion, "success", played.lines.join("\n"));
        const order = [
            "npx release show build ",
            "npx release check --checkpoint staging ",
            "pulumi up --stack staging --policy-pack policies ",
            "node build/release/smoke/main.js ",
            "npx release observe smoke ",
            "npx release check --checkpoint staging-verified ",
            "npx release admit --environment staging ",
            "aws s3 sync --only-show-errors evidence s3://",
            "gh api --method PATCH repos/relaypacs/gateway/git/refs/heads/staging ",
            "slack ",
        ];
        const places = order.map((start) => played.calls().findIndex((line) => line.startsWith(start)));
        assert.ok(!places.includes(-1), `${places.join(" ")}\n${played.calls().join("\n")}`);
        assert.deepEqual(
            places,
            [...places].sort((a, b) => a - b),
        );
        assert.match(
            called(played, "slack ")[0]!,
            /^slack RelayPACS 1\.4\.2 to staging: success\. https:\/\/github\.com\/relaypacs\/gateway\/actions\/runs\/1/,
        );
    });

    it("should give the program the release as the caller named it, and the token only to what asks for it", async () => {
        const played = await deployed();
        assert.match(
            called(played, "pulumi up")[0]!,
            new RegExp(` with ${JSON.stringify(release).replace(/[{}[\]]/g, "\\$&")}$`),
        );
        // The token of the store is masked as soon as it is read.
        assert.ok(played.lines.includes(`${job}: pulumi says ***`), played.lines.join("\n"));
        assert.ok(!played.lines.some((line) => line.includes("token-for-github")));
    });

    it("should end before any change when the record is another one", async () => {
        const other = programs.npx.replace("$(sha256sum release.json", "$(echo other");
        const played = await deployed({ npx: other });
        assert.equal(played.results()[job], "failure");
        assert.ok(
            played.lines.includes(
                `${job}: error: The record of 1.4.2 is not the one that its signed build evidence names.`,
            ),
        );
        assert.deepEqual([...called(played, "pulumi up"), ...called(played, "npx release admit")], []);
    });

    it("should end before any change when a newer release runs", async () => {
        const played = await deployed({ gh: programs.gh.replace("echo ahead", "echo behind") });
        assert.equal(played.results()[job], "failure");
        const sentence = "1.4.1 runs, and 1.4.2 is behind; accepted: a release that is ahead.";
        assert.ok(
            played.lines.some((line) => line.startsWith(`${job}: error: ${sentence}`)),
            played.lines.join("\n"),
        );
        assert.deepEqual([...called(played, "pulumi up"), ...called(played, "npx release admit")], []);
    });

    it("should store evidence, admit nothing and tell of a failure after failed smoke tests", async () => {
        const played = await deployed({ node: `if [[ "$1" == --print ]]; then echo 3.0.0; else exit 1; fi` });
        assert.equal(played.results()[job], "failure");
        assert.equal(called(played, "npx release observe smoke ").length, 1);
        assert.equal(called(played, "aws s3 sync ").length, 1);
        assert.deepEqual([...called(played, "npx release admit"), ...called(played, "gh api --method PATCH")], []);
        assert.match(called(played, "slack ")[0]!, /to staging: failure/);
    });
});
