import * as fs from "node:fs";
import type { Instance } from "../../machine/instance";
import { programFile } from "../../toolchain/toolchain";
import { pkiFile } from "./certificates";
import { initPid, startInside } from "./namespaces";
import { applyObjects, mayWatch } from "./objects";

/** The process's name and its user's. */
export const networkPolicies = "kube-network-policies";

/** Number of the kernel's packet queue, the program's default upstream. */
const queue = 100;

/** Whether a process in the cluster's network namespace reads the queue: each is one line, its number first. */
function queueIsRead(instance: Instance): boolean {
    const queues = fs.readFileSync(`/proc/${String(initPid(instance))}/net/netfilter/nfnetlink_queue`, "utf8");
    return queues.split("\n").some((line) => line.trim().split(/\s+/)[0] === String(queue));
}

/**
 * Starts what enforces NetworkPolicies, beside the kubelet, with the right to see policies, pods and namespaces. Without
 * it pods reach nothing: the kernel drops what is not judged.
 */
export async function startNetworkPolicies(instance: Instance): Promise<void> {
    const user = `system:${networkPolicies}`;
    await applyObjects(
        instance,
        mayWatch(
            user,
            { kind: "User", name: user },
            {
                "": ["pods", "namespaces"],
                "networking.k8s.io": ["networkpolicies"],
            },
        ),
    );
    const flags = {
        kubeconfig: pkiFile(instance, `${networkPolicies}.kubeconfig`),
        node: instance.nodeName,
        "pod-range": instance.podRange,
        queue,
    };
    const args = Object.entries(flags).map(([name, value]) => `-${name}=${value}`);
    await startInside(instance, networkPolicies, programFile(networkPolicies), args, {
        ready: () => Promise.resolve(queueIsRead(instance)),
    });
}
