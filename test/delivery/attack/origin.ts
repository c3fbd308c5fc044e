import type { ItemPredicate } from "../../../delivery/evidence/items";
import { items, type ItemName } from "../../../delivery/evidence/items";
import { release, repository } from "../gates/support/contents";
import { attack, lie, type Attack } from "./attack";

type Provenance = ItemPredicate<"provenance">;
const build = (what: string, change: (one: Provenance) => unknown, clause: string): Attack =>
    attack(
        `an image built ${what}`,
        { provenance: { change, service: "backend" } },
        "build-success",
        `the provenance of relaypacs/backend ${clause}`,
    );
const workflowOf = (one: Provenance) => one.buildDefinition.externalParameters.workflow as Record<string, unknown>;

const trusted = {
    builder: "https://github.com/actions/runner/github-hosted",
    path: ".github/workflows/ci-cd.yml",
    ref: "refs/heads/main",
};

const builders = [
    "https://github.com/actions/runner/self-hosted",
    "https://laptop.example",
    "https://github.com/actions/runner/github-hosted/",
    "https://github.com/Actions/runner/github-hosted",
];
const sources = [
    "https://github.com/mallory/gateway",
    "https://github.com/relaypacs/gateway-fork",
    "https://github.com.evil.example/relaypacs/gateway",
    "http://github.com/relaypacs/gateway",
];
const workflows = [".github/workflows/try.yml", "ci-cd.yml", ".github/workflows/../workflows/ci-cd.yml"];
const refs = ["refs/heads/feature", "refs/pull/57/merge", "refs/tags/v1.4.2", "main"];

/** Suites, the gate that judges each, and what its message calls them. */
const suites: readonly (readonly [ItemName, string, string])[] = [
    ["unit-backend", "unit-tests", "backend"],
    ["unit-frontend", "unit-tests", "frontend"],
    ["integration", "integration-tests", "integration"],
    ["e2e-critical", "end-to-end-tests", "critical path"],
    ["smoke", "smoke-tests", "smoke"],
];
const commit = release.commit.slice(0, 12);

export const originAttacks: readonly Attack[] = [
    ...builders.map((id) =>
        build(`by ${id}`, (one) => (one.runDetails.builder.id = id), `names the builder ${id}, not ${trusted.builder}`),
    ),
    build(
        "by hand",
        (one) => (one.buildDefinition.buildType = "https://laptop.example/docker-build"),
        "names the type of build https://laptop.example/docker-build, not https://actions.github.io/buildtypes/workflow/v1",
    ),
    ...sources.map((source) =>
        build(
            `in ${source}`,
            (one) => (workflowOf(one).repository = source),
            `names the repository ${source}, not ${repository}`,
        ),
    ),
    ...workflows.map((path) =>
        build(`by ${path}`, (one) => (workflowOf(one).path = path), `names the workflow ${path}, not ${trusted.path}`),
    ),
    ...refs.map((ref) =>
        build(`from ${ref}`, (one) => (workflowOf(one).ref = ref), `names the ref ${ref}, not ${trusted.ref}`),
    ),
    ...sources.map((source) =>
        build(
            `from the commit of ${source}`,
            (one) => (one.buildDefinition.resolvedDependencies![0]!.uri = `git+${source}@${trusted.ref}`),
            `does not name commit ${commit} of ${repository}`,
        ),
    ),
    build(
        "from another commit",
        (one) => (one.buildDefinition.resolvedDependencies![0]!.digest = { gitCommit: "e".repeat(40) }),
        `does not name commit ${commit} of ${repository}`,
    ),
    build(
        "from a source without digest",
        (one) => delete one.buildDefinition.resolvedDependencies![0]!.digest,
        `does not name commit ${commit} of ${repository}`,
    ),
    ...suites.flatMap(([item, gate, what]) =>
        [
            `git+${repository}@${"e".repeat(40)}#tests`,
            ...sources.map((one) => `git+${one}@${release.commit}#tests`),
        ].map((uri) =>
            attack(
                `${items[item].title} results of ${uri.replace(/@(.{7}).*#/, "@$1…#")}`,
                lie(item, (one) => ((one as ItemPredicate<"smoke">).configuration[0].uri = uri)),
                gate,
                `the ${what} tests are of ${uri}, not of commit ${commit} of ${repository}`,
            ),
        ),
    ),
    ...sources.flatMap((source) => [
        attack(
            `the reviews of a pull request of ${source}`,
            lie("code-review", (one) => (one.pullRequest = `${source}/pull/57`)),
            "code-review",
            `${source}/pull/57 is not a pull request of ${repository}`,
        ),
        attack(
            `an approval in ${source}`,
            lie("approval", (one) => (one.uri = `${source}/actions/runs/1`)),
            "human-approval",
            `${source}/actions/runs/1 is not a decision in ${repository}`,
        ),
    ]),
    ...["minikube", "prod-cluster", "Staging-Cluster"].map((cluster) =>
        attack(
            `a deployment to the cluster ${cluster}`,
            lie("staging-deployment", (one) => (one.cluster = cluster)),
            "staging-deployment",
            `the cluster is ${cluster}`,
        ),
    ),
    ...["default", "relaypacs-prod", "relaypacs-staging-2"].flatMap((namespace) => [
        attack(
            `a deployment to the namespace ${namespace}`,
            lie("staging-deployment", (one) => (one.namespace = namespace)),
            "staging-deployment",
            `the namespace is ${namespace}`,
        ),
        attack(
            `a soak in the namespace ${namespace}`,
            lie("soak", (one) => (one.namespace = namespace)),
            "staging-soak",
            `it was in the namespace ${namespace}`,
        ),
    ]),
];
