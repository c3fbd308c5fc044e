import { release } from "./world";

/** The releases of the stories: each commit follows the one before. */
export const releases = [..."0123456789ab"].map((letter, at) => ({
    ...release,
    version: `1.4.${at + 1}`,
    commit: letter.repeat(40),
}));

/** A release as forms and outputs have it. */
export const asInput = ({ version, commit, images }: Release): string => JSON.stringify({ version, commit, images });

export type Release = (typeof releases)[number];

const records = Object.fromEntries(
    releases.map((one) => [
        `record-${one.version}`,
        JSON.stringify({
            ...one,
            committedAt: "2026-11-30T10:00:00Z",
            repository: "https://github.com/relaypacs/gateway",
        }),
    ]),
);

/** The first release runs in both environments. */
export const running: Readonly<Record<string, string>> = {
    ...records,
    ...Object.fromEntries(
        ["staging", "prod", "cluster-staging", "cluster-prod", "admitted-staging", "admitted-prod"].map((name) => [
            name,
            `${releases[0]!.version}\n`,
        ]),
    ),
    branch: releases[0]!.commit,
};

/** Notes the call, and waits where the story says so. */
const called = (name: string) => `
        echo "${name} $*" >> "$CALLS"
        if [[ -f "$STATE/hold" && "${name} $*" == *"$(< "$STATE/hold")"* ]]; then
            touch "$STATE/held"
            while [[ -f "$STATE/hold" ]]; do sleep 0.05; done
        fi`;

/**
 * What AWS, GitHub, Pulumi, the cluster and Slack answer to a deployment's own scripts. They remember, in `$STATE`, what
 * each environment runs (`staging`, `prod`), what its pods are (`cluster-prod`) and what it has admitted. Faults are files
 * there: `denied-prod`, `soak-fails`, `up-refused-prod`, `up-fails-prod`, `smoke-fails-prod`, `rollback-fails-prod` (once),
 * `slack-down`. While there is a file `hold`, a program whose command has the words in it waits, and `held` says so.
 */
export const programs = {
    aws: `${called("aws")}
        case "$*" in
            "sts get-caller-identity "*) echo 123456789012 ;;
            *"relaypacs/"*"/github-token"*) echo token-for-github ;;
            "secretsmanager "*) echo word ;;
            "s3 cp "*"/release.json release.json")
                version="\${4%/release.json}"
                cp "$STATE/record-\${version##*/}" release.json ;;
            "s3api list-objects-v2 "*) [[ ! -f "$STATE/prod" ]] && echo None || echo .pulumi/stacks/relaypacs/prod.json ;;
            "s3 cp "*"/prod.json -")
                jq --null-input --arg version "$(< "$STATE/prod")" \\
                    '{checkpoint: {latest: {resources: [{type: "pulumi:pulumi:Stack", outputs: {$version}}]}}}' ;;
            "ecr describe-images "*) echo '["v"]' ;;
            "ecr batch-get-image "*) echo '{"images": [{"imageManifest": "{}", "imageManifestMediaType": "m"}]}' ;;
        esac`,
    curl: `
        if [[ "$*" == *checksums.txt ]]; then echo "0000  pulumi-v3.0.0-linux-x64.tar.gz"; fi
        if [[ "$*" == *message.json* ]]; then
            if [[ -f "$STATE/slack-down" ]]; then echo "curl: (22) The requested URL returned error: 503" >&2; exit 22; fi
            [[ "$(cat)" == *secret-SLACK_WEBHOOK* ]] && echo "slack $(jq --raw-output .text message.json)" >> "$CALLS"
        fi`,
    gh: `${called("gh")}
        # Commits are older the lower their letter is.
        commit() {
            case "$1" in
                staging) cat "$STATE/branch" ;;
                v*) jq --raw-output .commit "$STATE/record-\${1#v}" ;;
                *) echo "$1" ;;
            esac
        }
        case "$*" in
            *"/compare/"*)
                for one in "$@"; do if [[ "$one" == *...* ]]; then range="\${one##*/compare/}"; fi; done
                base="$(commit "\${range%%...*}")" head="\${range##*...}"
                if [[ "$*" != *"--jq .status" ]]; then
                    if [[ "$*" != *--jq* ]]; then
                        echo '{"files": [{"filename": "backend/app/login.py"},
                            {"filename": "backend/tests/unit/test_login.py", "patch": "+def test_expired():"}]}'
                    fi
                elif [[ "$head" == "$base" ]]; then echo identical
                elif [[ "$head" > "$base" ]]; then echo ahead
                else echo behind; fi ;;
            *"/approvals") cat "$STATE/approvals" 2> /dev/null || echo '[]' ;;
            *"/pulls --jq"*) echo "${"0".repeat(40)}" ;;
            *PATCH*) for one in "$@"; do if [[ "$one" == sha=* ]]; then echo "\${one#sha=}" > "$STATE/branch"; fi; done ;;
        esac`,
    kubectl: `
        if [[ "$*" != *rollouts.argoproj.io* ]]; then exit; fi
        jq --null-input --arg version "$(< "$STATE/cluster-$STACK")" \\
            '{items: [{spec: {template: {metadata: {labels: {"app.kubernetes.io/version": $version}}}}}]}'`,
    node: `
        if [[ "$1" == --print ]]; then echo 3.0.0; exit; fi
        ${called("node")}
        [[ ! -f "$STATE/smoke-fails-$STACK" ]]`,
    npm: "true",
    npx: `${called("npx")}
        case "$*" in
            "release show build "*)
                jq --null-input --arg sha256 "$(sha256sum release.json | cut --delimiter ' ' --fields 1)" \\
                    '{artifacts: [{kind: "build-metadata", name: "release.json", $sha256}]}' ;;
            "release show migration-"*) echo '{"fromRevision": "a", "toRevision": "a"}' ;;
            "release show "*) echo null ;;
            "release check --checkpoint production "*"--format json"*)
                # A soak that another release interrupted is no soak; and the approval is always missing here.
                denied='["human-approval"]'
                if [[ "$*" != *--hotfix* && "$(< "$STATE/staging")" != "$(jq --raw-output .version release.json)" ]]; then
                    denied='["human-approval", "staging-soak"]'
                fi
                jq --null-input --argjson denied "$denied" '{outcomes: [
                    {id: "staging-soak", title: "Staging soak"}, {id: "human-approval", title: "Approval"}] |
                    map(.status = if IN(.id; $denied[]) then "fail" else "pass" end)}'
                exit 1 ;;
            "release observe soak "*) [[ ! -f "$STATE/soak-fails" ]] ;;
            "release check "*) [[ ! -f "$STATE/denied-$STACK" ]] ;;
            "release report "*) echo page > approval-page.html ;;
            "release admit "*) jq --raw-output .version release.json >> "$STATE/admitted-$STACK" ;;
            "release rollback "*)
                present="$(< "$STATE/cluster-$STACK")"
                to="$(grep --invert-match --line-regexp --fixed-strings "$present" "$STATE/admitted-$STACK" | tail --lines 1)"
                while [[ $# -gt 0 ]]; do if [[ "$1" == --to ]]; then to="$2"; fi; shift; done
                echo "Rollback of $STACK: $present → $to"
                if [[ -f "$STATE/rollback-fails-$STACK" ]]; then rm "$STATE/rollback-fails-$STACK"; exit 1; fi
                echo "$to" | tee "$STATE/$STACK" > "$STATE/cluster-$STACK" ;;
        esac`,
    pulumi: `${called("pulumi")}
        case "$*" in
            "stack output release --json "*) cat "$STATE/record-$(< "$STATE/$STACK")" ;;
            "stack output version "*) cat "$STATE/$STACK" ;;
            "stack output --json "*) jq --raw-input '{version: .}' "$STATE/$STACK" ;;
            "up "*)
                if [[ -f "$STATE/up-refused-$STACK" ]]; then echo "error: a policy refuses it"; exit 1; fi
                version="$(jq --raw-output .version <<< "$RELAYPACS_RELEASE")"
                echo "release $RELAYPACS_RELEASE" >> "$CALLS"
                # It should be masked.
                echo "pulumi says $GITHUB_TOKEN"
                echo "$version" > "$STATE/cluster-$STACK"
                if [[ -f "$STATE/up-fails-$STACK" ]]; then echo "error: update failed"; exit 1; fi
                echo "$version" > "$STATE/$STACK" ;;
        esac`,
    sha256sum: 'if [[ "$1" == --check ]]; then cat > /dev/null; else /usr/bin/sha256sum "$@"; fi',
    tar: "true",
    yq: "echo '[]'",
} as const;

/** Lines of a world's calls that begin with these words. */
export const calledWith = ({ calls }: { calls(): readonly string[] }, start: string): readonly string[] =>
    calls().filter((line) => line.startsWith(start));

/** What Slack was told, without the addresses of the runs. */
export const slack = (world: { calls(): readonly string[] }): readonly string[] =>
    calledWith(world, "slack ").map((line) => line.slice("slack ".length).replace(/ https:\S+/g, ""));

/** In runs of the whole pipeline, the checks and the publication are leaves, and the deployments run themselves. */
export const deployments: Readonly<Record<string, string>> = {
    ...Object.fromEntries(
        ["inputs", "soak", "page", "approval", "deploy", "ended", "monitoring", "rollback", "slack"].map((job) => [
            `job:${job}`,
            "itself",
        ]),
    ),
    "imagetools create": `
        release="$(jq --compact-output '{version, commit, images}' "$STATE"/record-* |
            jq --raw-output --arg commit "$GITHUB_SHA" 'select(.commit == $commit)' --compact-output)"
        echo "release=$release" >> "$GITHUB_OUTPUT"`,
};
