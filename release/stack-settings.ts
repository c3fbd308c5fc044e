import { variableOf } from "../settings/parse";
import { stackFileValue } from "../settings/stack-file";

/** The kubeconfig's context that a stack works with; undefined when its file leaves that to the kubeconfig. */
export function stackContext(stack: string): string | undefined {
    const context = stackFileValue("kubernetes:context", stack);
    return typeof context === "string" ? context : undefined;
}

/**
 * A setting of the program as plain data, for commands that run beside it: from the environment or the stack's file, in
 * the program's own order.
 *
 * @throws Error for a variable that is no JSON
 */
export function stackSetting(key: string, stack: string): unknown {
    for (const name of [variableOf(key, stack), variableOf(key)]) {
        const text = process.env[name];
        if (text === undefined) continue;
        try {
            return JSON.parse(text);
        } catch (error) {
            throw new Error(`${name} is no JSON.`, { cause: error });
        }
    }
    return stackFileValue(`relaypacs:${key}`, stack);
}
