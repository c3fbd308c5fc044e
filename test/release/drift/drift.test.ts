import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { lookedAtIn, type Looked } from "../../../release/drift/events";
import { describeDrift, findDrift, objectReader } from "../../../release/drift/find";
import { addedTo, ownersOf } from "../../../release/drift/owners";
import type { Tools } from "../../../release/shared/tools";
import { ApiServer } from "../../delivery/rollouts/api-server";

interface Step {
    readonly op?: string;
    readonly type?: string;
    readonly name?: string;
    readonly id?: string;
    readonly old?: object | null;
    readonly new?: object | null;
}

const urn = (type: string, name: string) => `urn:pulumi:staging::relaypacs::${type}::${name}`;

/** The engine's events of a refresh that has looked at these resources. */
const log = (...steps: readonly Step[]) =>
    [
        { sequence: 0, preludeEvent: { config: {} } },
        ...steps.map(
            ({ id = "relaypacs-staging/backend", name = "backend", op = "update", type = deployment, ...step }) => ({
                resOutputsEvent: {
                    metadata: {
                        op,
                        urn: urn(type, name),
                        type,
                        old: step.old === null ? undefined : { id, inputs: step.old },
                        new: step.new === null ? undefined : { id, inputs: step.new },
                    },
                },
            }),
        ),
        { summaryEvent: { maybeCorrupt: false } },
    ]
        .map((one) => `${JSON.stringify(one)}\n`)
        .join("");

const deployment = "kubernetes:apps/v1:Deployment";
const bucketPolicy = "aws:s3/bucketPolicy:BucketPolicy";
const inputs = (replicas: number, image = "one", more: object = {}) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    spec: { replicas, template: { spec: { containers: [{ name: "backend", image }] } } },
    ...more,
});

/** The live object, to whose number of pods another manager holds the right. */
const live = {
    metadata: {
        managedFields: [
            {
                manager: "pulumi",
                time: "2026-11-30T08:00:00Z",
                fieldsV1: { "f:spec": { "f:template": { "f:spec": {} } } },
            },
            { manager: "kubectl-scale", time: "2026-11-30T09:15:59Z", fieldsV1: { "f:spec": { "f:replicas": {} } } },
            { manager: "later", fieldsV1: { "f:spec": { "f:paused": {} } } },
        ],
    },
    ...inputs(5),
};

/** Of what a refresh has looked at, what is not as the state has it. */
const driftedIn = (events: string) =>
    lookedAtIn(events).filter(({ changes }) => changes === undefined || changes.length > 0);

const changed = (drifted: readonly Looked[]) =>
    drifted.map(({ changes, name }) => [name, changes?.map(({ path }) => path.join(".")) ?? "gone"]);

describe("release drift", () => {
    it("should find each property that is not as the state has it, and resources that are gone", () => {
        const found = driftedIn(
            log(
                { old: inputs(2), new: inputs(5, "two") },
                { name: "same", op: "same", old: inputs(2), new: inputs(2) },
                { name: "deleted", op: "delete", old: inputs(2), new: null },
                { name: "added", old: {}, new: { metadata: { labels: { by: "hand" } } } },
                { name: "removed", old: { metadata: { labels: { by: "us" } } }, new: { metadata: {} } },
                { name: "longer", old: { list: [1] }, new: { list: [1, 2] } },
            ),
        );
        assert.deepEqual(changed(found), [
            ["backend", ["spec.replicas", "spec.template.spec.containers.0.image"]],
            ["deleted", "gone"],
            ["added", ["metadata"]],
            ["removed", ["metadata.labels"]],
            ["longer", ["list"]],
        ]);
    });

    it("should take no other form of the same value for drift, nor what the engine keeps for itself", () => {
        const written = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Sid":"A"}]}';
        const answered = '{ "Statement": [ { "Sid": "A", "Effect": "Deny" } ], "Version": "2012-10-17" }';
        const step = (policy: string, defaults: readonly string[]) => ({ policy, __defaults: defaults });
        const refreshed = (now: object) =>
            driftedIn(log({ type: bucketPolicy, name: "evidence", old: step(written, []), new: now }));
        assert.deepEqual(refreshed(step(answered, ["policy"])), []);
        assert.deepEqual(changed(refreshed(step(answered.replace("Deny", "Allow"), []))), [["evidence", ["policy"]]]);
    });

    it("should say that a refresh that was cut short has not looked at everything", () => {
        const whole = log({ old: inputs(2), new: inputs(2) });
        const message = "The refresh has not looked at everything.";
        assert.throws(() => driftedIn(whole.split("\n").slice(0, -2).join("\n")), { message });
        assert.throws(() => driftedIn(""), { message });
    });

    it("should say what differs, from what, and which manager owns it", async () => {
        const asked: unknown[] = [];
        const drifted = driftedIn(
            log(
                { old: inputs(2), new: inputs(5) },
                { name: "deleted", id: "relaypacs-staging/gone", old: inputs(2), new: null },
                { type: bucketPolicy, name: "evidence", old: { policy: "a" }, new: { policy: "b".repeat(200) } },
            ),
        );
        const described = await describeDrift(drifted, (object) => {
            asked.push(object);
            return Promise.resolve(live);
        });
        assert.deepEqual(described, [
            [
                "Deployment relaypacs-staging/backend: spec.replicas is 5, and the stack has 2; it belongs to kubectl-scale since 2026-11-30 09:15 UTC.",
                "Deployment relaypacs-staging/backend: spec.paused was added beside the stack; it belongs to later.",
            ],
            ["Deployment relaypacs-staging/gone is gone."],
            [`aws BucketPolicy evidence: policy is "${"b".repeat(78)}…, and the stack has "a".`],
        ]);
        assert.deepEqual(asked, [
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name: "backend", namespace: "relaypacs-staging" },
            },
        ]);
    });

    it("should say what differs where the cluster does not tell who owns it", async () => {
        const drifted = driftedIn(log({ id: "class", old: inputs(2), new: inputs(5) }));
        assert.deepEqual(await describeDrift(drifted, () => Promise.resolve(undefined)), [
            ["Deployment class: spec.replicas is 5, and the stack has 2."],
        ]);
    });

    it("should find what somebody has added to an object that is otherwise as the state has it", async () => {
        const container = { name: "backend", image: "one", env: [{ name: "LEVEL", value: "info" }] };
        const port = { port: 80, targetPort: 8000 };
        const declared = { spec: { ports: [port], template: { spec: { containers: [container] } } } };
        const owned = (manager: string, fieldsV1: object, more: object = {}) => ({
            metadata: { managedFields: [{ manager, time: "2026-11-30T09:15:59Z", fieldsV1, ...more }] },
        });
        const inContainer = (fields: object) => ({
            "f:spec": { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"backend"}': fields } } } },
        });
        const places = (object: object) => addedTo(object, declared).map(({ place }) => place);
        const env = (name: string) => ({ [`k:{"name":"${name}"}`]: { ".": {}, "f:name": {}, "f:value": {} } });
        const byHand = owned("kubectl-set", inContainer({ "f:env": { ...env("LEVEL"), ...env("DEBUG") } }));
        assert.deepEqual(places(byHand), ["spec.template.spec.containers[backend].env[DEBUG]"]);
        assert.deepEqual(places(owned("kubectl-edit", inContainer({ ".": {}, "f:tty": {} }))), [
            "spec.template.spec.containers[backend].tty",
        ]);
        const sidecar = { "f:containers": { 'k:{"name":"sidecar"}': { ".": {}, "f:image": {} } } };
        const inPod = (fields: object) => owned("other", { "f:spec": { "f:template": { "f:spec": fields } } });
        assert.deepEqual(places(inPod(sidecar)), ["spec.template.spec.containers[sidecar]"]);
        // The API server writes the protocol that the stack leaves to it.
        const ports = (name: string) => owned("other", { "f:spec": { "f:ports": { [name]: { "f:port": {} } } } });
        assert.deepEqual(places(ports('k:{"port":80,"protocol":"TCP"}')), []);
        assert.deepEqual(places(ports('k:{"port":80,"protocol":"UDP"}')), ["spec.ports[80]"]);
        for (const right of [
            owned("pulumi-kubernetes-34f0902a", { "f:spec": { "f:paused": {} } }),
            owned("kube-controller-manager", { "f:spec": { "f:paused": {} } }),
            owned("rollouts-controller", { "f:spec": { "f:selector": {} } }),
            owned("kubectl", { "f:spec": { "f:paused": {} } }, { subresource: "status" }),
            owned("kubectl", { "f:metadata": { "f:labels": {} }, "f:status": { "f:phase": {} } }),
            {},
        ])
            assert.deepEqual(places(right), [], JSON.stringify(right));

        const same = lookedAtIn(log({ op: "same", old: declared, new: declared }));
        assert.deepEqual(await describeDrift(same, () => Promise.resolve(byHand)), [
            [
                "Deployment relaypacs-staging/backend: spec.template.spec.containers[backend].env[DEBUG] was added beside the stack; it belongs to kubectl-set since 2026-11-30 09:15 UTC.",
            ],
        ]);
        assert.deepEqual(await describeDrift(same, () => Promise.resolve(undefined)), []);
    });

    it("should take no other order of a list of AWS or GitHub for drift, nor an issuer without its scheme", () => {
        const step = (type: string, old: object, now: object) => driftedIn(log({ type, name: "it", old, new: now }));
        const protection = "github:index/branchProtection:BranchProtection";
        const checks = (...contexts: string[]) => ({ requiredStatusChecks: [{ contexts, strict: true }] });
        assert.deepEqual(step(protection, checks("lint", "test"), checks("test", "lint")), []);
        assert.deepEqual(changed(step(protection, checks("lint", "test"), checks("test", "build"))), [
            ["it", ["requiredStatusChecks.0.contexts"]],
        ]);
        const args = (...given: string[]) => ({ spec: { containers: [{ args: given }] } });
        assert.equal(step(deployment, args("a", "b"), args("b", "a")).length, 1);
        const provider = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
        const url = (value: string) => ({ url: value });
        const issuer = "token.actions.githubusercontent.com";
        assert.deepEqual(step(provider, url(`https://${issuer}`), url(issuer)), []);
        assert.equal(step(provider, url(`https://${issuer}`), url("example.com")).length, 1);
        assert.equal(step(bucketPolicy, url(`https://${issuer}`), url(issuer)).length, 1);
    });

    it("should read times as the Kubernetes client gives them", () => {
        const [own] = live.metadata.managedFields.slice(1);
        const read = { metadata: { managedFields: [{ ...own, time: new Date("2026-11-30T09:15:59Z") }] } };
        assert.deepEqual(ownersOf(read, ["spec", "replicas"]), [
            { manager: "kubectl-scale", time: "2026-11-30T09:15:59.000Z" },
        ]);
        assert.equal(addedTo(read, {}).length, 1);
    });

    it("should not claim that nothing was added where the cluster does not give an object out", async () => {
        const server = new ApiServer();
        await server.start();
        try {
            const read = objectReader(server.cluster);
            server.refusal = 403;
            await assert.rejects(read({ apiVersion: "v1", kind: "Service", metadata: { name: "backend" } }), {
                message: /^The cluster does not tell who owns Service backend: [^\n]+\.$/,
            });
        } finally {
            await server.stop();
        }
    });

    it("should find the owner of an element of a list by its key, the latest first", () => {
        const containers = (name: string) => ({
            "f:spec": { "f:containers": { [`k:{"name":"${name}"}`]: { ".": {}, "f:image": {} } } },
        });
        const object = {
            metadata: {
                managedFields: [
                    { manager: "early", time: "2026-11-30T08:00:00Z", fieldsV1: containers("backend") },
                    { manager: "late", time: "2026-11-30T09:00:00Z", fieldsV1: containers("backend") },
                    { manager: "other", fieldsV1: containers("sidecar") },
                ],
            },
            spec: { containers: [{ name: "backend", image: "one" }] },
        };
        const names = (...path: (string | number)[]) => ownersOf(object, path).map(({ manager }) => manager);
        assert.deepEqual(names("spec", "containers", 0, "image"), ["late", "early"]);
        assert.deepEqual(names("spec", "containers", 0, "command"), []);
        assert.deepEqual(names("spec", "containers", 1, "image"), []);
        assert.deepEqual(ownersOf(undefined, ["spec"]), []);
    });

    describe("the comparison", () => {
        const run =
            (exitCode: number, output: string, events = ""): Tools["run"] =>
            (command, args) => {
                assert.equal(command, "pulumi");
                fs.writeFileSync(args[args.indexOf("--event-log") + 1] ?? "", events);
                return Promise.resolve({ exitCode, output });
            };

        it("should change nothing, read no value of a secret, and leave no file", async () => {
            let asked: readonly string[] = [];
            const found = await findDrift("staging", {
                run: (command, args, variables) => {
                    asked = args;
                    // Pulumi knows the option --event-log with the first alone, and refuses --preview-only without the second
                    // in a shell that skips confirmations.
                    assert.deepEqual(variables, { PULUMI_DEBUG_COMMANDS: "true", PULUMI_SKIP_CONFIRMATIONS: "false" });
                    return run(0, "", log({ old: inputs(2), new: inputs(5) }))(command, args);
                },
            });
            assert.deepEqual(changed(found), [["backend", ["spec.replicas"]]]);
            assert.ok(asked.includes("--preview-only"));
            assert.deepEqual(
                asked.filter((_, at) => asked[at - 1] === "--exclude"),
                ["**aws:secretsmanager/secretVersion:SecretVersion::**", "**kubernetes:core/v1:Secret::**"],
            );
            assert.ok(!fs.existsSync(asked[asked.indexOf("--event-log") + 1] ?? ""));
        });

        it("should fail with Pulumi's own problem", async () => {
            const output = "Refreshing (staging):\n  warning: one\nerror: could not   load the stack\n";
            await assert.rejects(findDrift("staging", { run: run(255, output) }), {
                message: "Pulumi can't compare staging with its state: error: could not load the stack",
            });
        });
    });
});
