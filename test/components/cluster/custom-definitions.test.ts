import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { customDefinitions } from "../../../components/cluster/custom-definitions";
import { faults } from "../../support/custom-schemas";
import { goldenFile, goldenStacks } from "../../golden/registered";
import { pinnedVersion } from "../../../sandbox/toolchain/program";
import { projectRoot } from "../../support/project";

interface Custom {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec: Readonly<Record<string, unknown>>;
}

const golden = goldenStacks.flatMap((stack) =>
    Object.values(
        parse(fs.readFileSync(goldenFile(stack), "utf8")) as Readonly<Record<string, { inputs?: unknown }>>,
    ).map(({ inputs }) => inputs as Partial<Custom> | undefined),
);
const objects = golden.filter((one): one is Custom => /^(argoproj|traefik)\.io\//.test(one?.apiVersion ?? ""));
const rollout = objects.find(({ kind }) => kind === "Rollout")!;
const route = objects.find(({ kind }) => kind === "IngressRoute")!;
const weights = objects.find(({ kind }) => kind === "TraefikService")!;

/** A copy with another value at a place such as `spec.strategy.canary`. */
function changed(object: Custom, place: string, value: unknown): Custom {
    const copy = structuredClone(object);
    const fields = place.split(".");
    const last = fields.pop()!;
    let at = copy as unknown as Record<string, unknown>;
    for (const field of fields) at = at[field] as Record<string, unknown>;
    at[last] = value;
    return copy;
}

describe("The definitions of Argo Rollouts' and Traefik's kinds", function () {
    // Compiling the schemas takes a second of CPU time, which a busy machine makes many.
    this.timeout(60_000);

    it("should be of the versions that the sandbox builds", () => {
        for (const [controller, module] of [
            ["argo-rollouts", "github.com/argoproj/argo-rollouts"],
            ["traefik", "github.com/traefik/traefik/v3"],
        ] as const) {
            const read = (...parts: string[]) => fs.readFileSync(path.join(projectRoot, ...parts), "utf8");
            const { source } = JSON.parse(read("components/cluster/definitions", `${controller}.json`)) as {
                source: string;
            };
            const [, version] = source.split(/[ ,]+/);
            assert.equal(version, pinnedVersion(module), `${source} is not what the sandbox builds: make definitions`);
        }
    });

    it("should have every field that the program uses", () => {
        const kinds = new Set(objects.map(({ kind }) => kind));
        assert.deepEqual([...kinds].sort(), ["AnalysisTemplate", "IngressRoute", "Rollout", "TraefikService"]);
        for (const one of objects) assert.deepEqual(faults(one), [], `${one.kind} ${one.metadata.name}`);
    });

    const misspelt: readonly (readonly [string, Custom, string])[] = [
        ["a Rollout", changed(rollout, "spec.progressDeadlineSecond", 300), "/spec"],
        ["a Rollout's strategy", changed(rollout, "spec.strategy.canary.stablService", "x"), "/spec/strategy/canary"],
        ["a Rollout's pods", changed(rollout, "spec.template.spec.serviceAcountName", "x"), "/spec/template/spec"],
        ["an IngressRoute", changed(route, "spec.entryPoint", ["web"]), "/spec"],
        ["a TraefikService", changed(weights, "spec.weighted.service", []), "/spec/weighted"],
    ];
    for (const [what, object, place] of misspelt)
        it(`should refuse a misspelt field of ${what}`, () => {
            const found = faults(object);
            assert.equal(found.length, 1);
            assert.ok(found[0]!.startsWith(`${place}: must NOT have additional properties (`), found[0]);
        });

    it("should refuse a value of another type", () => {
        assert.deepEqual(faults(changed(rollout, "spec.replicas", "four")), ["/spec/replicas: must be integer"]);
    });

    it("should keep every field only of kinds that the program does not write", () => {
        const unchecked = Object.entries(customDefinitions())
            .filter(([, { versions }]) =>
                (versions as { schema: { openAPIV3Schema: object } }[]).some(
                    ({ schema }) => "x_kubernetes_preserve_unknown_fields" in schema.openAPIV3Schema,
                ),
            )
            .map(([name]) => name);
        assert.deepEqual(unchecked, [
            "analysisruns.argoproj.io",
            "clusteranalysistemplates.argoproj.io",
            "experiments.argoproj.io",
        ]);
    });
});
