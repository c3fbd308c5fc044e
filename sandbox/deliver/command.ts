import * as fs from "node:fs";
import * as path from "node:path";
import type { ReleaseIdentity } from "../../delivery/core/release";
import { run } from "../machine/command";
import { inWords } from "../machine/bar";
import { shortenedPace } from "../drill/pace";
import { Recorder, type Rates } from "../drill/recorder";
import { toolchainCache, type Instance } from "../machine/instance";
import { installPackages } from "../machine/debian";
import { author } from "../parts/github/relaypacs";
import type { TriggerEvent } from "../runner/repository";
import { buildProgram } from "../toolchain/build";
import { historyProgram } from "../toolchain/programs";
import { binFolder } from "../toolchain/toolchain";
import { accountKeys, lendState, nameKeys, stateRehearsal, storeTokens, takeStateBack } from "./account";
import { approve } from "./approval";
import { passHours } from "./hours";
import { ranOrReplaced, spansOf, timeline, type Span } from "./outcome";
import { accountVariables, npmVariables, sandboxVariables } from "./place";
import { merge, openPull, reportCheck, requiredChecks, type OpenPull } from "./pull-request";
import { localGit, makeFeature, nextVersion, ownFiles } from "./repositories";
import { settingsOf } from "./repository-settings";
import { assumeRoleOf } from "./roles";
import { serveRuns } from "./runs-api";
import { bringUp, fetchTags, markDelivered, openRepository } from "./start";
import { startPlayer, type Player } from "./story";

const yqVersion = "v4.47.2";

/** Programs that GitHub's machines have, and that come from registries here. */
async function installPrograms(): Promise<string> {
    const folder = path.join(toolchainCache, `yq-${yqVersion}`);
    if (!fs.existsSync(path.join(folder, "yq")))
        await run("go", ["install", `github.com/mikefarah/yq/v4@${yqVersion}`], { environment: { GOBIN: folder } });
    const missing = ["chromium", "gh", "jq"].filter(
        (name) => !(process.env.PATH ?? "").split(":").some((one) => fs.existsSync(path.join(one, name))),
    );
    if (missing.length > 0) await installPackages(missing);
    await buildProgram(historyProgram, () => undefined);
    return folder;
}

const repo = { full_name: "relaypacs/gateway" };

function opened({ number, title, branch, base, head }: OpenPull): TriggerEvent {
    const pull_request = { number, title, head: { ref: branch, sha: head, repo }, base: { ref: "main", sha: base } };
    const payload = { action: "opened", number, pull_request };
    return { name: "pull_request", ref: `refs/pull/${number}/merge`, sha: head, actor: author.login, payload };
}

const merged = (sha: string): TriggerEvent => ({
    name: "push",
    ref: "refs/heads/main",
    sha,
    actor: author.login,
    payload: { ref: "refs/heads/main", after: sha },
});

/** What nothing replaces in a delivery. */
const itself = [
    "the templates of the gateway and the workflows and actions of this repository, with their conditions",
    "ruff, black, mypy, bandit, pytest, ESLint, Prettier, tsc, type-coverage, Jest, Playwright on Debian's Chromium",
    "jq, yq, git, gh, aws, kubectl, npm, pip, crane, and `release` with all its commands and gates",
    "pulumi up with the policy pack, on the state in S3; Argo Rollouts, Traefik, Prometheus and the smoke tests",
];

/** What the delivery does itself, beside the workflows. */
const stated = {
    checks: [
        "checks of the gateway's first version",
        { does: "are stated as passed", why: "the pull request of the delivery runs them all", times: 1 },
    ],
    rehearsal: [
        "rehearsal of the rollback",
        {
            does: "is a record that the delivery signs with staging's key",
            why: "the gateway's own workflow for it deploys twice more",
            times: 1,
        },
    ],
    people: [
        "requests of people to production",
        {
            does: "come from the drills' load, 60 a second from the merge on",
            why: "a sandbox has no users, and a release without traffic is not judged but aborted",
            times: 1,
        },
    ],
    hours: [
        "hours in staging",
        {
            does: "do not pass: evidence and record move four hours into the past and are signed again, and Prometheus gets the history",
            why: "a delivery takes minutes here",
            times: 1,
        },
    ],
} as const;

/** Requests a second to production while a version is delivered. */
const people: Rates = { backend: 40, frontend: 20 };

/** Runs something while people use production, and draws what they and the release saw. */
async function underLoad(
    instance: Instance,
    versions: { readonly blue: string; readonly green: string },
    work: () => Promise<unknown>,
): Promise<void> {
    const recorder = await Recorder.start(instance, "delivery", people, shortenedPace);
    let good = false;
    try {
        await work();
        good = true;
    } finally {
        const { backend, frontend } = await recorder.stop();
        const outcome = `${backend.failed + frontend.failed} of ${backend.requests + frontend.requests} requests failed.`;
        const { picture } = await recorder.write({
            title: `Delivery of ${versions.green}`,
            outcome,
            good,
            versions,
        });
        console.log(`  Meanwhile people used production: ${outcome} Drawn in ${picture}`);
    }
}

/** Tells what each stage does, and how long it took. */
class Story {
    readonly began = performance.now();
    readonly spans: Span[] = [];

    seconds(): number {
        return (performance.now() - this.began) / 1000;
    }

    async stage<T>(name: string, work: () => Promise<T>): Promise<T> {
        const from = this.seconds();
        console.log(`\n${name}`);
        try {
            return await work();
        } finally {
            const to = this.seconds();
            this.spans.push({ name, from, to });
            console.log(`  after ${inWords(to - from)}`);
        }
    }
}

/** Whose bucket is for what, by the variables of an environment. */
interface Buckets {
    readonly evidenceBucket: string;
    readonly artifactsBucket: string;
}

/**
 * Delivers a change of the small gateway on a sandbox, from its pull request to production, by the shipped workflows, and
 * prints what each stage did and how long it took.
 *
 * @throws SandboxError with the end of a job's log when a stage fails
 */
export async function deliver(instance: Instance): Promise<void> {
    const place = path.join(instance.root, "deliver");
    const story = new Story();
    const programs = await story.stage("Programs", installPrograms);
    const before = await story.stage("The sandbox, with an earlier release in staging and production", () =>
        bringUp(instance),
    );
    // Not at once: the packages of many jobs take a minute, and connections that end meanwhile must be seen to end.
    await fs.promises.rm(place, { recursive: true, force: true });
    fs.mkdirSync(place, { recursive: true });
    const folder = path.join(instance.root, "gateway");
    const { isNew, main, released } = await story.stage("The gateway's repository", () =>
        openRepository(instance, folder, before),
    );
    const keys = await accountKeys(instance);
    const settings = await settingsOf(instance, repo.full_name, {
        SLACK_WEBHOOK: "https://hooks.slack.com/services/sandbox/only",
        DOCKER_PASSWORD: "sandbox-only-docker-hub-token",
    });
    const { EVIDENCE_BUCKET = "", ARTIFACTS_BUCKET = "" } = {
        ...settings.variables,
        ...settings.environments.staging?.variables,
    };
    const buckets: Buckets = { evidenceBucket: EVIDENCE_BUCKET, artifactsBucket: ARTIFACTS_BUCKET };
    await storeTokens(instance);
    await stateRehearsal(instance, path.join(place, "rehearsal"), EVIDENCE_BUCKET, before);
    const api = await serveRuns(instance);
    const ended: Parameters<typeof spansOf>[0][number][] = [];
    const reported: Promise<unknown>[] = [];
    let sha = "";
    let release: ReleaseIdentity | undefined;
    const failures: unknown[] = [];
    const local = localGit(folder);
    const player: Player = await startPlayer({
        folder: place,
        path: [programs, binFolder(instance)],
        repositories: {
            "relaypacs/gateway": {
                ...settings,
                ...local,
                checkout: async (commit, into) => {
                    // A repeated run finds the tag that the first one has made.
                    await fetchTags(instance, folder);
                    await local.checkout(commit, into);
                },
            },
            "relaypacs/platform": ownFiles((checkout) => {
                nameKeys(checkout, keys);
            }),
        },
        variables: { ...accountVariables(instance, place, keys), ...(await npmVariables()) },
        sandbox: await sandboxVariables(instance, place, api.url),
        assumeRole: assumeRoleOf(instance),
        wait: async (minutes, environment) => {
            if (environment !== "staging-soak" || release === undefined) return;
            console.log(`  ${minutes} minutes in staging pass at once`);
            await passHours(instance, minutes, { release, keys, ...buckets, folder: path.join(place, "hours") });
        },
        onPending: ({ environment }, waiting) => {
            approve(api.url, waiting, environment).catch((error: unknown) => {
                failures.push(error);
                waiting.cancel();
            });
        },
        onEnd: (job) => {
            ended.push({ ...job, at: story.seconds() });
            if (requiredChecks.includes(job.name))
                reported.push(
                    reportCheck(instance, sha, job.name, job.result).catch((error: unknown) => failures.push(error)),
                );
            const { release: given } = job.outputs;
            if (job.name === "publish" && given) release = JSON.parse(given) as ReleaseIdentity;
        },
        print: (line) => {
            console.log(line);
        },
    });
    try {
        const feature = await makeFeature(folder, main, nextVersion(released));
        const pull = await story.stage(`Pull request "${feature.title}", from ${feature.branch}`, async () => {
            const open = await openPull(instance, folder, feature);
            sha = open.head;
            await player.play(opened(open), (one) => {
                api.add(one);
            });
            await Promise.all(reported);
            return open;
        });
        sha = await story.stage("Review and merge", () => merge(instance, folder, pull));
        console.log(`  main is ${sha}`);
        await lendState(instance);
        markDelivered(instance);
        ended.length = 0;
        console.log(`\nVersion ${feature.version}, from main to production`);
        try {
            await underLoad(instance, { blue: before.version, green: feature.version }, () =>
                player.play(merged(sha), (one) => {
                    api.add(one);
                }),
            );
        } finally {
            await takeStateBack(instance);
            story.spans.push(...spansOf(ended));
        }
        const page = path.join(place, "runs/run-2/artifacts/approval-page.html/1/approval-page.html");
        console.log(
            `\nProduction runs ${feature.version}, after ${inWords(story.seconds())}. The approver's page: ${page}`,
        );
    } finally {
        for (const failure of failures) console.error(String(failure));
        console.log(
            `\nSlack was told\n${player
                .messages()
                .map((one) => `  ${one}`)
                .join("\n")}`,
        );
        console.log(`\nTimeline\n${timeline(story.spans).join("\n")}`);
        const own = [
            ...(isNew ? [stated.checks] : []),
            stated.rehearsal,
            ...(release === undefined ? [] : [stated.people, stated.hours]),
        ];
        console.log(`\n${ranOrReplaced(itself, new Map([...player.replaced(), ...own])).join("\n")}`);
        console.log(`\nLogs and artifacts: ${place}`);
        await player.close();
        await api.close();
    }
}
