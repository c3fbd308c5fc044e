import { forget } from "../../../policies/delivery/passed-release";
import { guardrails } from "../../../policies/guardrails";
import type { Policies } from "@pulumi/policy";
import type { Change, Properties } from "../support/cases";
import { analyze } from "../support/engine";

/** Somebody's attempt to bring something past the pack: one resource, and the sentence that must refuse it. */
export interface Attack {
    readonly title: string;
    readonly type: string;
    readonly inputs: object;
    readonly refusedBy: string;
    readonly sentence: string;
}

/** An attack that changes a compliant resource in one place. */
export function attack(
    title: string,
    type: string,
    given: object,
    change: Change,
    refusedBy: string,
    sentence: string,
): Attack {
    const inputs = structuredClone(given) as Properties;
    change(inputs);
    return { title, type, inputs, refusedBy, sentence };
}

/** As the SDK numbers the level that stops a resource. */
const mandatory = 1;

/** Whether the pack refuses it, as the engine would hear it: by the policy, in the words, and not as a warning. */
export async function isRefused(
    { inputs, refusedBy, sentence, type }: Attack,
    pack: Policies = guardrails,
): Promise<boolean> {
    // No release has passed before it: that would let in a workload with the release's images.
    forget("test");
    const found = await analyze(pack, type, inputs);
    return found.some(
        ({ level, message, policy }) =>
            policy === refusedBy && level === mandatory && message.endsWith(`\n${sentence}`),
    );
}
