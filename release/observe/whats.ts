import { readReport } from "../collect/shared/text";
import { approverTeams } from "../approver-teams";
import { approvalOfReviews, approvalOfRun, codeReviewOf } from "./approval";
import { changeOf, type Change } from "./change";
import type { Observed, OptionName, Surroundings } from "./command";
import { deploymentOf } from "./deployment";
import { ObserveError } from "./error";
import { GitHub, repositoryOf } from "./github";
import { incidentsFromExport, incidentsFromGitHub } from "./incidents";
import { observeMigration } from "./migration";
import { monitor } from "./monitoring";
import { Prometheus } from "./prometheus";
import { smokeOf } from "./smoke";
import { observeSoak } from "./soak";
import { stackOutputs } from "./stack";
import { deployedAt } from "./store";

interface Observation {
    readonly description: string;
    readonly options: readonly OptionName[];
    readonly observe: (surroundings: Surroundings) => Promise<Observed>;
}

async function deployment(surroundings: Surroundings): Promise<Observed<"stagingDeployment">> {
    const { options, release } = surroundings;
    const outputs = await stackOutputs(options.stack);
    const cluster = await surroundings.cluster();
    const [workloads, pods, replicaSets] = await Promise.all([
        cluster.workloads(),
        cluster.pods(),
        cluster.replicaSets(),
    ]);
    const state = { context: cluster.context, namespace: cluster.namespace, workloads, pods, replicaSets };
    return { name: "stagingDeployment", predicate: deploymentOf(outputs, state, release, options.stack) };
}

async function migration(surroundings: Surroundings): Promise<Observed<"migration">> {
    const { service, stack } = surroundings.options;
    const digest = surroundings.release.images[service];
    if (digest === undefined)
        throw new ObserveError(
            `--service is "${service}", which the release has no image of; name one of its services.`,
        );
    const predicate = await observeMigration(await surroundings.cluster(), stack, service, digest);
    return {
        name: "migration",
        predicate,
        failure: predicate.result === "failed" ? `The migration of ${stack} failed` : undefined,
    };
}

async function smoke({ options, release }: Surroundings): Promise<Observed<"testResult">> {
    const { text } = readReport(options.junit, options.junit);
    return {
        name: "testResult",
        predicate: smokeOf(text, options.junit, release, await deployedAt(options.out, release)),
    };
}

async function soak(surroundings: Surroundings): Promise<Observed<"soak">> {
    const { limits, namespace, options, release } = surroundings;
    const cluster = await surroundings.cluster();
    const predicate = await observeSoak({
        prometheus: new Prometheus(options.prometheus),
        namespace,
        images: release.images,
        deployedAt: await deployedAt(options.out, release),
        containers: await cluster.pods(),
        neededSeconds: limits.soakSeconds,
        clockSkewSeconds: limits.clockSkewSeconds,
    });
    return { name: "soak", predicate };
}

async function monitoring(surroundings: Surroundings): Promise<Observed<"monitoring">> {
    const { limits, options, release, report } = surroundings;
    const { failure, predicate } = await monitor(
        {
            prometheus: new Prometheus(options.prometheus),
            cluster: await surroundings.cluster(),
            images: release.images,
            limits,
            minimumRequests: options.minimumRequests,
        },
        { pause: options.interval * 1000, timeout: options.timeout * 1000, report },
    );
    return { name: "monitoring", predicate, failure };
}

const repository = ({ options, release }: Surroundings) => options.repository ?? repositoryOf(release.repository);

async function incidents(surroundings: Surroundings): Promise<Observed<"incidents">> {
    const { file } = surroundings.options;
    const predicate =
        file === undefined
            ? await incidentsFromGitHub(new GitHub(repository(surroundings)))
            : incidentsFromExport(file);
    return { name: "incidents", predicate };
}

async function changed(surroundings: Surroundings): Promise<{ github: GitHub; change: Change }> {
    const { options, release } = surroundings;
    const github = new GitHub(repository(surroundings));
    const change = await changeOf(github, release.commit, {
        ...(options.pullRequest !== undefined && { number: options.pullRequest }),
        logins: options.author,
    });
    return { github, change };
}

async function approval(surroundings: Surroundings): Promise<Observed<"approval">> {
    const teams = approverTeams();
    const { github, change } = await changed(surroundings);
    const { run } = surroundings.options;
    const predicate =
        run === undefined
            ? await approvalOfReviews(github, change, teams)
            : await approvalOfRun(github, run, change, teams);
    return { name: "approval", predicate };
}

async function codeReview(surroundings: Surroundings): Promise<Observed<"codeReview">> {
    const { github, change } = await changed(surroundings);
    return { name: "codeReview", predicate: await codeReviewOf(github, change) };
}

const cluster = ["context", "namespace"] as const;

/** Everything that can be observed, by the name of its command. */
export const whats = {
    deployment: {
        description: "the deployment to staging, by the stack's outputs and by the cluster",
        options: ["staging", ...cluster],
        observe: deployment,
    },
    migration: {
        description: "the database migration, by its Job, its log and the database",
        options: ["stack", ...cluster, "service"],
        observe: migration,
    },
    smoke: {
        description: "the smoke tests of staging, by their JUnit report",
        options: ["junit"],
        observe: smoke,
    },
    soak: {
        description: "the longest uninterrupted stretch in which the release served staging, by Prometheus",
        options: ["staging", ...cluster, "prometheus", "limits"],
        observe: soak,
    },
    monitoring: {
        description: "production for an hour after a hotfix: waits until the hour is over or something is wrong",
        options: ["prod", ...cluster, "prometheus", "limits", "interval", "timeout", "minimumRequests"],
        observe: monitoring,
    },
    incidents: {
        description: "incidents of the last 7 days, by GitHub's issues P1 and P2 or by a tracker's export",
        options: ["file", "repository"],
        observe: incidents,
    },
    approval: {
        description: "who signed the release off for production, by GitHub",
        options: ["repository", "pullRequest", "run", "author"],
        observe: approval,
    },
    "code-review": {
        description: "the reviews of the pull request that the release comes from, by GitHub",
        options: ["repository", "pullRequest", "author"],
        observe: codeReview,
    },
} as const satisfies Record<string, Observation>;

export type What = keyof typeof whats;
