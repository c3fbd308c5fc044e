import { createPublicKey, generateKeyPairSync } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { keyIdOf, type TrustedKey } from "../../../delivery/evidence/keys";
import type { Instance } from "../../machine/instance";

const day = 86_400_000;

/** The sandbox's private signing key: created for this sandbox, deleted with it, and readable by its owner only. */
export const signingKeyFile = (instance: Instance) => path.join(instance.root, "evidence", "signing-key.pem");

const trustedKeysFile = (instance: Instance) => path.join(instance.root, "evidence", "trusted-keys.json");

/** Creates the sandbox's signing key unless it exists. */
export function makeSigningKey(instance: Instance): void {
    const [secret, trusted] = [signingKeyFile(instance), trustedKeysFile(instance)];
    if (fs.existsSync(secret) && fs.existsSync(trusted)) return;
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const publicKey = createPublicKey(privateKey);
    const key: TrustedKey = {
        keyId: keyIdOf(publicKey),
        publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
        notBefore: new Date(Date.now() - day).toISOString(),
        notAfter: new Date(Date.now() + 730 * day).toISOString(),
    };
    fs.mkdirSync(path.dirname(secret), { recursive: true });
    fs.writeFileSync(secret, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    fs.writeFileSync(trusted, `${JSON.stringify([key], undefined, 2)}\n`);
}

/** The keys that the sandbox's stacks trust: its own, or none before it exists. */
export function trustedKeys(instance: Instance): TrustedKey[] {
    const file = trustedKeysFile(instance);
    return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as TrustedKey[]) : [];
}
