import type { V1Container, V1Job, V1PodSpec } from "@kubernetes/client-node";
import { currentRevision, failureIn } from "../observe/migration";
import { oneLine } from "../../delivery/rollouts/wording";
import { InputError } from "../shared/judging";
import type { DowngradeCluster } from "./cluster";

export interface DowngradeRequest {
    readonly cluster: DowngradeCluster;
    /** The service that has the database. */
    readonly service: string;
    /** Image whose Alembic knows the database's revision, by digest; by default the newest migration's. */
    readonly image?: string | undefined;
    /** Goes on although what runs needs the schema that is taken back. */
    readonly despiteRunning: boolean;
    /** Makes no backup first. */
    readonly withoutBackup: boolean;
    readonly confirm: (question: string) => Promise<boolean>;
    readonly say: (line: string) => void;
    /** Waits some milliseconds. */
    readonly wait: (milliseconds: number) => Promise<void>;
    readonly now: () => Date;
}

/** Seconds after which a downgrade has failed; the same as a migration's, by default (`migrationTimeoutSeconds`). */
const timeoutSeconds = 300;

/** Seconds for a pod to come and go beside what it does. */
const slackSeconds = 60;

const component = "app.kubernetes.io/component";

/** The containers of a downgrade, in the order in which they run. */
const [before, step, after] = ["before", "downgrade", "after"] as const;

/**
 * Takes the last migration of a database back (specification, section 7: `alembic downgrade -1`), by a Job with the image that
 * made it: what serves after a rollback does not know that migration. A backup is made first. Only one runs at a time, because
 * the Job has one name; a run that was interrupted is not repeated: the next call says how it ended.
 *
 * @returns the exit code: 0 when the migration was taken back, 1 when it was not, or a person said no
 * @throws InputError or Error, one sentence, before anything is changed
 */
export async function downgrade(request: DowngradeRequest): Promise<number> {
    const { cluster, service, say } = request;
    const name = `${service}-downgrade`;
    if ((await cluster.job(name)) !== undefined) {
        say(`${name} is there from an earlier call; this one tells how it ends, and takes nothing more back.`);
        return report(request, name);
    }
    const source = await sourceOf(request);
    await checkOthers(request, source.image);
    if (!(await request.confirm(`Take back the last migration of ${cluster.namespace} with ${source.image}?`))) {
        say("Nothing was changed.");
        return 1;
    }
    if (!request.withoutBackup) await backUp(request);
    await cluster.create(jobOf(request, name, source));
    say(`alembic downgrade -1 with ${source.image}`);
    return report(request, name);
}

interface Source {
    readonly image: string;
    readonly pod: V1PodSpec;
    readonly seconds: number;
    readonly labels: Readonly<Record<string, string>>;
}

/** The pod that a migration runs in, with the image that is asked for. */
async function sourceOf({ cluster, service, image }: DowngradeRequest): Promise<Source> {
    const jobs = await cluster.jobs("migration");
    const newest = jobs.findLast(({ metadata }) => metadata?.labels?.["app.kubernetes.io/name"] === service);
    if (newest !== undefined && isActive(newest))
        throw new InputError(
            `A migration is under way: Job ${newest.metadata?.name ?? ""} in ${cluster.namespace}; wait for its end.`,
        );
    if (image !== undefined && !/@sha256:[0-9a-f]{64}$/.test(image))
        throw new InputError(
            `The image is "${image}"; accepted: an image by its digest, such as registry/name@sha256:….`,
        );
    const spec = newest?.spec?.template.spec;
    const pod = spec ?? (await cluster.serving(service));
    const own = spec?.containers[0]?.image;
    if (pod === undefined)
        throw new InputError(`${cluster.namespace} has no service ${service} and no migration of it.`);
    const wanted = image ?? own;
    if (wanted === undefined)
        throw new InputError(
            `No Job of a migration is left in ${cluster.namespace}, because a rollback deletes it; name the image that made the last migration with --image.`,
        );
    const labels = newest?.metadata?.labels ?? { "app.kubernetes.io/name": service };
    return { image: wanted, pod, seconds: newest?.spec?.activeDeadlineSeconds ?? timeoutSeconds, labels };
}

/** Refuses while what runs has the schema that would be taken back. */
async function checkOthers({ cluster, service, despiteRunning }: DowngradeRequest, image: string): Promise<void> {
    if (despiteRunning) return;
    const running = (await cluster.serving(service))?.containers[0]?.image;
    if (running === image)
        throw new InputError(
            `${service} runs ${image}, which made the last migration and needs its schema; roll back first (release rollback), or add --despite-running-release where that release works without it.`,
        );
}

const conditionOf = ({ status }: V1Job) =>
    status?.conditions?.find((one) => one.status === "True" && (one.type === "Complete" || one.type === "Failed"))
        ?.type as "Complete" | "Failed" | undefined;

const isActive = (job: V1Job) => conditionOf(job) === undefined;

/** Waits for the end of a Job, which its deadline bounds. */
async function ended({ cluster, wait, now }: DowngradeRequest, name: string): Promise<"Complete" | "Failed"> {
    for (let until: number | undefined; ;) {
        const job = await cluster.job(name);
        if (job === undefined) throw new Error(`Job ${name} in ${cluster.namespace} was deleted while it ran.`);
        const condition = conditionOf(job);
        if (condition !== undefined) return condition;
        until ??= now().getTime() + ((job.spec?.activeDeadlineSeconds ?? timeoutSeconds) + slackSeconds) * 1000;
        if (now().getTime() > until)
            throw new Error(
                `Job ${name} in ${cluster.namespace} has not ended after its deadline; see kubectl describe.`,
            );
        await wait(1000);
    }
}

async function backUp(request: DowngradeRequest): Promise<void> {
    const { cluster, say, now } = request;
    const stamp = now()
        .toISOString()
        .replace(/[-:]|\.\d+/g, "")
        .toLowerCase();
    const name = `backup-before-downgrade-${stamp}`;
    const job = await cluster.jobOf("database-backup", name);
    if (job === undefined)
        throw new InputError(
            `${cluster.namespace} has no CronJob database-backup (relaypacs:databaseBackup), so no backup can be made first; make one by other means and add --without-backup.`,
        );
    say(`Backing up first, by Job ${name}`);
    await cluster.create(job);
    const condition = await ended(request, name);
    const log = await cluster.log(name, "database-backup");
    if (condition === "Failed")
        throw new Error(`The backup failed, and no migration was taken back: ${lastLine(log)} (Job ${name})`);
    say(lastLine(log));
    await cluster.remove(name);
}

const lastLine = (log: string) => log.trimEnd().split("\n").at(-1)?.trim() || "it has printed nothing";

function jobOf({ cluster }: DowngradeRequest, name: string, { image, pod, seconds, labels }: Source): V1Job {
    const { containers, initContainers: _, ...rest } = pod;
    const [base] = containers;
    if (base === undefined) throw new Error(`The pod of ${name} has no container.`);
    const { livenessProbe: _l, readinessProbe: _r, startupProbe: _s, lifecycle: _c, ports: _p, ...kept } = base;
    const alembic = (container: string, ...args: string[]): V1Container => ({
        ...kept,
        name: container,
        image,
        command: ["alembic"],
        args,
    });
    // Not the migration's label alone: it would be taken for the newest migration, whose revision is evidence.
    const own = { ...labels, [component]: "downgrade" };
    return {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: { name, namespace: cluster.namespace, labels: own },
        spec: {
            // No retry: one that failed half-way needs a person, and a second would take back one migration more.
            backoffLimit: 0,
            activeDeadlineSeconds: seconds,
            template: {
                metadata: { labels: own },
                spec: {
                    ...rest,
                    restartPolicy: "Never",
                    initContainers: [alembic(before, "current"), alembic(step, "downgrade", "-1")],
                    containers: [alembic(after, "current")],
                },
            },
        },
    };
}

/** Says how a downgrade has ended, and deletes its Job. */
async function report(request: DowngradeRequest, name: string): Promise<number> {
    const { cluster, say } = request;
    const condition = await ended(request, name);
    const logs = {
        before: await cluster.log(name, before),
        step: await cluster.log(name, step),
        after: await cluster.log(name, after),
    };
    const had = logs.before === "" ? "unknown" : currentRevision(logs.before);
    await cluster.remove(name);
    if (condition === "Complete") {
        say(`The database was at ${had} and is at ${currentRevision(logs.after)} now.`);
        return 0;
    }
    const reason = oneLine(failureIn(logs.after || logs.step || logs.before));
    say(
        `The migration was not taken back: ${reason}. The database was at ${had}; where its migrations are transactions, it is there still (docs/runbooks/migration-failed.md).`,
    );
    return 1;
}
