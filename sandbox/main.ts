import { Argument, Command, Option } from "commander";
import { execa } from "execa";
import { containerdSocket } from "./parts/cluster/containerd";
import { inside } from "./parts/cluster/namespaces";
import { clean, cleanToolchain, down } from "./commands/down";
import { deliver } from "./deliver/command";
import { drill, drillNames, type DrillName } from "./drill/command";
import { drillDatabase } from "./drill/database";
import { environment, exportLines, clearSandboxVariables } from "./stacks/environment";
import { instanceNamed, instanceNames, projectRoot, type InstanceName } from "./machine/instance";
import { SandboxError } from "./machine/part";
import { showMemory } from "./commands/memory";
import { showStatus } from "./commands/status";
import { goals, up, type Goal } from "./commands/up";
import { runWorkflow } from "./commands/workflow";
import { outliveOutput } from "../release/shared/closed-output";

const program = new Command("sandbox").description("A cloud on one machine for the RelayPACS delivery platform");

function command(name: string, description: string) {
    return program
        .command(name)
        .description(description)
        .addOption(new Option("--instance <name>", "which sandbox").choices(instanceNames).default("main"));
}

interface Options {
    readonly instance: InstanceName;
}

command("up", "bring the sandbox up and deploy staging, or production too")
    .addOption(new Option("--goal <goal>", "where to stop").choices(goals).default("staging"))
    .action((options: Options & { readonly goal: Goal }) => up(instanceNamed(options.instance), options.goal));

command("drill", "release to production under load and draw what happens, or lose a database and restore it")
    .addArgument(new Argument("<name>", "which release, or database").choices([...drillNames, "database"]))
    .option("--fast", "stages of seconds instead of the specification's minutes")
    .option("--docs", "write the picture to docs/images as well, which is under version control")
    .action((name: DrillName | "database", options: Options & { readonly fast?: true; readonly docs?: true }) =>
        name === "database"
            ? drillDatabase(instanceNamed(options.instance))
            : drill(instanceNamed(options.instance), name, options.fast === true, options.docs === true),
    );

command("deliver", "deliver a gateway's change by the shipped workflows, from its pull request to production").action(
    (options: Options) => deliver(instanceNamed(options.instance)),
);

program
    .command("workflow")
    .description("run a workflow of the present commit, as for a pull request")
    .argument("<file>", "its name in .github/workflows")
    .option("--base <ref>", "where the pull request would go", "main")
    .option("--job <id...>", "only these jobs and what they need")
    .action(async (file: string, { base, job }: { readonly base: string; readonly job?: readonly string[] }) => {
        const options = { base, ...(job && { jobs: job }) };
        if (!(await runWorkflow(projectRoot, file, options))) process.exitCode = 1;
    });

command("status", "show what runs").action(async (options: Options) => {
    if (!(await showStatus(instanceNamed(options.instance)))) process.exitCode = 1;
});

command("memory", "show how much memory its processes take").action((options: Options) => {
    showMemory(instanceNamed(options.instance));
});

command("down", "end everything, keep what it stored").action((options: Options) =>
    down(instanceNamed(options.instance)),
);

command("clean", "end everything and delete what it stored")
    .option("--toolchain", "delete the built programs too, which all clones share")
    .action(async (options: Options & { readonly toolchain?: true }) => {
        await clean(instanceNamed(options.instance));
        if (options.toolchain === true) cleanToolchain();
    });

command("env", "print the variables for a shell").action((options: Options) => {
    console.log(exportLines(environment(instanceNamed(options.instance))));
});

command("enter", "run a program inside the cluster's namespaces, a shell by default")
    .argument("[command...]", "the program and its arguments")
    .action(async (words: readonly string[], options: Options) => {
        const [name = "bash", ...args] = words;
        const result = await execa(...inside(instanceNamed(options.instance), name, args), {
            env: { CONTAINERD_ADDRESS: containerdSocket, CONTAINERD_NAMESPACE: "k8s.io" },
            stdio: "inherit",
            reject: false,
        });
        process.exitCode = result.exitCode ?? 1;
    });

outliveOutput();
clearSandboxVariables();
program.parseAsync().catch((error: unknown) => {
    console.error(error instanceof SandboxError ? error.message : error);
    process.exitCode = 1;
});
