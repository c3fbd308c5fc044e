import { isTextSetting, variableOf } from "./parse";
import { stackFileValue } from "./stack-file";

/** The kubeconfig context of a stack; undefined for the current one. */
export function stackContext(stack: string): string | undefined {
    const context = stackFileValue("kubernetes:context", stack);
    return typeof context === "string" ? context : undefined;
}

/**
 * A setting of the program as plain data, for commands outside it: from the environment or the stack's file, with the
 * program's precedence.
 *
 * @throws Error for a variable that is not valid JSON
 */
export function stackSetting(key: string, stack: string): unknown {
    for (const name of [variableOf(key, stack), variableOf(key)]) {
        const text = process.env[name];
        if (text === undefined) continue;
        if (isTextSetting(key)) return text;
        try {
            return JSON.parse(text);
        } catch (error) {
            throw new Error(`${name} is not valid JSON.`, { cause: error });
        }
    }
    return stackFileValue(`relaypacs:${key}`, stack);
}
