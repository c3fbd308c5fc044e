import * as assert from "node:assert/strict";
import { deleteUnusedSecrets, listSecretNames } from "../../../delivery/rollouts/unused-secrets";
import { ApiServer } from "./api-server";

const reading = (name: string) => ({ spec: { containers: [{ name: "one", envFrom: [{ secretRef: { name } }] }] } });

describe("Secrets of earlier releases", () => {
    let server: ApiServer;
    beforeEach(async () => {
        server = new ApiServer();
        await server.start();
        for (const name of ["current", "of-blue", "of-a-migration", "unused"])
            server.put("secrets", { metadata: { name } });
        const replicaSet = (name: string, secret: string) => ({
            metadata: { name },
            spec: { replicas: 0, template: reading(secret) },
        });
        server.put("replicasets", replicaSet("green", "current"), replicaSet("blue", "of-blue"));
        const migration = { metadata: { name: "migration" }, spec: { template: reading("of-a-migration") } };
        server.put("jobs", migration);
    });
    afterEach(() => server.stop());

    it("should be deleted once no ReplicaSet and no Job names them, and they are not in use", async () => {
        assert.deepEqual(await deleteUnusedSecrets(server.cluster, "relaypacs-prod", ["current"]), ["unused"]);
        assert.deepEqual(
            server.changes.map(([method, path]) => `${method} ${path}`),
            ["DELETE secrets/unused"],
        );
        assert.deepEqual(await deleteUnusedSecrets(server.cluster, "relaypacs-prod", ["current"]), []);
    });

    it("should stay while a release uses them that has no pods yet", async () => {
        assert.deepEqual(await deleteUnusedSecrets(server.cluster, "relaypacs-prod", ["unused"]), []);
    });

    it("should be looked for by their label, without their values", async () => {
        const asked: string[] = [];
        server.seen = ({ url, headers }) => asked.push(`${url ?? ""} ${headers.accept ?? ""}`);
        await listSecretNames(server.cluster, "relaypacs-prod", "relaypacs.com/secrets");
        assert.deepEqual(asked, [
            "/api/v1/namespaces/relaypacs-prod/secrets?labelSelector=relaypacs.com%2Fsecrets application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
        ]);
    });

    it("should stay, with one sentence, when the cluster refuses", async () => {
        server.refusal = 403;
        await assert.rejects(deleteUnusedSecrets(server.cluster, "relaypacs-prod", []), {
            message: "Secrets of earlier releases can't be deleted: answered with 403.",
        });
    });
});
