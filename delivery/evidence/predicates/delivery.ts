import { z } from "zod";
import { elapsedSeconds } from "../../core/time";
import { count, environment, moment, ordered, seconds, sha256, text, uri } from "./fields";

export const artifactKinds = ["container-image", "static-assets", "build-metadata"] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

/** That every artifact of the release was built and stored (specification, section 3, stage 3). */
export const build = z
    .object({
        result: z.enum(["succeeded", "failed"]).describe("Outcome of the build as a whole"),
        artifacts: z
            .array(
                z.object({
                    kind: z.enum(artifactKinds).describe("What it is"),
                    name: text("Image repository, or name of the archive"),
                    uri: uri("Where it is stored"),
                    sha256: sha256("Its digest; for an image, of the manifest"),
                }),
            )
            .describe("What was built and stored: each service's image, the frontend's assets, the build metadata"),
        finishedAt: moment("When the last artifact was stored"),
    })
    .describe("The artifacts of the release, built and stored");

/** The database migration in one environment (specification, section 4, stage 9). */
export const migration = ordered(
    z.object({
        environment,
        tool: text("alembic"),
        result: z.enum(["succeeded", "failed"]).describe("Outcome of the migration"),
        fromRevision: text("Revision before; base for an empty database"),
        toRevision: text("Revision of the database afterwards, as the database says"),
        headRevision: text("Newest revision in the image"),
        startedAt: moment("When the migration started"),
        finishedAt: moment("When the migration ended"),
    }),
    (one) => one.startedAt,
    (one) => one.finishedAt,
    "finishedAt is before startedAt",
).describe("The database migration in one environment");

/** The rolling update in staging, as the cluster shows it (specification, section 4, stage 9). */
export const stagingDeployment = ordered(
    z.object({
        environment: z.literal("staging").describe("Always staging"),
        cluster: text("The cluster, as its context is named"),
        namespace: text("The namespace"),
        services: z
            .array(
                z.object({
                    name: text("The service"),
                    image: text("Image with its digest, as the running pods report it"),
                    replicas: count("Pods wanted"),
                    readyReplicas: count("Pods of this image that are ready"),
                }),
            )
            .min(1)
            .describe("Each service of the release"),
        startedAt: moment("When the update started"),
        completedAt: moment("When the last service served with all pods"),
    }),
    (one) => one.startedAt,
    (one) => one.completedAt,
    "completedAt is before startedAt",
).describe("The deployment to staging, as the cluster shows it");

/** Samples of a soak or of monitoring over time, for people to read. No gate uses them. */
export const course = z
    .object({
        intervalSeconds: z.number().positive().describe("Length of one interval, in seconds"),
        intervals: z
            .array(
                z.object({
                    at: moment("When the interval began"),
                    requests: count("Requests that were answered in it"),
                    serverErrors: count("Answers with a status from 500 to 599 in it"),
                    servingPods: count("Fewest pods of these images that served at once, of all services together"),
                }),
            )
            .max(300)
            .describe("The intervals in the order of time; the last may be shorter"),
    })
    .describe("What Prometheus saw, interval by interval");

/** What a soak and monitoring both say about a period. */
interface Measured {
    readonly startedAt: string;
    readonly endedAt: string;
    readonly observedSeconds: number;
    readonly requests: number;
    readonly serverErrors: number;
}

/** Refuses measurements of a period that contradict each other. */
const measured = <Shape extends z.ZodType<Measured>>(schema: Shape): Shape =>
    ordered(
        schema
            // Not in milliseconds: 2.007 * 1000 is more than 2007.
            .refine((one) => one.observedSeconds <= elapsedSeconds(one.startedAt, one.endedAt), {
                error: "observedSeconds is more than the time from startedAt to endedAt",
            })
            .refine((one) => one.serverErrors <= one.requests, { error: "serverErrors is more than requests" }),
        (one) => one.startedAt,
        (one) => one.endedAt,
        "endedAt is before startedAt",
    );

/**
 * The longest uninterrupted stretch in which exactly these images served staging, from cluster and Prometheus
 * (specification, section 5). A newer deployment ends the stretch but does not erase it.
 */
export const soak = measured(
    z.object({
        environment: z.literal("staging").describe("Always staging"),
        namespace: text("The namespace"),
        startedAt: moment("When the images began to serve"),
        endedAt: moment("When the stretch was measured, or when another deployment ended it"),
        observedSeconds: seconds("How much of the stretch Prometheus has samples of"),
        interruptions: z
            .array(
                z.object({
                    at: moment("When it began"),
                    durationSeconds: seconds("How long it lasted"),
                    cause: text("What happened: another image, no ready pod, a rollback"),
                }),
            )
            .describe("Moments in the stretch when the images did not serve; none in a good soak"),
        requests: count("Requests that were answered"),
        serverErrors: count("Answers with a status from 500 to 599"),
        containerRestarts: count("Restarts of the services' containers"),
        stretches: z
            .array(
                z.object({
                    startedAt: moment("When the images began to serve"),
                    endedAt: moment("When they last did"),
                    endedBy: text("What ended the stretch; now, when nothing did"),
                }),
            )
            .max(50)
            .optional()
            .describe("Every stretch in which exactly these images served, the newest last; this one is among them"),
        course: course.optional(),
    }),
).describe("How the images served staging");

/** The checkpoint at which a release is admitted to each environment. */
export const checkpointOf = { staging: "staging", prod: "production" } as const;

/**
 * That an environment has admitted the release and run it: its gates passed, and its deployment succeeded. Later updates
 * with the same release (an unrelated change, a preview, a rollback to it) are judged as of the time of this admission.
 */
export const admission = ordered(
    z
        .object({
            environment,
            checkpoint: z.enum(["staging", "production"]).describe("Where the gates judged: that of the environment"),
            admittedAt: moment("When the gates judged; a renewed admission keeps the time of the first"),
            completedAt: moment("When the deployment had succeeded"),
            gates: z
                .array(
                    z.object({
                        id: text("The gate"),
                        status: z
                            .enum(["pass", "warn"])
                            .describe("What it said; a release that fails one is not admitted"),
                    }),
                )
                .min(1)
                .describe("Each gate that judged"),
        })
        .refine((one) => one.checkpoint === checkpointOf[one.environment], {
            error: "checkpoint is not that of the environment",
        }),
    (one) => one.admittedAt,
    (one) => one.completedAt,
    "completedAt is before admittedAt",
).describe("That an environment has let the release in and run it");

/** What happened after a hotfix reached production (specification, section 6, Hotfix). */
export const monitoring = measured(
    z.object({
        environment: z.literal("prod").describe("Always prod"),
        startedAt: moment("When the hotfix took all traffic"),
        endedAt: moment("When the monitoring ended"),
        observedSeconds: seconds("How much of the time Prometheus has samples of"),
        requests: count("Requests that were answered"),
        serverErrors: count("Answers with a status from 500 to 599"),
        unhealthyPodsPercent: z.number().min(0).max(100).describe("Most pods unhealthy at once, in percent"),
        rolledBack: z.boolean().describe("Whether the hotfix was rolled back in this time"),
        course: course.optional(),
    }),
).describe("Production after a hotfix");
