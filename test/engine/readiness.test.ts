import * as assert from "node:assert/strict";
import { selectorText } from "../../sandbox/engine/kubernetes/readiness/conditions";
import { ruleFor } from "../../sandbox/engine/kubernetes/readiness/rules";
import { waitForRule, WaitForError } from "../../sandbox/engine/kubernetes/readiness/wait-for";
import type { Bag } from "../../sandbox/engine/kubernetes/values";
import { readinessRule, timeoutOf } from "../../sandbox/engine/kubernetes/waiting";
import * as objects from "./objects";
import { assertReady, assertWaiting, judge } from "./readiness-support";

describe("readiness of services and the rest", () => {
    const noEndpoint =
        "the service has no ready endpoint: its pods are not ready, or no pod has the labels of spec.selector";

    it("wants a ready endpoint for a Service that selects pods", () => {
        assertReady(objects.service({}), { slices: [objects.slice("web", false, true)] });
        assertWaiting(noEndpoint, objects.service({}), { slices: [objects.slice("web", false)] });
        assertWaiting(noEndpoint, objects.service({}), { slices: [] });
    });

    it("wants none for an alias, a headless Service and one without a selector", () => {
        assertReady(objects.service({ type: "ExternalName", externalName: "db.example.test" }));
        assertReady(objects.service({ clusterIP: "None" }));
        assertReady(objects.service({ selector: {} }));
    });

    it("wants an address for a load balancer", () => {
        const related = { slices: [objects.slice("web", true)] };
        const spec = { type: "LoadBalancer" };
        assertWaiting("no load balancer has been assigned to the service", objects.service(spec), related);
        assertReady(objects.service(spec, { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } }), related);
    });

    it("wants an Ingress to have serving backends and an address", () => {
        const backend = { service: { name: "web", port: { number: 80 } } };
        const ingress = (status: Bag): Bag => ({
            apiVersion: "networking.k8s.io/v1",
            kind: "Ingress",
            metadata: { name: "web", namespace: "shop" },
            spec: { rules: [{ host: "shop.test", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }] },
            status,
        });
        const published = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
        const related = { services: [objects.service({})], slices: [objects.slice("web", true)] };
        assertWaiting("the service web does not exist", ingress(published), { services: [], slices: [] });
        assertWaiting("the service web has no ready endpoint", ingress(published), { ...related, slices: [] });
        assertWaiting("no ingress controller has published an address for it", ingress({}), related);
        assertReady(ingress(published), related);
    });

    it("lets a claim wait for its first consumer", () => {
        const claim: Bag = {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: {},
            spec: { storageClassName: "local" },
            status: { phase: "Pending" },
        };
        assertWaiting("the claim is not bound to a volume", claim, { classes: [{ volumeBindingMode: "Immediate" }] });
        assertReady(claim, { classes: [{ volumeBindingMode: "WaitForFirstConsumer" }] });
        assertReady({ ...claim, status: { phase: "Bound" } });
        assert.equal(judge({ ...claim, status: { phase: "Lost" } }).state, "failed");
    });

    it("wants a definition to be served, and a quota to be counted", () => {
        const definition = (...conditions: Bag[]): Bag => ({
            apiVersion: "apiextensions.k8s.io/v1",
            kind: "CustomResourceDefinition",
            status: { conditions },
        });
        assertWaiting("the kind is not served yet", definition());
        assertReady(definition({ type: "Established", status: "True" }));
        assert.equal(
            judge(definition({ type: "NamesAccepted", status: "False", reason: "PluralConflict" })).state,
            "failed",
        );
        const quota: Bag = { apiVersion: "v1", kind: "ResourceQuota", spec: { hard: { pods: "20" } } };
        assertWaiting("the quota is not counted yet", quota);
        assertReady({ ...quota, status: { hard: { pods: "20" }, used: { pods: "0" } } });
    });

    it("takes kinds without a rule for ready", () => {
        assert.equal(ruleFor({ apiVersion: "v1", kind: "ConfigMap" }), undefined);
        assert.equal(ruleFor({ apiVersion: "example.test/v1", kind: "Deployment" }), undefined);
    });
});

describe("pulumi.com/waitFor and its like", () => {
    const rollout: Bag = {
        status: {
            phase: "Paused",
            replicas: 2,
            conditions: [{ type: "Available", status: "False", message: "1 of 2" }],
        },
    };
    const judgeBy = (text: string) => waitForRule(text).judge(rollout, {});

    it("compares a place with a value, or asks that it is set", () => {
        assert.deepEqual(judgeBy("jsonpath={.status.phase}=Paused"), { state: "ready" });
        assert.deepEqual(judgeBy("jsonpath={.status.replicas}=2"), { state: "ready" });
        assert.deepEqual(judgeBy('jsonpath={.status.conditions[?(@.type=="Available")].status}=False'), {
            state: "ready",
        });
        assert.deepEqual(judgeBy("jsonpath={.status.phase}"), { state: "ready" });
        assert.deepEqual(judgeBy("jsonpath={.status.phase}=Healthy"), {
            state: "waiting",
            message: ".status.phase is Paused",
        });
        assert.deepEqual(judgeBy("jsonpath={.status.message}"), {
            state: "waiting",
            message: ".status.message is not set",
        });
    });

    it("asks for a condition, True unless it says otherwise", () => {
        assert.deepEqual(judgeBy("condition=Available"), {
            state: "waiting",
            message: "the condition Available is False (1 of 2)",
        });
        assert.deepEqual(judgeBy("condition=Available=False"), { state: "ready" });
        assert.deepEqual(judgeBy("condition=Healthy"), {
            state: "waiting",
            message: "the condition Healthy is not reported yet",
        });
    });

    it("wants all of a list", () => {
        const both = JSON.stringify(["jsonpath={.status.phase}=Paused", "condition=Available"]);
        assert.equal(judgeBy(both).state, "waiting");
    });

    it("refuses what it does not understand, and says what it does", () => {
        for (const text of ["phase=Paused", "jsonpath=.status.phase", "[]", "[1]", "condition="]) {
            assert.throws(
                () => waitForRule(text),
                (error) => error instanceof WaitForError && error.message.includes("condition=Type"),
            );
        }
    });

    it("takes the place of the kind's own rule, and skipAwait of both", () => {
        const annotated = (annotations: Bag): Bag => ({ ...objects.stuckDeployment, metadata: { annotations } });
        const skip = { "pulumi.com/skipAwait": "true" };
        const own = { "pulumi.com/waitFor": "jsonpath={.spec.replicas}=2" };
        assert.equal(readinessRule(annotated({ ...own, ...skip })), undefined);
        assert.deepEqual(readinessRule(annotated(own))?.judge(objects.stuckDeployment, {}), { state: "ready" });
    });

    it("waits as long as the resource, else its annotation, else the kind says", () => {
        const annotated: Bag = { metadata: { annotations: { "pulumi.com/timeoutSeconds": "30" } } };
        assert.deepEqual(
            [timeoutOf(annotated, 5), timeoutOf(annotated, 0), timeoutOf({}, 0, 60), timeoutOf({}, 0)],
            [5, 30, 60, 600],
        );
    });

    it("writes selectors as the API reads them", () => {
        const selector: Bag = {
            matchLabels: { app: "web" },
            matchExpressions: [
                { key: "tier", operator: "In", values: ["a", "b"] },
                { key: "old", operator: "DoesNotExist" },
                { key: "new", operator: "Exists" },
            ],
        };
        assert.equal(selectorText(selector), "app=web,tier in (a,b),!old,new");
    });
});
