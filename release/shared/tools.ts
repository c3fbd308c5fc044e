import { execa } from "execa";

export interface Ran {
    readonly exitCode: number;
    /** Standard output and standard error together. */
    readonly output: string;
}

/** The programs that commands call. Tests give others. */
export interface Tools {
    /** Runs a program, with variables beside those of this process, and keeps what it prints. */
    run(command: string, args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<Ran>;
    /** Runs a program and shows what it prints as it comes. */
    show(command: string, args: readonly string[], variables: Readonly<Record<string, string>>): Promise<Ran>;
}

export const tools: Tools = {
    run: async (command, args, variables = {}) => {
        const { exitCode, all } = await execa(command, args, {
            all: true,
            reject: false,
            stdin: "ignore",
            env: variables,
        });
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
