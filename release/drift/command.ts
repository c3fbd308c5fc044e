import { Command, Option } from "commander";
import { clusterOf } from "../../delivery/rollouts/follow-rollout";
import { clusterOfStack } from "../shared/stack-cluster";
import { tools } from "../shared/tools";
import { describeDrift, findDrift, objectReader } from "./find";

interface Options {
    readonly stack: string;
    readonly context?: string;
}

/** Exit code where something differs; 1 is any other problem. */
const differs = 2;

async function drift({ context, stack }: Options): Promise<void> {
    const looked = await findDrift(stack, tools);
    const reader = objectReader(context === undefined ? clusterOfStack(stack) : clusterOf(context));
    const found = await describeDrift(looked, reader);
    if (found.length === 0) {
        console.log(`Nothing of ${stack} has drifted.`);
        return;
    }
    for (const sentence of found.flat()) console.log(sentence);
    const count = found.length === 1 ? "1 resource differs" : `${found.length} resources differ`;
    console.log(
        `Of ${stack}, ${count} from what was applied. Change it back: pulumi up --refresh --stack ${stack}. ` +
            "Keep it: docs/runbooks/drift.md.",
    );
    process.exitCode = differs;
}

/** `release drift`: what was changed outside the stack, and who owns it. It changes nothing. */
export function driftCommand(): Command {
    return new Command("drift")
        .description("tell what was changed in an environment by somebody else than its stack, and by whom")
        .addOption(new Option("--stack <name>", "the environment").choices(["staging", "prod"]).makeOptionMandatory())
        .option("--context <name>", "context of the kubeconfig; the stack's own by default")
        .addHelpText(
            "after",
            "\nIt compares AWS, GitHub and the cluster with the stack's state, and changes nothing. It reads no value of a secret.\n" +
                "Exit codes: 0 nothing differs, 2 something does, 1 it can't be told.",
        )
        .action(drift);
}
