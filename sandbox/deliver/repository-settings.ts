import type { Instance } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { administrator } from "../parts/github/relaypacs";
import type { Environment, Repository } from "../runner/repository";
import { github } from "./github";

/** What runs read of a repository's settings. */
export type RepositorySettings = Required<Pick<Repository, "variables" | "secrets" | "environments">>;

interface Named {
    readonly name: string;
}

interface EnvironmentAnswer extends Named {
    readonly protection_rules: readonly { readonly type: string; readonly wait_timer?: number }[];
    readonly deployment_branch_policy: { readonly protected_branches: boolean } | null;
}

/** Branches whose rules make them protected, which the program protects (specification, section 2). */
const protectedBranches = ["main", "staging"];

/**
 * Variables, environments and secrets of a repository as the program has made them on the sandbox's GitHub.
 *
 * @param values of the secrets, by name: GitHub gives out none
 * @throws SandboxError for a secret without a value here
 */
export async function settingsOf(
    instance: Instance,
    repository: string,
    values: Readonly<Record<string, string>>,
): Promise<RepositorySettings> {
    const ask = github(instance, administrator);
    const at = `repos/${repository}`;
    const list = async <T>(path: string, key: string) =>
        (await ask<Record<string, readonly T[]>>("GET", `${at}/${path}?per_page=100`))[key] ?? [];
    const variablesAt = async (path: string) =>
        Object.fromEntries(
            (await list<Named & { readonly value: string }>(`${path}/variables`, "variables")).map(
                ({ name, value }) => [name, value] as const,
            ),
        );
    const secretsAt = async (path: string) =>
        Object.fromEntries(
            (await list<Named>(`${path}/secrets`, "secrets")).map(({ name }) => {
                const value = values[name];
                if (value === undefined)
                    throw new SandboxError(
                        `${repository} has the secret ${name}, whose value make deliver does not know; accepted: ${Object.keys(values).join(", ")}.`,
                    );
                return [name, value] as const;
            }),
        );
    const environments: [string, Environment][] = [];
    for (const one of await list<EnvironmentAnswer>("environments", "environments")) {
        const path = `environments/${encodeURIComponent(one.name)}`;
        const policy = one.deployment_branch_policy;
        const refs =
            policy === null
                ? undefined
                : policy.protected_branches
                  ? protectedBranches
                  : (await list<Named>(`${path}/deployment-branch-policies`, "branch_policies")).map(
                        ({ name }) => name,
                    );
        environments.push([
            one.name,
            {
                waitMinutes: one.protection_rules.find(({ type }) => type === "wait_timer")?.wait_timer ?? 0,
                reviewed: one.protection_rules.some(({ type }) => type === "required_reviewers"),
                ...(refs && { refs }),
                variables: await variablesAt(path),
                secrets: await secretsAt(path),
            },
        ]);
    }
    return {
        variables: await variablesAt("actions"),
        secrets: await secretsAt("actions"),
        environments: Object.fromEntries(environments),
    };
}
