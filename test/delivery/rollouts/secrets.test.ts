import * as assert from "node:assert/strict";
import { bindSecrets } from "../../../delivery/rollouts/secrets";
import { ApiServer } from "./api-server";

const reading = (name: string) => ({ spec: { containers: [{ name: "one", envFrom: [{ secretRef: { name } }] }] } });

describe("Secrets of releases", () => {
    let server: ApiServer;
    const replicaSet = (name: string, secret: string) => ({
        metadata: { name, uid: `uid-${name}` },
        spec: { replicas: 0, template: reading(secret) },
    });
    const owner = (name: string) => ({ apiVersion: "apps/v1", kind: "ReplicaSet", name, uid: `uid-${name}` });

    beforeEach(async () => {
        server = new ApiServer();
        await server.start();
        for (const name of ["shared", "of-blue", "of-a-migration"]) server.put("secrets", { metadata: { name } });
        server.put("replicasets", replicaSet("green", "shared"), replicaSet("blue", "of-blue"));
        server.put("replicasets", replicaSet("older", "shared"), replicaSet("oldest", "deleted-by-hand"));
        server.put("replicasets", { ...replicaSet("other", ""), spec: { replicas: 1 } } as ReturnType<
            typeof replicaSet
        >);
    });
    afterEach(() => server.stop());

    it("should be owned by every ReplicaSet that names them, whether it has pods or not, and no other Secret by any", async () => {
        await bindSecrets(server.cluster, "relaypacs-prod");
        assert.deepEqual(server.changes, [
            ["PATCH", "secrets/shared", { metadata: { ownerReferences: [owner("green"), owner("older")] } }],
            ["PATCH", "secrets/of-blue", { metadata: { ownerReferences: [owner("blue")] } }],
        ]);
    });

    it("should be patched in the way that keeps their other owners, and never listed", async () => {
        const asked: string[] = [];
        server.seen = ({ method, url, headers }) => {
            const { accept, "content-type": type } = headers;
            if (url?.includes("/secrets")) asked.push(`${method} ${url} ${(method === "GET" ? accept : type) ?? ""}`);
        };
        await bindSecrets(server.cluster, "relaypacs-prod");
        const path = "/api/v1/namespaces/relaypacs-prod/secrets/";
        const metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        const merge = "application/strategic-merge-patch+json";
        assert.deepEqual(asked, [
            `GET ${path}shared ${metadata}`,
            `PATCH ${path}shared ${merge}`,
            `GET ${path}of-blue ${metadata}`,
            `PATCH ${path}of-blue ${merge}`,
            `GET ${path}deleted-by-hand ${metadata}`,
        ]);
    });

    it("should stay as they are, with one sentence, when the cluster refuses", async () => {
        server.refusal = 403;
        await assert.rejects(bindSecrets(server.cluster, "relaypacs-prod"), {
            message: "Secrets can't be given their ReplicaSets as owners: answered with 403.",
        });
    });
});
