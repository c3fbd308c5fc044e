import { z } from "zod";
import { currentVersion } from "../../delivery/core/secret-versions";
import { oneLine } from "../../delivery/rollouts/wording";
import type { Tools } from "./tools";

/** An operation that AWS Secrets Manager refused. */
export class RefusedByStore extends Error {
    constructor(
        readonly operation: string,
        name: string,
        readonly output: string,
    ) {
        super(`The secret store refuses ${operation} of ${name}: ${oneLine(output)}`);
    }
}

/**
 * Asks AWS Secrets Manager about one secret by the AWS command line.
 *
 * @throws RefusedByStore when it refuses, Error when its answer can't be understood; one sentence each
 */
export async function askStore<Shape extends z.ZodType>(
    { run }: Pick<Tools, "run">,
    operation: "describe-secret" | "list-secret-version-ids" | "rotate-secret",
    name: string,
    shape: Shape,
): Promise<z.output<Shape>> {
    const { exitCode, output } = await run("aws", [
        ...["secretsmanager", operation, "--secret-id", name, "--output", "json"],
    ]);
    if (exitCode !== 0) throw new RefusedByStore(operation, name, output);
    let answer: unknown;
    try {
        answer = JSON.parse(output);
    } catch {
        // Judged below, as other answers of another form.
    }
    const read = shape.safeParse(answer);
    if (!read.success) throw new Error(`The secret store answers to ${operation} of ${name} in another form.`);
    return read.data;
}

const described = z
    .object({
        ARN: z.string(),
        RotationEnabled: z.boolean().default(false),
        RotationLambdaARN: z.string().optional(),
        VersionIdsToStages: z.record(z.string(), z.array(z.string())).default({}),
    })
    .transform(({ ARN, RotationEnabled, RotationLambdaARN, VersionIdsToStages }) => ({
        arn: ARN,
        /** The function that rotates it; undefined where it has no rotation. */
        rotationFunction: RotationEnabled ? RotationLambdaARN : undefined,
        /** The version that the store gives out now; undefined where there is none. */
        currentVersion: currentVersion(
            Object.entries(VersionIdsToStages).map(([versionId, versionStages]) => ({ versionId, versionStages })),
        ),
    }));

/** What the store says of a secret (DescribeSecret), without a value. */
export type DescribedSecret = z.output<typeof described>;

/** @throws as `askStore` does, also where the store has no such secret */
export const describeSecret = (tools: Pick<Tools, "run">, name: string): Promise<DescribedSecret> =>
    askStore(tools, "describe-secret", name, described);
