import type { Instance } from "../machine/instance";
import { sandboxAccount } from "../parts/cloud/account";
import { aws, cloudEnvironment } from "../parts/cloud/moto";
import { judgeWebIdentity, type WebIdentityProvider } from "../parts/cloud/web-identity";
import { issuer } from "../parts/github/oidc/issuer";
import { githubAddress } from "../parts/github/part";
import { administrator } from "../parts/github/relaypacs";
import type { AssumeRole, JobClaims } from "../runner/actions";
import { github } from "./github";

const audience = "sts.amazonaws.com";

async function provider(instance: Instance): Promise<WebIdentityProvider> {
    const response = await fetch(`${githubAddress(instance)}/.well-known/jwks`);
    const { keys } = (await response.json()) as Pick<WebIdentityProvider, "keys">;
    const arn = `arn:aws:iam::${sandboxAccount().id}:oidc-provider/${issuer.replace("https://", "")}`;
    return { arn, issuer, audiences: [audience], keys };
}

/** The body with which the sandbox's GitHub issues the token of a job. */
export function tokenRequest({ workflow_ref, repository, ...claims }: JobClaims): object {
    const workflow = workflow_ref.slice(repository.length + 1).replace(/@.*$/, "");
    return { audience, workflow, ...claims };
}

interface Credentials {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
    readonly SessionToken: string;
}

/** Gives jobs the roles of the sandbox's AWS: GitHub issues the token, and the role's trust policy judges it. */
export function assumeRoleOf(instance: Instance): AssumeRole {
    return async (role, claims) => {
        const { value } = await github(instance, administrator)<{ value: string }>(
            "POST",
            `repos/${claims.repository}/actions/oidc/token`,
            tokenRequest(claims),
        );
        const name = role.split("/").at(-1) ?? "";
        const found = JSON.parse(await aws(instance, ["iam", "get-role", "--role-name", name])) as {
            readonly Role: { readonly AssumeRolePolicyDocument: unknown };
        };
        const judgement = judgeWebIdentity(value, found.Role.AssumeRolePolicyDocument, await provider(instance));
        if (!judgement.allowed)
            throw new Error(`Not authorized to perform sts:AssumeRoleWithWebIdentity: ${judgement.reason}`);
        const session = ["--role-session-name", "delivery", "--web-identity-token", value];
        const { Credentials: given } = JSON.parse(
            await aws(instance, ["sts", "assume-role-with-web-identity", "--role-arn", role, ...session]),
        ) as { readonly Credentials: Credentials };
        return {
            ...cloudEnvironment(instance),
            AWS_ACCESS_KEY_ID: given.AccessKeyId,
            AWS_SECRET_ACCESS_KEY: given.SecretAccessKey,
            AWS_SESSION_TOKEN: given.SessionToken,
        };
    };
}
