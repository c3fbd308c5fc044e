import { stackResourceUrlCredentials } from "../../../policies/stack/resource-url-credentials";
import { aws, github, kubernetes } from "../../../policies/shared/types";
import { accepts, refuses, set, unknownValue } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

const url = "postgres://app:hunter2@db.example:5432/app";
const found = (path: string) => `${path} is a URL with a password in it; accepted: a reference to a secret.`;

describeResourcePolicy(stackResourceUrlCredentials, {
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
