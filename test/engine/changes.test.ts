import * as assert from "node:assert/strict";
import { conflictSentence, declares, foreign } from "../../sandbox/engine/kubernetes/conflicts";
import { compare, type Comparison } from "../../sandbox/engine/kubernetes/differences";
import { ApiError, fieldConflicts } from "../../sandbox/engine/kubernetes/errors";
import { withIgnored } from "../../sandbox/engine/kubernetes/ignored";
import { manifestOf } from "../../sandbox/engine/kubernetes/projection";
import { pathText, setIn, unknown, type Bag } from "../../sandbox/engine/kubernetes/values";

const fixed = { secrets: false, configMaps: false };

const object = (apiVersion: string, kind: string, rest: Bag, metadata: Bag = {}): Bag => ({
    apiVersion,
    kind,
    metadata: { name: "web", namespace: "shop", ...metadata },
    ...rest,
});

const replacedBy = ({ replacing }: Comparison): string[] => replacing.map(({ path }) => pathText(path));

describe("which changes replace an object", () => {
    const deployment = object("apps/v1", "Deployment", {
        spec: { replicas: 2, selector: { matchLabels: { app: "web" } } },
    });
    const cases: readonly (readonly [string, Bag, readonly string[], string, Bag[string]])[] = [
        [
            "a Deployment's selector",
            deployment,
            ["spec", "selector", "matchLabels", "app"],
            "spec.selector.matchLabels.app",
            "other",
        ],
        [
            "a Job's template",
            object("batch/v1", "Job", { spec: { template: { image: "a" } } }),
            ["spec", "template", "image"],
            "spec.template.image",
            "b",
        ],
        [
            "a StatefulSet's service",
            object("apps/v1", "StatefulSet", { spec: { serviceName: "a" } }),
            ["spec", "serviceName"],
            "spec.serviceName",
            "b",
        ],
        [
            "a Service's fixed address",
            object("v1", "Service", { spec: { clusterIP: "10.96.0.9" } }),
            ["spec", "clusterIP"],
            "spec.clusterIP",
            "None",
        ],
        ["a Secret's type", object("v1", "Secret", { type: "Opaque" }), ["type"], "type", "kubernetes.io/tls"],
        ["a ConfigMap's data", object("v1", "ConfigMap", { data: { a: "1" } }), ["data", "a"], "data.a", "2"],
        [
            "a claim's size",
            object("v1", "PersistentVolumeClaim", { spec: { resources: { requests: { storage: "1Gi" } } } }),
            ["spec", "resources", "requests", "storage"],
            "spec.resources.requests.storage",
            "2Gi",
        ],
        [
            "a RoleBinding's role",
            object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name: "a" } }),
            ["roleRef", "name"],
            "roleRef.name",
            "b",
        ],
        [
            "a StorageClass' provisioner",
            object("storage.k8s.io/v1", "StorageClass", { provisioner: "a" }),
            ["provisioner"],
            "provisioner",
            "b",
        ],
        [
            "a Pod's image",
            object("v1", "Pod", { spec: { containers: [{ name: "a", image: "a" }] } }),
            ["spec", "containers"],
            "spec.containers[0].image",
            [{ name: "a", image: "b" }],
        ],
        ["the namespace", deployment, ["metadata", "namespace"], "metadata.namespace", "other"],
        ["the name", deployment, ["metadata", "name"], "metadata.name", "other"],
    ];
    for (const [what, before, path, expected, value] of cases) {
        it(what, () => {
            const after = setIn(before, path as string[], value);
            assert.deepEqual(replacedBy(compare(before, after, {}, fixed)), [expected]);
        });
    }

    it("deletes first only when the new object has the old one's fixed name", () => {
        const after = setIn(deployment, ["spec", "selector", "matchLabels", "app"], "other");
        assert.equal(compare(deployment, after, {}, fixed).deleteBeforeReplace, true);
        assert.equal(
            compare(deployment, setIn(after, ["metadata", "name"], "new"), {}, fixed).deleteBeforeReplace,
            false,
        );
        const autonamed = (bag: Bag) => setIn(bag, ["metadata", "annotations"], { "pulumi.com/autonamed": "true" });
        assert.equal(compare(autonamed(deployment), autonamed(after), {}, fixed).deleteBeforeReplace, false);
    });

    it("changes everything else in place", () => {
        const scaled = setIn(deployment, ["spec", "replicas"], 3);
        const { differences, replacing, deleteBeforeReplace } = compare(deployment, scaled, {}, fixed);
        assert.deepEqual(differences, [{ path: ["spec", "replicas"], kind: "update" }]);
        assert.deepEqual([replacing, deleteBeforeReplace], [[], false]);
        assert.deepEqual(replacedBy(compare(deployment, { ...deployment, apiVersion: "apps/v2" }, {}, fixed)), []);
    });

    it("replaces when the group changes", () => {
        assert.deepEqual(replacedBy(compare(deployment, { ...deployment, apiVersion: "extensions/v1" }, {}, fixed)), [
            "apiVersion",
        ]);
    });

    it("does not replace for a specification that is not known yet", () => {
        const { differences, replacing } = compare(deployment, { ...deployment, spec: unknown }, {}, fixed);
        assert.deepEqual(differences, [{ path: ["spec"], kind: "update" }]);
        assert.deepEqual(replacing, []);
    });

    it("does replace for an immutable place that is not known yet", () => {
        const job = object("batch/v1", "Job", { spec: { template: { image: "a" } } });
        assert.deepEqual(replacedBy(compare(job, setIn(job, ["spec", "template", "image"], unknown), {}, fixed)), [
            "spec.template.image",
        ]);
    });

    it("lets Secrets and ConfigMaps change in place where the Provider says so and they are not immutable", () => {
        const mutable = { secrets: true, configMaps: true };
        const map = object("v1", "ConfigMap", { data: { a: "1" } });
        const changed = setIn(map, ["data", "a"], "2");
        assert.deepEqual(replacedBy(compare(map, changed, {}, mutable)), []);
        assert.deepEqual(
            replacedBy(compare({ ...map, immutable: true }, { ...changed, immutable: true }, {}, mutable)),
            ["data.a"],
        );
        const typed = object("v1", "Secret", { type: "Opaque" });
        assert.deepEqual(replacedBy(compare(typed, { ...typed, type: "kubernetes.io/tls" }, {}, mutable)), ["type"]);
    });

    it("does not mind a namespace that was filled in only when the object was made", () => {
        const before = setIn(deployment, ["metadata", "namespace"], undefined);
        assert.deepEqual(compare(before, deployment, deployment, fixed).differences, []);
    });
});

describe("fields that others manage", () => {
    const refusedApply = new ApiError(409, {
        message: "Apply failed with 2 conflicts",
        reason: "Conflict",
        details: {
            causes: [
                {
                    reason: "FieldManagerConflict",
                    message: 'conflict with "kubectl-edit" using apps/v1',
                    field: ".spec.replicas",
                },
                {
                    reason: "FieldManagerConflict",
                    message: 'conflict with "argo-rollouts" using apps/v1 at 2026-11-24T11:35:09Z',
                    field: '.spec.template.spec.containers[name="web"].image',
                },
            ],
        },
    });
    const declared: Bag = {
        metadata: { labels: { "app.kubernetes.io/name": "web" }, finalizers: ["a/b"] },
        spec: {
            ports: [{ port: 80, name: "http" }],
            template: { spec: { containers: [{ name: "web", image: "web:1" }] } },
        },
    };

    it("are found at the place that the API names", () => {
        for (const field of [
            '.spec.template.spec.containers[name="web"].image',
            ".metadata.labels.app.kubernetes.io/name",
            '.spec.ports[port=80,protocol="TCP"].name',
            '.metadata.finalizers[="a/b"]',
        ]) {
            assert.equal(declares(declared, field), true, field);
        }
        for (const field of [
            ".spec.replicas",
            '.spec.template.spec.containers[name="proxy"].image',
            ".metadata.labels.app",
            ".spec.ports[port=81].name",
        ]) {
            assert.equal(declares(declared, field), false, field);
        }
    });

    it("are taken back where the last update declared them, and left alone where it did not", () => {
        const conflicts = fieldConflicts(refusedApply);
        assert.deepEqual(
            conflicts.map(({ manager }) => manager),
            ["kubectl-edit", "argo-rollouts"],
        );
        assert.deepEqual(foreign(conflicts, declared), [conflicts[0]]);
        const sentence = conflictSentence("Deployment shop/web", foreign(conflicts, declared));
        assert.match(
            sentence,
            /^Deployment shop\/web cannot be changed: spec\.replicas is managed by "kubectl-edit"\. .*patchForce/,
        );
    });

    it("are not sent when they are ignored and nobody here holds them", () => {
        const entry = (manager: string, fields: Bag): Bag => ({
            manager,
            operation: "Apply",
            fieldsV1: { "f:spec": fields },
        });
        const inputs: Bag = { spec: { replicas: 2, paused: true } };
        const held = (...managedFields: Bag[]): Bag => ({ metadata: { managedFields }, spec: { replicas: 7 } });
        const ignored = ["spec.replicas"];
        assert.deepEqual(withIgnored(inputs, held(entry("scaler", { "f:replicas": {} })), "me", ignored), {
            spec: { paused: true },
        });
        const shared = held(entry("scaler", { "f:replicas": {} }), entry("me", { "f:replicas": {} }));
        assert.deepEqual(withIgnored(inputs, shared, "me", ignored), { spec: { replicas: 7, paused: true } });
    });

    it("are no part of the manifest when only this plugin reads them", () => {
        const inputs: Bag = {
            metadata: { name: "web", namespace: "x", annotations: { "pulumi.com/patchFieldManager": "m", a: "b" } },
        };
        assert.deepEqual(manifestOf(inputs, ""), { metadata: { name: "web", annotations: { a: "b" } } });
        assert.equal((manifestOf(inputs, "shop").metadata as Bag).namespace, "shop");
    });
});
