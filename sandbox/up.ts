import { publishImages } from "./application/images";
import { publishTools } from "./application/tools";
import { cloud } from "./cloud/moto";
import { createNamespaces } from "./cluster/namespaces";
import { deliverPublicCertificate } from "./cluster/public-certificate";
import type { Instance } from "./instance";
import { claim } from "./owner";
import type { Part } from "./part";
import { parts } from "./parts";
import { checkPrerequisites } from "./prerequisites";
import { prepareEvidence, recordAdmission } from "./release/dossier";
import { keepEvidence } from "./drill/production";
import type { Environment } from "./release/folders";
import { compilePolicies, createStack, markCloudForgotten, update } from "./stack";
import { showStatus } from "./status";
import { runSteps, type Step } from "./steps";
import { installPython, linkPython } from "./toolchain/python";
import { installClusterPrograms, installPulumi, installToolPrograms } from "./toolchain/toolchain";

/** Where `up` stops: with all programs installed, the servers running, the images there too, staging deployed, or both. */
export const goals = ["toolchain", "servers", "images", "staging", "prod"] as const;

export type Goal = (typeof goals)[number];

function startPart(instance: Instance, part: Part): Step {
    return {
        title: `Start ${part.name}`,
        run: async (progress) => {
            // The other parts keep what they were told.
            if (part === cloud && !(await part.state(instance)).running) markCloudForgotten(instance);
            await part.up(instance, progress);
        },
    };
}

function publish(instance: Instance, title: string): Step {
    return {
        title,
        run: async (progress) => {
            await publishImages(instance, progress);
            await publishTools(instance, progress);
        },
    };
}

/** Brings the sandbox up as far as `goal`. What is there already is left alone, so that it resumes where it stopped. */
export async function up(instance: Instance, goal: Goal = "staging"): Promise<void> {
    await runSteps(
        [
            {
                title: "Check the machine",
                run: async (progress) => {
                    await checkPrerequisites(progress);
                    await claim(instance);
                },
            },
        ],
        "in turn",
    );
    await runSteps(
        [
            { title: "Python packages", run: (progress) => installPython(progress) },
            {
                title: "Kubernetes and its services, Pulumi and its providers",
                run: async (progress) => {
                    await installClusterPrograms(instance, progress);
                    await installToolPrograms(progress);
                    await installPulumi(instance, progress);
                },
            },
        ],
        "at once",
    );
    linkPython(instance);
    if (goal === "toolchain") return;
    // PostgreSQL listens on the network's address on this machine, so the network comes first.
    await runSteps([{ title: "Make the network", run: () => createNamespaces(instance) }], "in turn");
    await runSteps(
        parts.map((part) => startPart(instance, part)),
        "at once",
    );
    if (goal === "servers") return;
    await runSteps([publish(instance, "Build and load the images")], "in turn");
    if (goal === "images") return;
    await runSteps([{ title: "Compile the policy pack", run: (progress) => compilePolicies(progress) }], "in turn");
    await deploy(instance, "staging");
    // The first update has made the registry's repositories.
    await runSteps([publish(instance, "Register the images")], "in turn");
    if (goal === "prod") await deploy(instance, "prod");
    await showStatus(instance);
    console.log('\nUse it in this shell:  eval "$(make -s env)"');
}

/** What the pipeline does for one environment: evidence, `pulumi up`, and the record that the release runs there. */
async function deploy(instance: Instance, stack: Environment): Promise<void> {
    await runSteps(
        [
            {
                title: `Sign the release's evidence for ${stack}`,
                run: (progress) => prepareEvidence(instance, progress, stack),
            },
            { title: `Create the stack ${stack}`, run: (progress) => createStack(instance, stack, progress) },
        ],
        "in turn",
    );
    await update(instance, stack);
    await recordAdmission(instance, stack);
    if (stack === "prod") keepEvidence(instance);
    await deliverPublicCertificate(instance, stack);
}
