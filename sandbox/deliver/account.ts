import { createHash, createPublicKey } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { KMS } from "@aws-sdk/client-kms";
import { parseDocument } from "yaml";
import { awsClientOptions } from "../../delivery/core/aws-client";
import { dutyNames, signingKeyAlias, type Duty } from "../../delivery/evidence/duties";
import { kmsSigner } from "../../delivery/evidence/kms-signer";
import type { TrustedKey } from "../../delivery/evidence/keys";
import { items } from "../../delivery/evidence/items";
import { createStatement } from "../../delivery/evidence/statement";
import { signStatement, type Signer } from "../../delivery/evidence/sign";
import { storeEvidence } from "../../delivery/evidence/folder";
import { bucketName } from "../../delivery/core/names";
import type { ReleaseIdentity } from "../../delivery/core/release";
import { projectRoot, type Instance } from "../machine/instance";
import { sandboxAccount } from "../parts/cloud/account";
import { aws, cloudEnvironment } from "../parts/cloud/moto";
import { deployment } from "../parts/github/relaypacs";
import { trustedKey } from "../stacks/evidence/signing-key";

const day = 86_400_000;

/** The public keys of the account's KMS, as the stack files name them once the first update has made them. */
export async function accountKeys(instance: Instance): Promise<TrustedKey[]> {
    return Promise.all(
        dutyNames.map(async (duty): Promise<TrustedKey> => {
            const { PublicKey } = JSON.parse(
                await aws(instance, ["kms", "get-public-key", "--key-id", signingKeyAlias(duty)]),
            ) as { readonly PublicKey: string };
            const key = createPublicKey({ key: Buffer.from(PublicKey, "base64"), format: "der", type: "spki" });
            return trustedKey(key, duty);
        }),
    );
}

/** Signs with the account's keys, each of a duty. One client serves all: the command line takes a second to start. */
export async function accountSigner(instance: Instance): Promise<(duty: Duty) => Promise<Signer>> {
    const variables = cloudEnvironment(instance);
    const kms = new KMS({
        ...(await awsClientOptions(variables)),
        region: sandboxAccount().region,
        credentials: {
            accessKeyId: variables.AWS_ACCESS_KEY_ID ?? "",
            secretAccessKey: variables.AWS_SECRET_ACCESS_KEY ?? "",
        },
    });
    return (duty) => kmsSigner(kms, { keyId: signingKeyAlias(duty) });
}

/** Names the account's keys in the stack files of a checkout, as their owner does after the first update. */
export function nameKeys(checkout: string, keys: readonly TrustedKey[]): void {
    for (const stack of ["staging", "prod"]) {
        const file = path.join(checkout, `Pulumi.${stack}.yaml`);
        const document = parseDocument(fs.readFileSync(file, "utf8"));
        document.setIn(["config", "relaypacs:trustedKeys"], keys);
        // Pulumi would read a time without quotes as something else than text.
        const quoted = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 } as const;
        fs.writeFileSync(file, document.toString(quoted));
    }
}

const stateBucket = () => {
    const { id, region } = sandboxAccount();
    return bucketName({ accountId: id, region }, "pulumi-state");
};

/** The files of the state that are neither locks nor copies of earlier states. */
const stateFiles = ["--exclude", "*", "--include", "meta.yaml", "--include", "stacks/*", "--exclude", "*.bak"];

/** Puts the state of the sandbox's stacks where the workflows expect it, a bucket that a person makes by hand. */
export async function lendState(instance: Instance): Promise<void> {
    const bucket = stateBucket();
    const { Buckets } = JSON.parse(await aws(instance, ["s3api", "list-buckets"])) as {
        readonly Buckets: readonly { readonly Name: string }[];
    };
    if (!Buckets.some(({ Name }) => Name === bucket)) await aws(instance, ["s3", "mb", `s3://${bucket}`]);
    await copyState(instance, path.join(instance.pulumiState, ".pulumi"), `s3://${bucket}/.pulumi`);
}

/** Takes the state back, so that the sandbox's own commands know what the delivery has changed. */
export const takeStateBack = (instance: Instance): Promise<void> =>
    copyState(instance, `s3://${stateBucket()}/.pulumi`, path.join(instance.pulumiState, ".pulumi"));

/** Not a synchronisation: of the same size and second, it would leave a file as it is. */
async function copyState(instance: Instance, from: string, to: string): Promise<void> {
    await aws(instance, ["s3", "cp", "--recursive", "--only-show-errors", from, to, ...stateFiles]);
}

/** Stores the tokens that deployments fetch: those of the one who may move the branch `staging`. */
export async function storeTokens(instance: Instance): Promise<void> {
    for (const name of ["staging", "prod", "publish"]) {
        const id = `relaypacs/${name}/github-token`;
        const value = ["--secret-string", deployment.token];
        await aws(instance, ["secretsmanager", "create-secret", "--name", id, ...value]).catch(() =>
            aws(instance, ["secretsmanager", "put-secret-value", "--secret-id", id, ...value]),
        );
    }
}

/**
 * Signs that a rollback was rehearsed in staging, which rollback.yml does each month and no delivery does.
 *
 * @param release what ran then
 */
export async function stateRehearsal(
    instance: Instance,
    folder: string,
    bucket: string,
    release: ReleaseIdentity,
): Promise<void> {
    const plan = fs.readFileSync(path.join(projectRoot, "docs/runbooks/roll-back.md"));
    const testedAt = new Date(Date.now() - day).toISOString();
    const statement = createStatement(
        items.rehearsal.predicate,
        {
            result: "succeeded",
            environment: "staging",
            application: "redeploy-previous",
            documentSha256: createHash("sha256").update(plan).digest("hex"),
            fromVersion: release.version,
            toVersion: "0.0.1",
            testedAt,
            durationSeconds: 30,
        },
        release,
        { issuedAt: testedAt },
    );
    fs.rmSync(folder, { recursive: true, force: true });
    await storeEvidence(folder, await signStatement(statement, await (await accountSigner(instance))("staging")));
    await aws(instance, ["s3", "cp", "--recursive", "--only-show-errors", folder, `s3://${bucket}/rehearsals/`]);
}
