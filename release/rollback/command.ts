import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { namespaceName } from "../../delivery/core/names";
import { endWithTwo, judging, time } from "../check/input";
import { visible } from "../../delivery/core/text";
import { followRollout } from "../../delivery/rollouts/follow-rollout";
import { askedVersions } from "../../delivery/rollouts/list";
import { remainsOf, takeWayBack, waysBack } from "../../delivery/rollouts/way-back";
import { oneLine } from "../../delivery/rollouts/wording";
import { clusterOfStack } from "../shared/stack-cluster";
import { trustedRing } from "../shared/trusted-keys";
import { realRotation } from "../rotate/command";
import { othersToReplace, rotateAll } from "../rotate/rotate";
import { readAdmissions, type Environment } from "./admitted";
import { RefusedError } from "./choose";
import { confirm } from "./confirm";
import { deleteVersion } from "./delete-version";
import { readHistory } from "./history";
import { scenarioNames, type Scenario } from "./matrix";
import { rollBack } from "./roll-back";
import { tools } from "../shared/tools";

interface Options {
    readonly stack: Environment;
    readonly releases: string;
    readonly to?: string;
    readonly from?: string;
    readonly keys?: string;
    readonly scenario: Scenario;
    readonly since?: string;
    readonly database?: "downgrade";
    readonly yes?: true;
}

/** The version that the cluster is asked to run. @throws RefusedError when it can't tell, with what to do instead */
async function failingVersion(stack: Environment): Promise<string> {
    const versions = await askedVersions(stack, clusterOfStack(stack)).catch((error: unknown) => {
        throw new RefusedError(
            `The cluster does not tell what ${stack} runs (${oneLine((error as Error).message)}); name the failing version with --from.`,
        );
    });
    const [version, ...others] = versions;
    if (version === undefined || others.length > 0) {
        const found = versions.length === 0 ? "no release" : versions.join(" and ");
        throw new RefusedError(`The cluster has ${found} in ${stack}; name the failing version with --from.`);
    }
    return version;
}

async function run(options: Options): Promise<number> {
    const { stack, releases, to, scenario } = options;
    if (!existsSync(`Pulumi.${stack}.yaml`))
        throw new RefusedError(`Pulumi.${stack}.yaml is not here; run this in the program's folder.`);
    const began = Date.now();
    const since = options.since === undefined ? began : Date.parse(options.since);
    if (since > began) throw new RefusedError(`--since is ${options.since ?? ""}; accepted: a time in the past.`);
    return rollBack({
        stack,
        to,
        scenario,
        since,
        now: () => Date.now(),
        rotate: async (release) => {
            const rotation = realRotation(stack, since, () => Promise.resolve(release));
            othersToReplace(stack).forEach(rotation.say);
            return rotateAll({ ...rotation, confirm: () => Promise.resolve(true) }, release);
        },
        database: options.database !== undefined,
        admissions: async () =>
            readAdmissions(resolve(releases), stack, await trustedRing(options.keys, stack), new Date().toISOString()),
        failing: () => (options.from === undefined ? failingVersion(stack) : Promise.resolve(options.from)),
        history: (failing) => readHistory(clusterOfStack(stack), namespaceName(stack), failing),
        waysBack: async ({ version, images }) =>
            waysBack(await remainsOf(clusterOfStack(stack), namespaceName(stack)), version, images),
        goBack: async (way, { version }) => {
            const [cluster, namespace, name] = [clusterOfStack(stack), namespaceName(stack), way.service];
            await takeWayBack(cluster, namespace, way);
            const sayOf = (line: string) => {
                console.log(`${name}: ${line}`);
            };
            await followRollout({ cluster, namespace, name, version, say: sayOf });
        },
        confirm: options.yes === true ? () => Promise.resolve(true) : confirm,
        say: (line) => {
            // Names of files and causes come from outside, and a script reads the first line.
            console.log(visible(line));
        },
        deleteVersion: (version) => deleteVersion(clusterOfStack(stack), namespaceName(stack), version),
        tools,
    });
}

/**
 * `release rollback`: pins the last good release of an environment and converges by one `pulumi up`; in a breach it rotates
 * credentials, too. It ends with 0 when that release runs, with 1 when the update failed or a person said no, and with 2 when there is nothing to go back to;
 * then nothing was changed.
 */
export function rollbackCommand(): Command {
    const command = new Command("rollback")
        .description("go back to the last good release of an environment, by its signed admission")
        .addOption(new Option("--stack <name>", "the environment").choices(["staging", "prod"]).makeOptionMandatory())
        .option("--releases <folder>", "evidence, with one folder per release", "evidence/releases")
        .option("--to <version>", "go back to this release instead of what ran before the failing one")
        .option("--from <version>", "the failing release; by default what the cluster is asked to run")
        .option("--keys <file>", "the keys that are trusted (JSON); by default relaypacs:trustedKeys of the stack")
        .addOption(new Option("--scenario <name>", "what went wrong").choices(scenarioNames).default("high-error-rate"))
        .option("--since <time>", "when it was noticed, for its limit; by default now (RFC 3339, UTC)", time)
        .addOption(
            new Option("--database <step>", "print how the schema goes back; never done from here").choices([
                "downgrade",
            ]),
        )
        .option("--yes", "do not ask")
        .addHelpText(
            "after",
            "\nExit codes: 0 that release runs, 1 an update or a rotation failed or a person said no, 2 there is nothing to go back to.",
        );
    return endWithTwo(command).action((options: Options) => judging("release rollback", () => run(options)));
}
