import * as crypto from "node:crypto";
import { z } from "zod";

/** An OIDC identity provider of the account, as AWS STS knows it. */
export interface WebIdentityProvider {
    readonly arn: string;
    /** The `iss` of its tokens. */
    readonly issuer: string;
    /** The audiences that the provider accepts (`clientIdLists`). */
    readonly audiences: readonly string[];
    /** The issuer's public keys (JWKS). */
    readonly keys: readonly crypto.JsonWebKey[];
}

export type WebIdentityJudgement = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/**
 * The claims of GitHub's tokens that are condition keys of AWS (IAM User Guide, "IAM and AWS STS condition context keys",
 * available keys for OIDC federation). A condition on another claim finds none.
 */
const conditionClaims = [
    "aud",
    "sub",
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "workflow",
] as const;

const texts = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat());

const trustPolicy = z.object({
    Version: z.literal("2012-10-17"),
    Statement: z.array(
        z.strictObject({
            Sid: z.string().optional(),
            Effect: z.enum(["Allow", "Deny"]),
            Principal: z.strictObject({ Federated: texts }),
            Action: texts,
            Condition: z.record(z.string(), z.record(z.string(), texts)).default({}),
        }),
    ),
});

type Statement = z.infer<typeof trustPolicy>["Statement"][number];

/**
 * Whether AWS STS lets a token assume a role with this trust policy (`AssumeRoleWithWebIdentity`). Moto, the sandbox's
 * cloud, lets every token assume every role.
 *
 * @throws Error for a trust policy with an element or an operator that this check does not know: it must not pass
 */
export function judgeWebIdentity(
    token: string,
    document: unknown,
    provider: WebIdentityProvider,
    now = new Date(),
): WebIdentityJudgement {
    const { Statement: statements } = trustPolicy.parse(document);
    const found = verifiedClaims(token, provider, now);
    if (typeof found === "string") return { allowed: false, reason: found };
    const applying = statements.filter((statement) => applies(statement, provider, found));
    if (applying.some(({ Effect }) => Effect === "Deny")) return { allowed: false, reason: "a statement denies it" };
    if (applying.length > 0) return { allowed: true };
    const { aud, sub, job_workflow_ref } = found;
    const reason = `no statement allows ${JSON.stringify({ aud, sub, job_workflow_ref })}`;
    return { allowed: false, reason };
}

const part = (text: string): unknown => JSON.parse(Buffer.from(text, "base64url").toString());

const header = z.object({ alg: z.literal("RS256"), kid: z.string() });
const payload = z.looseObject({ iss: z.string(), aud: z.string(), sub: z.string(), nbf: z.number(), exp: z.number() });

/** The claims of a token that the provider's issuer has signed and that is valid now, or what is wrong with it. */
function verifiedClaims(
    token: string,
    { issuer, audiences, keys }: WebIdentityProvider,
    now: Date,
): z.infer<typeof payload> | string {
    const [head, body, signature, ...others] = token.split(".");
    if (head === undefined || body === undefined || signature === undefined || others.length > 0)
        return "it is no JSON Web Token";
    let parsed: readonly [z.infer<typeof header>, z.infer<typeof payload>];
    try {
        parsed = [header.parse(part(head)), payload.parse(part(body))];
    } catch {
        return "it is no JSON Web Token of RS256 with iss, aud, sub, nbf and exp";
    }
    const [{ kid }, claims] = parsed;
    const jwk = keys.find((key) => key.kid === kid);
    if (jwk === undefined) return `its key ${kid} is none of the issuer's`;
    const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
    if (!crypto.verify("RSA-SHA256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url")))
        return "its signature is wrong";
    if (claims.iss !== issuer) return `its issuer is ${claims.iss}`;
    if (!audiences.includes(claims.aud)) return `its audience is ${claims.aud}`;
    const seconds = now.getTime() / 1000;
    if (seconds < claims.nbf || seconds >= claims.exp) return "it is not valid now";
    return claims;
}

function applies(
    statement: Statement,
    { arn, issuer }: WebIdentityProvider,
    claims: Readonly<Record<string, unknown>>,
) {
    if (!statement.Principal.Federated.includes(arn)) return false;
    if (!statement.Action.includes("sts:AssumeRoleWithWebIdentity")) return false;
    const prefix = `${issuer.replace(/^https:\/\//, "")}:`;
    return Object.entries(statement.Condition).every(([operator, keys]) =>
        Object.entries(keys).every(([key, accepted]) => {
            const claim = key.startsWith(prefix) ? key.slice(prefix.length) : "";
            const value = (conditionClaims as readonly string[]).includes(claim) ? claims[claim] : undefined;
            return compares(operator, typeof value === "string" ? value : undefined, accepted);
        }),
    );
}

/** One condition: a key of the request, which has one value or none, and the values of the policy. */
function compares(operator: string, value: string | undefined, accepted: readonly string[]): boolean {
    const [, forAll, comparison, ifExists] =
        /^(ForAllValues:)?(StringEquals|StringLike)(IfExists)?$/.exec(operator) ?? [];
    if (comparison === undefined)
        throw new Error(`the trust policy has the operator ${operator}, which is not known here`);
    if (value === undefined) return forAll !== undefined || ifExists !== undefined;
    return accepted.some((one) => (comparison === "StringEquals" ? one === value : pattern(one).test(value)));
}

/** `*` for any characters and `?` for one, as in IAM's policies. */
const pattern = (text: string) =>
    new RegExp(
        `^${text
            .replace(/[.+^${}()|[\]\\]/g, "\\$&")
            .replaceAll("*", "[^]*")
            .replaceAll("?", "[^]")}$`,
    );
