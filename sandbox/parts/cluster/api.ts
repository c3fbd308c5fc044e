import * as fs from "node:fs";
import * as https from "node:https";
import type { Instance } from "../../machine/instance";
import { pkiFile } from "./certificates";

/**
 * Sends a request to a component of the control plane with the administrator's certificate; rejects unless the status
 * is 200.
 */
export function get(instance: Instance, url: string): Promise<string> {
    const file = (name: string) => fs.readFileSync(pkiFile(instance, name));
    return new Promise((resolve, reject) => {
        const options = { ca: file("ca.crt"), cert: file("admin.crt"), key: file("admin.key"), timeout: 2000 };
        const request = https.get(url, { ...options, agent: false }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () => {
                const body = Buffer.concat(chunks).toString();
                if (response.statusCode === 200) resolve(body);
                else reject(new Error(`${url} answered ${String(response.statusCode)}`));
            });
        });
        request.on("timeout", () => request.destroy(new Error(`${url} did not answer within 2 s`)));
        request.on("error", reject);
    });
}

/** Whether a component answers at `url`. */
export const answers = (instance: Instance, url: string) =>
    get(instance, url).then(
        () => true,
        () => false,
    );

interface NodeStatus {
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
    readonly spec: { readonly taints?: readonly unknown[] };
}

/**
 * Whether pods can be scheduled on the node: it is ready and the controller manager has removed its start-up taints.
 */
export async function nodeIsReady(instance: Instance): Promise<boolean> {
    const url = `${instance.kubernetesApi}/api/v1/nodes/${instance.nodeName}`;
    const node = JSON.parse(await get(instance, url)) as NodeStatus;
    const ready = node.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
    return ready && (node.spec.taints ?? []).length === 0;
}
