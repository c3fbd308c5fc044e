import * as assert from "node:assert/strict";
import {
    fieldManager,
    idOf,
    kindOf,
    normalised,
    parseId,
    refusal,
    typeOf,
} from "../../sandbox/engine/kubernetes/identity";
import { named, NamingError, type NamingRequest } from "../../sandbox/engine/kubernetes/naming";
import * as values from "../../sandbox/engine/kubernetes/values";
import { secret, unknown, type Bag } from "../../sandbox/engine/kubernetes/values";

const urn = (type: string, name = "web"): string => `urn:pulumi:dev::shop::relaypacs:index:Part$${type}::${name}`;

describe("values", () => {
    const wrapped: Bag = { spec: { env: [{ name: "URL", value: secret("postgres://p4ssword") }] }, size: 2 };

    it("reveals what is wrapped, at any depth", () => {
        assert.deepEqual(values.revealBag(wrapped), {
            spec: { env: [{ name: "URL", value: "postgres://p4ssword" }] },
            size: 2,
        });
        assert.equal(values.reveal(secret(secret("x"))), "x");
    });

    it("wraps in an answer what was wrapped in the inputs", () => {
        const answer: Bag = { spec: { env: [{ name: "URL", value: "postgres://p4ssword" }], added: true } };
        const concealed = values.concealLike(answer, wrapped) as Bag;
        assert.deepEqual(concealed, {
            spec: { env: [{ name: "URL", value: secret("postgres://p4ssword") }], added: true },
        });
    });

    it("wraps a whole list when its entries cannot be paired", () => {
        const env = [{ name: "INJECTED" }, { name: "URL", value: "postgres://p4ssword" }];
        assert.deepEqual(values.concealLike({ spec: { env } }, wrapped), { spec: { env: secret(env) } });
    });

    it("finds unknown and secret values", () => {
        assert.equal(values.hasUnknown({ a: [{ b: secret(unknown) }] }), true);
        assert.equal(values.hasUnknown({ a: [{ b: "known" }] }), false);
        assert.equal(values.hasSecret(wrapped), true);
        assert.equal(values.hasSecret(values.revealBag(wrapped)), false);
    });

    it("drops nulls inside objects", () => {
        assert.deepEqual(values.withoutNulls({ a: null, b: { c: null, d: [1, null] } }), { b: { d: [1, null] } });
    });

    it("writes and reads paths in the engine's notation", () => {
        const path = ["metadata", "labels", "app.kubernetes.io/name", 0, "x"];
        assert.equal(values.pathText(path), 'metadata.labels["app.kubernetes.io/name"][0].x');
        assert.deepEqual(values.parsePath(values.pathText(path)), path);
    });

    it("changes copies only", () => {
        const bag: Bag = { a: { b: 1 } };
        assert.deepEqual(values.setIn(bag, ["a", "c"], 2), { a: { b: 1, c: 2 } });
        assert.deepEqual(values.setIn(bag, ["a", "b"], undefined), { a: {} });
        assert.deepEqual(values.setIn(bag, ["x", "y"], undefined), { a: { b: 1 } });
        assert.deepEqual(bag, { a: { b: 1 } });
    });

    it("keeps secrets out of messages, plain or encoded", () => {
        const encoded = Buffer.from("postgres://p4ssword").toString("base64");
        assert.equal(
            values.redact(`Invalid value: "postgres://p4ssword" (${encoded})`, wrapped),
            'Invalid value: "[secret]" ([secret])',
        );
        const object: Bag = { kind: "Secret", stringData: { token: "abcdef" }, data: { key: "a2V5a2V5" } };
        assert.equal(values.redact("abcdef a2V5a2V5 Secret", object), "[secret] [secret] Secret");
    });
});

describe("identity", () => {
    it("reads type, apiVersion and kind out of a URN", () => {
        assert.equal(typeOf(urn("kubernetes:apps/v1:Deployment")), "kubernetes:apps/v1:Deployment");
        assert.deepEqual(kindOf("kubernetes:core/v1:Secret"), { apiVersion: "v1", kind: "Secret" });
        assert.deepEqual(kindOf("kubernetes:argoproj.io/v1alpha1:Rollout"), {
            apiVersion: "argoproj.io/v1alpha1",
            kind: "Rollout",
        });
    });

    it("prefers what the inputs say about themselves", () => {
        assert.deepEqual(normalised({}, urn("kubernetes:core/v1:Secret")), { apiVersion: "v1", kind: "Secret" });
        const custom = { apiVersion: "example.test/v1", kind: "Thing" };
        assert.deepEqual(normalised(custom, urn("kubernetes:apiextensions.k8s.io:CustomResource")), custom);
    });

    it("makes ids that can be read back", () => {
        const identity = { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "db" };
        assert.equal(idOf(identity), "shop/db");
        assert.deepEqual(parseId("shop/db"), { namespace: "shop", name: "db" });
        assert.deepEqual(parseId(idOf({ ...identity, namespace: "" })), { namespace: "", name: "db" });
    });

    it("manages fields under a name that follows from the URN, unless told otherwise", () => {
        const type = "kubernetes:apps/v1:Deployment";
        const name = fieldManager(urn(type), {}, {});
        assert.match(name, /^pulumi-kubernetes-[0-9a-f]{8}$/);
        assert.equal(fieldManager(urn(type), {}, {}), name);
        assert.notEqual(fieldManager(urn(type, "other"), {}, {}), name);
        assert.equal(fieldManager(urn(type), {}, { __fieldManager: "kept" }), "kept");
        const told: Bag = { metadata: { annotations: { "pulumi.com/patchFieldManager": "told" } } };
        assert.equal(fieldManager(urn(type), told, { __fieldManager: "kept" }), "told");
    });

    it("refuses patches, lists and charts, and nothing that only looks like them", () => {
        assert.match(
            refusal(urn("kubernetes:core/v1:ConfigMapPatch"), { kind: "ConfigMap" }) ?? "",
            /declare the whole ConfigMap/,
        );
        assert.match(
            refusal(urn("kubernetes:core/v1:ConfigMapList"), { kind: "ConfigMapList", items: [] }) ?? "",
            /each object/,
        );
        assert.match(refusal(urn("kubernetes:helm.sh/v3:Release"), {}) ?? "", /chart/);
        assert.equal(refusal(urn("kubernetes:example.test/v1:JsonPatch"), { kind: "JsonPatch" }), undefined);
        assert.equal(refusal(urn("kubernetes:example.test/v1:AllowList"), { kind: "AllowList" }), undefined);
    });
});

describe("naming", () => {
    const request: NamingRequest = {
        inputs: { kind: "ConfigMap" },
        previous: {},
        programName: "settings",
        randomSeed: Uint8Array.from([0x12, 0xab, 0x34, 0xcd, 0xff]),
    };
    const metadataOf = (changes: Partial<NamingRequest>) => named({ ...request, ...changes }).metadata;
    const generated = { name: "settings-12ab34cd", annotations: { "pulumi.com/autonamed": "true" } };

    it("adds eight digits of the seed to the program's name, and says so", () => {
        assert.deepEqual(metadataOf({}), generated);
        assert.deepEqual(metadataOf({ inputs: { metadata: { generateName: "job-" } } }), {
            ...generated,
            generateName: "job-",
            name: "job-12ab34cd",
        });
    });

    it("keeps a generated name over updates, and gives it up for a declared one", () => {
        const previous: Bag = { metadata: { ...generated, name: "settings-00000000" } };
        assert.deepEqual(metadataOf({ previous }), { ...generated, name: "settings-00000000" });
        assert.deepEqual(metadataOf({ previous: { metadata: { name: "declared" } } }), generated);
        const inputs: Bag = { metadata: { name: "mine", annotations: { "pulumi.com/autonamed": "true", a: "b" } } };
        assert.deepEqual(metadataOf({ inputs, previous }), { name: "mine", annotations: { a: "b" } });
    });

    it("leaves names alone that are not known yet", () => {
        assert.deepEqual(metadataOf({ inputs: { metadata: { name: unknown } } }), { name: unknown });
        assert.equal(metadataOf({ inputs: { metadata: unknown } }), unknown);
        assert.deepEqual(metadataOf({ inputs: { metadata: { annotations: unknown } } }), {
            name: "settings-12ab34cd",
            annotations: unknown,
        });
    });

    it("keeps secret metadata secret", () => {
        assert.deepEqual(
            metadataOf({ inputs: { metadata: secret({ labels: {} }) } }),
            secret({ labels: {}, ...generated }),
        );
    });

    it("follows the stack's setting for names", () => {
        const autonaming = (mode: "propose" | "enforce" | "disable") => ({
            autonaming: { mode, proposedName: "proposed" },
        });
        assert.equal((metadataOf(autonaming("enforce")) as Bag).name, "proposed");
        assert.equal((metadataOf(autonaming("propose")) as Bag).name, "proposed");
        assert.throws(() => metadataOf(autonaming("disable")), NamingError);
    });
});
