import { secretName } from "../../delivery/core/names";
import type { SecretVersions } from "../../delivery/core/secret-versions";
import type { RunningService } from "../../delivery/rollouts/secrets-in-use";
import { describeSecret } from "../shared/secret-store";
import type { Tools } from "../shared/tools";
import { act, well, type Line } from "./line";

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

/** Compares what a service's pods were started with to the secret store, a sentence for each entry of each Secret. */
export function secretStatus(
    { service, secrets }: RunningService,
    stack: string,
    stored: SecretVersions,
): readonly Line[] {
    const cure = `pulumi up --stack ${stack} replaces the pods`;
    return secrets.flatMap(({ name, versions }) => {
        if (versions === undefined)
            return [act(`${service}: the Secret ${name} does not say which versions it has; ${cure}.`)];
        return Object.entries(versions).map(([entry, has]) => {
            const now = stored[entry];
            if (now === has) return well(`${service}: ${entry} is the store's current version, ${has}.`);
            const ahead = `has version ${has}, and the store is ahead with ${now ?? "none"}`;
            return act(`${service}: ${entry} ${ahead}; ${cure}.`);
        });
    });
}
