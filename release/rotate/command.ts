import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Argument, Command } from "commander";
import { namespaceName } from "../../delivery/core/names";
import { release as releaseSetting } from "../../delivery/core/release";
import { visible } from "../../delivery/core/text";
import { askedVersions } from "../../delivery/rollouts/list";
import { secretsInUse } from "../../delivery/rollouts/secrets-in-use";
import { variableOf } from "../../settings/parse";
import { stackSetting } from "../../settings/stack-values";
import { endWithTwo, judging, time } from "../check/input";
import { readAdmissions, type Environment } from "../rollback/admitted";
import { chooseTarget, RefusedError } from "../rollback/choose";
import { confirm } from "../rollback/confirm";
import { pinned, type PinnedRelease } from "../rollback/roll-back";
import { tools } from "../shared/tools";
import { clusterOfStack } from "../shared/stack-cluster";
import { trustedRing } from "../shared/trusted-keys";
import { rotate } from "./rotate";

interface Options {
    readonly since?: string;
    readonly releases?: string;
    readonly keys?: string;
    readonly yes?: true;
}

/** The one version that the cluster is asked to run. @throws RefusedError when there are several, or none */
async function runningVersion(stack: Environment): Promise<string> {
    const versions = await askedVersions(stack, clusterOfStack(stack));
    const [version, ...others] = versions;
    if (version !== undefined && others.length === 0) return version;
    const found = version === undefined ? "no release" : versions.join(" and ");
    throw new RefusedError(`The cluster has ${found} in ${stack}; accepted: one release, whose update is complete.`);
}

/** By its signed admission in `releases`, or as the shell pins it. */
async function runningRelease(stack: Environment, { releases, keys }: Options): Promise<PinnedRelease> {
    const version = await runningVersion(stack);
    if (releases !== undefined) {
        const now = new Date().toISOString();
        const { admitted } = await readAdmissions(resolve(releases), stack, await trustedRing(keys, stack), now);
        return pinned(stack, chooseTarget(admitted, stack, "", version));
    }
    const variable = variableOf("release", stack);
    const given = releaseSetting.safeParse(stackSetting("release", stack));
    if (given.success && given.data.version === version) return { version, variables: {} };
    const names = given.success ? `names ${given.data.version}` : "names no release";
    throw new RefusedError(
        `${stack} runs ${version}, and ${variable} ${names}; give the folder of its admission with --releases, as \`release fetch\` makes it.`,
    );
}

/** The options of `rotate` for the real environment. */
export const realRotation = (stack: Environment, since: number, release: () => Promise<PinnedRelease>) => ({
    stack,
    since: Math.floor(since / 1000) * 1000,
    release,
    running: () => secretsInUse(clusterOfStack(stack), namespaceName(stack)),
    say: (line: string) => {
        console.log(visible(line));
    },
    tools,
    wait: async (milliseconds: number) => {
        await sleep(milliseconds);
    },
    now: () => Date.now(),
});

async function run(stack: Environment, options: Options): Promise<number> {
    if (!existsSync(`Pulumi.${stack}.yaml`))
        throw new RefusedError(`Pulumi.${stack}.yaml is not here; run this in the program's folder.`);
    const since = options.since === undefined ? Date.now() : Date.parse(options.since);
    if (since > Date.now()) throw new RefusedError(`--since is ${options.since ?? ""}; accepted: a time in the past.`);
    return rotate({
        ...realRotation(stack, since, () => runningRelease(stack, options)),
        confirm: options.yes === true ? () => Promise.resolve(true) : confirm,
    });
}

/**
 * `release rotate`: rotates every secret that the platform issues, until no value from before is accepted and no pod has
 * one. It ends with 0 then, with 1 when an update failed or a person said no, and with 2 when a rotation can't work.
 */
export function rotateCommand(): Command {
    const command = new Command("rotate")
        .description("rotate every secret that the platform issues in an environment, and bring its pods along")
        .addArgument(new Argument("<environment>", "the environment").choices(["staging", "prod"]))
        .option("--since <time>", "values from before it are to be refused; by default now (RFC 3339, UTC)", time)
        .option("--releases <folder>", "evidence with the admission of what runs; by default what the shell pins")
        .option("--keys <file>", "the keys that are trusted (JSON); by default relaypacs:trustedKeys of the stack")
        .option("--yes", "do not ask")
        .addHelpText(
            "after",
            "\nIt reads no value of a secret. Interrupted, it goes on when it is called again with --since.\n" +
                "Exit codes: 0 all is rotated and in use, 1 an update failed or a person said no, 2 it can't rotate, or a rotation failed.",
        );
    return endWithTwo(command).action((stack: Environment, options: Options) =>
        judging("release rotate", () => run(stack, options)),
    );
}
