import { stringify } from "yaml";
import { run } from "../../machine/command";
import type { Instance } from "../../machine/instance";
import { programFile } from "../../toolchain/toolchain";
import { pkiFile } from "./certificates";

/** Creates or changes objects of the cluster, as its administrator. */
export async function applyObjects(instance: Instance, objects: readonly object[]): Promise<void> {
    const apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=relaypacs-sandbox", "--filename=-"];
    await run(programFile("kubectl"), ["--kubeconfig", pkiFile(instance, "admin.kubeconfig"), ...apply], {
        input: objects.map((object) => stringify(object)).join("---\n"),
    });
}

/** What an account of the cluster's own programs may list and watch, in all namespaces. */
export function mayWatch(
    role: string,
    subject: { readonly kind: "User" | "ServiceAccount"; readonly name: string; readonly namespace?: string },
    resources: Readonly<Record<string, readonly string[]>>,
): object[] {
    const apiGroup = "rbac.authorization.k8s.io";
    return [
        {
            apiVersion: `${apiGroup}/v1`,
            kind: "ClusterRole",
            metadata: { name: role },
            rules: Object.entries(resources).map(([group, names]) => ({
                apiGroups: [group],
                resources: names,
                verbs: ["list", "watch"],
            })),
        },
        {
            apiVersion: `${apiGroup}/v1`,
            kind: "ClusterRoleBinding",
            metadata: { name: role },
            roleRef: { apiGroup, kind: "ClusterRole", name: role },
            subjects: [subject.kind === "User" ? { apiGroup, ...subject } : subject],
        },
    ];
}
