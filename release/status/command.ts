import { Command, Option } from "commander";
import { namespaceName } from "../../delivery/core/names";
import { visible } from "../../delivery/core/text";
import { clusterOf } from "../../delivery/rollouts/follow-rollout";
import { secretsInUse } from "../../delivery/rollouts/secrets-in-use";
import { tools } from "../shared/tools";
import { clusterOfStack } from "../shared/stack-cluster";
import { failedMigrations, migrationSentences } from "./migration";
import { secretStatus, storedVersion } from "./secrets";

interface Options {
    readonly stack: string;
    readonly context?: string;
}

async function status({ stack, context }: Options): Promise<boolean> {
    const namespace = namespaceName(stack);
    const cluster = context === undefined ? clusterOfStack(stack) : clusterOf(context);
    const services = await secretsInUse(cluster, namespace);
    if (services.length === 0) throw new Error(`No service runs in ${namespace}.`);
    const entries = new Set(
        services.flatMap(({ secrets }) => secrets.flatMap(({ versions }) => Object.keys(versions ?? {}))),
    );
    const stored: Record<string, string> = {};
    for (const entry of entries) stored[entry] = await storedVersion(tools, stack, entry);
    let current = true;
    for (const service of services) {
        console.log(`${service.service} runs ${service.version ?? "an unknown version"}.`);
        const judged = secretStatus(service, stack, stored);
        for (const sentence of judged.sentences) console.log(sentence);
        current &&= judged.current;
    }
    for (const failed of await failedMigrations(cluster, stack)) {
        for (const sentence of migrationSentences(failed)) console.log(visible(sentence));
        current = false;
    }
    return current;
}

/**
 * `release status`: what an environment runs, whether its secrets are those that the secret store gives out now, and what a
 * failed migration has left of the database.
 */
export function statusCommand(): Command {
    return new Command("status")
        .description(
            "tell what an environment runs, whether the secret store is ahead of it, and what a failed migration has left",
        )
        .addOption(new Option("--stack <name>", "the environment").choices(["staging", "prod"]).makeOptionMandatory())
        .option("--context <name>", "context of the kubeconfig; the stack's own by default")
        .addHelpText(
            "after",
            "\nIt reads versions and no value of a secret.\n" +
                "Exit codes: 0 nothing is behind the secret store and no migration has failed, 1 else, or it can't be told.",
        )
        .action(async (options: Options) => {
            if (!(await status(options))) process.exitCode = 1;
        });
}
