import * as assert from "node:assert/strict";
import { guardrails } from "../../policies/guardrails";
import { freshEvidence, writeEvidence } from "../delivery/gates/support/fresh";
import { evidenceFolder, pipelineVariables, runProgram } from "../program/run-program";
import type { Registered } from "../support/harness";
import { stackFile } from "../support/stack-file";
import { analyze } from "./support/engine";

/** The release itself needs the pack's keys, and workloads one that has passed: test/policies/delivery. */
const pack = guardrails.filter(({ name }) => !name.startsWith("delivery-"));

/** What the pack says about each resource of a program, as the engine would hear it. */
async function messagesAbout(resources: readonly Registered[]): Promise<string[]> {
    const found: string[] = [];
    for (const { inputs, name, type } of resources)
        for (const { message, policy } of await analyze(pack, type, inputs))
            found.push(`${name}: ${policy}: ${message}`);
    return found;
}

describe("The policy pack, about the program's own resources,", function () {
    this.timeout(60_000);

    for (const [what, stack, variables] of [
        ["staging", "staging", {}],
        ["production", "prod", {}],
        ["secrets by the External Secrets Operator", "staging", { RELAYPACS_SECRET_DELIVERY: "externalSecrets" }],
        ["a cluster whose services others make", "staging", { RELAYPACS_CLUSTER_SERVICES: "use" }],
    ] as const) {
        it(`should let pass what it registers for ${what}`, async () => {
            writeEvidence(evidenceFolder, freshEvidence());
            const options = { stack, preview: stack === "prod" };
            const resources = await runProgram(stackFile(stack), { ...pipelineVariables, ...variables }, options);
            assert.ok(resources.length > 50, `${resources.length} resources`);
            assert.deepEqual(await messagesAbout(resources), []);
        });
    }
});
