import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import { CoreV1Api, type V1ContainerPort } from "@kubernetes/client-node";
import { rolloutsNamespace } from "../../../components/cluster/rollouts-controller";
import { prometheusUrl } from "../../../components/cluster/prometheus";
import { kubeConfig } from "../../../sandbox/drill/cluster";
import { run } from "../../../sandbox/machine/command";
import { instanceNamed } from "../../../sandbox/machine/instance";
import { runningPid, stopProcess } from "../../../sandbox/machine/process";
import { networkPolicies } from "../../../sandbox/parts/cluster/network-policies";
import { applyObjects } from "../../../sandbox/parts/cluster/objects";
import { cluster } from "../../../sandbox/parts/cluster/part";
import { installClusterPrograms, programFile } from "../../../sandbox/toolchain/toolchain";
import { freshEvidence, writeEvidence } from "../../delivery/gates/support/fresh";
import { evidenceFolder, pipelineVariables, runProgram } from "../../program/run-program";
import type { Registered } from "../../support/harness";
import { wrongConnections } from "../../support/network/connections";
import { placesOf, podsOf, startIdle, type PodSource } from "../../support/network/pods";
import { stackFile } from "../../support/stack-file";

const quiet = () => undefined;
const environments = ["staging", "prod"] as const;

/** What the program makes for both stacks on one cluster, of which only networks come to life here. */
describe("The network policies of both stacks, enforced in a cluster", function () {
    this.timeout(600_000);

    const instance = instanceNamed("test");
    const resources: Registered[] = [];
    const core = () => kubeConfig(instance).makeApiClient(CoreV1Api);
    const kubectl = (...args: string[]) => run(programFile("kubectl"), ["--kubeconfig", instance.kubeconfig, ...args]);

    /** Starts pods that do nothing in place of all others, and returns the connections that are not as the table says. */
    async function wrongIn(environment: (typeof environments)[number]): Promise<string[]> {
        await startIdle(core(), environment, portsOf(environment));
        const pods = await podsOf(core(), environment);
        return wrongConnections({
            instance,
            pods,
            has: { blueGreen: environment === "prod", backup: true, rehearsal: environment === "staging" },
        });
    }

    /** The ports of each kind of pod, as the workload with its labels names them. */
    function portsOf(environment: string): Partial<Record<PodSource, readonly V1ContainerPort[]>> {
        return Object.fromEntries(
            Object.entries(placesOf(environment)).map(([kind, { labels }]) => [
                kind,
                templates().find((one) => has(one.labels, labels))?.ports ?? [],
            ]),
        );
    }

    const templates = () =>
        resources.flatMap(({ inputs }) => {
            const { template } = (inputs.spec ?? {}) as { template?: Template };
            if (!template?.metadata?.labels) return [];
            return [
                { labels: template.metadata.labels, ports: template.spec.containers.flatMap((one) => one.ports ?? []) },
            ];
        });

    const objects = (kind: string): object[] =>
        resources.filter(({ inputs }) => inputs.kind === kind).map(({ inputs }) => inputs);

    before("starts the cluster, and applies what the program registers", async () => {
        await installClusterPrograms(instance, quiet);
        await cluster.down(instance);
        fs.rmSync(instance.root, { recursive: true, force: true });
        await cluster.up(instance, quiet);
        writeEvidence(evidenceFolder, freshEvidence());
        const database = { cidrs: [`${instance.hostAddress}/32`], port: instance.ports.database };
        for (const stack of environments) {
            const variables = {
                ...pipelineVariables,
                RELAYPACS_DATABASE: JSON.stringify(database),
                RELAYPACS_DATABASE_BACKUP: JSON.stringify({
                    ...(JSON.parse(pipelineVariables.RELAYPACS_DATABASE_BACKUP) as object),
                    storageCidrs: [`${instance.hostAddress}/32`],
                }),
                RELAYPACS_STAGING_CLUSTER_ENVIRONMENTS: JSON.stringify(environments),
                RELAYPACS_PROD_CLUSTER_SERVICES: "use",
                RELAYPACS_PROD_PROMETHEUS_URL: prometheusUrl(),
            };
            resources.push(...(await runProgram(stackFile(stack), variables, { stack, preview: stack === "prod" })));
        }
        await applyObjects(instance, objects("Namespace"));
        await applyObjects(instance, objects("NetworkPolicy"));
    });

    after(() => cluster.down(instance));

    for (const environment of environments)
        it(`should let pass in ${environment} what the table says, and nothing else`, async () => {
            assert.deepEqual(await wrongIn(environment), []);
        });

    it("should be missed when they are deleted", async () => {
        await kubectl("delete", "networkpolicy", "--namespace", rolloutsNamespace, "default-deny", "controller");
        const wrong = (await wrongIn("prod").finally(() => applyObjects(instance, objects("NetworkPolicy")))).join(
            "\n",
        );
        assert.match(wrong, /^prometheus → argo-rollouts-health \([\d.:]+\) is open: ECONNREFUSED$/m);
        assert.match(wrong, /^outside → argo-rollouts-metrics \([\d.:]+\) is open: ECONNREFUSED$/m);
        assert.match(wrong, /^argo-rollouts → prometheus \([\d.:]+\) is closed: ETIMEDOUT$/m);
        assert.deepEqual(await wrongIn("prod"), []);
    });

    it("should leave pods without a network when what enforces them has ended, and be enforced once it is back", async () => {
        await stopProcess(instance, networkPolicies);
        assert.deepEqual((await cluster.state(instance)).detail, `ended: ${networkPolicies}`);
        const wrong = await wrongIn("staging");
        assert.ok(wrong.length > 10 && wrong.every((one) => one.endsWith("is closed: ETIMEDOUT")), wrong.join("\n"));
        await cluster.up(instance, quiet);
        assert.ok(runningPid(instance, networkPolicies));
        assert.deepEqual(await wrongIn("staging"), []);
    });
});

interface Template {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec: { readonly containers: readonly { readonly ports?: readonly V1ContainerPort[] }[] };
}

const has = (all: Readonly<Record<string, string>>, some: Readonly<Record<string, string>>): boolean =>
    Object.entries(some).every(([name, value]) => all[name] === value);
