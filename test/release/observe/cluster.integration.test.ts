import assert from "node:assert/strict";
import { deploymentOf } from "../../../release/observe/deployment";
import { currentRevision, headRevision, observeMigration, upgradesIn } from "../../../release/observe/migration";
import { differences, readOutputs } from "../../../release/observe/stack";
import { rollout, rolloutState } from "../../../release/observe/workloads";
import {
    clusterServer,
    completed,
    deployment,
    migrationJob,
    namespace,
    pod,
    reference,
    type ClusterServer,
    type Objects,
} from "./cluster-server";
import { digestA, digestB } from "./history";

const release = { version: "1.4.2", images: digestA };
const outputs = {
    namespace,
    version: "1.4.2",
    images: { backend: reference("backend", digestA.backend), frontend: reference("frontend", digestA.frontend) },
};

/** A cluster in which the rollout of A in staging is complete. */
function running(): Objects {
    return {
        deployments: [deployment("backend", digestA.backend), deployment("frontend", digestA.frontend)],
        replicaSets: [{ metadata: { name: "backend-5d9c7b", creationTimestamp: "2025-12-01T00:00:00Z" } }],
        pods: [
            pod("backend", digestA.backend, "backend-1"),
            pod("backend", digestA.backend, "backend-2", { startTime: "2026-01-14T10:03:00Z" }),
            pod("frontend", digestA.frontend, "frontend-1"),
            pod("frontend", digestA.frontend, "frontend-2"),
        ],
    };
}

describe("The command release observe deployment", () => {
    let server: ClusterServer;
    before(async () => {
        server = await clusterServer({});
    });
    after(() => server.stop());

    const observe = async (objects: Objects, stackOutputs = outputs) => {
        for (const key of Object.keys(server.objects)) Reflect.deleteProperty(server.objects, key);
        Object.assign(server.objects, objects);
        const { cluster } = server;
        const state = {
            context: cluster.context,
            namespace: cluster.namespace,
            workloads: await cluster.workloads(),
            pods: await cluster.pods(),
            replicaSets: await cluster.replicaSets(),
        };
        return deploymentOf(stackOutputs, state, release, "staging");
    };
    const refused = async (objects: Objects, stackOutputs = outputs) => {
        try {
            await observe(objects, stackOutputs);
        } catch (error) {
            assert.equal((error as Error).name, "ObserveError");
            return (error as Error).message.replace("The deployment can't be attested: ", "");
        }
        return assert.fail("it was attested");
    };

    it("should attest a deployment on which stack, controllers and containers agree", async () => {
        const service = (name: "backend" | "frontend") => ({
            name,
            image: reference(name, digestA[name]),
            replicas: 2,
            readyReplicas: 2,
        });
        assert.deepEqual(await observe(running()), {
            environment: "staging",
            cluster: "staging-cluster",
            namespace,
            services: [service("backend"), service("frontend")],
            startedAt: "2026-01-14T10:03:00.000Z",
            completedAt: new Date(completed).toISOString(),
        });
    });

    it("should take the start from the ReplicaSet when every pod was replaced since, and ignore terminating pods", async () => {
        const late = { startTime: "2026-01-15T00:00:00Z" };
        const objects = running();
        objects.replicaSets = [{ metadata: { name: "backend-5d9c7b", creationTimestamp: "2026-01-14T10:01:00Z" } }];
        objects.pods = [
            ...["backend-3", "backend-4"].map((name) => pod("backend", digestA.backend, name, late)),
            ...["frontend-3", "frontend-4"].map((name) => pod("frontend", digestA.frontend, name)),
            pod("backend", digestB.backend, "backend-0", { deletionTimestamp: completed }),
        ];
        assert.equal((await observe(objects)).startedAt, "2026-01-14T10:01:00.000Z");
    });

    it("should attest nothing when the stack's outputs are of another release", async () => {
        const other = { ...outputs, version: "1.4.1", namespace: "relaypacs-prod" };
        assert.equal(
            await refused(running(), other),
            "stack staging has deployed version 1.4.1, the release is 1.4.2; " +
                "stack staging deploys to relaypacs-prod, relaypacs-staging was looked at.",
        );
        assert.deepEqual(
            differences({ ...outputs, images: { backend: outputs.images.backend, worker: "w" } }, release, "staging"),
            [
                "stack staging has deployed worker, which the release does not have",
                "stack staging has deployed no frontend",
            ],
        );
        assert.deepEqual(
            differences(outputs, { ...release, images: { ...digestA, backend: digestB.backend } }, "staging"),
            [`stack staging has deployed backend ${outputs.images.backend}, the release has ${digestB.backend}`],
        );
    });

    it("should attest nothing when the cluster contradicts the stack's outputs", async () => {
        const objects = running();
        objects.deployments = [deployment("backend", digestB.backend)];
        assert.equal(
            await refused(objects),
            `Deployment backend in ${namespace} asks for ${reference("backend", digestB.backend)}, the release has ${digestA.backend}; ` +
                `there is no Deployment or Rollout frontend in ${namespace}.`,
        );
    });

    it("should attest nothing when containers run another image or are not ready", async () => {
        const objects = running();
        objects.pods = [
            pod("backend", digestB.backend, "backend-1"),
            pod("backend", digestA.backend, "backend-2"),
            pod("frontend", digestA.frontend, "frontend-1", { ready: false }),
            pod("frontend", digestA.frontend, "frontend-2"),
        ];
        assert.equal(
            await refused(objects),
            `pod backend-1 in ${namespace} runs ${reference("backend", digestB.backend)}, the release has ${digestA.backend}; ` +
                `1 of 2 pods of backend are ready in ${namespace}; 1 of 2 pods of frontend are ready in ${namespace}.`,
        );
    });

    it("should attest nothing while a rollout is in progress or after it was aborted", async () => {
        const objects = running();
        const condition = (reason: string) => [{ type: "Progressing", status: "True", reason, message: reason }];
        const [backend, frontend] = [deployment("backend", digestA.backend), deployment("frontend", digestA.frontend)];
        objects.deployments = [
            { ...backend, status: { ...backend.status, conditions: condition("ReplicaSetUpdated") } },
            { ...frontend, status: { ...frontend.status, conditions: condition("ProgressDeadlineExceeded") } },
        ];
        assert.equal(
            await refused(objects),
            `Deployment backend in ${namespace} is not complete yet; ` +
                `Deployment frontend in ${namespace} was aborted: ProgressDeadlineExceeded.`,
        );
        objects.deployments = [
            // The controller has not processed the newest change yet.
            { ...backend, metadata: { ...backend.metadata, generation: 4 } },
            frontend,
        ];
        assert.equal(await refused(objects), `Deployment backend in ${namespace} is not complete yet.`);
    });

    it("should say which request the cluster does not answer", async () => {
        await assert.rejects(observe({ rollouts: [{ metadata: {} }] }), {
            name: "ObserveError",
            message: /^Cluster staging-cluster does not answer for the Rollouts in relaypacs-staging: /,
        });
        await assert.rejects(server.cluster.job("backend-migration-x"), {
            message:
                "Cluster staging-cluster does not answer for Job backend-migration-x in relaypacs-staging: status 404.",
        });
    });
});

describe("The state of an Argo Rollout", () => {
    const given = (status: object) =>
        rolloutState(
            rollout.parse({
                metadata: { name: "backend", generation: 7 },
                spec: { replicas: 2, template: { spec: { containers: [{ name: "backend", image: "image" }] } } },
                status: { observedGeneration: "7", stableRS: "new", currentPodHash: "new", ...status },
            }),
        );
    const conditions = [{ type: "Completed", status: "True", lastTransitionTime: completed }];

    it("should be complete once the newest pods are the stable ones", () => {
        assert.deepEqual(given({ phase: "Healthy", conditions }), {
            kind: "Rollout",
            name: "backend",
            replicas: 2,
            image: "image",
            completedAt: Date.parse(completed),
            abortedBy: undefined,
        });
        assert.equal(given({ conditions, stableRS: "old" }).completedAt, undefined);
        assert.equal(given({ conditions, observedGeneration: "6" }).completedAt, undefined);
        assert.equal(given({}).completedAt, undefined);
    });

    it("should say why the rollout was aborted", () => {
        const aborted = given({ conditions, abort: true, message: 'metric "error-rate" assessed Failed' });
        assert.deepEqual([aborted.abortedBy, aborted.completedAt], ['metric "error-rate" assessed Failed', undefined]);
        assert.equal(given({ phase: "Degraded" }).abortedBy, "no reason given");
    });
});

describe("The outputs of a stack", () => {
    it("should be refused when they name no release", () => {
        assert.deepEqual(readOutputs(JSON.stringify({ ...outputs, url: "https://a" }), "staging"), outputs);
        for (const [text, message] of [
            ["{", "The outputs of stack staging are not valid JSON."],
            [JSON.stringify({ ...outputs, images: {} }), /name no deployed release \(images is missing or wrong\)/],
            [JSON.stringify({ ...outputs, images: { backend: "relaypacs/backend:latest" } }), /\(images.backend is/],
        ] as const)
            assert.throws(() => readOutputs(text, "staging"), { name: "ObserveError", message });
    });
});

describe("The command release observe migration", () => {
    let server: ClusterServer;
    const name = `backend-migration-${digestA.backend.slice(7, 19)}`;
    const migrationPod = {
        metadata: { name: `${name}-x`, labels: { "batch.kubernetes.io/job-name": name } },
    };
    /** A log of Alembic. */
    const log = [
        "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.",
        "INFO  [alembic.runtime.migration] Running upgrade  -> 1f0a, create uploads",
        "INFO  [alembic.runtime.migration] Running upgrade 1f0a -> 2b7c, add completed_at",
        "",
    ].join("\n");
    const history = "1f0a -> 2b7c (head), add completed_at\n<base> -> 1f0a, create uploads\n";
    before(async () => {
        server = await clusterServer({});
    });
    after(() => server.stop());
    beforeEach(() => {
        Object.assign(server.objects, running(), {
            jobs: { [name]: migrationJob(digestA.backend) },
            pods: [...running().pods!, migrationPod],
            logs: { [`${name}-x`]: log },
            commands: { "alembic current": "2b7c (head)\n", "alembic history": history },
        });
    });
    const observe = (digest = digestA.backend) => observeMigration(server.cluster, "staging", "backend", digest);

    it("should attest the outcome, the revision before, and the revisions of database and image afterwards", async () => {
        assert.deepEqual(await observe(), {
            environment: "staging",
            tool: "alembic",
            result: "succeeded",
            fromRevision: "base",
            toRevision: "2b7c",
            headRevision: "2b7c",
            startedAt: "2026-01-14T10:00:00.000Z",
            finishedAt: "2026-01-14T10:00:07.000Z",
        });
    });

    it("should name one revision twice when there was nothing to migrate", async () => {
        server.objects.logs = { [`${name}-x`]: "INFO nothing\n" };
        const { fromRevision, toRevision } = await observe();
        assert.deepEqual([fromRevision, toRevision], ["2b7c", "2b7c"]);
    });

    it("should show that the database is behind the image", async () => {
        server.objects.logs = {};
        server.objects.logs = { [`${name}-x`]: "Running upgrade  -> 1f0a\n" };
        server.objects.commands = { "alembic current": "1f0a\n", "alembic history": history };
        const { headRevision: head, toRevision } = await observe();
        assert.deepEqual([toRevision, head], ["1f0a", "2b7c"]);
    });

    it("should attest a failure, with the revision that it reached", async () => {
        server.objects.jobs = { [name]: migrationJob(digestA.backend, "Failed") };
        server.objects.logs = { [`${name}-x`]: "Running upgrade 0a -> 1f0a\nalembic: upgrade failed\n" };
        const { finishedAt, fromRevision, headRevision: head, result, toRevision } = await observe();
        assert.deepEqual(
            [result, fromRevision, toRevision, head, finishedAt],
            ["failed", "0a", "1f0a", "unknown", "2026-01-14T10:00:08.000Z"],
        );
    });

    it("should attest nothing while the Job runs, for another image, or when the database has changed since", async () => {
        server.objects.jobs = { [name]: migrationJob(digestA.backend, undefined) };
        if (server.objects.jobs[name] === undefined) assert.fail();
        Object.assign(server.objects.jobs[name], { status: { startTime: completed } });
        await assert.rejects(observe(), { message: /^Job backend-migration-aaaaaaaaaaaa has not ended yet/ });
        server.objects.jobs = { [name]: { ...migrationJob(digestB.backend) } };
        await assert.rejects(observe(), { message: /^Job backend-migration-a+ runs .*b+, the release has backend/ });
        server.objects.jobs = { [name]: migrationJob(digestA.backend) };
        server.objects.commands = { "alembic current": "3c\n", "alembic history": history };
        await assert.rejects(observe(), {
            message: `Job ${name} migrated to 2b7c, but the database is at 3c: something else changed it since.`,
        });
        server.objects.commands = { "alembic current": { failure: "alembic: cannot connect to the database" } };
        await assert.rejects(observe(), {
            message: '"alembic current" failed in pod backend-1: alembic: cannot connect to the database',
        });
        server.objects.pods = [migrationPod];
        await assert.rejects(observe(), { message: /^No ready pod of backend runs sha256:a/ });
    });

    it("should read the output of Alembic and of the sandbox's substitute", () => {
        assert.deepEqual(upgradesIn("Running upgrade  -> 0001_create_uploads\n"), [
            { from: "base", to: "0001_create_uploads" },
        ]);
        assert.equal(currentRevision("0003_add_completed_at (head)\n"), "0003_add_completed_at");
        assert.equal(currentRevision(""), "base");
        assert.throws(() => currentRevision("1f0a\n2b7c\n"), /2 current revisions/);
        assert.equal(headRevision("0002_a -> 0003_b (head)\n0001 -> 0002_a\n<base> -> 0001\n"), "0003_b");
        assert.throws(() => headRevision("1 -> 2 (head)\n1 -> 3 (head)\n"), /2 head revisions/);
        assert.throws(() => headRevision(""), /0 head revisions/);
    });
});
