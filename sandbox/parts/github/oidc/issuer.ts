import * as crypto from "node:crypto";
import type { Claims } from "./subject";

/** The issuer in the tokens, as AWS trusts it. The keys are the sandbox's own. */
export const issuer = "https://token.actions.githubusercontent.com";

/** Seconds that a token is valid. */
const validity = 300;

const encoded = (value: object | Buffer) =>
    (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString("base64url");

/** Signs the tokens of jobs. Its key is made when it is first needed, and is lost with the process. */
export class TokenIssuer {
    private pair: crypto.KeyPairKeyObjectResult | undefined;

    private keys(): crypto.KeyPairKeyObjectResult & { readonly id: string } {
        this.pair ??= crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
        const der = this.pair.publicKey.export({ type: "spki", format: "der" });
        return { ...this.pair, id: crypto.createHash("sha256").update(der).digest("hex") };
    }

    /** The public keys, as `/.well-known/jwks` has them. */
    keySet(): { readonly keys: readonly crypto.JsonWebKey[] } {
        const { publicKey, id } = this.keys();
        return { keys: [{ ...publicKey.export({ format: "jwk" }), kid: id, alg: "RS256", use: "sig" }] };
    }

    /** A JSON Web Token with these claims, valid from now. */
    sign(claims: Claims, now = new Date()): string {
        const { privateKey, id } = this.keys();
        const seconds = Math.floor(now.getTime() / 1000);
        const times = { iat: seconds, nbf: seconds, exp: seconds + validity };
        const payload = { ...claims, ...times, iss: issuer, jti: crypto.randomUUID() };
        const signed = `${encoded({ alg: "RS256", kid: id, typ: "JWT" })}.${encoded(payload)}`;
        return `${signed}.${encoded(crypto.sign("RSA-SHA256", Buffer.from(signed), privateKey))}`;
    }
}
