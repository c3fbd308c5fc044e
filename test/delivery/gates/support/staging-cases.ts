import type { ItemPredicate } from "../../../../delivery/evidence/items";
import { casesOf, changed, type LimitCase } from "./cases";
import { ago, hour, release, repository } from "./contents";
import { flaky, of, otherCommit, otherTests, run } from "./test-cases";

const build = casesOf("build-success");
const artifacts = (change: (list: ItemPredicate<"build">["artifacts"]) => unknown) =>
    changed("build", (one) => {
        change(one.artifacts);
    });
const noImage = `the image of frontend (${release.images.frontend ?? ""}) is not among the artifacts`;
const otherSource = (services: string) =>
    `the provenance of ${services} does not name commit cccccccccccc of ${repository}`;
type Provenance = ItemPredicate<"provenance">;
const workflow = (change: object) => (one: Provenance) => {
    Object.assign(one.buildDefinition.externalParameters.workflow as object, change);
};
/** Builds of other builders, sources and workflows. */
const foreign: readonly (readonly [string, (one: Provenance) => void, string])[] = [
    [
        "another builder",
        (one) => void (one.runDetails.builder.id = "https://ci.example/runner"),
        "names the builder https://ci.example/runner, not https://github.com/actions/runner/github-hosted",
    ],
    [
        "another type of build",
        (one) => void (one.buildDefinition.buildType = "https://ci.example/by-hand"),
        "names the type of build https://ci.example/by-hand, not https://actions.github.io/buildtypes/workflow/v1",
    ],
    [
        "another workflow",
        workflow({ path: ".github/workflows/try.yml" }),
        "names the workflow .github/workflows/try.yml, not .github/workflows/ci-cd.yml",
    ],
    ["another ref", workflow({ ref: "refs/heads/try" }), "names the ref refs/heads/try, not refs/heads/main"],
    ["a ref that is no text", workflow({ ref: ["x"] }), 'names the ref ["x"], not refs/heads/main'],
    [
        "a workflow with an endless name",
        workflow({ path: "x".repeat(201) }),
        `names the workflow ${"x".repeat(200)}, not .github/workflows/ci-cd.yml`,
    ],
    [
        "a source without an address",
        (one) => void delete one.buildDefinition.resolvedDependencies![0]!.uri,
        `does not name commit cccccccccccc of ${repository}`,
    ],
    [
        "another repository",
        workflow({ repository: "https://github.com/mallory/gateway" }),
        "names the repository https://github.com/mallory/gateway, not https://github.com/relaypacs/gateway",
    ],
    ["no repository", workflow({ repository: undefined }), `does not name the repository ${repository}`],
    [
        "no workflow at all",
        (one) => void delete one.buildDefinition.externalParameters.workflow,
        `does not name the repository ${repository}; the provenance of relaypacs/backend does not name the workflow ` +
            ".github/workflows/ci-cd.yml; the provenance of relaypacs/backend does not name the ref refs/heads/main",
    ],
    ...[
        "git+https://github.com/mallory/gateway",
        `git+${repository}-2@main`,
        "https://github.com/relaypacs/gateway",
    ].map(
        (uri) =>
            [
                `the commit of ${uri}`,
                (one: Provenance) => void (one.buildDefinition.resolvedDependencies![0]!.uri = uri),
                `does not name commit cccccccccccc of ${repository}`,
            ] as const,
    ),
];
const buildCases = [
    build(
        "other",
        "a source without a ref",
        changed("provenance", (one) => (one.buildDefinition.resolvedDependencies![0]!.uri = `git+${repository}`)),
        "pass",
        "4 artifacts",
    ),
    build("pass", "everything was built", {}, "pass", "4 artifacts"),
    build(
        "just below",
        "an image is missing",
        artifacts((list) => list.splice(1, 1)),
        "fail",
        noImage,
    ),
    build(
        "at",
        "all artifacts, in another order",
        artifacts((list) => list.reverse()),
        "pass",
        "4 artifacts",
    ),
    build(
        "just above",
        "one additional artifact",
        artifacts((list) => list.push({ ...list[3]!, name: "notes" })),
        "pass",
        "5 artifacts",
    ),
    build(
        "other",
        "an image of another digest",
        artifacts((list) => (list[1]!.sha256 = "9".repeat(64))),
        "fail",
        noImage,
    ),
    build(
        "other",
        "an image of another name",
        artifacts((list) => (list[1]!.name = "relaypacs/other")),
        "fail",
        noImage,
    ),
    build(
        "other",
        "an image's digest on something else",
        artifacts((list) => (list[1]!.kind = "static-assets")),
        "fail",
        noImage,
    ),
    build(
        "other",
        "no assets",
        artifacts((list) => list.splice(2, 1)),
        "fail",
        "no artifact of the kind static-assets was built",
    ),
    build(
        "other",
        "no metadata",
        artifacts((list) => list.pop()),
        "fail",
        "no artifact of the kind build-metadata was built",
    ),
    build(
        "other",
        "the build failed",
        changed("build", (one) => (one.result = "failed")),
        "fail",
        "the build failed",
    ),
    build(
        "other",
        "a build from another commit",
        changed(
            "provenance",
            (one) => (one.buildDefinition.resolvedDependencies![0]!.digest = { gitCommit: "9".repeat(40) }),
            { service: "frontend" },
        ),
        "fail",
        otherSource("relaypacs/frontend"),
    ),
    build(
        "other",
        "a build without a source",
        changed("provenance", (one) => delete one.buildDefinition.resolvedDependencies),
        "fail",
        `${otherSource("relaypacs/backend")}; ${otherSource("relaypacs/frontend")}`,
    ),
    ...foreign.map(([title, change, says]) =>
        build(
            "other",
            title,
            changed("provenance", change, { service: "backend" }),
            "fail",
            `the provenance of relaypacs/backend ${says}`,
        ),
    ),
    build(
        "other",
        "a dependency without a digest beside the source",
        changed("provenance", (one) =>
            one.buildDefinition.resolvedDependencies!.unshift({ uri: "https://example.org" }),
        ),
        "pass",
        "4 artifacts",
    ),
];

const migration = casesOf("migration-status");
const migrationCases = [
    migration("pass", "applied", {}, "pass", "from 1f0a to 2b7c"),
    migration(
        "just below",
        "one revision short",
        changed("migration-staging", (one) => (one.toRevision = "1f0a")),
        "fail",
        "the database is at 1f0a, the newest is 2b7c",
    ),
    migration(
        "at",
        "nothing to apply",
        changed("migration-staging", (one) => (one.fromRevision = "2b7c")),
        "pass",
        "from 2b7c to 2b7c",
    ),
    migration(
        "other",
        "another tool",
        changed("migration-staging", (one) => (one.tool = "psql")),
        "fail",
        "it was made with psql",
    ),
    migration(
        "other",
        "failed",
        changed("migration-staging", (one) => (one.result = "failed")),
        "fail",
        "it failed on the way from 1f0a to 2b7c",
    ),
];

const deployment = casesOf("staging-deployment");
const deployed = (change: (one: ItemPredicate<"staging-deployment">) => unknown) =>
    changed("staging-deployment", (one) => {
        change(one);
    });
const twoServices = "2 services in relaypacs-staging of staging-cluster";
const deploymentCases = [
    deployment("pass", "both images with all pods", {}, "pass", twoServices),
    deployment(
        "at",
        "as many pods as wanted",
        deployed((one) => (one.services[1]!.readyReplicas = 2)),
        "pass",
        twoServices,
    ),
    deployment(
        "just below",
        "a service was not deployed",
        deployed((one) => one.services.pop()),
        "fail",
        "frontend was not deployed to staging",
    ),
    deployment(
        "other",
        "another image ran",
        deployed((one) => (one.services[0]!.image = "registry.example/relaypacs/backend@sha256:0")),
        "fail",
        `backend ran registry.example/relaypacs/backend@sha256:0 in staging, not ${release.images.backend ?? ""}`,
    ),
    deployment(
        "other",
        "a pod was not ready",
        deployed((one) => (one.services[1]!.readyReplicas = 1)),
        "fail",
        "1 of 2 pods of frontend were ready",
    ),
    deployment(
        "other",
        "more pods than wanted",
        deployed((one) => (one.services[1]!.readyReplicas = 3)),
        "pass",
        twoServices,
    ),
    deployment(
        "other",
        "no pod was wanted",
        deployed((one) => Object.assign(one.services[1]!, { replicas: 0, readyReplicas: 0 })),
        "fail",
        "0 of 0 pods of frontend were ready",
    ),
    deployment(
        "other",
        "another image ran as well",
        deployed((one) => one.services.push({ ...one.services[0]!, image: "registry.example/x@sha256:0" })),
        "fail",
        `backend ran registry.example/x@sha256:0 in staging, not ${release.images.backend ?? ""}`,
    ),
    deployment(
        "other",
        "another cluster",
        deployed((one) => (one.cluster = "minikube")),
        "fail",
        "the cluster is minikube",
    ),
    deployment(
        "other",
        "another namespace",
        deployed((one) => (one.namespace = "relaypacs-preview")),
        "fail",
        "the namespace is relaypacs-preview",
    ),
    deployment(
        "other",
        "a hotfix, whose images did not run in staging",
        deployed((one) => one.services.pop()),
        "fail",
        "frontend was not deployed to staging",
        { hotfix: true },
    ),
];

const smoke = casesOf("smoke-tests");
const smokeCases = [
    smoke("pass", "all passed", {}, "pass", "4 of 4 smoke tests passed"),
    smoke("just below", "one failed", changed("smoke", run(1)), "fail", "1 smoke test failed: test_1"),
    smoke("at", "none failed", changed("smoke", run(0)), "pass", "4 of 4 smoke tests passed"),
    smoke("other", "one skipped", changed("smoke", run(0, 1)), "fail", "1 smoke test skipped"),
    smoke(
        "other",
        "no test at all",
        changed("smoke", run(0, 0, 0)),
        "fail",
        "no smoke test passed; only 0 smoke tests in the suite",
    ),
    smoke("other", "two tests", changed("smoke", run(0, 0, 2)), "fail", "only 2 smoke tests in the suite"),
    smoke("other", "three tests", changed("smoke", run(0, 0, 3)), "pass", "3 of 3 smoke tests passed"),
    smoke(
        "other",
        "the tests of another commit",
        changed("smoke", of(otherCommit)),
        "fail",
        otherTests("smoke", otherCommit),
    ),
    smoke(
        "other",
        "as the deployment completed",
        deployed((one) => (one.completedAt = ago(7 * hour - 57))),
        "pass",
        "4 of 4 smoke tests passed",
    ),
    smoke(
        "other",
        "before the deployment completed",
        deployed((one) => (one.completedAt = ago(7 * hour - 58))),
        "fail",
        "they began at 2026-01-14T11:00:57.000Z, before the deployment completed at 2026-01-14T11:00:58.000Z",
    ),
    smoke(
        "other",
        "a flaky test",
        changed("smoke", flaky("health")),
        "warn",
        "4 of 4 smoke tests passed; 1 smoke test passed with a warning: health",
    ),
];

const measured = (change: { slowestHealthSeconds?: number; serverErrors?: number }) =>
    changed("smoke", (one) => Object.assign(one.configuration[0].annotations, change));
const health = casesOf("health-response");
const slowest = (seconds: number) => `slowest answer after ${seconds} s`;
const healthCases = [
    health("pass", "0.12 s", {}, "pass", slowest(0.12)),
    health("just below", "0.999 s", measured({ slowestHealthSeconds: 0.999 }), "pass", slowest(0.999)),
    health("at", "1 s", measured({ slowestHealthSeconds: 1 }), "fail", slowest(1)),
    health("just above", "1.001 s", measured({ slowestHealthSeconds: 1.001 }), "fail", slowest(1.001)),
    health("other", "a stricter limit", measured({ slowestHealthSeconds: 0.5 }), "fail", slowest(0.5), {
        limits: { healthSeconds: 0.5 },
        accepts: "less than 0.5 s",
    }),
];

const errors = casesOf("server-errors");
const errorCases = [
    errors("pass", "none", {}, "pass", "0 answers with status 5xx"),
    errors("at", "none", measured({ serverErrors: 0 }), "pass", "0 answers with status 5xx"),
    errors("just above", "one", measured({ serverErrors: 1 }), "fail", "1 answer with status 5xx"),
    errors("other", "two", measured({ serverErrors: 2 }), "fail", "2 answers with status 5xx"),
];

const soak = casesOf("staging-soak");
type Soak = ItemPredicate<"soak">;
const soaked = (change: Partial<Soak>) => changed("soak", (one) => Object.assign(one, change));
const lasting = (seconds: number) =>
    soaked({ startedAt: ago(5 * hour + seconds - 4 * hour), endedAt: ago(hour), observedSeconds: seconds });
const fourHours = "4 h with 18000 requests and 0 errors";
const soakCases = [
    soak("pass", "6 h", {}, "pass", "6 h with 18000 requests and 0 errors"),
    soak("just below", "3 h 59 min 59 s", lasting(4 * hour - 1), "fail", "3 h 59 min 59 s observed"),
    soak("at", "4 h", lasting(4 * hour), "pass", fourHours),
    soak("just above", "4 h 1 s", lasting(4 * hour + 1), "pass", "4 h 1 s with 18000 requests and 0 errors"),
    soak(
        "other",
        "6 h, of which Prometheus saw less than 4",
        soaked({ observedSeconds: 4 * hour - 1 }),
        "fail",
        "3 h 59 min 59 s observed",
    ),
    soak("other", "6 h, of which Prometheus saw 4", soaked({ observedSeconds: 4 * hour }), "pass", fourHours),
    soak(
        "other",
        "an interruption",
        soaked({ interruptions: [{ at: ago(3 * hour), durationSeconds: 5, cause: "no pod was ready" }] }),
        "fail",
        "interrupted at 2026-01-14T15:00:00.000Z: no pod was ready",
    ),
    soak("other", "one error", soaked({ serverErrors: 1 }), "fail", "1 answer with status 5xx"),
    soak("other", "two errors", soaked({ serverErrors: 2 }), "fail", "2 answers with status 5xx"),
    soak("other", "one restart", soaked({ containerRestarts: 1 }), "fail", "1 container restart"),
    soak("other", "two restarts", soaked({ containerRestarts: 2 }), "fail", "2 container restarts"),
    soak("other", "no request", soaked({ requests: 0 }), "fail", "0 requests, too few to judge"),
    soak("other", "one request", soaked({ requests: 1 }), "pass", "6 h with 1 request and 0 errors"),
    soak(
        "other",
        "too few requests by a stricter limit",
        soaked({ requests: 99 }),
        "fail",
        "99 requests, too few to judge",
        { limits: { soakRequests: 100 } },
    ),
    soak(
        "other",
        "counted from before the deployment",
        deployed((one) => (one.completedAt = ago(7 * hour - 1))),
        "fail",
        "it is counted from 2026-01-14T11:00:00.000Z, before the deployment completed at 2026-01-14T11:00:01.000Z",
    ),
    soak(
        "other",
        "counted from the end of the deployment",
        deployed((one) => (one.completedAt = ago(7 * hour))),
        "pass",
        "6 h with 18000 requests and 0 errors",
    ),
    soak(
        "other",
        "in another namespace",
        soaked({ namespace: "relaypacs-preview" }),
        "fail",
        "it was in the namespace relaypacs-preview",
    ),
    soak(
        "other",
        "a hotfix for a P1 incident",
        { soak: { missing: true } },
        "warn",
        "skipped, because the release ends P1 incident INC-42",
        { hotfix: true },
    ),
    soak(
        "other",
        "a hotfix for a P2 incident",
        { soak: { missing: true }, ...changed("hotfix", (one) => (one.incident.priority = "P2")) },
        "fail",
        "Staging soak evidence is missing",
        { hotfix: true },
    ),
    soak(
        "other",
        "a hotfix without evidence",
        { soak: { missing: true }, hotfix: { missing: true } },
        "fail",
        "Staging soak evidence is missing",
        { hotfix: true },
    ),
    soak(
        "other",
        "evidence of a hotfix, but a regular release",
        { soak: { missing: true } },
        "fail",
        "Staging soak evidence is missing",
        { hotfix: false },
    ),
];

export const stagingCases: readonly LimitCase[] = [
    ...buildCases,
    ...migrationCases,
    ...deploymentCases,
    ...smokeCases,
    ...healthCases,
    ...errorCases,
    ...soakCases,
];
