import type { Instance } from "../machine/instance";
import type { Step } from "../machine/steps";
import { missingPrograms } from "./build";
import { builtPrograms, installPrograms } from "./toolchain";

/** Seconds of CPU time that a program costs on average, when all are built at once. */
const cpuPerProgram = 75;

/** The step that builds or downloads what the sandbox runs, with an estimate of its time. */
export async function toolchainStep(instance: Instance, after: readonly string[]): Promise<Step> {
    const missing = missingPrograms(await builtPrograms());
    return {
        title: "Build the programs",
        after,
        variant: missing.length === 0 ? "nothing" : missing.map(({ name }) => name).join(", "),
        cost: { cpu: 1 + missing.length * cpuPerProgram },
        run: (progress) => installPrograms(instance, progress),
    };
}
