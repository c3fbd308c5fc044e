import { stackResourcePlainCredentials } from "../../../policies/stack/resource-plain-credentials";
import { aws, builtIn, github, kubernetes } from "../../../policies/shared/types";
import { accepts, refuses, set, unknownValue } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

const url = "postgres://app:hunter2@db.example:5432/app";
const accepted = "accepted: a reference to a secret.";
const found = (path: string) => `${path} is a URL with a password in it; accepted: a reference to a secret.`;

describeResourcePolicy(stackResourcePlainCredentials, {
    type: "kubernetes:core/v1:ConfigMap",
    given: { data: { DATABASE_HOST: "db.example", ORIGIN: "https://relaypacs.com" }, list: ["a", 1, null, true] },
    cases: [
        refuses("a URL with a password", set("data.DATABASE_URL", url), found("data.DATABASE_URL")),
        refuses("a password URL in a list", set("list.0", url), found("list[0]")),
        refuses(
            "a password URL inside a longer text",
            set("data.script", `psql ${url} -c 'select 1'`),
            found("data.script"),
        ),
        refuses("a password URL in any other type", set("environment", { URL: url }), found("environment.URL"), {
            type: "aws:lambda/function:Function",
        }),
        ...[aws.secretVersion, kubernetes.secret, github.secret].map((type) =>
            accepts(`a password URL in a secret (${type})`, set("secretString", url), { type }),
        ),
        accepts("a URL with a user and no password", set("data.DATABASE_URL", "postgres://app@db.example/app")),
        accepts("a URL with a port", set("data.DATABASE_URL", "postgres://db.example:5432/app@b")),
        accepts(
            "a URL whose password is a variable",
            set("data.DATABASE_URL", "postgres://app:$(PASSWORD)@db.example/app"),
        ),
        ...(
            [
                ["an AWS access key", "AKIAIOSFODNN7EXAMPLE"],
                ["an AWS access key", "key ASIAIOSFODNN7EXAMPLE."],
                ["a private key", "-----BEGIN PRIVATE KEY-----\nMIGH"],
                ["a private key", "-----BEGIN RSA PRIVATE KEY-----"],
                ["a GitHub token", `ghp_${"a1".repeat(18)}`],
                ["a GitHub token", `github_pat_${"a1".repeat(11)}`],
                ["a GitLab token", `glpat-${"a1".repeat(10)}`],
                ["a Slack token", "xoxb-1234567890-abc"],
                ["a Google API key", `AIza${"a".repeat(35)}`],
                ["an API key", `npm_${"a1".repeat(18)}`],
                ["an API key", `sk_live_${"a1".repeat(8)}`],
                ["an API key", `pul-${"a1".repeat(20)}`],
                ["a signed token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"],
                ["a webhook's address", "https://hooks.slack.com/services/T0/B0/notreal"],
                ["a webhook's address", "https://discord.com/api/webhooks/1/notreal"],
                ["a webhook's address", "https://example.webhook.office.com/webhookb2/notreal"],
                ["a credential in a header", "Authorization: Bearer not-a-real-token"],
                ["a credential in a header", 'curl -H "authorization: Basic bm90OnJlYWw="'],
                ["a credential as an option", "mysqldump --password=hunter2 app"],
                ["a credential as an option", "app --db-password hunter2"],
                ["a credential as an option", "--client-secret='hunter2'"],
                ["a credential in an assignment", "Server=db;User=app;Password=hunter2"],
                ["a credential in an assignment", "export PGPASSWORD=hunter2"],
                ["a credential in an assignment", "AWS_SECRET_ACCESS_KEY=hunter2"],
            ] as const
        ).map(([what, text]) =>
            refuses(`${what} (${text.slice(0, 24)})`, set("data.TEXT", text), `data.TEXT holds ${what}; ${accepted}`),
        ),
        refuses(
            "a password as an argument of its own",
            set("args", ["--user", "app", "--password", "hunter2"]),
            `args[3] holds a credential as an option; ${accepted}`,
        ),
        ...[
            "mysqldump --password=$(PASSWORD) app",
            "mysqldump --password=${PASSWORD} app",
            "app --password-file=/run/secrets/password",
            "app --token $TOKEN",
            "export PGPASSWORD=$PASSWORD",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----",
            "AKIAIOSFODNN7EXAMPL",
            "ghp_short",
            "Authorization: Bearer $TOKEN",
            "https://hooks.slack.com/",
            "a password is at least 12 characters long",
            "token=",
        ].map((text) => accepts(`no credential (${text})`, set("data.TEXT", text))),
        ...([["--password", "$(PASSWORD)"], ["--password"], ["--password", "--verbose"]] as const).map((args) =>
            accepts(`arguments without a value that is written down (${args.join(" ")})`, set("args", args)),
        ),
        accepts("the token of GitHub's provider", set("token", `ghp_${"a1".repeat(18)}`), {
            type: builtIn.githubProvider,
        }),
        refuses(
            "a token in another input of GitHub's provider",
            set("owner", `ghp_${"a1".repeat(18)}`),
            `owner holds a GitHub token; ${accepted}`,
            { type: builtIn.githubProvider },
        ),
        accepts("a value that is not known yet, which is not a literal", set("data.DATABASE_URL", unknownValue)),
        refuses(
            "a password URL beside a value that is not known yet",
            (properties) => {
                set("data.A", unknownValue)(properties);
                set("data.B", url)(properties);
            },
            found("data.B"),
        ),
    ],
});
