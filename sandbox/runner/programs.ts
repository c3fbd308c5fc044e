import * as fs from "node:fs";
import * as path from "node:path";
import { transpiledArguments } from "../machine/transpiled";

/** A program of this machine that something else takes the place of, for some of its calls or for all. */
export interface ReplacedProgram {
    /** As the table of a run names it. */
    readonly what: string;
    readonly program: string;
    /** Bash: whether a call, in `"$@"`, is one of those. @default every call */
    readonly when?: string;
    /** What standard input must have, for a call that is one of those by its arguments. */
    readonly input?: string;
    /** Bash: what runs instead. `real` is the program itself. */
    readonly script: string;
    readonly does: string;
    readonly why: string;
}

export interface ProgramOptions {
    /** A folder for these programs and what they keep. */
    readonly folder: string;
    /** Where npm audit and pip-audit ask for advisories. */
    readonly advisories: string;
    /** What the programs need to know of the sandbox, by names that begin with `SANDBOX_`. @default nothing */
    readonly sandbox?: Readonly<Record<`SANDBOX_${string}`, string>>;
}

/** Runs `sandbox/deliver/docker.ts`, with the caches of the person who delivers. */
const docker = (name: string) =>
    `exec env HOME='${process.env.HOME ?? ""}' ${process.execPath} ${transpiledArguments("")
        .slice(0, -1)
        .map((one) => `'${one}'`)
        .join(" ")} "$PROGRAMS/docker.json" ${name} "$@"`;

/**
 * The programs that jobs call and that can't run here, with what takes their place. All others are this machine's own, in
 * the versions that the gateway pins.
 */
export const replacedPrograms: readonly ReplacedProgram[] = [
    {
        what: "docker compose",
        program: "docker",
        when: '[[ "$1" == compose ]]',
        script: docker("docker"),
        does: "runs each service of the compose file on this machine: the Dockerfile's RUN lines, then its command",
        why: "no base image can be pulled, and no daemon runs",
    },
    {
        what: "docker build",
        program: "docker",
        when: '[[ "$1" == build ]]',
        script: docker("docker"),
        does: "makes an image FROM scratch of the sandbox's stand-in for the service, with the labels that are asked for",
        why: "no base image can be pulled, and the cluster runs the stand-in",
    },
    {
        what: "docker save, load and image inspect",
        program: "docker",
        when: '[[ "$1" == @(save|load|image) ]]',
        script: docker("docker"),
        does: "keep, take and read a job's images as OCI layouts",
        why: "no daemon runs",
    },
    {
        what: "Docker Hub",
        program: "docker",
        when: '[[ "$1" == login && "$*" != *.amazonaws.com || "$*" == logout || "$*" == *"--tag relaypacs/"* ]]',
        script: docker("docker"),
        does: "is not there: the log has the tags that it would get",
        why: "the sandbox has one registry, which answers for ECR",
    },
    {
        what: "docker login, push and tag",
        program: "docker",
        when: '[[ "$1" == @(login|logout|push|buildx) ]]',
        script: docker("docker"),
        does: "are the real crane, by which the registry of the sandbox takes the images",
        why: "no daemon runs",
    },
    {
        what: "npx playwright install",
        program: "npx",
        when: '[[ "$1 $2" == "playwright install" ]]',
        script: "exit 0",
        does: "uses Debian's Chromium",
        why: "Playwright downloads browsers from a host of its own",
    },
    {
        what: "npm audit",
        program: "npm",
        when: '[[ "$1" == audit ]]',
        script: 'npm_config_registry="$ADVISORIES" exec "$real" "$@"',
        does: "runs, and is told that no package has an advisory",
        why: "the registry's mirror may not have advisories",
    },
    {
        what: "download of Trivy",
        program: "curl",
        when: '[[ "$*" == */trivy_* ]]',
        script: 'exec tar --create --gzip --file "$(basename "${!#}")" --directory "$PROGRAMS/downloads" trivy',
        does: "brings a program of the sandbox with Trivy's name, which reports that nothing was found",
        why: "neither GitHub's releases nor the database of vulnerabilities is reached",
    },
    {
        what: "checksum of Trivy",
        program: "sha256sum",
        when: '[[ "$1 $2" == "--check --strict" ]]',
        input: "trivy_",
        script: "exit 0",
        does: "accepts what came instead of the download",
        why: "it is another program",
    },
    {
        what: "download of Pulumi",
        program: "curl",
        when: '[[ "$*" == */pulumi-v*.tar.gz ]]',
        script: 'exec tar --create --gzip --file "$(basename "${!#}")" --directory "$SANDBOX_PULUMI" pulumi',
        does: "brings the same version of the sandbox's toolchain",
        why: "Pulumi's releases may be out of reach",
    },
    {
        what: "checksums of Pulumi",
        program: "curl",
        when: '[[ "$*" == */pulumi-*-checksums.txt ]]',
        script: "command -p sha256sum pulumi-v*.tar.gz",
        does: "name what came instead of the download",
        why: "it is another archive",
    },
    {
        what: "aws eks update-kubeconfig",
        program: "aws",
        when: '[[ "$1 $2" == "eks update-kubeconfig" ]]',
        script: 'mkdir -p "$HOME/.kube"; exec cp "$SANDBOX_KUBECONFIG" "$HOME/.kube/config"',
        does: "gives the kubeconfig of the sandbox's cluster, which is the cluster of both environments",
        why: "Moto has no EKS",
    },
    {
        what: "gh",
        program: "gh",
        script: 'exec env -u NO_PROXY -u no_proxy GH_HOST=github.localhost HTTP_PROXY="$SANDBOX_GITHUB" "$real" "$@"',
        does: "runs, and asks the GitHub of the sandbox",
        why: "the organisation is there",
    },
    {
        what: "npx release observe",
        program: "npx",
        when: '[[ "$1 $2" == "release observe" ]]',
        script: 'GITHUB_BASE_URL="$SANDBOX_GITHUB/" exec "$real" "$@"',
        does: "runs, and asks the GitHub of the sandbox, with the runs and approvals of this delivery",
        why: "the organisation is there",
    },
    {
        what: "smoke tests of a public address",
        program: "node",
        when: '[[ "$1" == build/release/smoke/main.js ]]',
        script:
            `exec unshare --mount env NODE_EXTRA_CA_CERTS="$SANDBOX_AUTHORITY" bash -c ` +
            `'mount --bind "$0" /etc/hosts && exec "$@"' "$SANDBOX_HOSTS" "$real" "$@"`,
        does: "run, with the public host names in /etc/hosts and the sandbox's certificate authority",
        why: "no name server knows the names",
    },
    {
        what: "message to Slack",
        program: "curl",
        when: '[[ "$*" == *"--data @message.json" ]]',
        input: "https://hooks.slack.com/",
        script: 'jq --raw-output .text message.json >> "$PROGRAMS/slack.txt"',
        does: "is kept, and printed at the end",
        why: "no one reads it",
    },
];

/** Where real programs are told something else than outside, by what asks. */
export const replacedSources = {
    pip: {
        what: "pip-audit's advisories",
        does: "is told by a server of this machine that no package has an advisory",
        why: "the registry's mirror may not have advisories",
    },
} as const;

const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

function launcher(name: string, { folder, advisories, sandbox = {} }: ProgramOptions): string {
    const replaced = replacedPrograms.filter(({ program }) => program === name);
    return [
        "#!/bin/bash",
        `PROGRAMS=${quoted(folder)} ADVISORIES=${quoted(advisories)}`,
        ...Object.entries(sandbox).map(([variable, value]) => `export ${variable}=${quoted(value)}`),
        // The next one of this name: an environment of Python may have its own.
        `real="$(type -ap ${name} | grep --invert-match --line-regexp --fixed-strings "$0" | head --lines 1)"`,
        ...replaced.flatMap(({ what, when = "true", input, script }) => [
            `if ${when}; then`,
            ...(input === undefined
                ? []
                : ['if [[ ! -v input ]]; then input="$(cat)"; fi', `if [[ "$input" == *${quoted(input)}* ]]; then`]),
            `echo ${quoted(what)} >> "$PROGRAMS/calls.txt"`,
            script,
            "exit",
            ...(input === undefined ? [] : ["fi"]),
            "fi",
        ]),
        'if [[ -v input ]]; then exec "$real" "$@" <<< "$input"; fi',
        'exec "$real" "$@"',
        "",
    ].join("\n");
}

/** Writes the programs, and answers the folder that comes first on `PATH`. */
export function writePrograms(options: ProgramOptions): string {
    const bin = path.join(options.folder, "bin");
    const names = new Set(replacedPrograms.map(({ program }) => program));
    for (const folder of [bin, path.join(options.folder, "downloads")]) fs.mkdirSync(folder, { recursive: true });
    const write = (file: string, text: string) => {
        fs.writeFileSync(file, text, { mode: 0o755 });
    };
    for (const name of names) write(path.join(bin, name), launcher(name, options));
    const { folder, sandbox = {} } = options;
    const variables = Object.entries({ PROGRAMS: folder, ...sandbox }).map(
        ([variable, value]) => `export ${variable}=${quoted(value)}\n`,
    );
    write(path.join(folder, "downloads", "trivy"), `#!/bin/bash\n${variables.join("")}${docker("trivy")}\n`);
    return bin;
}

/** How often each of them ran, by the names of the table. */
export function programCalls(folder: string): ReadonlyMap<string, number> {
    const file = path.join(folder, "calls.txt");
    const calls = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
    return new Map([...new Set(calls)].map((one) => [one, calls.filter((other) => other === one).length]));
}
