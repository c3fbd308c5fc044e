import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { namespaceName } from "../../delivery/core/names";
import { visible } from "../../delivery/core/text";
import { confirm } from "../rollback/confirm";
import { environmentOf } from "../shared/database/settings";
import { endWithTwo, judging } from "../shared/judging";
import { clusterOfStack } from "../shared/stack-cluster";
import { realCluster } from "./cluster";
import { downgrade } from "./downgrade";

interface Options {
    readonly service: string;
    readonly image?: string;
    readonly despiteRunningRelease?: true;
    readonly withoutBackup?: true;
    readonly yes?: true;
}

/** `release downgrade-database`: the specification's `alembic downgrade -1` (section 7). */
export function downgradeDatabaseCommand(): Command {
    const command = new Command("downgrade-database")
        .description("take the last migration of an environment's database back: alembic downgrade -1, after a backup")
        .argument("<environment>", "staging or prod")
        .option("--service <name>", "the service that has the database", "backend")
        .option("--image <reference>", "the image that made the last migration, by digest; by default its Job's")
        .option("--despite-running-release", "go on although what runs made that migration")
        .option("--without-backup", "make no backup first")
        .option("--yes", "do not ask")
        .addHelpText(
            "after",
            "\nExit codes: 0 the migration was taken back, 1 it was not or a person said no, 2 nothing was changed.",
        );
    return endWithTwo(command).action((given: string, options: Options) =>
        judging("release downgrade-database", async () => {
            const environment = environmentOf(given);
            return downgrade({
                cluster: realCluster(clusterOfStack(environment), namespaceName(environment)),
                service: options.service,
                image: options.image,
                despiteRunning: options.despiteRunningRelease === true,
                withoutBackup: options.withoutBackup === true,
                confirm: options.yes === true ? () => Promise.resolve(true) : confirm,
                say: (line) => {
                    console.log(visible(line));
                },
                wait: sleep,
                now: () => new Date(),
            });
        }),
    );
}
