import type { KMS } from "@aws-sdk/client-kms";
import { Option, type Command } from "commander";
import { awsClientOptions } from "../../delivery/core/aws-client";
import { kmsSigner } from "../../delivery/evidence/kms-signer";
import { keyFileSigner, type Signer } from "../../delivery/evidence/sign";

/** The options that `signingOptions` adds to a command. */
export interface SigningOptions {
    readonly key?: string;
    readonly kmsKey?: string;
    readonly kmsMessageType?: "DIGEST" | "RAW";
}

/** Adds `--key` and `--kms-key` to a command that makes evidence. */
export function signingOptions(command: Command): Command {
    return command
        .addOption(
            new Option(
                "--key <file>",
                "private key (P-256, PEM) to sign with; without a key the statements are unsigned",
            ).conflicts("kmsKey"),
        )
        .option("--kms-key <id>", "id, ARN or alias of an AWS KMS key (ECC_NIST_P256, SIGN_VERIFY) to sign with")
        .addOption(
            new Option("--kms-message-type <type>", "what AWS KMS signs; an emulator may hash a digest again")
                .choices(["DIGEST", "RAW"])
                .default("DIGEST"),
        );
}

/** A client of AWS KMS with the credentials and the region of the environment. */
async function keyManagement(): Promise<KMS> {
    // Loaded only when a KMS key signs.
    const { KMS } = await import("@aws-sdk/client-kms");
    return new KMS(await awsClientOptions());
}

/**
 * The signer for a command's options, or undefined for unsigned statements.
 *
 * @throws Error when the key file or the KMS key can't be used
 */
export async function signerOf(options: SigningOptions): Promise<Signer | undefined> {
    if (options.key !== undefined) return keyFileSigner(options.key);
    if (options.kmsKey === undefined) return undefined;
    const keyId = options.kmsKey;
    const kms = await keyManagement();
    try {
        return await kmsSigner(kms, { keyId, ...(options.kmsMessageType && { messageType: options.kmsMessageType }) });
    } catch (error) {
        throw new Error(`The KMS key ${keyId} can't be used: ${(error as Error).message}`, { cause: error });
    }
}
