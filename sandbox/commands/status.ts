import { pkiFile } from "../parts/cluster/certificates";
import { run } from "../machine/command";
import { environment } from "../stacks/environment";
import type { Instance } from "../machine/instance";
import { partStates } from "../parts";
import { outputs } from "../stacks/stack";
import { stackSetting } from "../stacks/stack-variables";

/** Where the description of the stacks comes from. */
export interface Sources {
    /** A stack's outputs. @throws when there is no such stack */
    outputs(stack: string): Promise<Readonly<Record<string, unknown>>>;
    /** The address of a Service in the cluster. @throws when there is none */
    address(namespace: string, service: string): Promise<string>;
    hostname(stack: string): string;
    /** File with the certificate of the authority that signs for the public host names. */
    readonly authority: string;
}

const sourcesOf = (instance: Instance): Sources => ({
    outputs: (stack) => outputs(instance, stack),
    address: (namespace, service) =>
        run(
            "kubectl",
            ["get", "service", service, "--namespace", namespace, "--output", "jsonpath={.spec.clusterIP}"],
            {
                environment: environment(instance),
            },
        ),
    hostname: (stack) => String(stackSetting(stack, "hostname")),
    authority: pkiFile(instance, "ca.crt"),
});

const titles = { staging: "Staging", prod: "Production" } as const;

/**
 * The outputs of each stack that is deployed, and how to reach it. No name server here knows the public host names, so
 * the address of Traefik's Service comes with each.
 */
export async function describeStacks(sources: Sources): Promise<string[]> {
    const described: string[] = [];
    const publicNames: string[] = [];
    for (const [stack, title] of Object.entries(titles)) {
        const shown = await sources.outputs(stack).catch(() => ({}) as Readonly<Record<string, unknown>>);
        // A stack that was created and never updated, or destroyed, has no outputs.
        const { namespace } = shown;
        if (typeof namespace !== "string") continue;
        described.push(title);
        for (const [name, value] of Object.entries(shown))
            if (typeof value === "string") described.push(`  ${name.padEnd(9)}  ${value}`);
        // Staging creates Traefik's Service for production as well, which answers once production is there.
        const address = await sources.address("traefik", `traefik-${stack}`).catch(() => undefined);
        if (address === undefined) continue;
        const hostname = sources.hostname(stack);
        const trust = `--cacert ${sources.authority}`;
        publicNames.push(
            `  ${stack.padEnd(9)}  curl ${trust} --resolve ${hostname}:443:${address} https://${hostname}/health`,
        );
    }
    return publicNames.length === 0 ? described : [...described, "Public host names, through Traefik", ...publicNames];
}

/** Shows each part and, when the sandbox is up, its stacks. Returns whether all parts run. */
export async function showStatus(instance: Instance): Promise<boolean> {
    const states = await partStates(instance);
    const width = Math.max(...states.map(({ name }) => name.length));
    console.log(`\nSandbox "${instance.name}" in ${instance.root}`);
    for (const { name, running, detail } of states)
        console.log(`  ${running ? "✔" : "✖"} ${name.padEnd(width)}  ${detail}`);
    const complete = states.every(({ running }) => running);
    if (complete) for (const line of await describeStacks(sourcesOf(instance))) console.log(line);
    return complete;
}
