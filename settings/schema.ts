import { z } from "zod";
import { singleActor } from "../delivery/core/names";
import { healthPath } from "../delivery/core/metrics";
import { digest, release } from "../delivery/core/release";
import { trustedKey } from "../delivery/evidence/keys";

/** At most 32 characters, so that every derived name fits (S3 bucket names have at most 63). */
const name = (what: string) =>
    z
        .string()
        .regex(/^[a-z][a-z0-9-]{1,30}[a-z0-9]$/)
        .describe(`${what}: 3 to 32 lower-case letters, digits and hyphens, a letter first`);

const wholeNumber = (what: string, minimum: number, maximum: number) =>
    z.number().int().min(minimum).max(maximum).describe(`${what}: a whole number from ${minimum} to ${maximum}`);

const quantity = (what: string, pattern: RegExp, example: string) =>
    z.string().regex(pattern).describe(`${what}: a Kubernetes quantity such as ${example}`);

const cpu = (what: string) => quantity(what, /^[1-9]\d{0,5}m$/, "250m");
const memory = (what: string) => quantity(what, /^[1-9]\d{0,6}Mi$/, "256Mi");

const resources = z
    .strictObject({
        cpuRequest: cpu("CPU a pod is promised").default("100m"),
        cpuLimit: cpu("CPU a pod may use").default("500m"),
        memoryRequest: memory("memory a pod is promised").default("128Mi"),
        memoryLimit: memory("memory a pod may use").default("256Mi"),
    })
    .describe("an object with cpuRequest, cpuLimit, memoryRequest and memoryLimit");

/** One container image that runs as a Deployment (specification, section 6). */
export const service = z
    .strictObject({
        name: name("the service's name"),
        port: wholeNumber("the port the container listens on", 1024, 65535).default(8000),
        healthPath: z
            .string()
            .regex(/^\/[\w/.-]*$/)
            .describe("the path of the readiness probe, from /")
            .default(healthPath),
        replicas: wholeNumber("pods that serve at any time", 2, 50).default(2),
        /** Paths of the public host name that this service answers. */
        routes: z
            .array(
                z
                    .string()
                    .regex(/^\/[\w/.-]*$/)
                    .describe("a path from /"),
            )
            .describe("a list of paths from /")
            .default([]),
        /** Whether the service uses the database, which gives it credentials, network access and migrations. */
        database: z.boolean().describe("true or false").default(false),
        resources: resources.prefault({}),
        environment: z
            .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string())
            .describe("a map of environment variables in upper case to strings; never a secret")
            .default({}),
    })
    .describe("an object with at least a name");

export type Service = z.infer<typeof service>;

/** A GitHub team's slug. */
export const teamSlug = /^[a-z0-9][a-z0-9-]*$/;

/** GitHub's limit of reviewers per environment. */
export const maximumTeams = 6;

/** The role of each team's members, by the team's slug (specification, section 5). */
export const teamRoles = z
    .record(z.string(), z.enum(["Engineering Manager", "Tech Lead"]))
    .refine((roles) => {
        const slugs = Object.keys(roles);
        return slugs.length >= 1 && slugs.length <= maximumTeams && slugs.every((slug) => teamSlug.test(slug));
    })
    .describe(`a map of one to ${maximumTeams} GitHub team slugs to "Engineering Manager" or "Tech Lead"`);

/** How a repository's OIDC tokens name it (https://docs.github.com/actions/reference/security/oidc). */
const subjectFormat = z
    .enum(["immutable", "names"])
    .describe(
        '"immutable" for repo:OWNER@ID/NAME@ID, or "names" for repo:OWNER/NAME of a repository that still sends it',
    )
    .default("immutable");

/** The code repository whose `main` and `staging` branches are protected (specification, section 2). */
export const repository = z
    .strictObject({
        owner: z
            .string()
            .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/)
            .describe("a GitHub organisation"),
        name: z
            .string()
            .regex(/^[A-Za-z0-9._-]{1,100}$/)
            .describe("a GitHub repository name, without its owner"),
        /** The repository of this program; only its environments for previews may assume the preview roles. */
        platform: z
            .string()
            .regex(/^[A-Za-z0-9._-]{1,100}$/)
            .describe("the GitHub repository that holds this program, without its owner")
            .default("platform"),
        subjectFormat,
        /** The same of the repository `platform`. */
        platformSubjectFormat: subjectFormat,
        visibility: z.enum(["private", "internal"]).describe('"private" or "internal"').default("private"),
        /** The teams that may approve production and previews: Engineering Managers and Tech Leads (specification, section 5). */
        approverTeams: teamRoles.default({ "engineering-managers": "Engineering Manager", "tech-leads": "Tech Lead" }),
        /** Jobs of the pull-request workflow that must pass before a merge. */
        requiredChecks: z
            .array(z.string().min(1))
            .min(1)
            .describe("a list of status check names")
            .default([
                "commit-messages",
                "lint-backend",
                "lint-frontend",
                "test-backend",
                "test-frontend",
                "e2e-tests",
                "security-scan",
            ]),
        /** On `pulumi destroy` the repository is archived, which keeps the code; false deletes it. */
        archiveOnDestroy: z.boolean().describe("true or false").default(true),
        /**
         * The actor whose token deployments to staging use: the only one that may move the branch `staging` to what
         * runs there without a pull request (section 2). If it is not set, the branch stays where it is.
         */
        stagingMirror: z
            .string()
            .regex(singleActor)
            .describe("a GitHub user as /login, or the node id of a GitHub App, such as A_kwHOAA0123")
            .optional(),
    })
    .describe('an object with at least "owner" and "name"');

/** The controllers and the smoke tests that run in the cluster, by the repository of their image. */
export const toolNames = ["argo-rollouts", "traefik", "prometheus", "smoke-tests"] as const;

const toolImages = z
    .strictObject(
        Object.fromEntries(toolNames.map((tool) => [tool, digest])) as Record<
            (typeof toolNames)[number],
            typeof digest
        >,
    )
    .describe(`an object with the image digests of ${toolNames.join(", ")}`);

const percent = (what: string, maximum = 100) =>
    z.number().min(0).max(maximum).describe(`${what}: a number from 0 to ${maximum}`);

/**
 * How production is replaced (specification, section 6, "Production Deployment", and section 7, "Automated Rollback
 * Triggers"). The defaults are the specification's; the policy pack refuses values that weaken them.
 */
export const blueGreen = z
    .strictObject({
        canaryWeightPercent: wholeNumber("share of requests that green gets first", 1, 99).default(50),
        canarySeconds: wholeNumber("seconds that green is measured with that share", 5, 86_400).default(600),
        measurementSeconds: wholeNumber("seconds between two measurements", 1, 300).default(15),
        maximumErrorIncreasePercent: percent("percentage points by which green may fail more than blue").default(0.5),
        watchSeconds: wholeNumber("seconds that green is watched with all requests", 5, 86_400).default(300),
        maximumErrorPercent: percent("share of requests that may fail after the cutover").default(1),
        maximumUnhealthyPercent: percent("share of pods that may be unhealthy").default(20),
        minimumRequests: wholeNumber("requests below which a measurement judges nothing", 1, 1_000_000).default(20),
        inconclusiveLimit: wholeNumber("measurements of a stage that may judge nothing", 1, 100).default(5),
        blueIdleSeconds: wholeNumber("seconds that blue stays for a fast rollback", 5, 86_400).default(3600),
    })
    .describe("an object with the durations, weights and limits of a blue-green release");

const ingressService = z
    .strictObject({
        type: z
            .enum(["ClusterIP", "LoadBalancer"])
            .describe('"ClusterIP", or "LoadBalancer" where the cloud puts a load balancer before the cluster')
            .default("ClusterIP"),
        annotations: z
            .record(z.string().min(1), z.string())
            .describe("a map of annotations to strings, which tell the cloud what load balancer to make")
            .default({}),
    })
    .describe("an object with the type and the annotations of the ingress controller's Service");

const cidr = z.cidrv4().describe("an IPv4 range such as 10.0.12.0/24");

/** A field of cron: `*`, numbers, ranges, steps, in a list. */
const cronField = (number: string) => {
    const one = `(?:\\*|${number}(?:-${number})?)(?:/[1-9]\\d?)?`;
    return `${one}(?:,${one})*`;
};

const cron = new RegExp(
    `^${["[0-5]?\\d", "(?:1?\\d|2[0-3])", "(?:[1-9]|[12]\\d|3[01])", "(?:[1-9]|1[0-2])", "[0-6]"].map(cronField).join(" ")}$`,
);

const secret = (what: string) => z.string().min(1).describe(what);

/**
 * Every key of the `relaypacs` namespace, with its default and what it accepts. `Pulumi.yaml` repeats keys and types
 * for the command line; a test keeps the two in step.
 */
export const schema = z.strictObject({
    environment: z.enum(["staging", "prod"]).describe('"staging" or "prod", the same as the stack\'s name'),
    awsAccountId: z
        .string()
        .regex(/^\d{12}$/)
        .describe("an AWS account id: 12 digits in quotes"),
    sharedResources: z
        .enum(["create", "use"])
        .describe(
            '"create" in the one stack that owns registry, artifact store, identities and governance; "use" elsewhere',
        ),
    repository,
    /**
     * Commits of this repository whose workflows may take the pipeline's roles, 40 hexadecimal digits each. The second
     * one is for the time in which the gateway's workflows go from one commit to the next.
     */
    workflowCommits: z
        .array(
            z
                .string()
                .regex(/^[0-9a-f]{40}$/)
                .describe("a list of one or two reviewed commits of this repository, 40 hexadecimal digits each"),
        )
        .max(2)
        .describe("a list of one or two reviewed commits of this repository, 40 hexadecimal digits each")
        .default([]),
    services: z.array(service).min(1).max(100).describe("a list of 1 to 100 services"),
    /** What runs; absent only while `bootstrap` is true. */
    release: release.optional(),
    bootstrap: z.boolean().describe("true before the first image is pushed, else false").default(false),
    /** The folder with the release's evidence (specification, section 5): DSSE envelopes, one per file. */
    evidenceFolder: z.string().min(1).describe("a folder with the release's evidence").default("evidence"),
    /** Keys that may sign evidence, pinned here so that each change is reviewed. */
    trustedKeys: z.array(trustedKey).describe("a list of public keys that sign evidence").default([]),
    gateLimits: z.record(z.string(), z.number()).describe("a map of the gates' limits to stricter numbers").default({}),
    hostname: z.hostname().describe("the public host name, such as staging.relaypacs.com"),
    deploymentStrategy: z
        .enum(["rolling", "blueGreen"])
        .describe('"rolling" or "blueGreen" (specification, section 6)'),
    blueGreen: blueGreen.prefault({}),
    rolloutTimeoutSeconds: wholeNumber("seconds until a rollout without progress has failed", 30, 3600).default(300),
    migrationTimeoutSeconds: wholeNumber("seconds until a database migration has failed", 10, 3600).default(300),
    clusterServices: z
        .enum(["create", "use"])
        .describe(
            '"create" where this stack makes Argo Rollouts, Traefik and Prometheus, "use" where the cluster has them',
        ),
    /** The environments that the cluster's services serve: both, where staging and production share a cluster. */
    clusterEnvironments: z
        .array(z.enum(["staging", "prod"]))
        .min(1)
        .describe('a list of "staging" and "prod"; the stack\'s own environment when it is not set')
        .optional(),
    toolImages: toolImages.optional(),
    scrapeSeconds: wholeNumber("seconds between two scrapes of a pod's metrics", 1, 60).default(15),
    prometheusUrl: z
        .url({ protocol: /^https?$/ })
        .describe("the address of the cluster's Prometheus, such as http://prometheus.monitoring.svc:9090")
        .optional(),
    ingressClass: z.string().min(1).describe("the name of an IngressClass").default("traefik"),
    ingressNamespace: z.string().min(1).describe("the namespace of the ingress controller").default("traefik"),
    /** How the ingress controller that `clusterServices` makes is reached from outside. */
    ingressService: ingressService.prefault({}),
    certificateIssuer: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)
        .describe('the name of a cert-manager ClusterIssuer, or "none" where another tool keeps the Secret public-tls')
        .default("letsencrypt"),
    monitoringNamespace: z.string().min(1).describe("the namespace that scrapes /metrics").default("monitoring"),
    database: z
        .strictObject({
            cidrs: z.array(cidr).min(1).describe("a list of IPv4 ranges"),
            port: wholeNumber("the database's port", 1, 65535).default(5432),
        })
        .describe('an object {"cidrs": [<IPv4 range>], "port": 5432}'),
    /** How the database is backed up (specification, section 7); without it, by no one here. */
    databaseBackup: z
        .strictObject({
            /** Digest of the image `relaypacs/database-backup` (release/backup-database/Dockerfile). */
            image: digest,
            /** When a backup begins, in UTC. */
            schedule: z
                .string()
                .regex(cron)
                .describe("five fields of cron in numbers, in UTC, such as 15 */4 * * *")
                .default("15 */4 * * *"),
            /** The stack that makes the bucket (`sharedResources`) decides for both environments. */
            retentionDays: wholeNumber("days that a backup is kept", 7, 3650).default(35),
            storageCidrs: z
                .array(cidr)
                .min(1)
                .describe("a list of IPv4 ranges: the endpoints of Amazon S3 in the cluster's network"),
            scratchGibibytes: wholeNumber("room for one dump on a node's disk, in GiB", 1, 1000).default(10),
        })
        .describe('an object {"image": "sha256:…", "storageCidrs": [<IPv4 range>]}')
        .optional(),
    /** The Amazon RDS instance that has the database, where RDS backs it up and restores it to a point in time. */
    rdsInstance: z
        .string()
        .regex(/^[a-z](?:-?[a-z0-9]){0,53}$/)
        .describe("the identifier of an Amazon RDS instance: 1 to 54 lower-case letters, digits and single hyphens")
        .optional(),
    secretDelivery: z
        .enum(["kubernetesSecret", "externalSecrets"])
        .describe('"kubernetesSecret", or "externalSecrets" where the External Secrets Operator runs')
        .default("kubernetesSecret"),
    rotation: z
        .strictObject({
            functionArn: z
                .string()
                .regex(/^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+$/)
                .describe("the ARN of a Lambda function that rotates secrets"),
            days: wholeNumber("days between two rotations", 1, 365).default(90),
        })
        .describe('an object {"functionArn": "arn:aws:lambda:…", "days": 90}'),
    /** A role that is not among them can't read a secret, whatever its own policy allows. */
    secretReaders: z
        .array(z.string().regex(/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/))
        .min(1)
        .describe(
            "a list of ARNs of roles that read secrets beside the pipeline's: the rotation function's, " +
                "the External Secrets Operator's, administrators'",
        ),
    keepReleases: wholeNumber("releases kept per image repository, beside those that production ran", 5, 1000).default(
        30,
    ),
    evidenceRetentionYears: wholeNumber("years that evidence can't be deleted", 6, 30).default(6),
    databaseUrl: secret("a PostgreSQL connection URL: postgresql://user:password@host:port/database").regex(
        /^postgresql:\/\/[^:@/]+:[^@/]+@[^/]+\/.+$/,
    ),
    applicationSecretKey: secret("the key that signs sessions: at least 32 characters").min(32).optional(),
    smokeUsername: z.string().min(1).describe("the user that smoke tests log in as").default("smoke-test"),
    smokePassword: secret("the password of the user that smoke tests log in as"),
    dockerHubUsername: z.string().min(1).describe("a Docker Hub user name"),
    dockerHubToken: secret("a Docker Hub access token"),
    slackWebhook: secret("a Slack incoming webhook: https://hooks.slack.com/…").regex(
        /^https:\/\/hooks\.slack\.com\/.+$/,
    ),
});

export type Values = z.infer<typeof schema>;

/** Keys whose values are secrets: never shown, and refused in plain text in a stack file. */
export const secretKeys = [
    "databaseUrl",
    "applicationSecretKey",
    "smokePassword",
    "dockerHubToken",
    "slackWebhook",
] as const;

export type SecretKey = (typeof secretKeys)[number];
