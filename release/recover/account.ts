import { z } from "zod";
import { GitHub } from "../observe/github";
import { describeSecret, RefusedByStore } from "../shared/secret-store";
import type { Tools } from "../shared/tools";
import type { Account } from "./identities";

const identity = z.object({ Account: z.string() });
const keyIds = z.object({ Keys: z.array(z.object({ KeyId: z.string() })) });
const key = z.object({
    KeyMetadata: z.object({
        Description: z.string().default(""),
        KeyId: z.string(),
        KeyManager: z.string(),
        KeyState: z.string(),
    }),
});
const policies = z.object({ branch_policies: z.array(z.object({ id: z.number(), name: z.string() })) });
const ruleset = z.object({ id: z.number(), name: z.string() });

/**
 * Asks AWS by its command line, and GitHub.
 *
 * @param owner of the repositories
 * @throws Error, one sentence, where one of them doesn't answer
 */
export function accountOf(
    { run }: Pick<Tools, "run">,
    owner: string,
    githubOf = (repository: string) => new GitHub(repository),
): Account {
    const ask = async <Shape extends z.ZodType>(shape: Shape, ...args: readonly string[]) => {
        const { exitCode, output } = await run("aws", [...args, "--output", "json"]);
        if (exitCode !== 0) throw new Error(`aws ${args.slice(0, 2).join(" ")} failed: ${output.trim()}`);
        return shape.parse(JSON.parse(output)) as z.output<Shape>;
    };
    const enabledKeys = async () => {
        const { Keys } = await ask(keyIds, "kms", "list-keys");
        const all = await Promise.all(
            Keys.map(async ({ KeyId }) => (await ask(key, "kms", "describe-key", "--key-id", KeyId)).KeyMetadata),
        );
        return all
            .filter((one) => one.KeyManager === "CUSTOMER" && one.KeyState === "Enabled")
            .map(({ Description: description, KeyId: id }) => ({ id, description }));
    };
    // Several keys may have been under way; a call for each key of the account is made once.
    let keys: ReturnType<typeof enabledKeys> | undefined;
    const github = (repository: string) => githubOf(`${owner}/${repository}`);
    return {
        number: async () => (await ask(identity, "sts", "get-caller-identity")).Account,
        keys: () => (keys ??= enabledKeys()),
        secret: async (name) => {
            try {
                return await describeSecret({ run }, name);
            } catch (error) {
                if (error instanceof RefusedByStore && error.output.includes("ResourceNotFoundException"))
                    return undefined;
                throw error;
            }
        },
        branchProtection: (repositoryId, pattern) => github("any").branchProtection(repositoryId, pattern),
        deploymentPolicy: async (repository, environment, pattern) => {
            const path = `repos/${owner}/${repository}/environments/${encodeURIComponent(environment)}/deployment-branch-policies`;
            const found = await github(repository).find(`${path}?per_page=100`, policies);
            return found?.branch_policies.find(({ name }) => name === pattern)?.id.toString();
        },
        ruleset: async (repository, name) => {
            const path = `repos/${owner}/${repository}/rulesets`;
            if (!(await github(repository).find(`${path}?per_page=1`, z.array(ruleset)))) return undefined;
            const all = await github(repository).list(path, ruleset);
            return all.find((one) => one.name === name)?.id.toString();
        },
    };
}
