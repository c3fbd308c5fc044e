import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse as parseYaml } from "yaml";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { loadSettings, SettingsError } from "../../settings";
import { parse, unknownVariables, variableOf } from "../../settings/parse";
import { schema, secretKeys, toolNames } from "../../settings/schema";
import { stackSettings } from "../support/stack-file";
import { projectRoot } from "../support/project";

const read = (file: string) =>
    parseYaml(fs.readFileSync(path.join(projectRoot, file), "utf8")) as { config: Record<string, unknown> };
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

function trustedKeys(change: object = {}): string {
    const key = {
        keyId: "0".repeat(64),
        publicKey: "-----BEGIN PUBLIC KEY-----",
        notBefore: "2026-01-01T00:00:00Z",
        notAfter: "2027-01-01T00:00:00Z",
        duty: "pipeline",
    };
    return JSON.stringify([{ ...key, ...change }]);
}

const valid: Record<string, string> = {
    ...stackSettings("staging"),
    release: JSON.stringify({
        version: "1.4.2",
        commit: "a".repeat(40),
        images: { backend: digest, frontend: digest },
    }),
    trustedKeys: trustedKeys(),
    toolImages: JSON.stringify(Object.fromEntries(toolNames.map((tool) => [tool, digest]))),
    databaseUrl: "postgresql://relaypacs:not-a-real-password@database:5432/relaypacs",
    smokePassword: "not-a-real-password",
    dockerHubToken: "not-a-real-token",
    slackWebhook: "https://hooks.slack.com/services/not/a/real-one",
};

function sentences(
    changes: Record<string, string | undefined>,
    stack = "staging",
    plain: string[] = [],
): readonly string[] {
    const raw = Object.fromEntries(Object.entries({ ...valid, ...changes }).filter(([, text]) => text !== undefined));
    const parsed = parse(raw as Record<string, string>, stack, plain);
    return parsed.ok ? [] : parsed.sentences;
}

describe("Settings", () => {
    it("should accept the staging stack file with a release and secrets", () => {
        const parsed = parse(valid, "staging");
        assert.ok(parsed.ok);
        assert.equal(parsed.values.evidenceRetentionYears, 6);
        assert.equal(parsed.values.services[0]!.healthPath, "/health");
        assert.deepEqual(parsed.values.services[0]!.resources, {
            cpuRequest: "100m",
            cpuLimit: "500m",
            memoryRequest: "128Mi",
            memoryLimit: "256Mi",
        });
    });

    const refused: [string, Record<string, string | undefined>, string][] = [
        [
            "a short account id",
            { awsAccountId: "12345" },
            'relaypacs:awsAccountId is "12345"; it must be an AWS account id: 12 digits in quotes.',
        ],
        [
            "a missing account id",
            { awsAccountId: undefined },
            'relaypacs:awsAccountId is missing; it must be an AWS account id: 12 digits in quotes (set it with "pulumi config set" or RELAYPACS_AWS_ACCOUNT_ID).',
        ],
        [
            "text where a number belongs",
            { rolloutTimeoutSeconds: "soon" },
            'relaypacs:rolloutTimeoutSeconds is "soon"; it must be seconds until a rollout without progress has failed: a whole number from 30 to 3600.',
        ],
        [
            "a number out of range",
            { evidenceRetentionYears: "5" },
            "relaypacs:evidenceRetentionYears is 5; it must be years that evidence can't be deleted: a whole number from 6 to 30.",
        ],
        [
            "a wrong value inside an object",
            { services: JSON.stringify([{ name: "backend", port: 80 }, { name: "frontend" }]) },
            "relaypacs:services[0].port is 80; it must be the port the container listens on: a whole number from 1024 to 65535.",
        ],
        ["an unknown key", { hostnames: "x" }, "relaypacs:hostnames is not a setting; remove it or correct its name."],
        [
            "an unknown key inside an object",
            { database: JSON.stringify({ cidrs: ["10.0.0.0/8"], ports: 1 }) },
            "relaypacs:database.ports is not a setting; remove it or correct its name.",
        ],
        [
            "a tag where a digest belongs",
            {
                release: JSON.stringify({
                    version: "1.4.2",
                    commit: "a".repeat(40),
                    images: { backend: "latest", frontend: digest },
                }),
            },
            'relaypacs:release.images.backend is "latest"; it must be an image digest: "sha256:" and 64 hexadecimal digits.',
        ],
        [
            "no release",
            { release: undefined },
            'relaypacs:release is missing; it must be an object {"version", "commit", "images": {<service>: "sha256:…"}} (set it with "pulumi config set" or RELAYPACS_RELEASE).',
        ],
        [
            "a release while bootstrapping",
            { bootstrap: "true" },
            "relaypacs:bootstrap is true although relaypacs:release names images; set it to false to deploy them.",
        ],
        [
            "one route for two services",
            {
                services: JSON.stringify([
                    { name: "backend", routes: ["/"] },
                    { name: "frontend", routes: ["/"] },
                ]),
            },
            "relaypacs:services routes / to two services; a route belongs to one.",
        ],
        [
            "a service declared twice",
            { services: JSON.stringify([{ name: "backend" }, { name: "backend" }, { name: "frontend" }]) },
            "relaypacs:services names backend twice; each service needs a name of its own.",
        ],
        [
            "two services with the database",
            {
                services: JSON.stringify([
                    { name: "backend", database: true },
                    { name: "frontend", database: true },
                ]),
            },
            "relaypacs:services has backend and frontend with a database; one service owns the migrations.",
        ],
        ...(
            [
                ["RELEASE_VERSION", "the program sets it to the release's version"],
                ["DATABASE_URL", "its value comes from the secret store"],
                ["SECRET_KEY", "its value comes from the secret store"],
            ] as const
        ).map(([variable, from]): [string, Record<string, string>, string] => [
            `${variable} in a service's environment`,
            {
                services: JSON.stringify([
                    { name: "backend" },
                    { name: "frontend", environment: { LOG_LEVEL: "info", [variable]: "plain" } },
                ]),
            },
            `relaypacs:services frontend has ${variable} in its environment; remove it: ${from}.`,
        ]),
        [
            "a backend whose health is not where the smoke tests ask for it",
            { services: JSON.stringify([{ name: "backend", healthPath: "/ready" }, { name: "frontend" }]) },
            'relaypacs:services backend has healthPath "/ready"; it must be "/health", which the smoke tests ask the public address for (specification, section 4, stage 10).',
        ],
        ...(
            [
                ["teams without roles", ["leads"]],
                ["no team", {}],
                ["a team by its name", { "Tech Leads": "Tech Lead" }],
            ] as const
        ).map(([what, approverTeams]): [string, Record<string, string>, string] => [
            what,
            { repository: JSON.stringify({ owner: "relaypacs", name: "gateway", approverTeams }) },
            `relaypacs:repository.approverTeams is ${JSON.stringify(approverTeams)}; it must be a map of one to 6 GitHub team slugs to "Engineering Manager" or "Tech Lead".`,
        ]),
        [
            "a role that may not approve",
            {
                repository: JSON.stringify({
                    owner: "relaypacs",
                    name: "gateway",
                    approverTeams: { leads: "Developer" },
                }),
            },
            'relaypacs:repository.approverTeams.leads is "Developer"; it must be a map of one to 6 GitHub team slugs to "Engineering Manager" or "Tech Lead".',
        ],
        ...["rory-deployment", "relaypacs/deployers", "/", "/rory deployment", "U_kgDOAbcdef", ""].map(
            (stagingMirror): [string, Record<string, string>, string] => [
                `${JSON.stringify(stagingMirror)} as the actor that moves staging`,
                { repository: JSON.stringify({ owner: "relaypacs", name: "gateway", stagingMirror }) },
                `relaypacs:repository.stagingMirror is ${JSON.stringify(stagingMirror)}; it must be a GitHub user as /login, or the node id of a GitHub App, such as A_kwHOAA0123.`,
            ],
        ),
        ...["daily", "@hourly", "60 * * * *", "* 24 * * *", "0 3 * *", "0 3 * * * *", "0 3 * * MON", ""].map(
            (schedule): [string, Record<string, string>, string] => [
                `${JSON.stringify(schedule)} as the schedule of backups`,
                { databaseBackup: JSON.stringify({ image: digest, storageCidrs: ["10.20.4.0/24"], schedule }) },
                `relaypacs:databaseBackup.schedule is ${JSON.stringify(schedule)}; it must be five fields of cron in numbers, in UTC, such as 15 */4 * * *.`,
            ],
        ),
        ...[6, 3651].map((retentionDays): [string, Record<string, string>, string] => [
            `${retentionDays} days of backups`,
            { databaseBackup: JSON.stringify({ image: digest, storageCidrs: ["10.20.4.0/24"], retentionDays }) },
            `relaypacs:databaseBackup.retentionDays is ${retentionDays}; it must be days that a backup is kept: a whole number from 7 to 3650.`,
        ]),
        ...["Relaypacs", "1relaypacs", "relaypacs-", "relay--pacs", "relay_pacs", "a".repeat(55), ""].map(
            (rdsInstance): [string, Record<string, string>, string] => [
                `${JSON.stringify(rdsInstance)} as the instance of Amazon RDS`,
                { rdsInstance },
                `relaypacs:rdsInstance is ${JSON.stringify(rdsInstance)}; it must be the identifier of an Amazon RDS instance: 1 to 54 lower-case letters, digits and single hyphens.`,
            ],
        ),
        [
            "two ways to back the database up",
            {
                rdsInstance: "relaypacs-prod",
                databaseBackup: JSON.stringify({ image: digest, storageCidrs: ["10.20.4.0/24"] }),
            },
            'relaypacs:rdsInstance is "relaypacs-prod" although relaypacs:databaseBackup is set; one of the two backs up the database, Amazon RDS or the CronJob.',
        ],
        [
            "an issuer of certificates without a name",
            { certificateIssuer: "" },
            'relaypacs:certificateIssuer is ""; it must be the name of a cert-manager ClusterIssuer, or "none" where another tool keeps the Secret public-tls.',
        ],
        [
            "an ingress through node ports",
            { ingressService: JSON.stringify({ type: "NodePort" }) },
            'relaypacs:ingressService.type is "NodePort"; it must be "ClusterIP", or "LoadBalancer" where the cloud puts a load balancer before the cluster.',
        ],
        [
            "a request above its limit",
            {
                services: JSON.stringify([
                    { name: "backend", resources: { cpuRequest: "600m" } },
                    { name: "frontend" },
                ]),
            },
            "relaypacs:services backend requests more CPU or memory than its limit; a request is at most the limit.",
        ],
        [
            "a release without a trusted key to verify its evidence",
            { trustedKeys: "[]" },
            "relaypacs:trustedKeys is empty, so no evidence about release 1.4.2 can count; it must name the key that signed it.",
        ],
        ...(
            [
                ["an unknown duty", "approver", '"approver"'],
                ["the duties of two environments", ["staging", "production"], '["staging","production"]'],
                ["a list of one duty", ["staging"], '["staging"]'],
            ] as const
        ).map(([what, duty, shown]): [string, Record<string, string>, string] => [
            `a trusted key with ${what}`,
            { trustedKeys: trustedKeys({ duty }) },
            `relaypacs:trustedKeys[0].duty is ${shown}; it must be what the key signs for, which decides the items that it may state: pipeline, staging, production.`,
        ]),
        [
            "a trusted key without a duty",
            { trustedKeys: trustedKeys({ duty: undefined }) },
            'relaypacs:trustedKeys[0].duty is missing; it must be what the key signs for, which decides the items that it may state: pipeline, staging, production (set it with "pulumi config set" or RELAYPACS_TRUSTED_KEYS).',
        ],
        [
            "a gate's limit that is looser than the specification",
            { gateLimits: JSON.stringify({ soakSeconds: 14_399 }) },
            "relaypacs:gateLimits is not accepted. Limit soakSeconds is 14399; accepted: a number of at least 14400. Gates can only be made stricter.",
        ],
        [
            "a soak that is longer than a deployment can wait",
            { gateLimits: JSON.stringify({ soakSeconds: 2_592_001 }) },
            "relaypacs:gateLimits.soakSeconds is 2592001; it must be at most 2592000 (30 days): GitHub keeps no deployment waiting longer.",
        ],
        [
            "a quantity that Kubernetes writes back without its zero",
            { services: JSON.stringify([{ name: "backend", resources: { cpuLimit: "0500m" } }]) },
            'relaypacs:services[0].resources.cpuLimit is "0500m"; it must be CPU a pod may use: a Kubernetes quantity such as 250m.',
        ],
        [
            "no memory",
            { services: JSON.stringify([{ name: "backend", resources: { memoryRequest: "0Mi" } }]) },
            'relaypacs:services[0].resources.memoryRequest is "0Mi"; it must be memory a pod is promised: a Kubernetes quantity such as 256Mi.',
        ],
        [
            "cluster services without their images",
            { toolImages: undefined },
            'relaypacs:toolImages is missing, but relaypacs:clusterServices is "create"; it must be an object with the image digests of argo-rollouts, traefik, prometheus, smoke-tests.',
        ],
        [
            "a Prometheus beside the one that the program creates",
            { prometheusUrl: "http://prometheus.monitoring.svc:9090" },
            'relaypacs:prometheusUrl is set, but relaypacs:clusterServices is "create", which makes a Prometheus of its own; remove one of the two.',
        ],
        [
            "an invalid Prometheus address",
            { prometheusUrl: "prometheus:9090" },
            'relaypacs:prometheusUrl is "prometheus:9090"; it must be the address of the cluster\'s Prometheus, such as http://prometheus.monitoring.svc:9090.',
        ],
        [
            "cluster environments without the stack's own",
            { clusterEnvironments: '["prod"]' },
            'relaypacs:clusterEnvironments is ["prod"]; it must name staging, and only where relaypacs:clusterServices is "create".',
        ],
        [
            "a measurement interval longer than the time to measure",
            { blueGreen: JSON.stringify({ canarySeconds: 14 }) },
            "relaypacs:blueGreen.measurementSeconds is 15; it must be at most canarySeconds (14) and watchSeconds (300), or nothing would be measured.",
        ],
        [
            "a canary weight of all requests",
            { blueGreen: JSON.stringify({ canaryWeightPercent: 100 }) },
            "relaypacs:blueGreen.canaryWeightPercent is 100; it must be share of requests that green gets first: a whole number from 1 to 99.",
        ],
        [
            "another strategy than the specification's",
            { deploymentStrategy: "blueGreen" },
            'relaypacs:deploymentStrategy is "blueGreen" in staging; it must be "rolling" (specification, section 6).',
        ],
    ];
    for (const [what, changes, expected] of refused) {
        it(`should refuse ${what}`, () => {
            assert.deepEqual(sentences(changes), [expected]);
        });
    }

    it("should refuse another stack's file", () => {
        assert.deepEqual(sentences({}, "prod"), [
            'relaypacs:environment is "staging" in stack "prod"; the two must be the same.',
        ]);
    });

    it("should refuse a secret in plain text, and say how to encrypt it", () => {
        assert.deepEqual(sentences({}, "staging", ["slackWebhook"]), [
            'relaypacs:slackWebhook is in plain text; encrypt it with "pulumi config set --secret relaypacs:slackWebhook".',
        ]);
    });

    it("should never show a secret's value", () => {
        const found = sentences({
            databaseUrl: "mysql://projectRoot:hunter2@db/x",
            applicationSecretKey: "hunter2",
            slackWebhook: "hunter2",
        });
        assert.equal(found.length, 3);
        for (const one of found) {
            assert.match(one, /is not accepted \(its value is not shown\); it must be /);
            assert.ok(!one.includes("hunter2"));
        }
    });

    it("should list all mistakes at once", () => {
        assert.equal(sentences({ awsAccountId: "1", hostname: "not a host", keepReleases: "4" }).length, 3);
    });

    it("should accept boundary values and refuse those just beyond", () => {
        for (const [key, low, high] of [
            ["evidenceRetentionYears", 6, 30],
            ["keepReleases", 5, 1000],
            ["rolloutTimeoutSeconds", 30, 3600],
        ] as const) {
            for (const good of [low, high]) assert.deepEqual(sentences({ [key]: String(good) }), [], `${key} ${good}`);
            for (const bad of [low - 1, high + 1, low + 0.5]) {
                assert.equal(sentences({ [key]: String(bad) }).length, 1, `${key} ${bad}`);
            }
        }
    });

    it("should accept the longest soak and the longest release, and no longer ones", () => {
        assert.deepEqual(sentences({ gateLimits: JSON.stringify({ soakSeconds: 2_592_000 }) }), []);
        const lasting = (watchSeconds: number) =>
            sentences(
                {
                    environment: "prod",
                    deploymentStrategy: "blueGreen",
                    blueGreen: JSON.stringify({ watchSeconds }),
                },
                "prod",
            );
        // 120 s of smoke tests, six times both stages (15 s a measurement), 300 s each for the migration and for green's pods.
        assert.deepEqual(lasting(480), []);
        assert.deepEqual(lasting(481), [
            "relaypacs:blueGreen makes a release last up to 7290 s, with relaypacs:migrationTimeoutSeconds and relaypacs:rolloutTimeoutSeconds; it must be at most 7200 s, when the deployment role's session ends. Lower canarySeconds, watchSeconds or inconclusiveLimit.",
        ]);
    });

    it("should ask for the commits that roles trust where a stack makes the roles", () => {
        for (const workflowCommits of [undefined, "[]"])
            assert.deepEqual(sentences({ workflowCommits }), [
                'relaypacs:workflowCommits is empty, but relaypacs:sharedResources is "create", which makes the pipeline\'s roles; it must be a list of one or two reviewed commits of this repository, 40 hexadecimal digits each.',
            ]);
        assert.deepEqual(sentences({ workflowCommits: undefined, sharedResources: "use" }), []);
    });

    it("should accept one or two full commits whose workflows roles trust", () => {
        const commits = (...given: string[]) => sentences({ workflowCommits: JSON.stringify(given) });
        const full = "0123456789".repeat(4);
        assert.deepEqual(commits(full), []);
        assert.deepEqual(commits(full, "a".repeat(40)), []);
        const accepted =
            "it must be a list of one or two reviewed commits of this repository, 40 hexadecimal digits each.";
        for (const wrong of ["main", full.slice(1), `${full}0`, "A".repeat(40)])
            assert.deepEqual(commits(full, wrong), [`relaypacs:workflowCommits[1] is "${wrong}"; ${accepted}`]);
        assert.equal(commits(full, "a".repeat(40), "b".repeat(40)).length, 1);
        assert.deepEqual(sentences({ workflowCommits: "" }), [`relaypacs:workflowCommits is ""; ${accepted}`]);
    });

    it("should know two forms of subjects, immutable ones by default", () => {
        const given = (format: object) =>
            sentences({ repository: JSON.stringify({ owner: "relaypacs", name: "gateway", ...format }) });
        assert.deepEqual(given({ subjectFormat: "names", platformSubjectFormat: "immutable" }), []);
        for (const key of ["subjectFormat", "platformSubjectFormat"])
            assert.deepEqual(given({ [key]: "mutable" }), [
                `relaypacs:repository.${key} is "mutable"; it must be "immutable" for repo:OWNER@ID/NAME@ID, or "names" for repo:OWNER/NAME of a repository that still sends it.`,
            ]);
        const { subjectFormat, platformSubjectFormat } = schema.shape.repository.parse({ owner: "a", name: "b" });
        assert.deepEqual([subjectFormat, platformSubjectFormat], ["immutable", "immutable"]);
    });

    it("should accept as many approver teams as GitHub does", () => {
        const teams = (count: number) =>
            JSON.stringify({
                owner: "relaypacs",
                name: "gateway",
                approverTeams: Object.fromEntries(
                    Array.from({ length: count }, (_, at) => [`leads-${at}`, "Tech Lead"]),
                ),
            });
        assert.deepEqual(sentences({ repository: teams(6) }), []);
        assert.equal(sentences({ repository: teams(7) }).length, 1);
    });

    it("should accept a service that the release does not hold yet", () => {
        const images = { backend: digest };
        assert.deepEqual(
            sentences({ release: JSON.stringify({ version: "1.4.2", commit: "a".repeat(40), images }) }),
            [],
        );
    });

    it("should accept schedules of backups in numbers, and fill in the rest of the setting", () => {
        for (const schedule of ["15 */4 * * *", "0 3 * * *", "5,35 0-23 1 1-12 0", "*/30 * * * 1-5"])
            assert.deepEqual(
                sentences({
                    databaseBackup: JSON.stringify({ image: digest, storageCidrs: ["10.20.4.0/24"], schedule }),
                }),
                [],
            );
    });

    it("should accept identifiers of Amazon RDS up to what its copies leave room for", () => {
        for (const rdsInstance of ["a", "relaypacs-prod", `a${"1".repeat(53)}`])
            assert.deepEqual(sentences({ rdsInstance }), []);
    });

    it("should accept one user or one app as the actor that moves staging", () => {
        for (const stagingMirror of ["/rory-deployment", "A_kwHOAA0123", "MDM6QXBwMTIzNDU="])
            assert.deepEqual(
                sentences({ repository: JSON.stringify({ owner: "relaypacs", name: "gateway", stagingMirror }) }),
                [],
            );
    });

    it("should have a variable for every key", () => {
        assert.equal(variableOf("databaseUrl"), "RELAYPACS_DATABASE_URL");
        assert.equal(variableOf("release"), "RELAYPACS_RELEASE");
        assert.equal(variableOf("databaseUrl", "prod"), "RELAYPACS_PROD_DATABASE_URL");
    });

    it("should be told from a variable that is misspelt", () => {
        const known = Object.keys(schema.shape).map((key) => variableOf(key));
        const stacks = ["STAGING", "PROD"].flatMap((stack) =>
            known.map((name) => name.replace("RELAYPACS_", `RELAYPACS_${stack}_`)),
        );
        assert.deepEqual(unknownVariables([...known, ...stacks, "PATH", "GITHUB_TOKEN"]), []);
        for (const [given, nearest] of [
            ["RELAYPACS_HOSTNAM", "RELAYPACS_HOSTNAME"],
            ["RELAYPACS_GATE_LIMIT", "RELAYPACS_GATE_LIMITS"],
            ["RELAYPACS_PROD_REALEASE", "RELAYPACS_PROD_RELEASE"],
            ["RELAYPACS_STAGE_RELEASE", "RELAYPACS_RELEASE"],
        ] as const)
            assert.deepEqual(unknownVariables(["PATH", given]), [
                `${given} is not the variable of a setting; remove it or correct its name, perhaps to ${nearest}. Accepted, for one stack with STAGING_ or PROD_ after RELAYPACS_: ${known.join(", ")}.`,
            ]);
    });

    for (const [what, change, sentence] of [
        [
            "a variable that is misspelt",
            { RELAYPACS_HOSTNAM: "x" },
            /^RELAYPACS_HOSTNAM is not .* perhaps to RELAYPACS_HOSTNAME\. Accepted, .*: RELAYPACS_ENVIRONMENT, RELAYPACS_AWS_ACCOUNT_ID, .*\.$/,
        ],
        [
            "no token for GitHub",
            { GITHUB_TOKEN: "" },
            /^GITHUB_TOKEN is missing from the environment; it must be a GitHub token with the permissions in docs\/guides\/account-setup\.md\.$/,
        ],
    ] as const)
        it(`should refuse ${what} in the program, in one sentence`, () => {
            const variables = Object.entries(valid).map(([key, text]) => [variableOf(key), text] as const);
            void pulumi.runtime.setMocks(
                { newResource: ({ inputs }) => ({ id: "", state: inputs as object }), call: () => ({}) },
                "relaypacs",
                "staging",
            );
            pulumi.runtime.setAllConfig({ "aws:region": "us-east-1" });
            const environment = { ...Object.fromEntries(variables), GITHUB_TOKEN: "not-a-real-token" };
            assert.equal(loadSettings(environment).hostname, "staging.relaypacs.com");
            assert.throws(
                () => loadSettings({ ...environment, ...change }),
                (error) => error instanceof SettingsError && sentence.test(error.message),
            );
        });
});

/** Whether a key's object may be left out because each of its fields has a default. */
const isPrefault = (key: string) => (schema.shape as Readonly<Record<string, z.ZodType>>)[key] instanceof z.ZodPrefault;

describe("Pulumi.yaml", () => {
    const declared = read("Pulumi.yaml").config as Record<
        string,
        { type: string; default?: unknown; description: string }
    >;
    // `pulumi` requires every key that has neither a value nor a default.
    const ofEachRun = [
        ...["release", "toolImages", "prometheusUrl", "clusterEnvironments", "databaseBackup", "rdsInstance"],
        ...secretKeys,
    ];

    it("should declare every key of the schema except optional ones and secrets", () => {
        const keys = Object.keys(schema.shape).filter((key) => !ofEachRun.includes(key));
        assert.deepEqual(Object.keys(declared).sort(), keys.sort());
    });

    it("should have the schema's types and defaults, and a description for each key", () => {
        const document = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
        for (const [key, declaration] of Object.entries(declared)) {
            const property = document.properties![key] as { type: string; default?: unknown };
            assert.equal(declaration.type, property.type, key);
            if (!isPrefault(key)) assert.deepEqual(declaration.default, property.default, key);
            else assert.deepEqual(declaration.default, {}, key);
            assert.ok(declaration.description.length > 20, key);
        }
    });

    it("should come with no stack file that has secrets under a public passphrase", () => {
        for (const stack of ["staging", "prod"]) {
            const file = fs.readFileSync(path.join(projectRoot, `Pulumi.${stack}.yaml`), "utf8");
            const salted = file.includes("encryptionsalt: v1:wTEEeF6W1qw=");
            assert.ok(
                !salted || !/^\s*secure:/m.test(file),
                `Pulumi.${stack}.yaml has secrets under the sandbox's salt`,
            );
        }
    });

    it("should cover both stack files' keys, which include all that it requires and no secret", () => {
        for (const stack of ["staging", "prod"]) {
            const keys = Object.keys(stackSettings(stack));
            assert.deepEqual(
                keys.filter((key) => !(key in declared)),
                [],
            );
            const required = Object.keys(declared).filter((key) => declared[key]!.default === undefined);
            assert.deepEqual(
                required.filter((key) => !keys.includes(key)),
                [],
            );
        }
    });
});
