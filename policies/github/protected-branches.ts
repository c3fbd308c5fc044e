import type { BranchProtectionArgs } from "@pulumi/github/branchProtection";
import type { Unwrap } from "@pulumi/pulumi";
import type { Unvalidated } from "../shared/unvalidated";

/** The setting that says which branches a rule is about. */
export interface BranchSettings {
    readonly branches: readonly string[];
}

export type Protection = Unvalidated<Unwrap<BranchProtectionArgs>>;

export const branches = {
    type: "array",
    items: { type: "string", minLength: 1 },
    minItems: 1,
    uniqueItems: true,
    default: ["main", "staging"],
    description: "Branches that must be protected",
} as const;

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
