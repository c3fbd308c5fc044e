import { z } from "zod";
import { commit, count, day, login, moment, ordered, sha256, text, uri } from "./fields";

export const approverRoles = ["engineering-manager", "tech-lead"] as const;

/** Who signed the release off for production (specification, section 5). */
export const approval = z
    .object({
        environment: z.literal("prod").describe("Always prod"),
        authors: z.array(login("Author of the change or of one of its commits")).min(1).describe("Authors"),
        decisions: z
            .array(
                z.object({
                    login: login("Who decided"),
                    role: z
                        .enum([...approverRoles, "other"])
                        .describe("Role at the time, from the GitHub teams that may approve"),
                    verdict: z.enum(["approved", "rejected"]).describe("The last verdict of this person"),
                    expedited: z
                        .boolean()
                        .describe("Whether the person knew that it is a hotfix, which has not soaked in staging"),
                    decidedAt: moment("When the person decided"),
                    comment: text("What the person wrote").optional(),
                }),
            )
            .describe("The last verdict of each person"),
        uri: uri("Where the decision is recorded"),
        measuredAt: moment("When the record was read"),
    })
    .describe("Who signed the release off for production");

const applicationRollback = (what: string) => z.enum(["blue-green-switch", "redeploy-previous"]).describe(what);

/**
 * One rehearsal of a rollback: staging ran the statement's release and went back (specification, section 7). The rollback
 * plan of each later release has the newest one as its `test`.
 */
export const rehearsal = z
    .object({
        result: z.enum(["succeeded", "failed"]).describe("Whether the rollback worked"),
        environment: z.literal("staging").describe("Always staging"),
        application: applicationRollback("How the services went back"),
        documentSha256: sha256("The plan that was followed"),
        fromVersion: text("Version that ran before; absent when the rollback was refused").optional(),
        toVersion: text("Version to which it went back; absent when the rollback was refused").optional(),
        testedAt: moment("When it ended"),
        durationSeconds: z.number().min(0).describe("How long it took, in seconds"),
    })
    .refine(
        ({ fromVersion, result, toVersion }) =>
            result === "failed" || (fromVersion !== undefined && toVersion !== undefined && fromVersion !== toVersion),
        { error: "a rollback that succeeded went from fromVersion to another toVersion" },
    )
    .describe("A rehearsal of a rollback in staging");

/** One restore of staging's newest backup beside its database, as it is tried, and as a rollback plan names it. */
const trialOfRestore = z.object({
    result: z.enum(["succeeded", "failed"]).describe("Whether the copy was what its backup's manifest says"),
    environment: z.literal("staging").describe("Always staging"),
    documentSha256: sha256("The plan that was followed"),
    backupTakenAt: moment("When the backup was taken; absent when there was none").optional(),
    revision: text("Revision of the schema that was restored; absent without one").optional(),
    tables: count("Tables that were compared").optional(),
    rows: count("Rows that were counted and compared by their checksums").optional(),
    testedAt: moment("When it ended"),
    durationSeconds: z.number().min(0).describe("How long it took, in seconds"),
});

/**
 * One rehearsal of a restore (specification, section 7, "Database Rollback"): staging's newest backup was restored beside
 * the database, verified, and dropped. The rollback plan of each later release has the newest one as its `restore`.
 */
export const restoreRehearsal = trialOfRestore
    .refine(
        ({ result, backupTakenAt, tables, rows }) =>
            result === "failed" || (backupTakenAt !== undefined && tables !== undefined && rows !== undefined),
        { error: "a restore that succeeded has backupTakenAt, tables and rows" },
    )
    .describe("A rehearsal of a restore in staging");

/** How the release is rolled back, and the test of that (specification, sections 5 and 7). */
export const rollbackPlan = z
    .object({
        documentation: uri("Where the plan is written"),
        documentSha256: sha256("The plan as it is written now"),
        previousVersion: text("Version to roll back to"),
        application: applicationRollback("How the services are rolled back in production (specification, section 7)"),
        database: z
            .enum(["none-needed", "alembic-downgrade", "restore-backup"])
            .describe("How production's database is rolled back (specification, section 7)"),
        productionRevision: text(
            "Revision of production's database, when evidence of its migration says it; else staging's before the release",
        ).optional(),
        // A rehearsal that was refused before it began has neither versions nor a way.
        test: z
            .object({
                result: z.enum(["succeeded", "failed"]).describe("Whether the rollback worked"),
                environment: text("Where it was tried"),
                application: applicationRollback("How the services went back").optional(),
                documentSha256: sha256("The plan that was followed").optional(),
                fromVersion: text("Version that ran before").optional(),
                toVersion: text("Version to which it went back").optional(),
                testedAt: moment("When it was tried"),
                durationSeconds: z.number().min(0).describe("How long it took, in seconds"),
            })
            .optional()
            .describe(
                "The trial, which counts only when it followed the plan as it is now; absent when there was none",
            ),
        restore: z
            .object({
                documentSha256: sha256("The plan for a restore as it is written now"),
                test: trialOfRestore
                    .optional()
                    .describe(
                        "The trial, which counts only when it followed the plan as it is now; absent when there was none",
                    ),
            })
            .optional()
            .describe("How lost data comes back; absent where production's database has no backup of the platform's"),
        measuredAt: moment("When this was recorded"),
    })
    .describe("How the release is undone");

/** Incidents before the release (specification, section 5). */
export const incidents = ordered(
    z.object({
        source: uri("The incident tracker that was asked"),
        windowStartedAt: moment("Start of the time that was asked about"),
        windowEndedAt: moment("End of the time that was asked about: when the tracker was asked"),
        incidents: z
            .array(
                z.object({
                    id: text("Identifier in the tracker"),
                    priority: z.enum(["P1", "P2", "P3", "P4", "P5"]).describe("Priority"),
                    openedAt: moment("When it was opened"),
                    uri: uri("Where it is recorded").optional(),
                }),
            )
            .describe("Incidents that were opened in that time"),
    }),
    (one) => one.windowStartedAt,
    (one) => one.windowEndedAt,
    "windowEndedAt is before windowStartedAt",
).describe("Incidents before the release");

/** Why the release may skip staging's soak (specification, section 6, Hotfix). */
export const hotfix = z
    .object({
        incident: z
            .object({
                id: text("Identifier in the tracker"),
                priority: z.enum(["P1", "P2", "P3", "P4", "P5"]).describe("Priority; a hotfix answers a P1"),
                uri: uri("Where it is recorded"),
                openedAt: moment("When it was opened"),
            })
            .describe("The incident that the hotfix ends"),
        baseCommit: commit("The commit of `main` that the hotfix started from"),
        changedFiles: z.array(text("Path from the repository's root")).min(1).describe("Files changed, tests excepted"),
        addedTests: z.array(text("Name of a test")).describe("Tests that fail without the fix and pass with it"),
        rollbackRehearsedAt: moment("When the rollback of this hotfix was last rehearsed").optional(),
        monitoringMinutes: count("How long production is watched afterwards, in minutes"),
        reviewBy: day("Day of the review of the incident").optional(),
        measuredAt: moment("When this was recorded"),
    })
    .describe("Why the release may skip staging's soak");
