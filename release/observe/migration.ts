import type { V1Job } from "@kubernetes/client-node";
import type { Predicate } from "../../delivery/evidence/predicates";
import type { Cluster } from "./cluster";
import { ObserveError } from "./error";

/** Alembic's name for the revision of an empty database. */
const base = "base";

/** Alembic logs `Running upgrade 1f0a -> 2b7c, add column`; before the first revision the left side is empty. */
const upgradeLine = /Running upgrade (\S*) -> ([^\s,]+)/;

interface Step {
    readonly from: string;
    readonly to: string;
}

/** The upgrades in a log of Alembic, in order. */
export function upgradesIn(log: string): Step[] {
    return log.split("\n").flatMap((line) => {
        const [, from, to] = upgradeLine.exec(line) ?? [];
        return to === undefined ? [] : [{ from: from === undefined || from === "" ? base : from, to }];
    });
}

/** Why Alembic failed, by what it printed: the last error, for a hint and the statement may follow it; else the last line. */
export function failureIn(log: string): string {
    const lines = log.split("\n").map((line) => line.trim());
    const written = lines.filter((line) => line !== "");
    const error = written.findLast((line) => /^(?:[\w.]*(?:Error|Exception)\b|FAILED:|ERROR\b.*Error)/.test(line));
    return error ?? written.at(-1) ?? "it has printed nothing";
}

/** The revision in the output of `alembic current`; `base` when it has none. */
export function currentRevision(output: string): string {
    const lines = output.split("\n").filter((line) => /^\S+(?: \(.*\))?$/.test(line.trim()) && line.trim() !== "");
    if (lines.length > 1)
        throw new ObserveError(
            `The database has ${lines.length} current revisions (${lines.join(", ")}); one is accepted.`,
        );
    return lines[0]?.trim().split(" ")[0] ?? base;
}

/** The revision that the output of `alembic history` marks as head. */
export function headRevision(output: string): string {
    const heads = [...output.matchAll(/-> ([^\s,]+) \((?:[^)]*, )?head\)/g)].map(([, head]) => head ?? "");
    const [head, second] = heads;
    if (head === undefined || second !== undefined)
        throw new ObserveError(
            `The image has ${heads.length} head revisions (${heads.join(", ")}); exactly one is accepted.`,
        );
    return head;
}

function outcomeOf(job: V1Job, name: string) {
    const condition = job.status?.conditions?.find(
        ({ status, type }) => status === "True" && (type === "Complete" || type === "Failed"),
    );
    const startedAt = job.status?.startTime;
    const finishedAt = job.status?.completionTime ?? condition?.lastTransitionTime;
    if (condition === undefined || startedAt === undefined || finishedAt === undefined)
        throw new ObserveError(`Job ${name} has not ended yet; wait until the migration has succeeded or failed.`);
    const result = condition.type === "Complete" ? ("succeeded" as const) : ("failed" as const);
    return { result, startedAt: new Date(startedAt).toISOString(), finishedAt: new Date(finishedAt).toISOString() };
}

/** Name of the migration Job of an image. Each image has its own. */
export const jobName = (service: string, digest: string) =>
    `${service}-migration-${digest.replace(/^sha256:/, "").slice(0, 12)}`;

/**
 * The database migration of a release (specification, section 4, stage 9): the outcome of its Job, the log of the Job's
 * pod, and, after a success, the revisions of the database and of the image, which a serving pod prints.
 *
 * @param service the service that has the database
 * @throws ObserveError when the Job has not ended, is about another image, or contradicts the database
 */
export async function observeMigration(
    cluster: Cluster,
    environment: "staging" | "prod",
    service: string,
    digest: string,
): Promise<Predicate<"migration">> {
    const name = jobName(service, digest);
    const job = await cluster.job(name);
    const image = job.spec?.template.spec?.containers[0]?.image;
    if (image?.endsWith(`@${digest}`) !== true)
        throw new ObserveError(`Job ${name} runs ${image ?? "no image"}, the release has ${service} ${digest}.`);
    const outcome = outcomeOf(job, name);
    const pod = (await cluster.jobPods(name)).at(-1);
    const podName = pod?.metadata?.name;
    const steps = podName === undefined ? [] : upgradesIn(await cluster.log(podName, service));
    const [first, last] = [steps[0], steps.at(-1)];
    const common = { environment, tool: "alembic", ...outcome };
    if (outcome.result === "failed")
        return {
            ...common,
            fromRevision: first?.from ?? "unknown",
            toRevision: last?.to ?? "unknown",
            headRevision: "unknown",
        };
    const serving = (await cluster.pods()).find((one) => one.service === service && one.digest === digest && one.ready);
    if (serving === undefined)
        throw new ObserveError(
            `No ready pod of ${service} runs ${digest} in ${cluster.namespace}, so the database's revision can't be read.`,
        );
    const current = currentRevision(await cluster.run(serving.pod, service, ["alembic", "current"]));
    const head = headRevision(await cluster.run(serving.pod, service, ["alembic", "history"]));
    if (last !== undefined && last.to !== current)
        throw new ObserveError(
            `Job ${name} migrated to ${last.to}, but the database is at ${current}: something else changed it since.`,
        );
    return { ...common, fromRevision: first?.from ?? current, toRevision: current, headRevision: head };
}
