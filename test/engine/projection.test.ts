import * as assert from "node:assert/strict";
import { leftOpen } from "../../sandbox/engine/kubernetes/preview";
import { importedInputs, outputsOf, projected, settled } from "../../sandbox/engine/kubernetes/projection";
import { secret, setIn, unknown, type Bag } from "../../sandbox/engine/kubernetes/values";

const object = (apiVersion: string, kind: string, rest: Bag, metadata: Bag = {}): Bag => ({
    apiVersion,
    kind,
    metadata: { name: "web", namespace: "shop", ...metadata },
    ...rest,
});

describe("what refresh finds", () => {
    const declared = object("apps/v1", "Deployment", {
        spec: { replicas: 2, containers: [{ name: "web", image: "web:1", cpu: "1000m" }], paused: false },
    });
    const live = object("apps/v1", "Deployment", {
        spec: {
            replicas: 2,
            containers: [{ name: "web", image: "web:1", cpu: "1", pullPolicy: "Always" }],
            strategy: "RollingUpdate",
        },
    });

    it("nothing, when the server would make of the inputs what lives: the declared spelling stays", () => {
        assert.deepEqual(projected(declared, live, live), declared);
    });

    it("the live value at a declared place, and only there", () => {
        const edited = setIn(setIn(live, ["spec", "replicas"], 5), ["spec", "strategy"], "Recreate");
        assert.deepEqual(projected(declared, live, edited), setIn(declared, ["spec", "replicas"], 5));
    });

    it("entries of lists by their names, wherever they stand", () => {
        const sidecar = { name: "proxy", image: "proxy:1" };
        const containers = [sidecar, { name: "web", image: "evil:1", cpu: "1", pullPolicy: "Always" }];
        const applied = setIn(
            live,
            ["spec", "containers"],
            [sidecar, { name: "web", image: "web:1", cpu: "1", pullPolicy: "Always" }],
        );
        const found = projected(declared, applied, setIn(live, ["spec", "containers"], containers));
        assert.deepEqual(
            found,
            setIn(declared, ["spec", "containers"], [{ name: "web", image: "evil:1", cpu: "1000m" }]),
        );
    });

    it("that a declared place or entry is gone", () => {
        const labelled = setIn(declared, ["metadata", "labels"], { team: "a", app: "web" });
        const applied = setIn(live, ["metadata", "labels"], { team: "a", app: "web" });
        const found = projected(labelled, applied, setIn(live, ["metadata", "labels"], { app: "web" }));
        assert.deepEqual((found.metadata as Bag).labels, { app: "web" });
        const emptied = projected(declared, live, setIn(live, ["spec", "containers"], []));
        assert.deepEqual((emptied.spec as Bag).containers, []);
    });

    it("a Secret's text where the server keeps it encoded", () => {
        const encode = (text: string) => Buffer.from(text).toString("base64");
        const text = object("v1", "Secret", { stringData: { url: "a", gone: "b" } });
        const applied = object("v1", "Secret", { data: { url: encode("a"), gone: encode("b") } });
        const now = object("v1", "Secret", { data: { url: encode("changed") } });
        assert.deepEqual(projected(text, applied, applied), text);
        assert.deepEqual(projected(text, applied, now).stringData, { url: "changed" });
    });

    it("not what the server and the controllers write by themselves", () => {
        const busy = {
            ...live,
            status: { replicas: 2 },
            metadata: { name: "web", resourceVersion: "9", generation: 3, managedFields: [] },
        };
        assert.deepEqual(settled(busy), { ...live, metadata: { name: "web" } });
    });
});

describe("what reaches the stack's state", () => {
    const live = object(
        "v1",
        "Secret",
        { data: { url: "YQ==" }, status: {} },
        { managedFields: [{ manager: "x" }], uid: "u" },
    );

    it("the live object without its managers, the contents of a Secret wrapped", () => {
        assert.deepEqual(outputsOf(live, {}, "me"), {
            ...object("v1", "Secret", { data: secret({ url: "YQ==" }), status: {} }, { uid: "u" }),
            __fieldManager: "me",
            __initialApiVersion: "v1",
        });
    });

    it("an import without the server's own fields", () => {
        const imported = importedInputs({
            ...live,
            metadata: { ...(live.metadata as Bag), creationTimestamp: "t", resourceVersion: "1" },
        });
        assert.deepEqual(imported, object("v1", "Secret", { data: secret({ url: "YQ==" }) }));
    });

    it("a copy of the inputs in an annotation as a secret too", () => {
        const key = "kubectl.kubernetes.io/last-applied-configuration";
        const outputs = outputsOf(object("v1", "Secret", {}, { annotations: { [key]: "{}" } }), {}, "me");
        assert.deepEqual(((outputs.metadata as Bag).annotations as Bag)[key], secret("{}"));
    });

    it("what a preview cannot know is unknown", () => {
        const service = object("v1", "Service", { spec: { ports: [] } });
        const open = leftOpen(service, service);
        assert.deepEqual(open.spec, { ports: [], clusterIP: unknown, clusterIPs: unknown });
        assert.equal((open.metadata as Bag).uid, unknown);
        const headless = object("v1", "Service", { spec: { clusterIP: "None" } });
        assert.equal((leftOpen(headless, headless).spec as Bag).clusterIP, "None");
    });
});
