import type { ItemName, ItemPredicate } from "../../delivery/evidence/items";
import { checkpointOf, type Suite } from "../../delivery/evidence/predicates";
import type { ReleaseIdentity } from "../../delivery/core/release";

/** The moment at which the example release is judged. */
export const exampleNow = "2026-01-14T18:00:00.000Z";

/** RFC 3339 of a moment so many seconds before `exampleNow`. */
export function ago(seconds: number): string {
    return new Date(Date.parse(exampleNow) - seconds * 1000).toISOString();
}

const minute = 60;
const hour = 3600;
const day = 86_400;

export const exampleRelease: ReleaseIdentity = {
    version: "1.4.2",
    commit: "c".repeat(40),
    images: { backend: `sha256:${"b".repeat(64)}`, frontend: `sha256:${"f".repeat(64)}` },
};

type Contents = { readonly [Item in ItemName]: ItemPredicate<Item> };

const measuredAt = ago(10 * hour);

function suite(name: Suite, total: number, durationSeconds: number, finished = 10 * hour): ItemPredicate<"smoke"> {
    return {
        result: "PASSED",
        configuration: [
            {
                name,
                uri: `git+https://github.com/relaypacs/gateway@${"c".repeat(40)}#tests/${name}`,
                annotations: {
                    total,
                    passed: total,
                    failed: 0,
                    skipped: 0,
                    ...(name === "e2e-critical" && { scenarios: total }),
                    durationSeconds,
                    startedOn: ago(finished + durationSeconds),
                    finishedOn: ago(finished),
                },
            },
        ],
        failedTests: [],
    };
}

function scan(uri: string): ItemPredicate<"trivy"> {
    return {
        scanner: { uri, version: "1.0.0", db: { lastUpdate: ago(8 * hour) }, result: [] },
        metadata: { scanStartedOn: ago(5 * hour), scanFinishedOn: ago(5 * hour - minute) },
    };
}

const bandit: ItemPredicate<"bandit"> = { tool: { name: "bandit", version: "1.8.0" }, findings: [], measuredAt };
const reviewed = { state: "approved", commit: "a".repeat(40), submittedAt: ago(11 * hour) } as const;
const smoke = suite("smoke", 4, 3, 7 * hour - minute);
const incident = {
    id: "INC-42",
    priority: "P1",
    uri: "https://incidents.example/INC-42",
    openedAt: ago(12 * hour),
} as const;
const approved = { verdict: "approved", expedited: false, decidedAt: ago(hour) } as const;

/** Where the example release comes from. */
export const exampleRepository = "https://github.com/relaypacs/gateway";

/** The evidence of a release that passes every gate, by item. The build ran from nine to eight hours before. */
export const examples: Contents = {
    "lint-backend": {
        component: "backend",
        tools: ["ruff", "black", "mypy"].map((name) => ({ name, version: "1.0.0", errors: 0, warnings: 0 })),
        measuredAt,
    },
    "lint-frontend": {
        component: "frontend",
        tools: ["eslint", "prettier", "typescript"].map((name) => ({ name, version: "1.0.0", errors: 0, warnings: 0 })),
        measuredAt,
    },
    "type-coverage-backend": {
        component: "backend",
        tool: { name: "mypy", version: "1.15.0" },
        typedCount: 950,
        totalCount: 1000,
        measuredAt,
    },
    "type-coverage-frontend": {
        component: "frontend",
        tool: { name: "type-coverage", version: "2.29.0" },
        typedCount: 1980,
        totalCount: 2000,
        measuredAt,
    },
    "unit-backend": suite("unit-backend", 412, 184),
    "unit-frontend": suite("unit-frontend", 198, 72),
    "coverage-backend": {
        component: "backend",
        tool: { name: "coverage.py", version: "7.6.0" },
        linesCovered: 9312,
        linesTotal: 10_000,
        measuredAt,
    },
    "coverage-frontend": {
        component: "frontend",
        tool: { name: "istanbul", version: "0.4.5" },
        linesCovered: 3400,
        linesTotal: 4000,
        measuredAt,
    },
    integration: suite("integration", 36, 240),
    "e2e-critical": suite("e2e-critical", 6, 312),
    trivy: scan("pkg:github/aquasecurity/trivy@0.58.0"),
    "npm-audit": scan("pkg:npm/npm@10.8.2"),
    "python-audit": scan("pkg:pypi/pip-audit@2.7.3"),
    bandit,
    "eslint-security": { ...bandit, tool: { name: "eslint-security", version: "3.0.1" } },
    "code-review": {
        pullRequest: "https://github.com/relaypacs/gateway/pull/57",
        headCommit: "a".repeat(40),
        mergeCommit: "c".repeat(40),
        authors: ["ada"],
        reviews: [{ login: "grace", ...reviewed }],
        measuredAt,
    },
    provenance: {
        buildDefinition: {
            buildType: "https://actions.github.io/buildtypes/workflow/v1",
            externalParameters: {
                workflow: {
                    ref: "refs/heads/main",
                    repository: exampleRepository,
                    path: ".github/workflows/ci-cd.yml",
                },
            },
            resolvedDependencies: [
                {
                    uri: "git+https://github.com/relaypacs/gateway@refs/heads/main",
                    digest: { gitCommit: "c".repeat(40) },
                },
            ],
        },
        runDetails: {
            builder: { id: "https://github.com/actions/runner/github-hosted" },
            metadata: { startedOn: ago(9 * hour), finishedOn: ago(8 * hour) },
        },
    },
    build: {
        result: "succeeded",
        artifacts: [
            {
                kind: "container-image",
                name: "relaypacs/backend",
                uri: "https://registry.example/relaypacs/backend",
                sha256: "b".repeat(64),
            },
            {
                kind: "container-image",
                name: "relaypacs/frontend",
                uri: "https://registry.example/relaypacs/frontend",
                sha256: "f".repeat(64),
            },
            { kind: "static-assets", name: "frontend", uri: "s3://assets/1.4.2.tar.gz", sha256: "1".repeat(64) },
            { kind: "build-metadata", name: "build.json", uri: "s3://builds/1.4.2.json", sha256: "2".repeat(64) },
        ],
        finishedAt: ago(8 * hour),
    },
    "migration-staging": migrationOf("staging"),
    "migration-prod": migrationOf("prod"),
    "staging-deployment": {
        environment: "staging",
        cluster: "staging-cluster",
        namespace: "relaypacs-staging",
        services: ["backend", "frontend"].map((name) => ({
            name,
            image: `registry.example/relaypacs/${name}@${exampleRelease.images[name] ?? ""}`,
            replicas: 2,
            readyReplicas: 2,
        })),
        startedAt: ago(7 * hour + 3 * minute),
        completedAt: ago(7 * hour),
    },
    smoke: {
        ...smoke,
        configuration: [
            {
                ...smoke.configuration[0],
                annotations: { ...smoke.configuration[0].annotations, slowestHealthSeconds: 0.12, serverErrors: 0 },
            },
        ],
    },
    soak: {
        environment: "staging",
        namespace: "relaypacs-staging",
        startedAt: ago(7 * hour),
        endedAt: ago(hour),
        observedSeconds: 6 * hour,
        interruptions: [],
        requests: 18_000,
        serverErrors: 0,
        containerRestarts: 0,
    },
    approval: {
        environment: "prod",
        authors: ["ada"],
        decisions: [{ login: "margaret", role: "tech-lead", ...approved }],
        uri: "https://github.com/relaypacs/gateway/actions/runs/1",
        measuredAt: ago(hour),
    },
    rehearsal: {
        result: "succeeded",
        environment: "staging",
        application: "redeploy-previous",
        documentSha256: "3".repeat(64),
        fromVersion: "1.4.2",
        toVersion: "1.4.1",
        testedAt: ago(6 * hour),
        durationSeconds: 48,
    },
    "restore-rehearsal": {
        result: "succeeded",
        environment: "staging",
        documentSha256: "5".repeat(64),
        backupTakenAt: ago(8 * hour),
        revision: "2b7c",
        tables: 3,
        rows: 1_000_000,
        testedAt: ago(6 * hour),
        durationSeconds: 12,
    },
    "rollback-plan": {
        documentation: "https://github.com/relaypacs/gateway/blob/main/docs/rollback.md",
        documentSha256: "3".repeat(64),
        previousVersion: "1.4.1",
        application: "blue-green-switch",
        database: "alembic-downgrade",
        test: {
            result: "succeeded",
            environment: "staging",
            application: "redeploy-previous",
            documentSha256: "3".repeat(64),
            fromVersion: "1.4.1",
            toVersion: "1.4.0",
            testedAt: ago(6 * hour),
            durationSeconds: 48,
        },
        measuredAt: ago(6 * hour),
    },
    incidents: {
        source: "https://incidents.example/api",
        windowStartedAt: ago(7 * day + 30 * minute),
        windowEndedAt: ago(30 * minute),
        incidents: [incident],
    },
    hotfix: {
        incident,
        baseCommit: "d".repeat(40),
        changedFiles: ["app/login.py"],
        addedTests: ["tests/unit/test_login.py::test_expired_session"],
        rollbackRehearsedAt: ago(6 * hour),
        monitoringMinutes: 60,
        measuredAt: ago(2 * hour),
    },
    monitoring: {
        environment: "prod",
        startedAt: ago(70 * minute),
        endedAt: ago(5 * minute),
        observedSeconds: 65 * minute,
        requests: 5000,
        serverErrors: 2,
        unhealthyPodsPercent: 0,
        rolledBack: false,
    },
    "admission-staging": admissionOf("staging"),
    "admission-prod": admissionOf("prod"),
};

function admissionOf(environment: "staging" | "prod"): ItemPredicate<"admission-staging"> {
    return {
        environment,
        checkpoint: checkpointOf[environment],
        admittedAt: ago(20 * minute),
        completedAt: ago(10 * minute),
        gates: [
            { id: "code-lint", status: "pass" },
            { id: "build-success", status: "pass" },
        ],
    };
}

function migrationOf<Where extends "staging" | "prod">(environment: Where): ItemPredicate<"migration-staging"> {
    return {
        environment,
        tool: "alembic",
        result: "succeeded",
        fromRevision: "1f0a",
        toRevision: "2b7c",
        headRevision: "2b7c",
        startedAt: ago(7 * hour + 5 * minute),
        finishedAt: ago(7 * hour + 4 * minute),
    };
}
