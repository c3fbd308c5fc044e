import { secretName } from "../../delivery/core/names";
import type { SecretVersions } from "../../delivery/core/secret-versions";
import type { RunningService } from "../../delivery/rollouts/secrets-in-use";
import { describeSecret } from "../shared/secret-store";
import type { Tools } from "../shared/tools";

/**
 * The version of an entry that the secret store gives out now.
 *
 * @throws Error when the store can't be asked, or the entry has none
 */
export async function storedVersion(tools: Pick<Tools, "run">, stack: string, entry: string): Promise<string> {
    const name = secretName(stack, entry);
    const { currentVersion } = await describeSecret(tools, name);
    if (currentVersion === undefined) throw new Error(`The secret store has no current version of ${name}.`);
    return currentVersion;
}

export interface SecretStatus {
    /** One sentence about each entry of each Secret. */
    readonly sentences: readonly string[];
    /** Whether all pods have what the store gives out now. What is not known counts as false. */
    readonly current: boolean;
}

/** Compares what a service's pods were started with to the secret store. */
export function secretStatus(
    { service, secrets }: RunningService,
    stack: string,
    stored: SecretVersions,
): SecretStatus {
    const cure = `pulumi up --stack ${stack} replaces the pods`;
    const judged = secrets.flatMap(({ name, versions }) => {
        if (versions === undefined)
            return [[false, `${service}: the Secret ${name} does not say which versions it has; ${cure}.`] as const];
        return Object.entries(versions).map(([entry, has]) => {
            const now = stored[entry];
            if (now === has) return [true, `${service}: ${entry} is the store's current version, ${has}.`] as const;
            const ahead = `has version ${has}, and the store is ahead with ${now ?? "none"}`;
            return [false, `${service}: ${entry} ${ahead}; ${cure}.`] as const;
        });
    });
    return { sentences: judged.map(([, words]) => words), current: judged.every(([well]) => well) };
}
