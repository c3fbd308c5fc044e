import { data, Evaluator, isBasicExpression, isMapping, isSequence, Lexer, Parser } from "./language.mjs";
import type { LiteralToken, TemplateToken } from "./language.mjs";

/** What `success()`, `failure()` and `cancelled()` answer at one place of a workflow. */
export interface Status {
    readonly success: boolean;
    readonly failure: boolean;
    readonly cancelled: boolean;
}

/** What an expression can see: contexts by name and, in a condition, the status. */
export interface Scope {
    readonly contexts: Readonly<Record<string, unknown>>;
    readonly status?: Status;
}

/** Which of them a place may use, GitHub's schema says when it reads the file. */
const contextNames = [
    ...["env", "github", "inputs", "job", "jobs", "matrix", "needs"],
    ...["runner", "secrets", "steps", "strategy", "vars"],
];

function valueOf(expression: string, { contexts, status }: Scope): data.ExpressionData {
    const functions = Object.entries({ always: true, ...status }).map(([name, result]) => ({
        name,
        minArgs: 0,
        maxArgs: 0,
        call: () => new data.BooleanData(result),
    }));
    const tree = new Parser(new Lexer(expression).lex().tokens, contextNames, functions).parse();
    const known = contextNames.map((key) => ({
        key,
        value: JSON.parse(JSON.stringify(contexts[key] ?? {}), data.reviver) as data.ExpressionData,
    }));
    const byName = new Map(functions.map((one) => [one.name, one]));
    return new Evaluator(tree, new data.Dictionary(...known), byName).evaluate();
}

/** Whether a condition holds. Its default `success()` is part of it already. */
export function holds(condition: string, scope: Scope): boolean {
    const value = valueOf(`!!(${condition})`, scope);
    return value instanceof data.BooleanData && value.value;
}

/**
 * The value of a part of a file, with its expressions evaluated.
 *
 * @throws Error for an expression that cannot be evaluated
 */
export function evaluate(token: TemplateToken | undefined, scope: Scope): unknown {
    if (token === undefined) return undefined;
    if (isBasicExpression(token)) {
        const value = valueOf(token.expression, scope);
        return JSON.parse(JSON.stringify(value, data.replacer)) as unknown;
    }
    if (isSequence(token)) return Array.from(token, (item) => evaluate(item, scope));
    if (isMapping(token))
        return Object.fromEntries(Array.from(token, ({ key, value }) => [text(key, scope), evaluate(value, scope)]));
    return (token as LiteralToken & { readonly value?: unknown }).value ?? null;
}

/** A part of a file as text, as it becomes a variable or an input of an action: nothing for null. */
export function text(token: TemplateToken | undefined, scope: Scope): string {
    if (token !== undefined && isBasicExpression(token)) return valueOf(token.expression, scope).coerceString();
    return asText(evaluate(token, scope));
}

/** A value as GitHub writes it into a text. */
export function asText(value: unknown): string {
    return (JSON.parse(JSON.stringify(value ?? null), data.reviver) as data.ExpressionData).coerceString();
}

/** A mapping of texts, such as `env` and `with`. */
export function texts(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
    if (token === undefined) return {};
    if (isMapping(token))
        return Object.fromEntries(Array.from(token, ({ key, value }) => [text(key, scope), text(value, scope)]));
    const value = evaluate(token, scope) as Readonly<Record<string, unknown>> | null;
    return Object.fromEntries(Object.entries(value ?? {}).map(([key, one]) => [key, asText(one)]));
}
