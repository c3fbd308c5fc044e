import { repositoryName } from "../../delivery/core/names";
import type { Tools } from "../shared/tools";

/** What the registry knows of a release's images: gone ones by service, or why it could not be asked. */
export interface RegistryAnswer {
    readonly gone: readonly string[];
    readonly unknown: string | undefined;
}

/** Asks the registry (Amazon ECR) for each image by digest. */
export async function askRegistry(
    { run }: Pick<Tools, "run">,
    images: Readonly<Record<string, string>>,
): Promise<RegistryAnswer> {
    const gone: string[] = [];
    let unknown: string | undefined;
    for (const [service, digest] of Object.entries(images)) {
        const ids = ["--image-ids", `imageDigest=${digest}`];
        const { exitCode, output } = await run("aws", [
            "ecr",
            "describe-images",
            "--repository-name",
            repositoryName(service),
            ...ids,
        ]);
        if (exitCode === 0) continue;
        if (/ImageNotFoundException|RepositoryNotFoundException/.test(output)) gone.push(service);
        else unknown = output.trim().split("\n").at(-1) ?? `aws ended with ${String(exitCode)}`;
    }
    return { gone, unknown };
}
