import { execa } from "execa";
import { repositoryName } from "../../delivery/core/names";

export interface Ran {
    readonly exitCode: number;
    /** Standard output and standard error together. */
    readonly output: string;
}

/** The programs that a rollback uses. Tests give others. */
export interface Tools {
    /** Runs a program and keeps what it prints. */
    run(command: string, args: readonly string[]): Promise<Ran>;
    /** Runs a program and shows what it prints as it comes. */
    show(command: string, args: readonly string[], variables: Readonly<Record<string, string>>): Promise<Ran>;
}

export const tools: Tools = {
    run: async (command, args) => {
        const { exitCode, all } = await execa(command, args, { all: true, reject: false, stdin: "ignore" });
        return { exitCode: exitCode ?? 127, output: all };
    },
    show: async (command, args, variables) => {
        const { exitCode, all } = await execa(command, args, {
            all: true,
            reject: false,
            stdin: "ignore",
            stdout: ["pipe", "inherit"],
            stderr: ["pipe", "inherit"],
            env: variables,
        });
        return { exitCode: exitCode ?? 127, output: all };
    },
};

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
