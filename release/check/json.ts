import { z } from "zod";
import type { Release } from "../../delivery/core/release";
import { checkpoints, type Checkpoint, type Judgement } from "../../delivery/gates";
import { isAllowed, verdict } from "./wording";

const status = z.enum(["pass", "warn", "fail"]);

const reference = z.strictObject({
    item: z.string().describe("What it is evidence of"),
    source: z.string().describe("File name"),
    sha256: z.string().describe("SHA-256 of the signed statement"),
    issuedAt: z.iso.datetime().describe("When the statement was made"),
    measuredAt: z.iso.datetime().describe("When its facts are from"),
    keyId: z.string().describe("The key that signed it"),
});

/** What `release check --format json` prints. Keys are in this order. */
export const judgementFile = z
    .strictObject({
        schemaVersion: z.literal(1).describe("Grows when a field changes its meaning or goes away"),
        checkpoint: z.enum(checkpoints).describe("What the release was judged for"),
        judgedAt: z.iso.datetime().describe("When it was judged, RFC 3339 in UTC"),
        asOf: z.iso.datetime().describe("The time for which it was judged: judgedAt, or when it was admitted"),
        admission: reference.optional().describe("The admission that the judgement rests on"),
        remark: z.string().optional().describe("What people should know about an admission, as a sentence"),
        release: z
            .strictObject({
                version: z.string().describe("Semantic version"),
                commit: z.string().describe("Commit that the images were built from"),
                images: z.record(z.string(), z.string()).describe("Digest of each service's image"),
                hotfix: z.boolean().describe("Whether it was judged as a hotfix"),
                rollback: z.boolean().describe("Whether it was judged as a rollback"),
            })
            .describe("The release that was judged"),
        status: status.describe("The worst of all outcomes"),
        strict: z.boolean().describe("Whether warnings deny too (--strict)"),
        allowed: z.boolean().describe("Whether the release may go on: exit code 0"),
        verdict: z.string().describe("The verdict, one sentence"),
        outcomes: z
            .array(
                z.strictObject({
                    id: z.string().describe("The gate"),
                    title: z.string().describe("The gate's name for people"),
                    stage: z.enum(["merge", "staging", "production", "hotfix"]).describe("Its table"),
                    level: z.enum(["blocking", "warning"]).describe("Whether what it measures can deny"),
                    section: z.string().describe("Where the specification asks for it"),
                    status: status.describe("What the gate says"),
                    measured: z.string().describe("What the evidence shows; unknown when it does not count"),
                    limit: z.string().describe("What is accepted"),
                    message: z.string().describe("Both in one sentence, as the policy pack says it"),
                    evidence: z.array(reference).describe("The evidence that was judged"),
                }),
            )
            .describe("Every gate that judged, in the specification's order"),
        rejected: z
            .array(
                z.strictObject({
                    source: z.string().describe("File name"),
                    item: z.string().optional().describe("What it claims to be evidence of"),
                    reason: z.string().describe("Why it counts for nothing, one word"),
                    problem: z.string().describe("The same, as the end of a sentence"),
                }),
            )
            .describe("Evidence that counts for nothing"),
        obligations: z.array(z.string()).describe("What must be done after the deployment, as sentences"),
    })
    .describe("The judgement of one RelayPACS release at one checkpoint");

export type JudgementFile = z.output<typeof judgementFile>;

/** JSON Schema (draft 2020-12) of what the command prints. */
export function judgementSchema(): string {
    return `${JSON.stringify(z.toJSONSchema(judgementFile), null, 2)}\n`;
}

export interface Subject {
    readonly release: Release;
    readonly checkpoint: Checkpoint;
    /** RFC 3339, UTC. */
    readonly now: string;
    readonly judgement: Judgement;
    readonly strict: boolean;
}

/** The judgement for machines. */
export function json({ release, checkpoint, now, judgement, strict }: Subject): string {
    const { version, commit, images, hotfix, rollback = false } = release;
    // Parsing gives the keys the schema's order, and refuses what the schema does not promise.
    const file = judgementFile.parse({
        schemaVersion: 1,
        checkpoint,
        judgedAt: now,
        release: { version, commit, images, hotfix, rollback },
        ...judgement,
        strict,
        allowed: isAllowed(judgement, strict),
        verdict: verdict(release, checkpoint, judgement, strict),
    });
    return JSON.stringify(file, null, 2);
}
