import { aws, builtIn, kubernetes, plain } from "../../../policies/shared/types";
import { set } from "../support/cases";
import { attack, type Attack } from "./attack";

/** Credentials as people paste them, by what the pack calls them. None of them is real. */
const shapes: readonly (readonly [string, string])[] = [
    ["is a URL with a password in it", "postgres://app:hunter2@db.example/app"],
    ["is a URL with a password in it", "https://ci:hunter2@registry.example"],
    ["holds an AWS access key", "AKIAIOSFODNN7EXAMPLE"],
    ["holds a private key", "-----BEGIN EC PRIVATE KEY-----"],
    ["holds a GitHub token", `ghs_${"a1".repeat(18)}`],
    ["holds a Slack token", "xoxp-1234567890-abc"],
    ["holds a Google API key", `AIza${"a".repeat(35)}`],
    ["holds an API key", `npm_${"a1".repeat(18)}`],
    ["holds a signed token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"],
    ["holds a webhook's address", "https://hooks.slack.com/services/T0/B0/notreal"],
    ["holds a credential in a header", "Authorization: Bearer not-a-real-token"],
    ["holds a credential as an option", "pg_dump --password=hunter2"],
    ["holds a credential in an assignment", "Server=db;Password=hunter2"],
];

/** Places in resources that everyone with a view of them can read. */
const places: readonly (readonly [string, string])[] = [
    [kubernetes.configMap, "data.note"],
    [kubernetes.deployment, "metadata.annotations.note"],
    [aws.key, "description"],
    [plain.lambda, "environment.variables.NOTE"],
];

const names = ["DB_PASS", "AWS_ACCESS_KEY_ID", "API_KEY", "SLACK_WEBHOOK_URL", "SENTRY_DSN", "GITHUB_PAT"];

const named = (path: string) => `${path} holds a credential in plain text; accepted: a reference to a secret.`;

export const credentialAttacks: readonly Attack[] = [
    ...places.flatMap(([type, path]) =>
        shapes.map(([what, text]) =>
            attack(
                `${path} of ${type} ${what} (${text.slice(0, 12)})`,
                type,
                {},
                set(path, text),
                "stack-resource-plain-credentials",
                `${path} ${what}; accepted: a reference to a secret.`,
            ),
        ),
    ),
    ...names.flatMap((name) => [
        attack(
            `a ConfigMap with ${name}`,
            kubernetes.configMap,
            {},
            set(`data.${name}`, "x"),
            "stack-variable-plain-credentials",
            named(`data.${name}`),
        ),
        attack(
            `a ConfigMap with ${name} in a file`,
            kubernetes.configMap,
            {},
            set("data.env", `A=1\n${name}=x\n`),
            "stack-variable-plain-credentials",
            named(`data.env (${name})`),
        ),
        attack(
            `a function with ${name}`,
            plain.lambda,
            {},
            set(`environment.variables.${name}`, "x"),
            "stack-variable-plain-credentials",
            named(`environment.variables.${name}`),
        ),
        attack(
            `a parameter ${name} in plain text`,
            plain.parameter,
            { name: `/relaypacs/${name}` },
            set("type", "String"),
            "stack-variable-plain-credentials",
            'type is "String"; accepted: "SecureString" for a parameter whose name says that it is a credential.',
        ),
    ]),
    attack(
        "a provider with an access key",
        builtIn.awsProvider,
        {},
        set("accessKey", "AKIAIOSFODNN7EXAMPLE"),
        "provider-aws-static-keys",
        "accessKey is set; accepted: not set, with the credentials of the environment.",
    ),
    attack(
        "a provider with a secret key",
        builtIn.awsProvider,
        {},
        set("secretKey", "x"),
        "provider-aws-static-keys",
        "secretKey is set; accepted: not set, with the credentials of the environment.",
    ),
    attack(
        "a provider with a session's token",
        builtIn.awsProvider,
        {},
        set("token", "x"),
        "provider-aws-static-keys",
        "token is set; accepted: not set, with the credentials of the environment.",
    ),
    attack(
        "a provider with a person's profile",
        builtIn.awsProvider,
        {},
        set("profile", "dana"),
        "provider-aws-static-keys",
        "profile is set; accepted: not set, with the credentials of the environment.",
    ),
    attack(
        "a provider for any account",
        builtIn.awsProvider,
        {},
        set("region", "us-east-1"),
        "provider-aws-account",
        "allowedAccountIds is not set; accepted: a list of 123456789012.",
    ),
    attack(
        "a provider for another account",
        builtIn.awsProvider,
        {},
        set("allowedAccountIds", '["999999999999"]'),
        "provider-aws-account",
        'allowedAccountIds is ["999999999999"]; accepted: a list of 123456789012.',
    ),
    attack(
        "a provider with another account's role",
        builtIn.awsProvider,
        {},
        set("assumeRoles", '[{"roleArn":"arn:aws:iam::999999999999:role/x"}]'),
        "provider-aws-account",
        'assumeRoles.roleArn is "arn:aws:iam::999999999999:role/x"; accepted: a role of 123456789012.',
    ),
    attack(
        "a provider with another endpoint",
        builtIn.awsProvider,
        {},
        set("endpoints", '[{"sts":"https://sts.example"}]'),
        "provider-aws-endpoints",
        "endpoints is set; accepted: not set, with AWS's own endpoints.",
    ),
    attack(
        "a provider through a proxy",
        builtIn.awsProvider,
        {},
        set("httpsProxy", "http://proxy.example"),
        "provider-aws-endpoints",
        "httpsProxy is set; accepted: not set, with AWS's own endpoints.",
    ),
    attack(
        "a provider that checks no certificates",
        builtIn.awsProvider,
        {},
        set("insecure", "true"),
        "provider-aws-endpoints",
        "insecure is set; accepted: not set, with AWS's own endpoints.",
    ),
    attack(
        "another GitHub",
        builtIn.githubProvider,
        { owner: "relaypacs" },
        set("baseUrl", "https://github.example/"),
        "provider-github-organization",
        'baseUrl is "https://github.example/"; accepted: "https://api.github.com/".',
    ),
    attack(
        "another organisation",
        builtIn.githubProvider,
        {},
        set("owner", "evil"),
        "provider-github-organization",
        'owner is "evil"; accepted: "relaypacs".',
    ),
    attack(
        "a kubeconfig in the program",
        builtIn.kubernetesProvider,
        {},
        set("kubeconfig", "apiVersion: v1\nkind: Config"),
        "provider-kubernetes-cluster",
        "kubeconfig has the content of a kubeconfig; accepted: not set, or the name of a file.",
    ),
    attack(
        "files in place of a cluster",
        builtIn.kubernetesProvider,
        {},
        set("renderYamlToDirectory", "manifests"),
        "provider-kubernetes-cluster",
        'renderYamlToDirectory is "manifests"; accepted: not set.',
    ),
];
