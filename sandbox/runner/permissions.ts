import { SandboxError } from "../machine/part";
import { evaluate } from "./expressions";
import type { TemplateToken } from "./language.mjs";

/** What a job's token may do: "none", "read" or "write" for each scope. */
export type Permissions = Readonly<Record<string, string>>;

/** Where neither the workflow nor its caller says anything: GitHub's restricted default. */
export const defaultPermissions: Permissions = { contents: "read", packages: "read" };

const ranks = ["none", "read", "write"];

export function permissionsOf(token: TemplateToken | undefined): Permissions | undefined {
    const value = evaluate(token, { contexts: {} });
    if (value === undefined) return undefined;
    if (typeof value !== "object")
        throw new SandboxError(`permissions is ${JSON.stringify(value)}; accepted by the sandbox's runner: a mapping.`);
    return (value ?? {}) as Permissions;
}

/** The first permission beyond a limit, in GitHub's words. */
export function excess(asked: Permissions, limit: Permissions): string | undefined {
    for (const [scope, access] of Object.entries(asked)) {
        const allowed = limit[scope] ?? "none";
        if (ranks.indexOf(access) > ranks.indexOf(allowed))
            return `is requesting '${scope}: ${access}', but is only allowed '${scope}: ${allowed}'`;
    }
    return undefined;
}

/** What is left of permissions in an event of a fork: reading, and no OIDC token. */
export const restricted = (asked: Permissions): Permissions =>
    Object.fromEntries(
        Object.entries(asked)
            .filter(([scope, access]) => scope !== "id-token" && access !== "none")
            .map(([scope]) => [scope, "read"]),
    );

const tokenStart = "sandbox-job-";

/** A job's `github.token`. Who gets it reads in it of which run it is and what it may do; GitHub keeps that to itself. */
export const jobToken = (run: number, permissions: Permissions): string =>
    `${tokenStart}${run}-${Buffer.from(JSON.stringify(permissions)).toString("base64url")}`;

/** What a token may do, where it is a job's. */
export function permissionsOfToken(token: string): Permissions | undefined {
    const [, text] = token.startsWith(tokenStart) ? (/^\d+-([\w-]+)$/.exec(token.slice(tokenStart.length)) ?? []) : [];
    return text === undefined ? undefined : (JSON.parse(Buffer.from(text, "base64url").toString()) as Permissions);
}
