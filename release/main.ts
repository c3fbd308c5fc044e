import { Command } from "commander";
import { admitCommand } from "./admit/command";
import { checkCommand } from "./check/command";
import { collectCommand } from "./collect/command";
import { observeCommand } from "./observe/command";
import { reportCommand } from "./report/command";
import { rollbackCommand } from "./rollback/command";
import { stateCommand } from "./state/command";
import { watchCommand } from "./watch/command";

const program = new Command("release").description("Evidence about RelayPACS releases: what CI and approvers call");

program.addCommand(admitCommand());
program.addCommand(checkCommand());
program.addCommand(collectCommand());
program.addCommand(observeCommand());
program.addCommand(reportCommand());
program.addCommand(rollbackCommand());
program.addCommand(stateCommand());
program.addCommand(watchCommand());

program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
