import { publishImages } from "../application/images";
import { publishTools } from "../application/tools";
import { cloud } from "../parts/cloud/moto";
import { createNamespaces } from "../parts/cluster/namespaces";
import { deliverPublicCertificate } from "../parts/cluster/public-certificate";
import { inWords } from "../machine/bar";
import type { Instance } from "../machine/instance";
import { claim } from "../machine/owner";
import type { Part, Progress } from "../machine/part";
import { parts } from "../parts";
import { registry } from "../parts/registry/part";
import { checkPrerequisites } from "./prerequisites";
import { prepareEvidence, recordAdmission } from "../stacks/evidence/dossier";
import { copyOwnEvidence } from "../drill/production";
import type { Environment } from "../stacks/evidence/folders";
import { untilAnswering } from "../stacks/public-address";
import { compile, createStack, isCreated, markResourcesLost, update } from "../stacks/stack";
import { markUpdated, unchangedSince, whatIsWrong, workloads } from "../stacks/unchanged";
import { showStatus } from "./status";
import { runSteps, type Step } from "../machine/steps";
import { installPython, linkPython } from "../toolchain/python";
import { toolchainStep } from "../toolchain/step";
import { database } from "../parts/database/part";
import { cluster } from "../parts/cluster/part";

/** How far `up` goes: to installed programs, running servers, published images, staging, or staging and production. */
export const goals = ["toolchain", "servers", "images", "staging", "prod"] as const;

export type Goal = (typeof goals)[number];

const checked = "Check the machine";
const python = "Install Python packages";
const network = "Make the network";
const images = "Build and push the images";
const compiled = "Compile the policy pack and the command line";

/** What starting each part takes on an idle machine. */
const startCosts: Readonly<Record<string, { readonly cpu: number; readonly wait: number }>> = {
    cluster: { cpu: 24, wait: 8 },
    cloud: { cpu: 6, wait: 1 },
    GitHub: { cpu: 6, wait: 1 },
    database: { cpu: 3, wait: 2 },
};

const startOf = (part: Part) => `Start ${part.name}`;

/**
 * The steps that a part waits for: the network where it listens on the network's address of this machine, or runs in the
 * network itself; and what it is a program of.
 */
export function needsOf(part: Part, programs: string): readonly string[] {
    switch (part) {
        case cluster:
            return [network, programs];
        case cloud:
            return [network, python];
        case registry:
            return [network, python, programs];
        case database:
            return [network];
        default:
            return [checked];
    }
}

function startPart(instance: Instance, part: Part, running: boolean, programs: string): Step {
    return {
        title: startOf(part),
        after: needsOf(part, programs),
        variant: running ? "running" : "stopped",
        cost: running ? { cpu: 2 } : (startCosts[part.name] ?? {}),
        run: async (progress) => {
            // The other parts store their state.
            if (part === cloud && !(await part.state(instance)).running) markResourcesLost(instance);
            await part.up(instance, progress);
        },
    };
}

async function publish(instance: Instance, progress: Progress): Promise<void> {
    await publishImages(instance, progress);
    await publishTools(instance, progress);
}

/** The steps from nothing to running servers. */
async function serverSteps(instance: Instance, goal: Goal): Promise<Step[]> {
    const programs = await toolchainStep(instance, [checked]);
    const states = await Promise.all(parts.map((part) => part.state(instance).catch(() => undefined)));
    const toolchain: Step[] = [
        {
            title: checked,
            run: async (progress) => {
                await checkPrerequisites(progress);
                await claim(instance);
            },
        },
        {
            title: python,
            after: [checked],
            cost: { cpu: 40, wait: 10 },
            run: async (progress) => {
                await installPython(progress);
                linkPython(instance);
            },
        },
        programs,
    ];
    if (goal === "toolchain") return toolchain;
    return [
        ...toolchain,
        { title: network, after: [checked], run: () => createNamespaces(instance) },
        ...parts.map((part, index) => startPart(instance, part, states[index]?.running === true, programs.title)),
    ];
}

interface Updates {
    /** Takes what each update says at its end. */
    readonly told: string[];
    /** Whether updates compare the state with each resource first. */
    readonly refresh: boolean;
}

/** The steps from running servers to a deployed stack: what the pipeline does for one environment. */
function deploySteps(
    instance: Instance,
    stack: Environment,
    after: readonly string[],
    { told, refresh }: Updates,
): Step[] {
    const first = !isCreated(instance, stack);
    const evidence = `Sign the release's evidence for ${stack}`;
    const creation = `Create the stack ${stack}`;
    const updated = `Update ${stack}`;
    return [
        {
            title: evidence,
            after,
            cost: { cpu: 4 },
            run: (progress) => prepareEvidence(instance, progress, stack),
        },
        { title: creation, after, cost: { cpu: 2 }, run: (progress) => createStack(instance, stack, progress) },
        {
            title: updated,
            after: [evidence, creation],
            variant: first ? "first update" : "later update",
            cost: first ? { cpu: 60, wait: 75 } : { cpu: 20 },
            run: async (progress) => {
                const summary = await update(instance, stack, refresh, progress);
                told.push(`pulumi up --stack ${stack}\n${summary}`);
                await recordAdmission(instance, stack);
                if (stack === "prod") copyOwnEvidence(instance);
                await deliverPublicCertificate(instance, stack);
                progress("its public address");
                await untilAnswering(instance, stack);
            },
        },
    ];
}

/** The steps that follow the servers, as far as `goal`. */
function releaseSteps(instance: Instance, goal: Goal, servers: readonly Step[], updates: Updates): Step[] {
    if (goal === "toolchain" || goal === "servers") return [];
    const all = servers.map(({ title }) => title);
    const published: Step = {
        title: images,
        after: all,
        variant: "images",
        cost: { cpu: 30 },
        run: (progress) => publish(instance, progress),
    };
    if (goal === "images") return [published];
    const staging = [
        { title: compiled, after: [checked], cost: { cpu: 8 }, run: compile },
        published,
        ...deploySteps(instance, "staging", [images, compiled], updates),
        {
            title: "Register the images",
            after: ["Update staging"],
            cost: { cpu: 12 },
            // The first update has created the registry's repositories.
            run: (progress: Progress) => publish(instance, progress),
        },
    ];
    if (goal === "staging") return staging;
    return [...staging, ...deploySteps(instance, "prod", ["Register the images"], updates)];
}

/** Stacks that a goal deploys. */
const stacksOf = (goal: Goal): Environment[] =>
    goal === "prod" ? ["staging", "prod"] : goal === "staging" ? ["staging"] : [];

/**
 * Compares the sandbox with what the last update of each stack left: "same" when an update would change nothing and
 * everything runs, "drifted" when something else has changed it since, "other" when there is something new to apply.
 */
async function compare(instance: Instance, goal: Goal): Promise<"same" | "drifted" | "other"> {
    const updates = stacksOf(goal).map((stack) => ({ stack, last: unchangedSince(instance, stack) }));
    if (updates.length === 0) return "other";
    for (const { last } of updates) {
        if (last === undefined) return "other";
        const wrong = await whatIsWrong(instance, last).catch((error: unknown) => [(error as Error).message]);
        if (wrong.length === 0) continue;
        console.log(`The sandbox is not as the last update left it: ${wrong.join("; ")}`);
        return "drifted";
    }
    for (const { stack, last } of updates)
        console.log(
            `Nothing has changed since the update of ${stack} at ${last?.at ?? ""}, and every server and workload answers ` +
                `that it runs. pulumi up --stack ${stack} --refresh compares each resource.`,
        );
    return "same";
}

/** Brings the sandbox up as far as `goal`. Completed steps are skipped, so that it resumes where it stopped. */
export async function up(instance: Instance, goal: Goal = "staging"): Promise<void> {
    const began = performance.now();
    const stacks = stacksOf(goal);
    const found = await compare(instance, goal);
    if (found !== "same") {
        const told: string[] = [];
        const servers = await serverSteps(instance, goal);
        await runSteps([...servers, ...releaseSteps(instance, goal, servers, { told, refresh: found === "drifted" })], {
            heading: `Bringing up sandbox "${instance.name}"`,
        });
        if (stacks.length > 0) {
            const running = await workloads(instance);
            for (const stack of stacks) markUpdated(instance, stack, running);
        }
        for (const text of told) console.log(`\n${text}`);
    }
    if (stacks.length === 0) return;
    await showStatus(instance);
    console.log(
        `\nUp after ${inWords((performance.now() - began) / 1000)}. Use it in this shell:  eval "$(make -s env)"`,
    );
}
