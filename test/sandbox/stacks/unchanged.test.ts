import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { instanceNamed, type Instance } from "../../../sandbox/machine/instance";
import { evidenceFolder } from "../../../sandbox/stacks/evidence/folders";
import { faults, markUpdated, unchangedSince } from "../../../sandbox/stacks/unchanged";

describe("A further `make up`", () => {
    let instance: Instance;
    let state: string;
    const write = (file: string, text: string) => {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, text);
    };

    beforeEach(() => {
        const root = fs.mkdtempSync(path.join(os.tmpdir(), "unchanged-"));
        const place = (folder: string) => path.join(root, folder);
        instance = { ...instanceNamed("test"), root, run: place("run"), pulumiState: place("state") };
        state = path.join(instance.pulumiState, ".pulumi", "stacks", "relaypacs", "staging.json");
        write(state, "{}");
        write(path.join(instance.run, "moto.pid"), '{"pid":1,"started":"1"}');
        write(path.join(evidenceFolder(instance, "staging"), "build.json"), "{}");
    });
    afterEach(() => {
        delete process.env.RELAYPACS_BOOTSTRAP;
        fs.rmSync(instance.root, { recursive: true });
    });

    it("should know since when nothing has changed", () => {
        assert.equal(unchangedSince(instance, "staging"), undefined);
        const before = Date.now();
        markUpdated(instance, "staging", []);
        const since = Date.parse(unchangedSince(instance, "staging")?.at ?? "");
        assert.ok(since >= before && since <= Date.now(), String(since));
        assert.equal(unchangedSince(instance, "prod"), undefined);
    });

    for (const [what, change] of [
        ["the stack's state", () => write(state, '{"changed": true}')],
        ["a process of the sandbox", () => write(path.join(instance.run, "moto.pid"), '{"pid":1,"started":"2"}')],
        ["the evidence", () => write(path.join(evidenceFolder(instance, "staging"), "build.json"), '{"a": 1}')],
        ["the release", () => write(path.join(instance.root, "release.json"), '{"version": "2.0.0"}')],
        ["a variable of the shell", () => (process.env.RELAYPACS_BOOTSTRAP = "true")],
        ["the existence of a state", () => fs.rmSync(state)],
    ] as const)
        it(`should update again when ${what} has changed`, () => {
            markUpdated(instance, "staging", []);
            change();
            assert.equal(unchangedSince(instance, "staging"), undefined);
        });

    it("should name the workloads that are gone, have changed, or are short of pods", () => {
        const workload = (name: string, generation: number, status: object, replicas = 2) => ({
            kind: "Deployment",
            metadata: { namespace: "staging", name, generation },
            spec: { replicas },
            status,
        });
        const before = ["ready", "rollout", "short", "stopped", "unseen", "scaled", "gone"].map((name) =>
            workload(name, 3, {}),
        );
        markUpdated(instance, "staging", before);
        const found = faults(
            [
                workload("ready", 3, { availableReplicas: 2, observedGeneration: 3 }),
                // Argo Rollouts writes it as text.
                workload("rollout", 3, { availableReplicas: 2, observedGeneration: "3" }),
                workload("short", 3, { availableReplicas: 1, observedGeneration: 3 }),
                workload("stopped", 3, { observedGeneration: 3 }),
                workload("unseen", 3, { availableReplicas: 2, observedGeneration: 2 }),
                workload("scaled", 4, { observedGeneration: 4 }, 0),
                workload("new", 1, { availableReplicas: 2, observedGeneration: 1 }),
            ],
            unchangedSince(instance, "staging")!,
        );
        assert.deepEqual(found, [
            "staging/gone is gone",
            "staging/short has too few available pods",
            "staging/stopped has too few available pods",
            "staging/unseen has too few available pods",
            "staging/scaled has changed since",
            "staging/new has changed since",
        ]);
    });
});
