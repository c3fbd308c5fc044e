import { pkiFile } from "./cluster/certificates";
import { run } from "./command";
import { environment } from "./environment";
import type { Instance } from "./instance";
import { parts } from "./parts";
import { outputs } from "./stack";
import { stackSetting } from "./stack-settings";

const serviceAddress = (instance: Instance, namespace: string, service: string) =>
    run("kubectl", ["get", "service", service, "--namespace", namespace, "--output", "jsonpath={.spec.clusterIP}"], {
        environment: environment(instance),
    });

/** How to reach the public host names, which no name server knows here, through Traefik's Services; nothing before there are any. */
async function showHostnames(instance: Instance): Promise<void> {
    const lines = await Promise.all(
        ["staging", "prod"].map(async (stack) => {
            const address = await serviceAddress(instance, "traefik", `traefik-${stack}`).catch(() => undefined);
            if (address === undefined) return [];
            const hostname = String(stackSetting(stack, "hostname"));
            const trust = `--cacert ${pkiFile(instance, "ca.crt")}`;
            return [
                `  ${stack.padEnd(9)}  curl ${trust} --resolve ${hostname}:443:${address} https://${hostname}/health`,
            ];
        }),
    );
    if (lines.flat().length > 0) console.log(["Public host names, through Traefik", ...lines.flat()].join("\n"));
}

/** A stack's outputs; nothing before it is deployed. */
async function showStack(instance: Instance, stack: string, title: string): Promise<void> {
    const shown = await outputs(instance, stack).catch(() => undefined);
    if (shown === undefined) return;
    console.log(title);
    for (const [name, value] of Object.entries(shown).filter(([, value]) => typeof value === "string"))
        console.log(`  ${name.padEnd(9)}  ${String(value)}`);
    const address = await serviceAddress(instance, String(shown.namespace), "backend").catch(() => undefined);
    if (address !== undefined) console.log(`  health     curl http://${address}/health`);
}

/** Shows each part and, when the sandbox is up, the stacks' outputs. Answers whether all parts run. */
export async function showStatus(instance: Instance): Promise<boolean> {
    const states = await Promise.all(parts.map(async (part) => ({ name: part.name, ...(await part.state(instance)) })));
    const width = Math.max(...states.map(({ name }) => name.length));
    console.log(`\nSandbox "${instance.name}" in ${instance.root}`);
    for (const { name, running, detail } of states)
        console.log(`  ${running ? "✔" : "✖"} ${name.padEnd(width)}  ${detail}`);
    const complete = states.every(({ running }) => running);
    if (complete) {
        await showStack(instance, "staging", "Staging");
        await showStack(instance, "prod", "Production");
        await showHostnames(instance);
    }
    return complete;
}
