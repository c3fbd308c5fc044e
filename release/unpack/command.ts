import { Command } from "commander";
import { endWithTwo, judging } from "../check/input";
import { unpack } from "./unpack";

interface Options {
    readonly archives: string;
    readonly out: string;
}

/** `release unpack`: the reports of the pipeline's jobs, as `release collect` reads them. */
export function unpackCommand(): Command {
    const command = new Command("unpack")
        .description("unpack the reports of the pipeline's jobs, each job's into a folder of its own")
        .requiredOption("--archives <folder>", "folder with the artifacts reports-<job>, each with its archive")
        .requiredOption("--out <folder>", "folder to make, with one folder for each job")
        .addHelpText("after", "\nExit codes: 0 they are unpacked, 2 an archive is refused; nothing is written then.");
    return endWithTwo(command).action(({ archives, out }: Options) =>
        judging("release unpack", () => {
            console.log(`Unpacked the reports of ${unpack(archives, out).join(", ")}.`);
            return Promise.resolve(0);
        }),
    );
}
