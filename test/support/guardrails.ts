import { guardrails } from "../../policies/guardrails";
import type { Registered } from "./harness";

const urnOf = ({ type, name }: Registered) => `urn:pulumi:prod::relaypacs::${type}::${name}`;

const options = {
    protect: false,
    ignoreChanges: [],
    deleteBeforeReplace: false,
    aliases: [],
    customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
    additionalSecretOutputs: [],
};

/**
 * The policy pack's violations for a program's resources, each with its policy and a sentence, advisory ones included.
 * The pack has its default settings. The policy on the admission of a release is left out, because it is about the
 * whole program.
 */
export function violations(registered: readonly Registered[]): string[] {
    const found: string[] = [];
    const resources = registered.map((one) => ({
        type: one.type,
        name: one.name,
        urn: urnOf(one),
        props: structuredClone(one.inputs),
        opts: options,
        dependencies: [],
        propertyDependencies: {},
    }));
    for (const policy of guardrails.filter(({ name }) => !name.startsWith("delivery-"))) {
        const common = { stackTags: new Map<string, string>(), getConfig: () => ({}) };
        const report = (message: string) => found.push(`${policy.name}: ${message}`);
        if ("validateStack" in policy) void policy.validateStack({ ...common, resources } as never, report);
        else {
            for (const resource of resources) {
                const { validateResource } = policy as { validateResource: (args: never, report: unknown) => unknown };
                void validateResource({ ...common, ...resource } as never, report);
            }
        }
    }
    return found;
}
