import { providerAwsAccount } from "../../../policies/provider/aws-account";
import { providerAwsEndpoints } from "../../../policies/provider/aws-endpoints";
import { providerAwsStaticKeys } from "../../../policies/provider/aws-static-keys";
import { providerGithubOrganization } from "../../../policies/provider/github-organization";
import { providerKubernetesCluster } from "../../../policies/provider/kubernetes-cluster";
import { builtIn } from "../../../policies/shared/types";
import { accepts, all, refuses, set, unknownAt, unset } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

/** As the SDK gives them: lists and flags are JSON in a string. */
const awsProvider = {
    allowedAccountIds: '["123456789012"]',
    region: "us-east-1",
    skipCredentialsValidation: "false",
    skipRegionValidation: "true",
    version: "7.48.0",
};
const githubProvider = { baseUrl: "https://api.github.com/", owner: "relaypacs", token: "a-token" };
const kubernetesProvider = { context: "staging-cluster", enableServerSideApply: "true" };

const own = "a list of 123456789012";
const ownRole = "a role of 123456789012";
const role = (account: string) => [{ roleArn: `arn:aws:iam::${account}:role/relaypacs-deploy` }];

describeResourcePolicy(providerAwsAccount, {
    type: builtIn.awsProvider,
    given: awsProvider,
    cases: [
        accepts("a list that is no JSON in a string", set("allowedAccountIds", ["123456789012"])),
        accepts("another account that is listed", set("allowedAccountIds", '["999999999999"]'), {
            settings: { accounts: ["123456789012", "999999999999"] },
        }),
        refuses(
            "a provider that works in any account",
            unset("allowedAccountIds"),
            `allowedAccountIds is not set; accepted: ${own}.`,
        ),
        refuses("an empty list", set("allowedAccountIds", "[]"), `allowedAccountIds is []; accepted: ${own}.`),
        refuses(
            "another account beside the own",
            set("allowedAccountIds", '["123456789012","999999999999"]'),
            `allowedAccountIds is ["123456789012","999999999999"]; accepted: ${own}.`,
        ),
        refuses(
            "a text that is no list",
            set("allowedAccountIds", "any"),
            `allowedAccountIds is "any"; accepted: ${own}.`,
        ),
        refuses(
            "a provider that does not ask which account it is in",
            set("skipRequestingAccountId", "true"),
            "skipRequestingAccountId is true; accepted: not set: the provider compares the account's id.",
        ),
        accepts("a provider that says that it asks", set("skipRequestingAccountId", "false")),
        accepts("a role of the own account", set("assumeRoles", JSON.stringify(role("123456789012")))),
        accepts("no roles", all(set("assumeRoles", "null"), set("assumeRoleWithWebIdentity", "{}"))),
        refuses(
            "a role of another account",
            set("assumeRoles", JSON.stringify(role("999999999999"))),
            `assumeRoles.roleArn is "arn:aws:iam::999999999999:role/relaypacs-deploy"; accepted: ${ownRole}.`,
        ),
        refuses(
            "a role of another account by a token",
            set("assumeRoleWithWebIdentity", { roleArn: "arn:aws:iam::999999999999:role/x", webIdentityToken: "t" }),
            `assumeRoleWithWebIdentity.roleArn is "arn:aws:iam::999999999999:role/x"; accepted: ${ownRole}.`,
        ),
        refuses(
            "a role without an ARN",
            set("assumeRoles", [{ sessionName: "x" }]),
            `assumeRoles.roleArn is not set; accepted: ${ownRole}.`,
        ),
        unknownAt("allowedAccountIds"),
        unknownAt("assumeRoles", {
            given: { ...awsProvider, allowedAccountIds: "[]" },
            messages: [`allowedAccountIds is []; accepted: ${own}.`],
        }),
    ],
});

describeResourcePolicy(providerAwsStaticKeys, {
    type: builtIn.awsProvider,
    given: awsProvider,
    cases: [
        ...["accessKey", "secretKey", "token", "profile"].map((name) =>
            refuses(
                `a provider with ${name}`,
                set(name, "not-a-real-key"),
                `${name} is set; accepted: not set, with the credentials of the environment.`,
            ),
        ),
        ...["sharedConfigFiles", "sharedCredentialsFiles"].map((name) =>
            refuses(
                `a provider with ${name}`,
                set(name, '["/home/dana/.aws/credentials"]'),
                `${name} is set; accepted: not set, with the credentials of the environment.`,
            ),
        ),
        accepts("empty texts and lists", all(set("token", ""), set("sharedConfigFiles", "[]"))),
        unknownAt("secretKey"),
        unknownAt("accessKey", {
            given: { ...awsProvider, token: "t" },
            messages: ["token is set; accepted: not set, with the credentials of the environment."],
        }),
    ],
});

describeResourcePolicy(providerAwsEndpoints, {
    type: builtIn.awsProvider,
    given: awsProvider,
    cases: [
        ...(
            [
                ["endpoints", '[{"s3":"https://s3.example"}]'],
                ["httpProxy", "http://proxy.example"],
                ["httpsProxy", "http://proxy.example"],
                ["customCaBundle", "/tmp/ca.pem"],
                ["ec2MetadataServiceEndpoint", "http://metadata.example"],
                ["insecure", "true"],
            ] as const
        ).map(([name, value]) =>
            refuses(
                `a provider with ${name}`,
                set(name, value),
                `${name} is set; accepted: not set, with AWS's own endpoints.`,
            ),
        ),
        accepts("no endpoints, said so", all(set("endpoints", "[]"), set("insecure", "false"))),
        unknownAt("endpoints"),
    ],
});

describeResourcePolicy(providerGithubOrganization, {
    type: builtIn.githubProvider,
    given: githubProvider,
    cases: [
        accepts("the provider's own address", unset("baseUrl")),
        accepts("an address that is listed", set("baseUrl", "http://127.0.0.1:4000/"), {
            settings: { owner: "relaypacs", endpoints: ["http://127.0.0.1:4000/"] },
        }),
        refuses(
            "another address",
            set("baseUrl", "https://github.example/"),
            'baseUrl is "https://github.example/"; accepted: "https://api.github.com/".',
        ),
        refuses(
            "an address that begins with a listed one",
            set("baseUrl", "https://api.github.com/evil/"),
            'baseUrl is "https://api.github.com/evil/"; accepted: "https://api.github.com/".',
        ),
        refuses("another organisation", set("owner", "other"), 'owner is "other"; accepted: "relaypacs".'),
        refuses("a provider without an organisation", unset("owner"), 'owner is not set; accepted: "relaypacs".'),
        refuses(
            "another organisation by the older name of the input",
            set("organization", "other"),
            'organization is "other"; accepted: "relaypacs".',
        ),
        refuses(
            "certificates that are not checked",
            set("insecure", "true"),
            "insecure is true; accepted: not set: certificates are checked.",
        ),
        unknownAt("owner"),
        unknownAt("baseUrl"),
    ],
});

describeResourcePolicy(providerKubernetesCluster, {
    type: builtIn.kubernetesProvider,
    given: kubernetesProvider,
    cases: [
        accepts("the name of a kubeconfig", set("kubeconfig", "/home/dana/.kube/config")),
        accepts("the names of two kubeconfigs", set("kubeconfig", "/home/dana/.kube/config:/etc/kubeconfig")),
        accepts("an empty kubeconfig", set("kubeconfig", "")),
        ...(
            [
                ["YAML", "apiVersion: v1\nkind: Config"],
                ["one line of YAML", "apiVersion: v1"],
                ["JSON", '{"apiVersion":"v1","users":[{"user":{"token":"t"}}]}'],
                ["an object", { apiVersion: "v1" }],
            ] as const
        ).map(([what, value]) =>
            refuses(
                `a kubeconfig with content in ${what}`,
                set("kubeconfig", value),
                "kubeconfig has the content of a kubeconfig; accepted: not set, or the name of a file.",
            ),
        ),
        refuses(
            "a provider that writes files for another tool",
            set("renderYamlToDirectory", "manifests"),
            'renderYamlToDirectory is "manifests"; accepted: not set.',
        ),
        unknownAt("kubeconfig"),
        unknownAt("renderYamlToDirectory"),
    ],
});
