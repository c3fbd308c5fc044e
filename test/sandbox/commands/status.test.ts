import * as assert from "node:assert/strict";
import { describeStacks, type Sources } from "../../../sandbox/commands/status";

const addresses: Readonly<Record<string, string>> = {
    "relaypacs-staging/backend": "10.96.0.10",
    "relaypacs-prod/backend": "10.96.0.20",
    "traefik/traefik-staging": "10.96.0.11",
    // Staging creates both.
    "traefik/traefik-prod": "10.96.0.21",
};

const staging = { namespace: "relaypacs-staging", url: "https://staging.relaypacs.com", release: { version: "1.4.2" } };

/** A sandbox with these stacks; of the others there is none. */
const sandbox = (stacks: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Sources => ({
    outputs: (stack) =>
        stacks[stack] ? Promise.resolve(stacks[stack]) : Promise.reject(new Error(`no stack named ${stack}`)),
    address: (namespace, service) => {
        const address = addresses[`${namespace}/${service}`];
        return address === undefined ? Promise.reject(new Error("NotFound")) : Promise.resolve(address);
    },
    hostname: (stack) => `${stack}.example`,
    authority: "ca.crt",
});

const stagingLines = ["Staging", "  namespace  relaypacs-staging", "  url        https://staging.relaypacs.com"];
const stagingHost =
    "  staging    curl --cacert ca.crt --resolve staging.example:443:10.96.0.11 https://staging.example/health";

describe("make status", () => {
    it("should show each deployed stack's outputs and how to reach it", async () => {
        assert.deepEqual(await describeStacks(sandbox({ staging, prod: { namespace: "relaypacs-prod" } })), [
            ...stagingLines,
            "Production",
            "  namespace  relaypacs-prod",
            "Public host names, through Traefik",
            stagingHost,
            "  prod       curl --cacert ca.crt --resolve prod.example:443:10.96.0.21 https://prod.example/health",
        ]);
    });

    for (const [what, stacks] of [
        ["before prod exists", { staging }],
        ["before prod's first update has ended", { staging, prod: {} }],
    ] as const)
        it(`should show no address of prod ${what}`, async () => {
            assert.deepEqual(await describeStacks(sandbox(stacks)), [
                ...stagingLines,
                "Public host names, through Traefik",
                stagingHost,
            ]);
        });

    it("should show nothing where nothing is deployed", async () => {
        assert.deepEqual(await describeStacks(sandbox({})), []);
    });
});
