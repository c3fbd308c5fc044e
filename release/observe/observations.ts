import { readReport } from "../collect/shared/text";
import { approverTeams } from "../shared/approver-teams";
import { approvalOfReviews, approvalOfRun, codeReviewOf, earlierDecisions } from "./approval";
import { changeOf, type Change } from "./change";
import type { ObservationResult, ObserveContext } from "./context";
import { deploymentOf } from "./deployment";
import { ObserveError } from "./error";
import { GitHub, repositoryOf } from "./github";
import { incidentsFromExport, incidentsFromGitHub } from "./incidents";
import { observeMigration } from "./migration";
import { monitor } from "./monitoring";
import type { OptionName } from "./options";
import { Prometheus } from "./prometheus";
import { smokeOf } from "./smoke";
import { observeSoak } from "./soak";
import { stackOutputs } from "./stack";
import { deployedAt } from "./store";

interface Observation {
    readonly description: string;
    /** Options that it takes beside those of every observation. */
    readonly options: readonly OptionName[];
    readonly observe: (context: ObserveContext) => Promise<ObservationResult>;
}

async function deployment(context: ObserveContext): Promise<ObservationResult<"stagingDeployment">> {
    const { options, release } = context;
    const outputs = await stackOutputs(options.stack);
    const cluster = await context.cluster();
    const [workloads, pods, replicaSets] = await Promise.all([
        cluster.workloads(),
        cluster.pods(),
        cluster.replicaSets(),
    ]);
    const state = { context: cluster.context, namespace: cluster.namespace, workloads, pods, replicaSets };
    return { name: "stagingDeployment", predicate: deploymentOf(outputs, state, release, options.stack) };
}

async function migration(context: ObserveContext): Promise<ObservationResult<"migration">> {
    const { service, stack } = context.options;
    const digest = context.release.images[service];
    if (digest === undefined)
        throw new ObserveError(
            `--service is "${service}", but the release has no image of it; name one of its services.`,
        );
    const predicate = await observeMigration(await context.cluster(), stack, service, digest);
    return {
        name: "migration",
        predicate,
        failure: predicate.result === "failed" ? `The migration of ${stack} failed` : undefined,
    };
}

async function smoke({ options, release, ring }: ObserveContext): Promise<ObservationResult<"testResult">> {
    const { text } = readReport(options.junit, options.junit);
    return {
        name: "testResult",
        predicate: smokeOf(text, options.junit, release, await deployedAt(options.out, release, ring)),
    };
}

async function soak(context: ObserveContext): Promise<ObservationResult<"soak">> {
    const { limits, namespace, options, release, ring } = context;
    const cluster = await context.cluster();
    const predicate = await observeSoak({
        prometheus: new Prometheus(options.prometheus),
        namespace,
        images: release.images,
        deployedAt: await deployedAt(options.out, release, ring),
        containers: await cluster.pods(),
        neededSeconds: limits.soakSeconds,
        clockSkewSeconds: limits.clockSkewSeconds,
    });
    return { name: "soak", predicate };
}

async function monitoring(context: ObserveContext): Promise<ObservationResult<"monitoring">> {
    const { limits, options, release, report } = context;
    const { failure, predicate } = await monitor(
        {
            prometheus: new Prometheus(options.prometheus),
            cluster: await context.cluster(),
            images: release.images,
            limits,
            minimumRequests: options.minimumRequests,
        },
        { pause: options.interval * 1000, timeout: options.timeout * 1000, report },
    );
    return { name: "monitoring", predicate, failure };
}

const repository = ({ options, release }: ObserveContext) => options.repository ?? repositoryOf(release.repository);

async function incidents(context: ObserveContext): Promise<ObservationResult<"incidents">> {
    const { file } = context.options;
    const predicate =
        file === undefined ? await incidentsFromGitHub(new GitHub(repository(context))) : incidentsFromExport(file);
    return { name: "incidents", predicate };
}

async function changeOnGitHub(context: ObserveContext): Promise<{ github: GitHub; change: Change }> {
    const { options, release } = context;
    const github = new GitHub(repository(context));
    const change = await changeOf(github, release.commit, {
        ...(options.pullRequest !== undefined && { number: options.pullRequest }),
        logins: options.author,
    });
    return { github, change };
}

async function approval(context: ObserveContext): Promise<ObservationResult<"approval">> {
    const teams = approverTeams();
    const { github, change } = await changeOnGitHub(context);
    const { earlier, run } = context.options;
    const predicate =
        run === undefined
            ? await approvalOfReviews(github, change, teams)
            : await approvalOfRun(github, run, change, teams, earlierDecisions(earlier));
    return { name: "approval", predicate };
}

async function codeReview(context: ObserveContext): Promise<ObservationResult<"codeReview">> {
    const { github, change } = await changeOnGitHub(context);
    return { name: "codeReview", predicate: await codeReviewOf(github, change) };
}

/** Options of the observations that ask the cluster. */
const clusterOptions = ["context", "namespace"] as const;

/** Every observation, by the name of its command. */
export const observations = {
    deployment: {
        description: "the deployment to staging, from the stack's outputs and the cluster",
        options: ["staging", ...clusterOptions],
        observe: deployment,
    },
    migration: {
        description: "the database migration, from its Job, its log and the database",
        options: ["stack", ...clusterOptions, "service"],
        observe: migration,
    },
    smoke: {
        description: "the smoke tests of staging, from their JUnit report",
        options: ["junit", "keys"],
        observe: smoke,
    },
    soak: {
        description: "the longest uninterrupted time in which the release served staging, from Prometheus",
        options: ["staging", ...clusterOptions, "prometheus", "limits", "keys"],
        observe: soak,
    },
    monitoring: {
        description: "production for an hour after a hotfix; waits until the hour is over or the hotfix fails",
        options: ["prod", ...clusterOptions, "prometheus", "limits", "interval", "timeout", "minimumRequests"],
        observe: monitoring,
    },
    incidents: {
        description:
            "incidents of the last 7 days, from GitHub's issues with the labels P1 and P2 or from a tracker's export",
        options: ["file", "repository"],
        observe: incidents,
    },
    approval: {
        description: "who approved the release for production, from GitHub",
        options: ["repository", "pullRequest", "run", "earlier", "author"],
        observe: approval,
    },
    "code-review": {
        description: "the reviews of the release's pull request, from GitHub",
        options: ["repository", "pullRequest", "author"],
        observe: codeReview,
    },
} as const satisfies Record<string, Observation>;

/** Names of the commands below `release observe`. */
export type ObservationName = keyof typeof observations;
