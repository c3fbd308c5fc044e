import { JSONPath } from "jsonpath-plus";
import type { Bag, Json } from "../values";
import { condition } from "./conditions";
import { ready, waiting, type Rule, type Verdict } from "./verdict";

/** The annotation `pulumi.com/waitFor` cannot be understood. */
export class WaitForError extends Error {}

type Check = (object: Bag) => Verdict;

/**
 * The rule that the annotation `pulumi.com/waitFor` states: `condition=Type[=Status]`, `jsonpath={.path}[=value]`, or a
 * JSON list of them that must all hold. It takes the place of the kind's own rule.
 * @throws WaitForError
 */
export function waitForRule(text: string): Rule {
    const checks = expressions(text).map(parse);
    return {
        judge(object) {
            const verdicts = checks.map((check) => check(object));
            return verdicts.find((verdict) => verdict.state !== "ready") ?? ready;
        },
    };
}

function expressions(text: string): string[] {
    if (!text.trimStart().startsWith("[")) return [text];
    try {
        const parsed = JSON.parse(text) as unknown;
        if (Array.isArray(parsed) && parsed.length > 0 && parsed.every((item) => typeof item === "string"))
            return parsed;
    } catch {
        // The sentence below says what was expected.
    }
    throw bad(text);
}

function bad(text: string): WaitForError {
    return new WaitForError(
        `the annotation pulumi.com/waitFor is ${JSON.stringify(text)}, but accepts "condition=Type", "condition=Type=Status", ` +
            `"jsonpath={.path}", "jsonpath={.path}=value" or a JSON list of these`,
    );
}

function parse(expression: string): Check {
    const [, wanted, status = "True"] = /^condition=([^=]+)(?:=(.+))?$/.exec(expression) ?? [];
    if (wanted !== undefined) return (object) => hasCondition(object, wanted, status);
    const [, path, value] = /^jsonpath=\{(.+)\}(?:=(.*))?$/s.exec(expression) ?? [];
    if (path === undefined) throw bad(expression);
    return (object) => hasValue(object, path, value === undefined ? undefined : unquoted(value));
}

function hasCondition(object: Bag, type: string, status: string): Verdict {
    const found = condition(object, type);
    if (found?.status.toLowerCase() === status.toLowerCase()) return ready;
    const now =
        found === undefined ? "not reported yet" : `${found.status}${found.message ? ` (${found.message})` : ""}`;
    return waiting(`the condition ${type} is ${now}`);
}

function hasValue(object: Bag, path: string, value: string | undefined): Verdict {
    const found = JSONPath<Json[]>({ path: `$${path}`, json: object, wrap: true, eval: "safe" });
    const [first] = Array.isArray(found) ? found : [];
    if (first === undefined) return waiting(`${path} is not set`);
    if (value === undefined || text(first) === value) return ready;
    return waiting(`${path} is ${text(first)}`);
}

const text = (value: Json): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

const unquoted = (value: string): string => value.replace(/^(["'])(.*)\1$/s, "$2");
