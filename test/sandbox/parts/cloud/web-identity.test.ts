import * as assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { judgeWebIdentity, type WebIdentityProvider } from "../../../../sandbox/parts/cloud/web-identity";
import { issuer, TokenIssuer } from "../../../../sandbox/parts/github/oidc/issuer";

const tokens = new TokenIssuer();
const provider: WebIdentityProvider = {
    arn: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
    issuer,
    audiences: ["sts.amazonaws.com"],
    keys: tokens.keySet().keys,
};
const claims = {
    aud: "sts.amazonaws.com",
    sub: "repo:relaypacs@1/gateway@2:environment:staging",
    job_workflow_ref: `relaypacs/platform/.github/workflows/deploy.yml@${"a".repeat(40)}`,
    repository_owner: "relaypacs",
};
const key = (claim: string) => `token.actions.githubusercontent.com:${claim}`;
const statement = (Condition: object, change: object = {}) => ({
    Effect: "Allow",
    Principal: { Federated: provider.arn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition,
    ...change,
});
const policy = (...statements: readonly object[]) => ({ Version: "2012-10-17", Statement: statements });
const exact = { StringEquals: { [key("aud")]: claims.aud, [key("sub")]: claims.sub } };
const judge = (document: object, token = tokens.sign(claims), now = new Date()) => {
    const judgement = judgeWebIdentity(token, document, provider, now);
    return judgement.allowed ? "allowed" : judgement.reason;
};
const none = `no statement allows ${JSON.stringify({ aud: claims.aud, sub: claims.sub, job_workflow_ref: claims.job_workflow_ref })}`;

describe("The check of web identities", () => {
    it("should allow a token that the issuer has signed and whose claims are those of a statement", () => {
        assert.equal(judge(policy(statement(exact))), "allowed");
    });

    for (const [what, condition] of [
        ["another subject", { StringEquals: { [key("sub")]: `${claims.sub}-2` } }],
        ["one wrong condition among right ones", { ...exact, StringLike: { [key("job_workflow_ref")]: "evil/*" } }],
        ["a pattern that is compared literally", { StringEquals: { [key("sub")]: "repo:*" } }],
        ["a claim that AWS does not compare", { StringEquals: { [key("repository_owner")]: "relaypacs" } }],
        ["a claim that the token lacks", { StringEquals: { [key("environment")]: "staging" } }],
        ["a key of another issuer", { StringEquals: { "example.com:sub": claims.sub } }],
        ["a pattern that does not fit", { StringLike: { [key("sub")]: "repo:relaypacs@?/gateway@22:*" } }],
        ["an empty list", { StringEquals: { [key("sub")]: [] } }],
    ] as const)
        it(`should refuse ${what}`, () => {
            assert.equal(judge(policy(statement(condition))), none);
        });

    for (const [what, condition] of [
        ["one of several values", { StringEquals: { [key("sub")]: ["repo:x", claims.sub] } }],
        ["a pattern", { StringLike: { [key("sub")]: "repo:relaypacs@?/gateway@2:*" } }],
        ["a missing claim by IfExists", { StringEqualsIfExists: { [key("environment")]: "production" } }],
        ["a missing claim by ForAllValues", { "ForAllValues:StringEquals": { [key("environment")]: "production" } }],
        ["the called workflow's reference", { StringEquals: { [key("job_workflow_ref")]: claims.job_workflow_ref } }],
    ] as const)
        it(`should allow ${what}, as AWS does`, () => {
            assert.equal(judge(policy(statement(condition))), "allowed");
        });

    it("should refuse where another statement denies", () => {
        assert.equal(judge(policy(statement(exact), statement({}, { Effect: "Deny" }))), "a statement denies it");
    });

    it("should refuse another provider's statement, and another action", () => {
        const others = [{ Principal: { Federated: "arn:aws:iam::1:oidc-provider/x" } }, { Action: "sts:AssumeRole" }];
        for (const change of others) assert.equal(judge(policy(statement(exact, change))), none);
    });

    it("should refuse to judge what it does not know", () => {
        const unknown = [
            policy(statement({ StringNotEquals: { [key("sub")]: "repo:x" } })),
            policy(statement(exact, { Principal: "*" })),
            policy(statement(exact, { NotAction: "iam:*" })),
            { Statement: [statement(exact)] },
        ];
        for (const document of unknown) assert.throws(() => judge(document));
    });

    it("should refuse a token that is not valid yet or any more", () => {
        const now = new Date("2026-11-30T12:00:00Z");
        const at = (seconds: number) =>
            judge(policy(statement(exact)), tokens.sign(claims, now), new Date(now.getTime() + seconds * 1000));
        assert.deepEqual([-1, 0, 299, 300].map(at), [
            "it is not valid now",
            "allowed",
            "allowed",
            "it is not valid now",
        ]);
    });

    it("should refuse a token of another key, a changed one, and what is none", () => {
        const other = new TokenIssuer();
        assert.match(
            judge(policy(statement(exact)), other.sign(claims)),
            /^its key [0-9a-f]{64} is none of the issuer's$/,
        );
        const [head, , signature] = tokens.sign(claims).split(".");
        const payload = { ...claims, sub: "x", iss: issuer, nbf: 0, exp: 9_999_999_999 };
        const changed = Buffer.from(JSON.stringify(payload)).toString("base64url");
        assert.equal(judge(policy(statement(exact)), `${head}.${changed}.${signature}`), "its signature is wrong");
        assert.equal(judge(policy(statement(exact)), "x.y"), "it is no JSON Web Token");
        const unsigned = `${Buffer.from('{"alg":"none","kid":"x"}').toString("base64url")}.${changed}.`;
        assert.equal(
            judge(policy(statement(exact)), unsigned),
            "it is no JSON Web Token of RS256 with iss, aud, sub, nbf and exp",
        );
    });

    it("should refuse a token for another audience, or of another issuer with the same key", () => {
        assert.equal(
            judge(policy(statement({})), tokens.sign({ ...claims, aud: "https://github.com/relaypacs" })),
            "its audience is https://github.com/relaypacs",
        );
        const elsewhere = { ...provider, issuer: "https://example.com" };
        assert.deepEqual(judgeWebIdentity(tokens.sign(claims), policy(statement(exact)), elsewhere), {
            allowed: false,
            reason: `its issuer is ${issuer}`,
        });
    });

    it("should verify signatures by the issuer's published keys", () => {
        const [published] = tokens.keySet().keys;
        assert.equal(crypto.createPublicKey({ key: published!, format: "jwk" }).asymmetricKeyType, "rsa");
        assert.equal(published!.d, undefined, "the private half is published");
    });
});
