/** One statement of an IAM policy document, each element as a list. */
export interface Statement {
    /** Its place in the document, for messages: `Statement[0]` or `Statement[0] "Publish"`. */
    readonly label: string;
    readonly allows: boolean;
    readonly actions: readonly string[];
    readonly notActions: readonly string[];
    readonly resources: readonly string[];
    readonly notResources: readonly string[];
    readonly principals: readonly Principal[];
    readonly notPrincipals: readonly Principal[];
    readonly conditions: readonly Condition[];
}

export interface Principal {
    /** `AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for any principal. */
    readonly kind: string;
    readonly value: string;
}

export interface Condition {
    readonly operator: string;
    readonly key: string;
    readonly values: readonly string[];
}

/** A document that cannot be understood. The rule that reads it reports it as a violation. */
export class DocumentError extends Error {
    override readonly name = "DocumentError";
}

/**
 * Statements of an IAM policy document given as JSON or as an object. Throws {@link DocumentError} when it is neither,
 * or when an element has a shape that IAM does not have.
 */
export function statementsOf(document: unknown): Statement[] {
    return statementReadersOf(document).map((read) => read());
}

/** As {@link statementsOf}, but each statement is read on its own: in a preview, one may have an unknown value. */
export function statementReadersOf(document: unknown): (() => Statement)[] {
    const parsed = typeof document === "string" ? parse(document) : document;
    if (!isRecord(parsed)) throw new DocumentError("it is not a JSON object");
    const statements = listed(parsed.Statement);
    if (statements.length === 0) throw new DocumentError("it has no Statement");
    return statements.map((statement, index) => () => {
        if (!isRecord(statement)) throw new DocumentError(`Statement[${index}] is not an object`);
        return statementOf(statement, index);
    });
}

/** Public: any principal of any account, unless a condition narrows it to an account, an organisation or one resource. */
export function isPublic(statement: Statement): boolean {
    if (!statement.allows) return false;
    const open = statement.notPrincipals.length > 0 || statement.principals.some(({ value }) => value === "*");
    return open && !statement.conditions.some(narrows);
}

/** AWS accounts that a statement lets in, other than those listed. Service principals belong to no account. */
export function foreignAccounts(statement: Statement, accounts: readonly string[]): string[] {
    if (!statement.allows) return [];
    return statement.principals
        .filter(({ kind, value }) => kind === "AWS" && value !== "*" && !accounts.includes(accountOf(value)))
        .map(({ value }) => value);
}

/** `*` in one name or pattern of a policy document; `?` stands for one character. */
export function hasWildcard(text: string): boolean {
    return /[*?]/.test(text);
}

function accountOf(principal: string): string {
    return /^arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):/.exec(principal)?.[1] ?? principal;
}

const narrowingKeys = new Set([
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "kms:calleraccount",
]);

function narrows({ operator, key, values }: Condition): boolean {
    if (!narrowingKeys.has(key.toLowerCase())) return false;
    if (!/^(StringEquals|ArnEquals|ArnLike|StringLike)$/.test(operator)) return false;
    return (
        values.length > 0 &&
        values.every((value) => !hasWildcard(value) || /^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:/.test(value))
    );
}

function statementOf(statement: Record<string, unknown>, index: number): Statement {
    const sid = typeof statement.Sid === "string" && statement.Sid !== "" ? ` "${statement.Sid}"` : "";
    const label = `Statement[${index}]${sid}`;
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
        throw new DocumentError(`the Effect of ${label} is neither "Allow" nor "Deny"`);
    }
    const texts = (element: string) => {
        const values = listed(statement[element]);
        if (!values.every((value) => typeof value === "string")) {
            throw new DocumentError(`a value of ${label}.${element} is not a string`);
        }
        return values;
    };
    return {
        label,
        allows: statement.Effect === "Allow",
        actions: texts("Action"),
        notActions: texts("NotAction"),
        resources: texts("Resource"),
        notResources: texts("NotResource"),
        principals: principalsOf(statement.Principal, `${label}.Principal`),
        notPrincipals: principalsOf(statement.NotPrincipal, `${label}.NotPrincipal`),
        conditions: conditionsOf(statement.Condition, `${label}.Condition`),
    };
}

function principalsOf(given: unknown, place: string): Principal[] {
    if (given === undefined || given === null) return [];
    if (given === "*") return [{ kind: "*", value: "*" }];
    if (!isRecord(given)) throw new DocumentError(`${place} is neither "*" nor an object`);
    return Object.entries(given).flatMap(([kind, values]) =>
        listed(values).map((value) => {
            if (typeof value !== "string") throw new DocumentError(`a value of ${place}.${kind} is not a string`);
            return { kind, value };
        }),
    );
}

function conditionsOf(given: unknown, place: string): Condition[] {
    if (given === undefined || given === null) return [];
    if (!isRecord(given)) throw new DocumentError(`${place} is not an object`);
    return Object.entries(given).flatMap(([operator, keys]) => {
        if (!isRecord(keys)) throw new DocumentError(`${place}.${operator} is not an object`);
        return Object.entries(keys).map(([key, values]) => ({ operator, key, values: listed(values).map(String) }));
    });
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw new DocumentError("it is not valid JSON");
    }
}

function listed(value: unknown): unknown[] {
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? (value as unknown[]) : [value];
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
