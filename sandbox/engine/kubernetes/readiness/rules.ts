import { equal, getIn, isBag, textIn, type Bag } from "../values";
import { condition } from "./conditions";
import { networkRules } from "./network";
import { podRule } from "./pods";
import { failed, ready, waiting, type Rule } from "./verdict";
import { workloadRules } from "./workloads";

const persistentVolumeClaim: Rule = {
    related: (object) => {
        const name = textIn(object, "spec", "storageClassName");
        if (name === "") return {};
        return { classes: { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name } };
    },
    judge(object, related) {
        const phase = textIn(object, "status", "phase");
        if (phase === "Bound") return ready;
        if (phase === "Lost") return failed("the claim's volume is lost");
        // Such a claim is bound only when a pod uses it.
        const delayed = related.classes?.some((found) => found.volumeBindingMode === "WaitForFirstConsumer");
        return delayed ? ready : waiting("the claim is not bound to a volume");
    },
};

const persistentVolume: Rule = {
    judge(object) {
        const phase = textIn(object, "status", "phase");
        if (phase === "Available" || phase === "Bound") return ready;
        if (phase === "Failed") return failed(textIn(object, "status", "message") || "the volume failed");
        return waiting("the volume is not available");
    },
};

const customResourceDefinition: Rule = {
    timeoutSeconds: 60,
    judge(object) {
        const names = condition(object, "NamesAccepted");
        if (names?.status === "False") return failed(`${names.reason}: ${names.message}`);
        return condition(object, "Established")?.status === "True" ? ready : waiting("the kind is not served yet");
    },
};

const resourceQuota: Rule = {
    timeoutSeconds: 60,
    judge(object) {
        const counted = equal(getIn(object, ["spec", "hard"]), getIn(object, ["status", "hard"]));
        return counted ? ready : waiting("the quota is not counted yet");
    },
};

const secret: Rule = {
    timeoutSeconds: 60,
    judge(object) {
        if (textIn(object, "type") !== "kubernetes.io/service-account-token") return ready;
        const { data } = object;
        return isBag(data) && data.token !== undefined ? ready : waiting("the token has not been issued yet");
    },
};

/** By `group/kind`; kinds that are not here are ready as soon as they exist. */
const rules: Readonly<Record<string, Rule>> = {
    ...workloadRules,
    ...networkRules,
    "/Pod": podRule,
    "/PersistentVolumeClaim": persistentVolumeClaim,
    "/PersistentVolume": persistentVolume,
    "/ResourceQuota": resourceQuota,
    "/Secret": secret,
    "apiextensions.k8s.io/CustomResourceDefinition": customResourceDefinition,
};

export function ruleFor(object: Bag): Rule | undefined {
    const apiVersion = textIn(object, "apiVersion");
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    return rules[`${group}/${textIn(object, "kind")}`];
}
