import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import { parse } from "yaml";
import type { Policies } from "@pulumi/policy";
import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { registryHost, repositoryAddress } from "../../delivery/core/names";
import { policiesReference } from "../../docs/generate/policies";
import { guardrails, packName } from "../../policies/guardrails";
import * as types from "../../policies/shared/types";
import { covered } from "./support/suites";

type Policy = Policies[number];

const root = path.resolve(__dirname, "../../policies");
/** One for all schemas: each new one would compile the schema of schemas. */
const ajv = new Ajv({ formats: { regex: isRegularExpression } });
const services = ["delivery", "ecr", "github", "iam", "kms", "kubernetes", "provider", "s3", "secretsmanager", "stack"];

/** Policies for which no unknown value matters: they refuse a type as such, or judge literals alone. */
const indifferentToUnknowns = [
    "github-branch-protection-type",
    "iam-user-static-keys",
    "kubernetes-resource-judgeable",
    "s3-bucket-current-types",
    "stack-resource-exception",
    "stack-resource-type",
    "stack-resource-plain-credentials",
];

const keyOrder = [
    "name",
    "description",
    "enforcementLevel",
    "severity",
    "framework",
    "url",
    "tags",
    "remediationSteps",
    "configSchema",
    "validateResource",
    "remediateResource",
    "validateStack",
];

describe("The policy pack", () => {
    it("should hold the policy of every file, named by its folder and file", () => {
        const files = services.flatMap((service) =>
            fs
                .readdirSync(path.join(root, service))
                .filter((file) =>
                    /(?:resource|stack)Policy[<(]/.test(fs.readFileSync(path.join(root, service, file), "utf8")),
                )
                .map((file) => `${service}-${path.basename(file, ".ts")}`),
        );
        assert.deepEqual(guardrails.map(({ name }) => name).sort(), files.sort());
        assert.equal(new Set(files).size, files.length);
        assert.ok(files.length >= 60, `${files.length} policies`);
    });

    it("should be configured for the account, region and organisation of the stack files, in each policy that has such a setting", () => {
        const configuration = JSON.parse(fs.readFileSync(path.join(root, "account.json"), "utf8")) as Record<
            string,
            object
        >;
        const { config } = parse(fs.readFileSync(path.join(root, "../Pulumi.staging.yaml"), "utf8")) as {
            config: Record<string, string & { owner: string; name: string }>;
        };
        const account = config["relaypacs:awsAccountId"]!;
        const values: Record<string, unknown> = {
            accounts: [account],
            registries: [`${registryHost({ accountId: account, region: config["aws:region"]! })}/relaypacs/`],
            owner: config["relaypacs:repository"]!.owner,
            repository: repositoryAddress(config["relaypacs:repository"]!),
        };
        const asked = guardrails.flatMap(({ name, configSchema }) => {
            const keys = Object.keys(configSchema?.properties ?? {}).filter((key) => key in values);
            return keys.length > 0 ? [[name, Object.fromEntries(keys.map((key) => [key, values[key]]))] as const] : [];
        });
        // The keys that this policy trusts are compared below.
        const gates: object = { ...configuration["delivery-release-gates"], trustedKeys: undefined };
        assert.deepEqual(
            JSON.parse(JSON.stringify({ ...configuration, "delivery-release-gates": gates })),
            Object.fromEntries(asked),
        );
    });

    it("should be configured with the keys that the stack files trust, and no others", () => {
        const configuration = JSON.parse(fs.readFileSync(path.join(root, "account.json"), "utf8")) as PackKeys;
        const ofPack = configuration["delivery-release-gates"]?.trustedKeys ?? [];
        assert.deepEqual(ofPack, trustedByStacks(["staging", "prod"].map(stackFile)));
        // No key exists before an account's first update, so the comparison is tried on files that name some.
        assert.deepEqual(
            trustedByStacks([
                { "relaypacs:trustedKeys": [{ keyId: "a" }], "relaypacs:environment": "staging" },
                { "relaypacs:trustedKeys": [{ keyId: "a" }, { keyId: "b" }], "relaypacs:environment": "prod" },
            ]),
            [
                { keyId: "a", environments: ["staging"] },
                { keyId: "a", environments: ["prod"] },
                { keyId: "b", environments: ["prod"] },
            ],
        );
    });

    it("should have the name of its project and package", () => {
        const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
            name: string;
            main: string;
        };
        assert.equal(manifest.name, packName);
        assert.equal(manifest.main, "../build/policies/index.js");
        assert.match(
            fs.readFileSync(path.join(root, "PulumiPolicy.yaml"), "utf8"),
            new RegExp(`^name: ${packName}$`, "m"),
        );
    });

    it("should have its policies described in the reference as they are", () => {
        const page = fs.readFileSync(path.join(root, "../docs/reference/policies.md"), "utf8");
        assert.ok(policiesReference(guardrails) === page, "docs/reference/policies.md is out of date: run make docs");
        for (const { name } of guardrails)
            assert.equal(page.split("\n").filter((line) => line.startsWith(`| \`${name}\` |`)).length, 1, name);
    });

    it("should load without a provider's SDK", () => {
        const program =
            "require('ts-node/register'); require('./policies/guardrails');" +
            "console.log(Object.keys(require.cache).filter((file) => /@pulumi.(aws|kubernetes|github)./.test(file)).length)";
        const options = { cwd: path.dirname(root), encoding: "utf8" as const };
        assert.equal(execFileSync(process.execPath, ["-e", program], options).trim(), "0");
    });

    it("should match types that the providers' SDKs register", () => {
        const known = new Set(sdkTypes());
        const missing = [types.aws, types.kubernetes, types.github]
            .flatMap((tokens) => Object.values(tokens) as string[])
            // What Argo, Traefik, cert-manager and the External Secrets Operator define are custom resources.
            .filter((token) => !/^kubernetes:(argoproj|traefik|cert-manager|external-secrets)\.io\//.test(token))
            .filter((token) => !known.has(token));
        assert.deepEqual(missing, []);
    });
});

for (const policy of guardrails) {
    describe(`The pack's policy ${policy.name}`, () => {
        checkMetadata(policy);
        checkSettings(policy);
    });
}

interface PackKeys {
    readonly "delivery-release-gates"?: { readonly trustedKeys?: readonly object[] };
}

type StackFile = Readonly<Record<string, unknown>>;

const stackFile = (stack: string): StackFile =>
    (parse(fs.readFileSync(path.join(root, `../Pulumi.${stack}.yaml`), "utf8")) as { config: StackFile }).config;

/** Keys that the stack files trust, as the pack's configuration lists them: each for its environment. */
function trustedByStacks(files: readonly StackFile[]): object[] {
    return files.flatMap((config) => {
        const keys = (config["relaypacs:trustedKeys"] ?? []) as readonly object[];
        return keys.map((key) => ({ ...key, environments: [config["relaypacs:environment"]] }));
    });
}

function checkMetadata(policy: Policy): void {
    const { name, description, enforcementLevel, severity, framework, remediationSteps, tags, url } = policy;

    it("should have a name of service, resource and rule", () => {
        assert.match(name, new RegExp(`^(${services.join("|")})(-[a-z][a-z0-9]*){2,}$`));
    });
    it("should state its requirement, standard, severity and remediation", () => {
        assert.match(description, /^[A-Z].*\.$/s);
        assert.match(remediationSteps ?? "", /^[A-Z].*\.$/s);
        assert.ok(["advisory", "mandatory", "remediate"].includes(enforcementLevel ?? ""));
        assert.ok(["low", "medium", "high", "critical"].includes(severity ?? ""));
        for (const part of ["name", "version", "reference", "specification"] as const) assert.ok(framework?.[part]);
        assert.equal(tags?.length, 1);
        if (framework?.name === "RelayPACS CI/CD pipeline") assert.equal(url, undefined);
        else assert.match(url ?? "", /^https:\/\//);
    });
    it("should have its keys in the order of the others", () => {
        const keys = Object.keys(policy);
        assert.deepEqual(
            keys,
            keyOrder.filter((key) => keys.includes(key)),
        );
    });
    it("should be able to remediate exactly if its level says so", () => {
        assert.equal("remediateResource" in policy, enforcementLevel === "remediate");
    });
    it("should be tested on what it accepts, refuses, cannot know and remediates", () => {
        const kinds = covered.get(name) ?? new Set();
        const expected = ["accepts", "refuses"];
        if (!indifferentToUnknowns.includes(name)) expected.push("unknown");
        if (enforcementLevel === "remediate") expected.push("remediates", "leaves");
        assert.deepEqual(
            expected.filter((kind) => !kinds.has(kind as never)),
            [],
        );
    });
}

/** The engine validates settings by the same schema; this checks that the schema says enough. */
function checkSettings({ configSchema }: Policy): void {
    for (const [key, schema] of Object.entries(configSchema?.properties ?? {})) {
        const validate = ajv.compile(schema);
        const refuses = (value: unknown) => {
            assert.equal(validate(value), false, `${key} accepts ${JSON.stringify(value)}`);
        };
        it(`should describe ${key}, with a default that fits`, () => {
            assert.match(schema.description ?? "", /^[A-Z]/);
            assert.notEqual(schema.default, undefined);
            assert.ok(validate(schema.default), JSON.stringify(validate.errors));
        });
        it(`should refuse other types and values out of bounds for ${key}`, () => {
            refuses(null);
            refuses({});
            if (schema.type === "integer" || schema.type === "number")
                checkBounds(schema, refuses, (value) => assert.ok(validate(value)));
            else if (schema.type === "array") checkList(schema, refuses);
            else refuses(7);
        });
    }
}

function checkBounds(
    { type, minimum, maximum }: PolicyConfigJSONSchema,
    refuses: (value: unknown) => void,
    accepts: (value: unknown) => void,
): void {
    assert.ok(minimum !== undefined && maximum !== undefined, "a number without bounds");
    accepts(minimum);
    accepts(maximum);
    refuses(minimum - 1);
    refuses(maximum + 1);
    if (type === "integer") refuses(minimum + 0.5);
    refuses(String(minimum));
}

function checkList({ default: standard, minItems }: PolicyConfigJSONSchema, refuses: (value: unknown) => void): void {
    refuses("text");
    refuses([7]);
    refuses([""]);
    if (minItems !== undefined) refuses([]);
    const [first] = standard as unknown[];
    if (first !== undefined) refuses([first, first]);
}

function isRegularExpression(text: string): boolean {
    try {
        return !!new RegExp(text);
    } catch {
        return false;
    }
}

/** Types as the SDKs' own files name them, without loading the SDKs. */
function sdkTypes(): string[] {
    const modules = path.resolve(root, "../node_modules/@pulumi");
    const folders = [
        ...["ecr", "ecrpublic", "s3", "secretsmanager", "kms", "iam"].map((folder) => path.join("aws", folder)),
        ...["apps/v1", "batch/v1", "core/v1", "networking/v1", "policy/v1", "rbac/v1", "apiextensions/v1"].map(
            (folder) => path.join("kubernetes", folder),
        ),
        "github",
    ];
    return folders.flatMap((folder) =>
        fs
            .readdirSync(path.join(modules, folder))
            .filter((file) => file.endsWith(".js") && !file.startsWith("get"))
            .map(
                (file) =>
                    /__pulumiType = '([^']+)'/.exec(fs.readFileSync(path.join(modules, folder, file), "utf8"))?.[1] ??
                    "",
            ),
    );
}
