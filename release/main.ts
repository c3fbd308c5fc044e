import { createRequire } from "node:module";
import { Command } from "commander";
import { outliveOutput } from "./shared/closed-output";

const load = createRequire(__filename);

/**
 * The commands by name. Each module is loaded when its command is called: Kubernetes' client alone takes three times as
 * long to load as `release check` with everything that it needs.
 */
const commands: Readonly<Record<string, () => Command>> = {
    admit: () => (load("./admit/command") as typeof import("./admit/command")).admitCommand(),
    attest: () => (load("./attest/command") as typeof import("./attest/command")).attestCommand(),
    "backup-database": () =>
        (load("./backup-database/command") as typeof import("./backup-database/command")).backupDatabaseCommand(),
    check: () => (load("./check/command") as typeof import("./check/command")).checkCommand(),
    collect: () => (load("./collect/command") as typeof import("./collect/command")).collectCommand(),
    "downgrade-database": () =>
        (
            load("./downgrade-database/command") as typeof import("./downgrade-database/command")
        ).downgradeDatabaseCommand(),
    drift: () => (load("./drift/command") as typeof import("./drift/command")).driftCommand(),
    fetch: () => (load("./fetch/command") as typeof import("./fetch/command")).fetchCommand(),
    observe: () => (load("./observe/command") as typeof import("./observe/command")).observeCommand(),
    read: () => (load("./read/command") as typeof import("./read/command")).readCommand(),
    recover: () => (load("./recover/command") as typeof import("./recover/command")).recoverCommand(),
    report: () => (load("./report/command") as typeof import("./report/command")).reportCommand(),
    "restore-database": () =>
        (load("./restore-database/command") as typeof import("./restore-database/command")).restoreDatabaseCommand(),
    rollback: () => (load("./rollback/command") as typeof import("./rollback/command")).rollbackCommand(),
    rotate: () => (load("./rotate/command") as typeof import("./rotate/command")).rotateCommand(),
    show: () => (load("./show/command") as typeof import("./show/command")).showCommand(),
    status: () => (load("./status/command") as typeof import("./status/command")).statusCommand(),
    unpack: () => (load("./unpack/command") as typeof import("./unpack/command")).unpackCommand(),
    watch: () => (load("./watch/command") as typeof import("./watch/command")).watchCommand(),
};

/** The program `release` with all of its commands; or with one of them, when its name is given. */
export function releaseProgram(name?: string): Command {
    const program = new Command("release").description(
        "The command line for pipelines, approvers and the person on call",
    );
    const wanted = name !== undefined && Object.hasOwn(commands, name) ? [name] : Object.keys(commands);
    for (const command of wanted) {
        const create = commands[command];
        if (create) program.addCommand(create());
    }
    return program;
}

/** Runs the command that the process's arguments name. */
export async function main(): Promise<void> {
    outliveOutput();
    if (process.argv[2] === "state")
        console.error("release state is now release attest; the old name goes in the next version.");
    try {
        await releaseProgram(process.argv[2]).parseAsync();
    } catch (error) {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
    }
}

if (require.main === module) void main();
