import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { dutyNames, type Duty } from "../../../delivery/evidence/duties";
import { keyIdOf, type TrustedKey } from "../../../delivery/evidence/keys";
import type { Instance } from "../../machine/instance";

const day = 86_400_000;

/** The sandbox's private key of a duty: created for this sandbox, deleted with it, and readable by its owner only. */
export const signingKeyFile = (instance: Instance, duty: Duty) =>
    path.join(instance.root, "evidence", `signing-key-${duty}.pem`);

const trustedKeysFile = (instance: Instance) => path.join(instance.root, "evidence", "trusted-keys.json");

/** A public key as the stacks trust it: from a day ago, for two years. */
export const trustedKey = (publicKey: KeyObject, duty: Duty): TrustedKey => ({
    keyId: keyIdOf(publicKey),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    notBefore: new Date(Date.now() - day).toISOString(),
    notAfter: new Date(Date.now() + 730 * day).toISOString(),
    duty,
});

/** Creates the sandbox's signing keys, one a duty as in a real account, unless they exist. */
export function makeSigningKeys(instance: Instance): void {
    const trusted = trustedKeysFile(instance);
    const files = dutyNames.map((duty) => signingKeyFile(instance, duty));
    if ([trusted, ...files].every((file) => fs.existsSync(file))) return;
    fs.mkdirSync(path.dirname(trusted), { recursive: true });
    const keys = dutyNames.map((duty): TrustedKey => {
        const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
        const file = signingKeyFile(instance, duty);
        fs.writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
        return trustedKey(createPublicKey(privateKey), duty);
    });
    fs.writeFileSync(trusted, `${JSON.stringify(keys, undefined, 2)}\n`);
}

/** The keys that the sandbox's stacks trust: its own, or none before they exist. */
export function trustedKeys(instance: Instance): TrustedKey[] {
    const file = trustedKeysFile(instance);
    return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as TrustedKey[]) : [];
}
