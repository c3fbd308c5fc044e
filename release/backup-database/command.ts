import { availableParallelism } from "node:os";
import { Command } from "commander";
import { counted, visible } from "../../delivery/core/text";
import { endWithTwo, judging } from "../shared/judging";
import { jobsOption } from "../shared/database/jobs";
import { serverOf } from "../shared/database/psql";
import { backupBucket, environmentOf } from "../shared/database/settings";
import { BackupStore } from "../shared/database/store";
import { backUp } from "./backup";

interface Options {
    readonly bucket?: string;
    readonly jobs: number;
}

async function run(given: string, { bucket, jobs }: Options): Promise<number> {
    const environment = environmentOf(given);
    const server = serverOf(process.env);
    const store = await BackupStore.open(backupBucket(bucket, environment), environment);
    const say = (line: string) => {
        console.log(visible(line));
    };
    try {
        const { bytes, revision, sha256, tables, takenAt } = await backUp({ environment, server, store, jobs, say });
        const rows = tables.reduce((sum, table) => sum + table.rows, 0);
        say(
            `Backed up ${server.database} as of ${takenAt}: ${counted(tables.length, "table")}, ${counted(rows, "row")}, schema ${revision ?? "without a revision"}, ${bytes} bytes, SHA-256 ${sha256}`,
        );
        return 0;
    } finally {
        store.close();
    }
}

/**
 * `release backup-database`: dumps the database of an environment into the bucket of the backups. The CronJob of
 * `relaypacs:database:DatabaseBackup` runs it.
 */
export function backupDatabaseCommand(): Command {
    const command = new Command("backup-database")
        .description(
            "back up an environment's PostgreSQL database: a dump and its manifest, in the bucket of the backups",
        )
        .argument("<environment>", "staging or prod")
        .option("--bucket <name>", "the bucket; by default that of the environment's account and region")
        .addOption(jobsOption("connections that read the database at once", Math.min(2, availableParallelism())))
        .addHelpText(
            "after",
            "\nThe database is that of DATABASE_URL, or of libpq's variables (PGHOST, PGUSER, PGDATABASE, PGPASSFILE …).\nExit codes: 0 the backup is stored, 2 it is not.",
        );
    return endWithTwo(command).action((environment: string, options: Options) =>
        judging("release backup-database", () => run(environment, options)),
    );
}
