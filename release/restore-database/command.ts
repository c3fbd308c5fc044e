import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { z } from "zod";
import { visible } from "../../delivery/core/text";
import { endWithTwo, InputError, judging } from "../shared/judging";
import { jobsOption } from "../shared/database/jobs";
import { serverOf } from "../shared/database/psql";
import { backupBucket, environmentOf } from "../shared/database/settings";
import { BackupStore } from "../shared/database/store";
import { tools } from "../shared/tools";
import { schema } from "../../settings/schema";
import { stackSetting } from "../../settings/stack-values";
import { restoreByRds, type RdsRestoreRequest } from "./rds";
import { rehearse, restore } from "./restore";

interface Options {
    readonly bucket?: string;
    readonly jobs: number;
    readonly again?: true;
    readonly rehearse?: true;
    readonly yes?: true;
}

function momentOf(given: string | undefined): string {
    if (given === undefined)
        throw new InputError("The timestamp is missing; accepted: a time such as 2026-01-14T18:00:00Z.");
    if (!z.iso.datetime({ offset: true }).safeParse(given).success)
        throw new InputError(`The timestamp is "${given}"; accepted: a time such as 2026-01-14T18:00:00Z.`);
    if (Date.parse(given) > Date.now())
        throw new InputError(`The timestamp ${given} is in the future; accepted: a time at which the data was good.`);
    return given;
}

async function confirm(question: string): Promise<boolean> {
    if (!process.stdin.isTTY) throw new InputError("No one can be asked here; add --yes to go on.");
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    try {
        return /^y(es)?$/i.test((await terminal.question(`${question} (yes/no) `)).trim());
    } finally {
        terminal.close();
    }
}

async function run(name: string, timestamp: string | undefined, options: Options): Promise<number> {
    const { bucket, jobs, again = false, yes } = options;
    const environment = environmentOf(name);
    const moment = options.rehearse ? momentOf(timestamp ?? new Date().toISOString()) : momentOf(timestamp);
    const server = serverOf(process.env);
    const instance = stackSetting("rdsInstance", environment);
    if (typeof instance === "string") return restoreRds({ instance, moment, server }, options);
    const store = await BackupStore.open(backupBucket(bucket, environment), environment);
    const say = (line: string) => {
        console.log(visible(line));
    };
    const asked = yes ? () => Promise.resolve(true) : confirm;
    try {
        if (options.rehearse) {
            const rehearsed = await rehearse({ environment, moment, server, store, jobs, say });
            // The workflow takes it from here.
            say(`Rehearsed: ${JSON.stringify(rehearsed)}`);
            return 0;
        }
        return (await restore({ environment, moment, server, store, jobs, again, confirm: asked, say })) ? 0 : 1;
    } finally {
        store.close();
    }
}

/** Where Amazon RDS has the database (`relaypacs:rdsInstance`). */
async function restoreRds(
    { instance, moment, server }: Pick<RdsRestoreRequest, "instance" | "moment" | "server">,
    { bucket, rehearse: rehearsing, yes }: Options,
): Promise<number> {
    const read = schema.shape.rdsInstance.safeParse(instance);
    if (!read.success)
        throw new InputError(
            `relaypacs:rdsInstance is "${instance}"; it must be ${schema.shape.rdsInstance.unwrap().description ?? ""}.`,
        );
    for (const [option, given] of [
        ["--bucket", bucket],
        ["--rehearse", rehearsing],
    ] as const)
        if (given !== undefined)
            throw new InputError(
                `${option} is for backups in a bucket; ${instance} is restored by Amazon RDS (relaypacs:rdsInstance).`,
            );
    const restored = await restoreByRds({
        instance,
        moment,
        server,
        tools,
        confirm: yes ? () => Promise.resolve(true) : confirm,
        say: (line) => {
            console.log(visible(line));
        },
        wait: sleep,
        now: Date.now,
    });
    return restored ? 0 : 1;
}

/** `release restore-database`: the specification's `restore-db.sh` (section 7). */
export function restoreDatabaseCommand(): Command {
    const command = new Command("restore-database")
        .description("restore an environment's database from the newest backup before a moment, and swap it in")
        .argument("<environment>", "staging or prod")
        .argument("[timestamp]", "a time at which the data was good, such as 2026-01-14T18:00:00Z")
        .option("--bucket <name>", "the bucket of the backups; by default that of the environment's account and region")
        .addOption(
            jobsOption(
                "connections that restore and verify at once; best the server's cores",
                Math.max(2, availableParallelism()),
            ),
        )
        .option("--again", "restore a backup that was swapped in already once more")
        .option("--rehearse", "restore beside the database, verify and drop the copy; by default of the newest backup")
        .option("--yes", "do not ask")
        .addHelpText(
            "after",
            "\nThe database is that of DATABASE_URL, or of libpq's variables (PGHOST, PGUSER, PGDATABASE, PGPASSFILE …), with a user who may create databases.\nExit codes: 0 the database is restored or the rehearsal went well, 1 a person said no, 2 it is as it was.",
        );
    return endWithTwo(command).action((environment: string, timestamp: string | undefined, options: Options) =>
        judging("release restore-database", () => run(environment, timestamp, options)),
    );
}
