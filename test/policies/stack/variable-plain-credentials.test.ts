import * as assert from "node:assert/strict";
import { namesCredential } from "../../../policies/shared/credentials";
import { kubernetes, plain } from "../../../policies/shared/types";
import { stackVariablePlainCredentials } from "../../../policies/stack/variable-plain-credentials";
import { accepts, all, refuses, set, unknownAt, unset } from "../support/cases";
import { describeResourcePolicy } from "../support/suites";

const found = (path: string) => `${path} holds a credential in plain text; accepted: a reference to a secret.`;
const lambda = { type: plain.lambda, given: { environment: { variables: { STAGE: "prod" } } } };
const parameter = { type: plain.parameter, given: { name: "/relaypacs/db_password", type: "SecureString" } };
const build = {
    type: plain.codeBuild,
    given: { environment: { environmentVariables: [{ name: "DB_PASS", value: "x", type: "PARAMETER_STORE" }] } },
};
const notSecure = (given: string) =>
    `type is ${given}; accepted: "SecureString" for a parameter whose name says that it is a credential.`;

describeResourcePolicy(stackVariablePlainCredentials, {
    type: kubernetes.configMap,
    given: { data: { LOG_LEVEL: "info", "app.yml": "tokens: 12\npassword_file: /run/secret\n" } },
    cases: [
        refuses("a password", set("data.DB_PASS", "hunter2"), found("data.DB_PASS")),
        refuses("binary data", set("binaryData", { API_KEY: "aHVudGVyMg==" }), found("binaryData.API_KEY")),
        refuses("a patch", set("data.DB_PASS", "hunter2"), found("data.DB_PASS"), {
            type: `${kubernetes.configMap}Patch`,
        }),
        refuses(
            "a file of variables",
            set("data.env", "LOG_LEVEL=info\nexport DB_PASS=hunter2\n"),
            found("data.env (DB_PASS)"),
        ),
        refuses(
            "a file in YAML",
            set("data.config", "database:\n  host: db\n  password: hunter2\n"),
            found("data.config (password)"),
        ),
        accepts(
            "a file that refers to variables",
            set("data.env", "DB_PASS=$PASSWORD\nAPI_KEY=${KEY}\ntoken: {{ t }}\n"),
        ),
        accepts("an empty value", set("data.DB_PASS", "")),
        accepts("a ConfigMap without data", unset("data")),
        refuses(
            "a function's variable",
            set("environment.variables.AWS_ACCESS_KEY_ID", "x"),
            found("environment.variables.AWS_ACCESS_KEY_ID"),
            lambda,
        ),
        accepts("a function's other variables", set("environment.variables.REGION", "us-east-1"), lambda),
        refuses("a parameter in plain text", set("type", "String"), notSecure('"String"'), parameter),
        refuses("a parameter without a type", unset("type"), notSecure("not set"), parameter),
        accepts("a parameter that is encrypted", set("value", "x"), parameter),
        accepts(
            "a parameter that is no credential",
            all(set("name", "/relaypacs/log-level"), set("type", "String")),
            parameter,
        ),
        accepts("a build's variable from a store", set("name", "build"), build),
        refuses(
            "a build's variable in plain text",
            unset("environment.environmentVariables.0.type"),
            found("environment.environmentVariables[DB_PASS]"),
            build,
        ),
        unknownAt("data.DB_HOST", {
            given: { data: { DB_PASS: "hunter2" } },
            messages: [found("data.DB_PASS")],
        }),
        unknownAt("type", parameter),
    ],
});

describe("A variable's name", () => {
    for (const name of [
        "DB_PASS",
        "db.pass",
        "PGPASSWORD",
        "MYSQL_PWD",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "SECRET_KEY_BASE",
        "SLACK_WEBHOOK",
        "SLACK_WEBHOOK_URL",
        "GITHUB_PAT",
        "SENTRY_DSN",
        "CONNECTION_STRING",
        "apiKey",
        "clientSecret",
    ]) {
        it(`should say that ${name} is a credential`, () => {
            assert.equal(namesCredential(name), true);
        });
    }
    for (const name of ["LOG_LEVEL", "COMPASS", "BYPASS", "PATH", "TOKEN_URL", "PASSWORD_FILE", "MONKEY", "DSN_HOST"]) {
        it(`should not say that ${name} is one`, () => {
            assert.equal(namesCredential(name), false);
        });
    }
});
