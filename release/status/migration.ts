import type { KubeConfig } from "@kubernetes/client-node";
import { namespaceName } from "../../delivery/core/names";
import { oneLine } from "../../delivery/rollouts/wording";
import { realCluster } from "../downgrade-database/cluster";
import { Cluster } from "../observe/cluster";
import { currentRevision, failureIn, upgradesIn } from "../observe/migration";
import { act, type Line } from "./line";

/** A migration whose Job has failed. */
export interface FailedMigration {
    readonly stack: string;
    readonly service: string;
    /** The image that made it, by digest. */
    readonly image: string;
    /** RFC 3339, UTC; unknown where the Job does not say. */
    readonly failedAt: string | undefined;
    /** What Alembic has printed. */
    readonly log: string;
    /** The database's revision, or why it is not known. */
    readonly revision: { readonly is: string } | { readonly problem: string };
}

/** Alembic's sentence about a revision that an image does not have. */
const unknownRevision = /Can't locate revision identified by '([^']+)'/;

/** What the failed migration has left, which revision the release needs, and the way out, as sentences. */
export function migrationSentences(failed: FailedMigration): readonly string[] {
    const { stack, service, image, failedAt, log, revision } = failed;
    const steps = upgradesIn(log);
    const [first, last] = [steps[0], steps.at(-1)];
    const reason = oneLine(failureIn(log));
    const what = `The migration of ${service} failed${failedAt === undefined ? "" : ` at ${failedAt}`}: ${reason}`;
    const again = `once the cause is gone, pulumi up --stack ${stack} goes on; else release rollback --stack ${stack}`;
    const back = `release downgrade-database ${stack} --image ${image} takes one step back`;
    const is = "is" in revision ? revision.is : unknownRevision.exec(revision.problem)?.[1];
    const problem = "problem" in revision ? revision.problem : "";
    if (is === undefined)
        return [what, `The database's revision can't be told (${problem}); see docs/runbooks/migration-failed.md.`];
    if (first === undefined || last === undefined)
        return [what, `The database is at ${is}, and no step had begun: ${again}.`];
    const wanted = `The database is at ${is}; the release came from ${first.from} and was at the step to ${last.to}`;
    if (is === first.from) return [what, `${wanted}. No step was kept: ${again}.`];
    const kept = steps.findIndex(({ to }) => to === is) + 1;
    if (kept === 0)
        return [
            what,
            `${wanted}. The revision is none of these, so something else has changed it; see docs/runbooks/migration-failed.md.`,
        ];
    return [
        what,
        `${wanted}. ${kept === steps.length ? "All" : "Half"} of it was kept (${kept} of ${steps.length} steps): ${again}, before which ${back}.`,
    ];
}

/** What failed migrations have left, and the way out of each. */
export async function migrationLines(config: KubeConfig, stack: string): Promise<readonly Line[]> {
    return (await failedMigrations(config, stack)).flatMap(migrationSentences).map(act);
}

/** The newest migration of each service that has failed, in the order of the services. */
async function failedMigrations(config: KubeConfig, stack: string): Promise<readonly FailedMigration[]> {
    const namespace = namespaceName(stack);
    const cluster = realCluster(config, namespace);
    const jobs = await cluster.jobs("migration");
    const newest = new Map(jobs.map((job) => [job.metadata?.labels?.["app.kubernetes.io/name"] ?? "", job]));
    const found: FailedMigration[] = [];
    for (const [service, job] of newest) {
        const failure = job.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
        if (failure === undefined) continue;
        const at = failure.lastTransitionTime;
        found.push({
            stack,
            service,
            image: job.spec?.template.spec?.containers[0]?.image ?? "",
            failedAt: at === undefined ? undefined : new Date(at).toISOString(),
            log: await cluster.log(job.metadata?.name ?? "", service),
            revision: await revisionIn(new Cluster(config, namespace), service),
        });
    }
    return found;
}

/** The database's revision, as a pod that serves prints it. */
async function revisionIn(cluster: Cluster, service: string): Promise<FailedMigration["revision"]> {
    try {
        const serving = (await cluster.pods()).find((one) => one.service === service && one.ready);
        if (serving === undefined) return { problem: `no pod of ${service} is ready` };
        return { is: currentRevision(await cluster.run(serving.pod, service, ["alembic", "current"])) };
    } catch (error) {
        return { problem: oneLine((error as Error).message) };
    }
}
