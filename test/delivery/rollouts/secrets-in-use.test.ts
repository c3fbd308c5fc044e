import * as assert from "node:assert/strict";
import { secretsInUse } from "../../../delivery/rollouts/secrets-in-use";
import { ApiServer } from "./api-server";

const namespace = "relaypacs-prod";
const [blue, green] = ["57c4d6f9b8", "6d5f7c8b9d"];

const template = (version: string, secret?: string) => ({
    metadata: { labels: { "app.kubernetes.io/version": version } },
    spec: { containers: [{ name: "one", envFrom: secret === undefined ? [] : [{ secretRef: { name: secret } }] }] },
});

const secret = (name: string, versions?: string) => ({
    metadata: { name, ...(versions !== undefined && { annotations: { "relaypacs.com/secret-versions": versions } }) },
});

const replicaSet = (hash: string, version: string, name: string) => ({
    metadata: { name: `backend-${hash}`, labels: { "rollouts-pod-template-hash": hash } },
    spec: { replicas: 2, template: template(version, name) },
});

describe("Secrets in use", () => {
    let server: ApiServer;
    beforeEach(async () => {
        server = new ApiServer();
        await server.start();
        server.put("replicasets", replicaSet(blue, "1.4.1", "of-blue"), replicaSet(green, "1.4.2", "of-green"));
        server.put(
            "secrets",
            secret("of-blue", '{"database-url":"old"}'),
            secret("of-green", '{"database-url":"new"}'),
        );
    });
    afterEach(() => server.stop());

    const rolloutWith = (stableRS?: string) => ({
        metadata: { name: "backend" },
        spec: { template: template("1.4.2", "of-green") },
        status: stableRS === undefined ? {} : { stableRS },
    });

    it("should be those of the stable pods while a release is under way", async () => {
        server.put("rollouts", rolloutWith(blue));
        assert.deepEqual(await secretsInUse(server.cluster, namespace), [
            {
                service: "backend",
                version: "1.4.1",
                secrets: [{ name: "of-blue", versions: { "database-url": "old" } }],
            },
        ]);
    });

    it("should be those that a Rollout asks for where no pods are stable yet, and those of a Deployment", async () => {
        server.put("rollouts", rolloutWith());
        server.put("deployments", {
            metadata: { name: "frontend" },
            spec: { template: template("1.4.2") },
        } as { metadata: { name: string } });
        const running = await secretsInUse(server.cluster, namespace);
        assert.deepEqual(
            running.map(({ service, secrets }) => [service, secrets.map(({ name }) => name)]),
            [
                ["backend", ["of-green"]],
                ["frontend", []],
            ],
        );
    });

    it("should have no versions where the Secret does not say them, or is gone", async () => {
        server.put("secrets", secret("of-blue"));
        server.delete("secrets", "of-green");
        server.put("rollouts", rolloutWith(blue), { ...rolloutWith(green), metadata: { name: "other" } });
        const running = await secretsInUse(server.cluster, namespace);
        assert.deepEqual(
            running.map(({ secrets }) => secrets),
            [[{ name: "of-blue", versions: undefined }], [{ name: "of-green", versions: undefined }]],
        );
    });

    it("should be read one by one, without a value", async () => {
        server.put("rollouts", rolloutWith(blue));
        const asked: string[] = [];
        server.seen = ({ url, headers }) => {
            if (url?.includes("/secrets")) asked.push(`${url} ${headers.accept ?? ""}`);
        };
        await secretsInUse(server.cluster, namespace);
        assert.deepEqual(asked, [
            `/api/v1/namespaces/${namespace}/secrets/of-blue application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1`,
        ]);
    });

    it("should not be guessed when the cluster refuses", async () => {
        server.refusal = 403;
        await assert.rejects(secretsInUse(server.cluster, namespace), {
            message: `The cluster does not tell what ${namespace} runs: answered with 403.`,
        });
    });
});
