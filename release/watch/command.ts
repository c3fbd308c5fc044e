import { Command, Option } from "commander";
import { namespaceName } from "../../delivery/core/names";
import { clusterOf, followRollout, RolloutError } from "../../delivery/rollouts/follow-rollout";
import { listRollouts } from "../../delivery/rollouts/list";
import { clusterOfStack } from "../shared/stack-cluster";

interface Options {
    readonly stack?: string;
    readonly namespace?: string;
    readonly rollout?: string;
    readonly context?: string;
}

async function watch(options: Options): Promise<boolean> {
    const namespace = options.stack === undefined ? options.namespace : namespaceName(options.stack);
    if (namespace === undefined) throw new Error("Say what to follow: --stack, or --namespace and --rollout.");
    const cluster =
        options.stack === undefined || options.context !== undefined
            ? clusterOf(options.context)
            : clusterOfStack(options.stack);
    const names =
        options.rollout === undefined
            ? (await listRollouts(cluster, namespace)).map(({ metadata }) => metadata.name ?? "")
            : [options.rollout];
    if (names.length === 0) throw new Error(`There is no Rollout in ${namespace}.`);
    const ended = await Promise.all(
        names.map(async (name) => {
            const say = (sentence: string) => {
                console.log(names.length > 1 ? `${name}: ${sentence}` : sentence);
            };
            try {
                await followRollout({ cluster, namespace, name, say, goOn: true });
                return true;
            } catch (error) {
                if (!(error instanceof RolloutError)) throw error;
                say(error.message);
                return false;
            }
        }),
    );
    return ended.every((well) => well);
}

/** `release watch`: follows an environment's rollouts from a terminal, and ends with 1 when one does not end well. */
export function watchCommand(): Command {
    return new Command("watch")
        .description("follow the rollouts of an environment, and tell each step, weight and measurement")
        .addOption(new Option("--stack <name>", "the environment").choices(["staging", "prod"]).conflicts("namespace"))
        .option("--namespace <name>", "a namespace instead of an environment")
        .option("--rollout <name>", "one Rollout; all of the namespace by default")
        .option("--context <name>", "context of the kubeconfig; the stack's own by default")
        .addHelpText("after", "\nExit codes: 0 every rollout ended well, 1 one did not, or it can't be followed.")
        .action(async (options: Options) => {
            if (!(await watch(options))) process.exitCode = 1;
        });
}
