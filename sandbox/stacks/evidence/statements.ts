import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { ItemName, ItemPredicate } from "../../../delivery/evidence/items";
import { repositoryAddress } from "../../../delivery/core/names";
import { trustedBuild } from "../../../delivery/gates/engine/trusted-build";
import type { ReleaseIdentity } from "../../../delivery/core/release";
import { author, engineeringManager, organization, repository, techLead } from "../../parts/github/relaypacs";
import { projectRoot } from "../../machine/instance";

/** Predicates by the item that they are evidence of. */
export type Statements = { readonly [Item in ItemName]?: ItemPredicate<Item> };

const hour = 3_600_000;
/** Address of the gateway's repository on GitHub. */
export const gateway = repositoryAddress({ owner: organization, name: repository });

function sha256(...contents: readonly (string | Buffer)[]): string {
    const hash = createHash("sha256");
    for (const content of contents) hash.update(content);
    return hash.digest("hex");
}

/** SHA-256 over the frontend's files in their order. */
function assetsDigest(): string {
    const folder = path.join(projectRoot, "sandbox/application/frontend/site");
    const files = fs.readdirSync(folder).sort();
    return sha256(...files.map((file) => fs.readFileSync(path.join(folder, file))));
}

/**
 * Statements about the build: how the images were built, from what, and who reviewed the change. They are what publish.yml
 * would state: the sandbox has no runner of GitHub's, and its gates accept no other builder.
 */
export function buildStatements(release: ReleaseIdentity, builtAt: Date): Statements {
    const at = builtAt.toISOString();
    const images = Object.entries(release.images).map(([service, digest]) => ({
        kind: "container-image" as const,
        name: `relaypacs/${service}`,
        uri: `urn:relaypacs:sandbox:image:${service}`,
        sha256: digest.replace("sha256:", ""),
    }));
    return {
        build: {
            result: "succeeded",
            artifacts: [
                ...images,
                {
                    kind: "static-assets",
                    name: "frontend",
                    uri: "urn:relaypacs:sandbox:assets",
                    sha256: assetsDigest(),
                },
                {
                    kind: "build-metadata",
                    name: "release.json",
                    uri: "urn:relaypacs:sandbox:release",
                    sha256: sha256(JSON.stringify(release)),
                },
            ],
            finishedAt: at,
        },
        provenance: {
            buildDefinition: {
                buildType: trustedBuild.buildType,
                externalParameters: {
                    workflow: { ref: trustedBuild.ref, repository: gateway, path: trustedBuild.workflow },
                },
                resolvedDependencies: [
                    { uri: `git+${gateway}@${trustedBuild.ref}`, digest: { gitCommit: release.commit } },
                ],
            },
            runDetails: {
                builder: { id: trustedBuild.builder },
                metadata: { startedOn: at, finishedOn: at },
            },
        },
        "code-review": {
            pullRequest: `${gateway}/pull/1`,
            headCommit: release.commit,
            authors: [author.login],
            reviews: [{ login: techLead.login, state: "approved", commit: release.commit, submittedAt: at }],
            measuredAt: at,
        },
    };
}

/**
 * Statements about staging, as if the release had run there for hours: a test cannot wait for a soak of four hours.
 * Stand-ins for what `release observe` reads from the cluster and Prometheus.
 *
 * @param deployedAt the stated time of the deployment to staging
 */
export function stagingStatements(release: ReleaseIdentity, deployedAt: Date, now: Date): Statements {
    const [at, until] = [deployedAt.toISOString(), now.toISOString()];
    const observedSeconds = (now.getTime() - deployedAt.getTime()) / 1000;
    const services = Object.entries(release.images).map(([name, digest]) => ({
        name,
        image: `registry.sandbox/relaypacs/${name}@${digest}`,
        replicas: 2,
        readyReplicas: 2,
    }));
    const namespace = "relaypacs-staging";
    return {
        "migration-staging": {
            environment: "staging",
            tool: "alembic",
            result: "succeeded",
            fromRevision: "base",
            toRevision: "0003",
            headRevision: "0003",
            startedAt: at,
            finishedAt: at,
        },
        "staging-deployment": {
            environment: "staging",
            cluster: "staging-cluster",
            namespace,
            services,
            startedAt: at,
            completedAt: at,
        },
        smoke: {
            result: "PASSED",
            configuration: [
                {
                    name: "smoke",
                    uri: `git+${gateway}@${release.commit}#release`,
                    annotations: {
                        total: 3,
                        passed: 3,
                        failed: 0,
                        skipped: 0,
                        durationSeconds: 1,
                        startedOn: at,
                        finishedOn: new Date(deployedAt.getTime() + 1000).toISOString(),
                        slowestHealthSeconds: 0.1,
                        serverErrors: 0,
                    },
                },
            ],
            failedTests: [],
        },
        soak: {
            environment: "staging",
            namespace,
            startedAt: at,
            endedAt: until,
            observedSeconds,
            interruptions: [],
            requests: 1000,
            serverErrors: 0,
            containerRestarts: 0,
        },
    };
}

/** Statements of people and of the incident tracker before a release to production. */
export function productionStatements(now: Date): Statements {
    const at = now.toISOString();
    const documentSha256 = sha256(fs.readFileSync(path.join(projectRoot, "docs/runbooks/roll-back.md")));
    return {
        approval: {
            environment: "prod",
            authors: [author.login],
            decisions: [
                {
                    login: engineeringManager.login,
                    role: "engineering-manager",
                    verdict: "approved",
                    expedited: false,
                    decidedAt: at,
                },
            ],
            uri: `${gateway}/actions/runs/1`,
            measuredAt: at,
        },
        "rollback-plan": {
            documentation: `${gateway}/blob/main/docs/runbooks/roll-back.md`,
            documentSha256,
            previousVersion: "0.0.1",
            application: "blue-green-switch",
            // Staging's migration is stated as one of an empty database.
            database: "alembic-downgrade",
            test: {
                result: "succeeded",
                environment: "staging",
                application: "redeploy-previous",
                documentSha256,
                fromVersion: "0.0.2",
                toVersion: "0.0.1",
                testedAt: at,
                durationSeconds: 30,
            },
            measuredAt: at,
        },
        incidents: {
            source: "urn:relaypacs:sandbox:incidents",
            windowStartedAt: new Date(now.getTime() - 8 * 24 * hour).toISOString(),
            windowEndedAt: at,
            incidents: [],
        },
    };
}
