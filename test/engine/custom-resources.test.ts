import * as assert from "node:assert/strict";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { Access } from "../../sandbox/engine/kubernetes/access";
import { Connection } from "../../sandbox/engine/kubernetes/connection";
import { NotReadyError, type ResourceRequest } from "../../sandbox/engine/kubernetes/requests";
import { Resources } from "../../sandbox/engine/kubernetes/resources";
import { parseSettings } from "../../sandbox/engine/kubernetes/settings";
import { setIn, type Bag, type Json } from "../../sandbox/engine/kubernetes/values";

const definitionPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.argoproj.io";
const rolloutPath = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web";

const definition: Bag = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "rollouts.argoproj.io" },
    spec: { group: "argoproj.io", names: { kind: "Rollout", plural: "rollouts" }, scope: "Namespaced" },
};

const rollout: Bag = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: { name: "web" },
    spec: { replicas: 2, strategy: { canary: { steps: [{ setWeight: 50 }, { pause: {} }] } } },
};

/** An API server as far as custom resources go: what is applied is there at once, what serves it comes later. */
class ApiServer {
    readonly asked: string[] = [];
    readonly objects = new Map<string, Bag>();
    /** Looks at the definition until it is established, and at its group's list until the kind is in it. */
    looksUntilEstablished = 0;
    looksUntilListed = 0;
    /** What a controller has made of an object when it is read. */
    controller: (path: string, object: Bag) => Bag = (_, object) => object;
    private readonly server = http.createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            const url = new URL(request.url!, "http://api");
            const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Bag) : {};
            const dryRun = url.searchParams.has("dryRun");
            this.asked.push(`${request.method!}${dryRun ? " (dry run)" : ""} ${url.pathname}`);
            const answer = this.answer(request.method!, url.pathname, body, dryRun);
            response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? { reason: "NotFound" }));
        });
    });

    async start(): Promise<string> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise((resolve) => this.server.close(resolve));
    }

    private answer(method: string, path: string, body: Bag, dryRun: boolean): Bag | undefined {
        switch (path) {
            case "/version":
                return { gitVersion: "v1.36.3" };
            case "/api/v1":
                return { resources: [{ name: "services", kind: "Service", namespaced: true }] };
            case "/apis/apiextensions.k8s.io/v1":
                return { resources: [{ name: "customresourcedefinitions", kind: "CustomResourceDefinition" }] };
            case "/apis/argoproj.io/v1alpha1":
                if (!this.isEstablished() || this.looksUntilListed-- > 0) return undefined;
                return {
                    resources: ["rollouts", "rollouts/status"].map((name) => ({
                        name,
                        kind: "Rollout",
                        namespaced: true,
                    })),
                };
        }
        if (method === "DELETE") {
            this.objects.delete(path);
            return {};
        }
        if (method === "PATCH") {
            const applied = setIn(body, ["metadata", "uid"], "uid");
            if (!dryRun) this.objects.set(path, applied);
            return applied;
        }
        const object = this.objects.get(path);
        if (object === undefined) return undefined;
        if (path !== definitionPath) return this.controller(path, object);
        const established = this.isEstablished();
        if (!established) this.looksUntilEstablished -= 1;
        return established ? { ...object, status: { conditions: [{ type: "Established", status: "True" }] } } : object;
    }

    private isEstablished(): boolean {
        return this.objects.has(definitionPath) && this.looksUntilEstablished <= 0;
    }
}

describe("custom resources", () => {
    let api: ApiServer;
    let resources: Resources;

    const request = (inputs: Bag, more: Partial<ResourceRequest> = {}): ResourceRequest => ({
        urn: `urn:pulumi:prod::relaypacs::kubernetes:${String(inputs.apiVersion)}:${String(inputs.kind)}::web`,
        id: "",
        state: {},
        previous: {},
        inputs,
        timeout: 5,
        preview: false,
        ignoreChanges: [],
        ...more,
    });
    const asked = (pattern: RegExp) => api.asked.filter((line) => pattern.test(line)).length;
    const read = (declared: Bag, id: string) => resources.read(request(declared, { id, previous: declared }));

    beforeEach(async () => {
        api = new ApiServer();
        const server = await api.start();
        const config = {
            apiVersion: "v1",
            kind: "Config",
            clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
            users: [{ name: "u", user: {} }],
            contexts: [{ name: "c", context: { cluster: "c", user: "u", namespace: "shop" } }],
            "current-context": "c",
        };
        const log = { status: () => undefined, info: () => undefined, warning: assert.fail };
        const settings = parseSettings({ kubeconfig: JSON.stringify(config) });
        resources = new Resources(new Access(new Connection(settings, log, new AbortController().signal), log));
    });
    afterEach(() => api.stop());

    it("can be created in the update that creates their definition, which is waited for", async () => {
        api.looksUntilEstablished = 2;
        api.looksUntilListed = 1;
        // The kind was asked for before it was there, as a preview in the same process does.
        assert.deepEqual((await resources.create(request(rollout, { preview: true }))).outputs.spec, rollout.spec);
        assert.deepEqual(await resources.placed("urn", rollout), rollout);

        const { outputs } = await resources.create(request(definition));
        assert.deepEqual(outputs.status, { conditions: [{ type: "Established", status: "True" }] });
        const created = await resources.create(request(rollout));
        assert.equal(created.id, "shop/web");
        assert.ok(api.objects.has(rolloutPath));
        // A busy machine asks once more here and there; once the kind is known, nobody asks again.
        const looks = asked(/GET \/apis\/argoproj\.io\/v1alpha1$/);
        assert.ok(looks >= 4, `${String(looks)} looks`);
        assert.deepEqual((await resources.placed("urn", rollout)).metadata, { name: "web", namespace: "shop" });
        assert.equal(asked(/GET \/apis\/argoproj\.io\/v1alpha1$/), looks);
    });

    it("have schemas whose extensions the API spells in its own way, and programs in theirs", async () => {
        const schema = { type: "object", x_kubernetes_preserve_unknown_fields: true };
        const versions = (name: string): Json => [
            { name: "v1alpha1", schema: { openAPIV3Schema: { type: "object", [name]: true } } },
        ];
        const declared = setIn(
            definition,
            ["spec", "versions"],
            [{ name: "v1alpha1", schema: { openAPIV3Schema: schema } }],
        );
        const { outputs } = await resources.create(request(declared));
        assert.deepEqual(
            (api.objects.get(definitionPath)?.spec as Bag).versions,
            versions("x-kubernetes-preserve-unknown-fields"),
        );
        assert.deepEqual((outputs.spec as Bag).versions, versions("x_kubernetes_preserve_unknown_fields"));
        assert.deepEqual((await read(declared, "rollouts.argoproj.io"))?.inputs, declared);
    });

    it("cannot be created when the server refuses their definition's names", async () => {
        const conflict = {
            type: "NamesAccepted",
            status: "False",
            reason: "PluralConflict",
            message: "rollouts is taken",
        };
        api.looksUntilEstablished = Number.POSITIVE_INFINITY;
        await assert.rejects(
            resources.create(request(setIn(definition, ["status"], { conditions: [conflict] }))),
            (error) => error instanceof NotReadyError && error.reasons.join() === "PluralConflict: rollouts is taken",
        );
    });

    describe("of a controller that the plugin does not know", () => {
        beforeEach(async () => {
            await resources.create(request(definition));
        });

        it("are there as soon as the server has taken them", async () => {
            api.controller = (_, object) => ({ ...object, status: { phase: "Progressing" } });
            await resources.create(request(rollout));
            // Nothing but the look before the creation.
            assert.equal(asked(/GET .*\/rollouts\/web$/), 1);
        });

        it("are waited for by what pulumi.com/waitFor says", async () => {
            let looks = 0;
            api.controller = (_, object) => ({ ...object, status: { phase: looks++ > 2 ? "Healthy" : "Progressing" } });
            const waited = setIn(rollout, ["metadata", "annotations"], {
                "pulumi.com/waitFor": "jsonpath={.status.phase}=Healthy",
            });
            const { outputs } = await resources.create(request(waited));
            assert.deepEqual(outputs.status, { phase: "Healthy" });

            api.objects.delete(rolloutPath);
            api.controller = (_, object) => ({ ...object, status: { phase: "Degraded" } });
            await assert.rejects(resources.create(request(waited, { timeout: 1 })), (error) => {
                assert.ok(error instanceof NotReadyError);
                assert.match(error.reasons.join(), /was not ready after 1 s: \.status\.phase is Degraded/);
                assert.equal(error.result.id, "shop/web");
                return true;
            });
        });

        it("show no drift while the controller changes what is not declared", async () => {
            const services = "/api/v1/namespaces/shop/services/web";
            const service: Bag = {
                apiVersion: "v1",
                kind: "Service",
                metadata: { name: "web", namespace: "shop", annotations: { "pulumi.com/skipAwait": "true" } },
                spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
            };
            const declared = setIn(rollout, ["metadata", "namespace"], "shop");
            await resources.create(request(declared));
            api.objects.set(services, service);
            api.controller = (path, object) =>
                path === services
                    ? setIn(object, ["spec", "selector", "rollouts-pod-template-hash"], "5d8f")
                    : {
                          ...setIn(object, ["metadata", "annotations"], { "rollout.argoproj.io/revision": "2" }),
                          status: { phase: "Paused", currentStepIndex: 1 },
                      };
            assert.deepEqual((await read(declared, "shop/web"))?.inputs, declared);
            assert.deepEqual((await read(service, "shop/web"))?.inputs, service);
        });

        it("are gone when their definition is", async () => {
            const { id, outputs } = await resources.create(request(rollout));
            await resources.delete(
                request(definition, { id: "rollouts.argoproj.io", previous: definition, state: { metadata: {} } }),
            );
            api.objects.clear();
            api.asked.length = 0;
            await resources.delete(request(rollout, { id, previous: rollout, state: outputs }));
            assert.equal(await read(rollout, id), undefined);
        });
    });
});
