import type { BranchProtectionArgs } from "@pulumi/github/branchProtection";
import type { Unwrap } from "@pulumi/pulumi";
import type { Given } from "../shared/given";

/** The setting that says which branches a rule is about. */
export interface BranchSettings {
    readonly branches: readonly string[];
}

export type Protection = Given<Unwrap<BranchProtectionArgs>>;

export const branches = {
    type: "array",
    items: { type: "string", minLength: 1 },
    minItems: 1,
    uniqueItems: true,
    default: ["main", "staging"],
    description: "Branches that must be protected",
} as const;

/**
 * One user (`/login`) or one GitHub App (its node id, also as GitHub wrote it before 2021), as branch protection names
 * actors. A team is neither: it is as many people as somebody adds to it.
 */
export const singleActor = /^(?:\/[A-Za-z0-9][A-Za-z0-9_-]{0,38}|A_[\w-]+|MDM6QXBw[\w+/]+=*)$/;

/** Whether a protection's pattern, which may hold `*` and `?`, reaches one of the branches. */
export function protects({ pattern }: Protection, { branches: names }: BranchSettings): boolean {
    return names.some((name) => matches(pattern, name));
}

/** GitHub matches patterns as `fnmatch` does; `*` stops at a slash. */
export function matches(pattern: string | null | undefined, name: string): boolean {
    if (!pattern) return false;
    const expression = pattern
        .replace(/[.+^${}()|\\]/g, "\\$&")
        .replace(/\*\*\/?|\*|\?/g, (wildcard) => (wildcard === "?" ? "[^/]" : wildcard === "*" ? "[^/]*" : ".*"));
    return new RegExp(`^${expression}$`).test(name);
}
