import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../machine/instance";

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
}

const docker = (
    name: string,
) => `exec env HOME='${process.env.HOME ?? ""}' TS_NODE_PROJECT='${projectRoot}/tsconfig.json' \\
    ${process.execPath} -r '${projectRoot}/node_modules/ts-node/register' '${projectRoot}/sandbox/deliver/docker.ts' ${name} "$@"`;

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

function launcher(name: string, { folder, advisories }: ProgramOptions): string {
    const replaced = replacedPrograms.filter(({ program }) => program === name);
    return [
        "#!/bin/bash",
        `PROGRAMS=${quoted(folder)} ADVISORIES=${quoted(advisories)}`,
        `export SANDBOX_DOCKER=${quoted(path.join(folder, "docker"))}`,
        // The next one of this name: an environment of Python may have its own.
        `real="$(type -ap ${name} | grep --invert-match --line-regexp --fixed-strings "$0" | head --lines 1)"`,
        ...replaced.flatMap(({ what, when = "true", input, script }) => [
            `if ${when}; then`,
            ...(input === undefined ? [] : ['input="$(cat)"', `if [[ "$input" == *${quoted(input)}* ]]; then`]),
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
    for (const folder of [bin, path.join(options.folder, "downloads"), path.join(options.folder, "docker")])
        fs.mkdirSync(folder, { recursive: true });
    for (const name of names) fs.writeFileSync(path.join(bin, name), launcher(name, options), { mode: 0o755 });
    const variables = `export SANDBOX_DOCKER=${quoted(path.join(options.folder, "docker"))}`;
    fs.writeFileSync(
        path.join(options.folder, "downloads", "trivy"),
        `#!/bin/bash\n${variables}\n${docker("trivy")}\n`,
        {
            mode: 0o755,
        },
    );
    return bin;
}

/** How often each of them ran, by the names of the table. */
export function programCalls(folder: string): ReadonlyMap<string, number> {
    const file = path.join(folder, "calls.txt");
    const calls = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
    return new Map([...new Set(calls)].map((one) => [one, calls.filter((other) => other === one).length]));
}
