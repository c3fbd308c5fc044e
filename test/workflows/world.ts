import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { subjectOf } from "../../sandbox/parts/github/oidc/subject";
import { replacedActions, type JobClaims } from "../../sandbox/runner/actions";
import type { Environment, Repository, TriggerEvent } from "../../sandbox/runner/repository";
import type { ActiveRun } from "../../sandbox/runner/records";
import type { Run } from "../../sandbox/runner/run";
import { Runner } from "../../sandbox/runner/runner";
import type { RunnerOptions } from "../../sandbox/runner/shared";
import { pullRequest as pullRequestOf, resultsOf } from "../sandbox/runner/support";
import { caller, root } from "./files";

interface Resource {
    readonly type: string;
    readonly inputs: Readonly<Record<string, unknown>>;
}

/** What the program registers for both stacks (test/golden). */
const registered: readonly Resource[] = ["staging", "prod"].flatMap((stack) => {
    const text = fs.readFileSync(path.join(root, `test/golden/${stack}.yaml`), "utf8");
    return Object.entries(parse(text) as Record<string, { inputs?: Record<string, unknown> }>).map(
        ([urn, { inputs = {} }]) => ({ type: urn.split("::").at(-2)!.split(/[$>]/).at(-1)!.trim(), inputs }),
    );
});

/** What the program gives each resource of a type, in one repository where that is said. */
export const ofType = (type: string, repository?: string) =>
    registered
        .filter((one) => one.type === type && (repository === undefined || one.inputs.repository === repository))
        .map(({ inputs }) => inputs as Readonly<Record<string, string>>);

const valuesOf = (all: readonly Readonly<Record<string, string>>[], name: "variableName" | "secretName") =>
    Object.fromEntries(all.map((one) => [one[name]!, one.value === "[secret]" ? `secret-${one[name]!}` : one.value!]));

/** Variables, secrets and environments of a repository, as the program registers them. */
export function settingsOf(repository: string): Required<Pick<Repository, "variables" | "secrets" | "environments">> {
    const of = (type: string, environment: string) =>
        ofType(type, repository).filter((one) => one.environment === environment);
    const environments = ofType("github:index/repositoryEnvironment:RepositoryEnvironment", repository) as unknown as {
        environment: string;
        waitTimer?: number;
        reviewers?: unknown[];
        deploymentBranchPolicy?: { protectedBranches: boolean };
    }[];
    const guarded = ["main", "staging"];
    return {
        variables: valuesOf(ofType("github:index/actionsVariable:ActionsVariable", repository), "variableName"),
        secrets: valuesOf(ofType("github:index/actionsSecret:ActionsSecret", repository), "secretName"),
        environments: Object.fromEntries(
            environments.map(({ environment, waitTimer, reviewers, deploymentBranchPolicy }): [string, Environment] => [
                environment,
                {
                    waitMinutes: waitTimer ?? 0,
                    reviewed: reviewers !== undefined,
                    ...(deploymentBranchPolicy && {
                        refs: deploymentBranchPolicy.protectedBranches
                            ? guarded
                            : of(
                                  "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
                                  environment,
                              ).map((one) => one.branchPattern!),
                    }),
                    variables: valuesOf(
                        of("github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable", environment),
                        "variableName",
                    ),
                    secrets: valuesOf(
                        of("github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret", environment),
                        "secretName",
                    ),
                },
            ]),
        ),
    };
}

const ids = { "relaypacs/gateway": 456789, "relaypacs/platform": 345678 } as const;

/** Gives a role to a job, as AWS does by the role's trust policy. @throws Error when the policy refuses the job */
export function assumeByTrust(arn: string, claims: JobClaims): void {
    const role = ofType("aws:iam/role:Role").find(({ name }) => name === arn.split("/").at(-1));
    assert.ok(role, `${arn} is no role that the program registers`);
    const repository = {
        full_name: claims.repository,
        id: ids[claims.repository as keyof typeof ids],
        owner_id: 123456,
    };
    const settings = { use_default: true, use_immutable_subject: true, include_claim_keys: [] };
    const known: Readonly<Record<string, unknown>> = {
        ...claims,
        aud: "sts.amazonaws.com",
        sub: subjectOf(repository, settings, { ...claims }),
    };
    const { Statement } = JSON.parse(role.assumeRolePolicy!) as {
        Statement: { Condition: Record<string, Record<string, string | string[]>> }[];
    };
    for (const [operator, conditions] of Object.entries(Statement[0]!.Condition)) {
        assert.equal(operator, "StringEquals");
        for (const [key, values] of Object.entries(conditions)) {
            const claim = key.replace("token.actions.githubusercontent.com:", "");
            if (![values].flat().includes(String(known[claim])))
                throw new Error(
                    `Not authorized to perform sts:AssumeRoleWithWebIdentity: ${claim} is ${String(known[claim])}`,
                );
        }
    }
}

/**
 * What runs in place of scripts, by words of the script, or by `job:<id>`: a shell script, or `"itself"`. The first that
 * matches counts; a script that none matches does nothing and succeeds.
 */
export type Answers = Readonly<Record<string, string>>;

/** Scripts that decide something and call no program, so they run themselves. */
const deciding: Answers = {
    "result=success": "itself",
    '"$RESULT" == success': "itself",
};

export const release = { version: "1.4.2", commit: "a".repeat(40), images: { backend: `sha256:${"1".repeat(64)}` } };

/** What jobs find out. */
const found: Answers = {
    "secretsmanager get-secret-value": 'echo "token=token" >> "$GITHUB_OUTPUT"',
    "git tag --merged": 'echo "version=1.4.2" >> "$GITHUB_OUTPUT"',
    "imagetools create": `echo 'release=${JSON.stringify(release)}' >> "$GITHUB_OUTPUT"`,
    "docker save": 'mkdir "$RUNNER_TEMP/images"; touch "$RUNNER_TEMP/images/backend.tar"',
    "npm run build": "mkdir -p dist; touch dist/index.html",
    "assets.sha256": "touch release.json assets.sha256",
    "tar --create --file reports-": 'touch "reports-$GITHUB_JOB.tar"',
    "release report --release": "touch page.html approval-page.html",
};

/** Where runs take place. */
export interface World {
    /** Starts a workflow. All runs of a world share its concurrency groups. */
    start(event: TriggerEvent, file?: string): Run;
    /** Names of the roles that jobs have taken, in this order. */
    readonly roles: readonly string[];
    /** Timers that were waited for, `environment: minutes`. */
    readonly timers: readonly string[];
    /** What jobs print, `job: line`. */
    readonly lines: readonly string[];
    /** What programs have written to `$CALLS`. */
    calls(): readonly string[];
    /** The text of a file in `$STATE`; nothing when there is none. */
    stateOf(name: string): string | undefined;
    /** Writes a file into `$STATE`. */
    putState(name: string, text?: string): void;
}

export interface Played extends World {
    readonly run: Run;
    /** The outcome of each step of a job, by the step's name. */
    steps(job: string): Readonly<Record<string, string>>;
    /** The result of each job, by its name. */
    results(): Readonly<Record<string, string>>;
}

export interface Story {
    readonly repository?: keyof typeof ids;
    readonly file: string;
    readonly event: TriggerEvent;
    readonly answers?: Answers;
    /**
     * Programs, by name, in place of the real ones, with which scripts run themselves. With answers as well, only those
     * scripts do that an answer says. `$CALLS` is a file for them, and `$STATE` a folder.
     */
    readonly programs?: Readonly<Record<string, string>>;
    /** Files that `$STATE` has at first, by name. */
    readonly state?: Readonly<Record<string, string>>;
    /** What reviewers answer, by environment and run; "never" lets the job wait. @default approved */
    readonly review?: (environment: string, run: ActiveRun) => "approved" | "rejected" | "never";
    /** Waits for an environment's timer. @default not at all */
    readonly wait?: RunnerOptions["wait"];
}

/** Makes a machine on which some programs are scripts. */
function machineWith(
    folder: string,
    programs: Readonly<Record<string, string>>,
    state: Readonly<Record<string, string>>,
) {
    const [place, calls, states] = ["programs", "calls", "state"].map((name) => path.join(folder, name)) as [
        string,
        string,
        string,
    ];
    for (const one of [place, states]) fs.mkdirSync(one);
    for (const [name, text] of Object.entries(programs))
        fs.writeFileSync(path.join(place, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    for (const [name, text] of Object.entries(state)) fs.writeFileSync(path.join(states, name), text);
    return { PATH: `${place}:${process.env.PATH ?? ""}`, CALLS: calls, STATE: states };
}

/** `bash` as a program that runs the answer to a script. */
function bashOfLeaves(folder: string, answers: Answers): string {
    const place = path.join(folder, "answers");
    fs.mkdirSync(place);
    const cases = Object.entries(answers).map(([words, answer], at) => {
        fs.writeFileSync(path.join(place, `${at}.sh`), answer);
        const quoted = `'${words.replaceAll("'", "'\\''")}'`;
        const test = words.startsWith("job:") ? `"$GITHUB_JOB" == ${words.slice(4)}` : `"$text" == *${quoted}*`;
        const run = answer === "itself" ? '"$@"' : `-e -o pipefail ${place}/${at}.sh`;
        return `if [[ ${test} ]]; then exec /bin/bash ${run}; fi\n`;
    });
    return `text="$(< "\${!#}")"\n${cases.join("")}`;
}

const folders: string[] = [];
after(async function () {
    // Each job has a checkout of its own: thousands of files on a busy machine.
    this.timeout(120_000);
    for (const folder of folders) await fs.promises.rm(folder, { recursive: true, force: true });
});

/** Calls deploy.yml as ci-cd.yml does, without what comes before it. */
const callerOf = (...names: readonly ("staging" | "production")[]) =>
    stringify({
        on: { workflow_dispatch: { inputs: { release: { type: "string", required: true } } } },
        permissions: {},
        jobs: Object.fromEntries(
            names.map((name, at) => {
                const { uses, permissions, secrets, with: given } = caller.jobs[name]!;
                const before = names[at - 1];
                const needs = before && {
                    needs: before,
                    if: `\${{ !cancelled() && needs.${before}.result == 'success' }}`,
                };
                const inputs = { ...given, release: "${{ inputs.release }}" };
                return [name, { ...needs, uses, permissions, secrets, with: inputs }];
            }),
        ),
    });

/** Beside the templates. */
const ownCallers: Readonly<Record<string, string>> = {
    ".github/workflows/staging.yml": callerOf("staging"),
    ".github/workflows/production.yml": callerOf("production"),
    ".github/workflows/delivery.yml": callerOf("staging", "production"),
};

const gatewaySettings = settingsOf("gateway");

/** The repositories with these very files: the gateway with the templates, the platform with its own workflows. */
const repositories: Readonly<Record<string, Repository>> = {
    "relaypacs/gateway": {
        ...gatewaySettings,
        // The stack files name no actor for the branch `staging`.
        variables: { ...gatewaySettings.variables, STAGING_MIRROR: "/rory-deployment" },
        read: (file) =>
            ownCallers[file] ?? fs.readFileSync(path.join(root, "templates/gateway", path.basename(file)), "utf8"),
        checkout: (_sha, into) => {
            for (const name of ["backend", "frontend"]) fs.mkdirSync(path.join(into, name));
            return Promise.resolve();
        },
    },
    "relaypacs/platform": {
        ...settingsOf("platform"),
        // A person sets it by hand (docs/guides/account-setup.md).
        variables: { AWS_REGION: "us-east-1" },
        // GitHub takes both from the commit that a caller names; here it is the present one.
        read: (file) => fs.readFileSync(path.join(root, file), "utf8"),
        checkout: (_sha, into) => {
            for (const file of [".github", ".node-version", "docs/runbooks", "Pulumi.staging.yaml", "Pulumi.prod.yaml"])
                fs.cpSync(path.join(root, file), path.join(into, file), { recursive: true });
            return Promise.resolve();
        },
    },
};

/** Plays a workflow of the templates, or of this repository, to its end. */
export async function play(story: Story): Promise<Played> {
    const played = begin(story);
    await played.run.ended;
    return played;
}

/** Like {@link play}, without waiting for the end. */
export function begin(story: Story): Played {
    const world = open(story);
    const run = world.start(story.event);
    return {
        ...world,
        run,
        steps: (job) => stepsOf(run, job),
        results: () => resultsOf(run),
    };
}

/** The outcome of each step of a job, by the step's name. */
export function stepsOf(run: Run, job: string): Readonly<Record<string, string>> {
    const ended = run.jobs.get(job);
    assert.ok(ended, `${job} is none of ${[...run.jobs.keys()].join(", ")}`);
    return Object.fromEntries(ended.steps.map(({ name, outcome }) => [name, outcome]));
}

/** Makes the place in which workflows run. */
export function open({ repository, file, answers, programs, state, review, wait }: Omit<Story, "event">): World {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-workflows-"));
    folders.push(folder);
    const roles: string[] = [];
    const timers: string[] = [];
    const lines: string[] = [];
    const replaced = replacedActions((role, claims) => {
        assumeByTrust(role, claims);
        roles.push(role.split("/").at(-1)!);
        return Promise.resolve({ AWS_ACCESS_KEY_ID: "key" });
    });
    const hasLeaves = answers !== undefined || programs === undefined;
    const bash = hasLeaves && bashOfLeaves(folder, { ...answers, ...deciding, ...found, ...answers });
    const machine = machineWith(folder, { ...programs, ...(bash && { bash }) }, state ?? {});
    const options: RunnerOptions = {
        folder,
        machine,
        repositories,
        actions: (context) => ({
            ...replaced(context),
            // A virtual environment takes seconds, and no script here uses it.
            "actions/setup-python": { does: "nothing", why: "no script runs", run: () => Promise.resolve({}) },
        }),
        wait: (minutes, environment, signal) => {
            timers.push(`${environment}: ${minutes}`);
            return wait?.(minutes, environment, signal) ?? Promise.resolve();
        },
        onLine: (job, line) => lines.push(`${job}: ${line}`),
        onPending: ({ environment }, run) => {
            const answer = review?.(environment, run) ?? "approved";
            if (answer === "never") return;
            run.review(environment, { approved: answer === "approved", by: "tove-lead" });
        },
    };
    const runner = new Runner(options);
    const place = (name: string) => path.join(machine.STATE, name);
    return {
        start: (event, other) => {
            const name = `.github/workflows/${other ?? file}`;
            const run = runner.start(repository ?? "relaypacs/gateway", name, event);
            assert.ok(run, `${name} does not start on ${event.name}`);
            return run;
        },
        roles,
        timers,
        lines,
        calls: () => (fs.existsSync(machine.CALLS) ? fs.readFileSync(machine.CALLS, "utf8").trim().split("\n") : []),
        stateOf: (name) => (fs.existsSync(place(name)) ? fs.readFileSync(place(name), "utf8").trim() : undefined),
        putState: (name, text) => {
            if (text === undefined) fs.rmSync(place(name), { force: true });
            else fs.writeFileSync(place(name), text);
        },
    };
}

/** The names of the status checks of a pull request to the gateway. */
export const checks: readonly string[] = caller.jobs.checks!.strategy!.matrix.check!;

/** A pull request to a repository, of its own branch unless it is from a fork. */
export const pullRequest = (
    repository: keyof typeof ids,
    { from = repository, action }: { readonly from?: string; readonly action?: string } = {},
): TriggerEvent => pullRequestOf(from, action);
