import { z } from "zod";
import { stricterLimits, type Limits } from "./limits";
import { release, type Release } from "../../core/release";
import { checkpoints, type Checkpoint } from "./types";

/** What is judged, when, and by which keys and limits, as plain values. */
export interface JudgementRequest {
    readonly checkpoint: Checkpoint;
    readonly release: Release;
    /** RFC 3339, UTC. */
    readonly now: string;
    /** Address of the repository that releases come from, such as https://github.com/relaypacs/gateway. */
    readonly repository: string;
    /** The version that production runs, where the caller knows it; `none` before its first release. */
    readonly productionVersion?: string | undefined;
    /** Public keys that may sign evidence (see `TrustedKey`). */
    readonly keys: readonly unknown[];
    /** Limits that are stricter than the specification's, by name. */
    readonly limits?: Readonly<Record<string, unknown>>;
}

const request = z.object({
    checkpoint: z.enum(checkpoints),
    release,
    now: z.iso.datetime("must be a time in UTC (RFC 3339)"),
    repository: z
        .string()
        .regex(
            /^https:\/\/[^\s/]+\/[^\s/]+\/[^\s/]+$/,
            "must be the address of a repository such as https://github.com/relaypacs/gateway",
        ),
    productionVersion: z.string().optional(),
    keys: z.array(z.unknown()),
    limits: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Reads a request.
 *
 * @throws Error that names what can't be judged
 */
export function readRequest(given: JudgementRequest): Omit<z.output<typeof request>, "limits"> & { limits: Limits } {
    const read = request.safeParse(given);
    if (!read.success) {
        const issue = read.error.issues[0];
        throw new Error(
            `The release can't be judged: ${issue?.path.join(".") ?? "the request"}: ${issue?.message ?? ""}.`,
        );
    }
    return { ...read.data, limits: stricterLimits(read.data.limits) };
}
