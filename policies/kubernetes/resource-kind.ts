import { resourcePolicy } from "../shared/policy";
import { show } from "../shared/findings";
import { cisKubernetes } from "../shared/standards";
import { declaredTypes } from "../stack/declared-types";

interface KubernetesObject {
    readonly apiVersion: string;
    readonly kind: string;
}

const types = [...declaredTypes].filter((type) => type.startsWith("kubernetes:"));

/** `kubernetes:apps/v1:Deployment` is `apps/v1` and `Deployment`; the core group has no name in objects. */
function objectOf(type: string): KubernetesObject {
    const [, apiVersion = "", kind = ""] = type.split(":");
    return { apiVersion: apiVersion.replace(/^core\//, ""), kind };
}

/** The provider creates what `apiVersion` and `kind` say, whatever the resource's type: a ConfigMap could be a Pod. */
export const kubernetesResourceKind = resourcePolicy<KubernetesObject>({
    name: "kubernetes-resource-kind",
    description: "An object is of the kind that its resource's type says, by which the other policies judge it.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...cisKubernetes("5.7.3", "Apply Security Context to Your Pods and Containers"),
    remediationSteps: "Declare the object with the class of its kind.",
    types,
    judge: (given, findings, { type }) => {
        const expected = objectOf(type);
        for (const property of ["apiVersion", "kind"] as const) {
            findings.part(() => {
                if (given[property] === expected[property]) return;
                findings.deviates(property, given[property], show(expected[property]));
            });
        }
    },
});
