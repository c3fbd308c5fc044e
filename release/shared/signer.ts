import * as fs from "node:fs";
import type { KMS } from "@aws-sdk/client-kms";
import { Option, type Command } from "commander";
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

/**
 * A client of AWS KMS with the credentials and the region of the environment. The SDK ignores the proxy and the
 * certificate authority that the environment names for other AWS clients, so they are set here.
 */
async function keyManagement(): Promise<KMS> {
    // Loaded only when a KMS key signs.
    const { KMS } = await import("@aws-sdk/client-kms");
    const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy;
    const bundle = process.env.AWS_CA_BUNDLE;
    if (!proxy) return new KMS();
    const ca = bundle ? fs.readFileSync(bundle) : undefined;
    const { HttpsProxyAgent } = await import("https-proxy-agent");
    // Without keep-alive, the agent asks the proxy to close the tunnel, and some proxies do so at once.
    const httpsAgent = new HttpsProxyAgent(proxy, { keepAlive: true });
    // The options in the constructor are for the proxy; these are for the host behind it.
    Object.assign(httpsAgent.options, ca && { ca });
    return new KMS({ requestHandler: { httpsAgent } });
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
