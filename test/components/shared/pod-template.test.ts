import * as assert from "node:assert/strict";
import { container, serverPod } from "../../../components/shared/pod-template";
import { acceptedServices as accepted, drafts } from "../../support/service-drafts";

/** Kubernetes' canonical form of a number with a unit: the largest unit in which it is a whole number (`Quantity`). */
function canonical(amount: bigint, units: readonly (readonly [unit: string, size: bigint])[]): string {
    const [unit, size] = units.find(([, one]) => amount % one === 0n) ?? ["", 1n];
    return `${String(amount / size)}${unit}`;
}

const milli = [
    ["k", 1_000_000n],
    ["", 1000n],
    ["m", 1n],
] as const;
const mebi = ["Ei", "Pi", "Ti", "Gi", "Mi"].map((unit, at) => [unit, 1024n ** BigInt(4 - at)] as const);

/** Values without which Go's `omitempty` writes an object back: Argo Rollouts would take over a field that is lost. */
function lost(value: unknown, where = ""): string[] {
    if (value === "" || value === null || value === undefined || value === 0) return [`${where} is ${String(value)}`];
    if (typeof value !== "object") return [];
    const entries = Object.entries(value);
    if (entries.length === 0) return [`${where} is empty`];
    return entries.flatMap(([key, inner]) => lost(inner, `${where}.${key}`));
}

describe("A service that settings accept", () => {
    const args = { image: `registry/backend@sha256:${"0".repeat(64)}`, version: "1.4.2" };

    it("should be some of these, and not all", () => {
        assert.ok(accepted.length > 100, `${accepted.length} are accepted`);
        assert.ok(accepted.length < drafts.length / 2, `${accepted.length} are accepted`);
        for (const { resources } of accepted)
            for (const quantity of Object.values(resources)) assert.match(quantity, /^[1-9]\d*(m|Mi)$/);
        assert.ok(accepted.some(({ environment }) => Object.values(environment).includes("")));
    });

    it("should have pods in which nothing is lost when a controller writes them back", () => {
        for (const service of accepted) {
            const pod = serverPod({ ...args, service, secretName: service.database ? "secrets" : undefined });
            const written = JSON.parse(JSON.stringify(pod)) as object;
            assert.deepEqual(lost(written), [], JSON.stringify(service));
        }
    });

    it("should have quantities in Kubernetes' canonical form", () => {
        for (const service of accepted) {
            const { limits, requests } = container({ ...args, service, secretName: undefined }).resources;
            const { cpuLimit, cpuRequest, memoryLimit, memoryRequest } = service.resources;
            const of = (cpu: string, memory: string, disk: number) => ({
                cpu: canonical(BigInt(parseInt(cpu)), milli),
                memory: canonical(BigInt(parseInt(memory)), mebi),
                "ephemeral-storage": canonical(BigInt(disk), mebi),
            });
            assert.deepEqual(requests, of(cpuRequest, memoryRequest, 64));
            assert.deepEqual(limits, of(cpuLimit, memoryLimit, 256));
        }
    });

    it("should set no variable twice", () => {
        for (const service of accepted) {
            const { containers } = serverPod({ ...args, service, secretName: undefined }).spec as {
                readonly containers: readonly { readonly env: readonly { readonly name: string }[] }[];
            };
            const names = containers.flatMap(({ env }) => env.map(({ name }) => name));
            assert.equal(new Set(names).size, names.length, names.join(", "));
        }
    });
});
