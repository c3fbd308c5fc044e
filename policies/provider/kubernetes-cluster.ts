import { resourcePolicy } from "../shared/policy";
import { cisKubernetes } from "../shared/standards";
import { builtIn } from "../shared/types";
import { inputOf, isEmpty } from "./inputs";

/** The message never shows a kubeconfig. */
export const providerKubernetesCluster = resourcePolicy({
    name: "provider-kubernetes-cluster",
    description: "A provider of Kubernetes uses the environment's kubeconfig, and changes a cluster, not files.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.4.2", "Consider external secret storage"),
    remediationSteps:
        "Name a context of the environment's kubeconfig; leave out its content and renderYamlToDirectory.",
    types: [builtIn.kubernetesProvider],
    judge: (given, findings) => {
        findings.part(() => {
            const { kubeconfig } = given as { readonly kubeconfig?: unknown };
            if (isEmpty(kubeconfig) || isFileName(kubeconfig)) return;
            findings.refuse("kubeconfig has the content of a kubeconfig; accepted: not set, or the name of a file.");
        });
        findings.part(() => {
            const folder = inputOf(given, "renderYamlToDirectory");
            if (!isEmpty(folder)) findings.deviates("renderYamlToDirectory", folder, "not set");
        });
    },
});

/** What has neither lines nor a map in it is no kubeconfig. */
function isFileName(value: unknown): boolean {
    return typeof value === "string" && !/[\n{}]|:\s/.test(value);
}
