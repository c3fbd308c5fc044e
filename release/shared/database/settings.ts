import { bucketName } from "../../../delivery/core/names";
import { InputError } from "../judging";
import { stackAccount } from "../stack-account";

export type Environment = "staging" | "prod";

/**
 * An environment by its name or its namespace's (specification, section 7: `restore-db.sh relaypacs-prod …`).
 *
 * @throws InputError for anything else
 */
export function environmentOf(given: string): Environment {
    const name = given.replace(/^relaypacs-/, "");
    if (name === "staging" || name === "prod") return name;
    throw new InputError(`The environment is "${given}"; accepted: staging or prod.`);
}

/**
 * The bucket of the backups: that of the account and the region in the environment's settings.
 *
 * @throws InputError where the settings are not there
 */
export function backupBucket(given: string | undefined, environment: Environment): string {
    if (given !== undefined) return given;
    const account = stackAccount(environment);
    if (account === undefined)
        throw new InputError(
            `Pulumi.${environment}.yaml names no account and region here; run this in the program's folder, or name the bucket with --bucket.`,
        );
    return bucketName(account, "database-backups");
}
