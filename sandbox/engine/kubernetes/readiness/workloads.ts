import { getIn, isBag, numberIn, textIn, type Bag } from "../values";
import { condition, isOwnedBy, isUnseen, plural, selectorText } from "./conditions";
import { isPodReady, podProblems } from "./pods";
import { failed, ready, waiting, type Query, type Related, type Rule } from "./verdict";

const selected = (object: Bag): Bag => {
    const selector = getIn(object, ["spec", "selector"]);
    return isBag(selector) ? selector : {};
};

const podsOf = (object: Bag): Query => ({
    apiVersion: "v1",
    kind: "Pod",
    labelSelector: selectorText(selected(object)),
});

const firstProblem = (pods: readonly Bag[]): string => {
    const problem = pods.flatMap(podProblems)[0];
    return problem === undefined ? "" : `; ${problem}`;
};

const revision = (object: Bag): number =>
    Number(textIn(object, "metadata", "annotations", "deployment.kubernetes.io/revision"));

/** Pods of a Deployment's newest ReplicaSet that are not ready. */
function newPods(deployment: Bag, related: Related): readonly Bag[] {
    const [newest] = (related.replicaSets ?? [])
        .filter((set) => isOwnedBy(set, deployment))
        .sort((one, other) => revision(other) - revision(one));
    return (related.pods ?? []).filter((pod) => !isPodReady(pod) && (newest === undefined || isOwnedBy(pod, newest)));
}

const deployment: Rule = {
    related: (object) => ({
        pods: podsOf(object),
        replicaSets: { apiVersion: "apps/v1", kind: "ReplicaSet", labelSelector: selectorText(selected(object)) },
    }),
    pods: newPods,
    judge(object, related) {
        if (isUnseen(object)) return waiting("the deployment controller has not seen the change yet");
        const progressing = condition(object, "Progressing");
        const blocked = condition(object, "ReplicaFailure");
        const blockedReason = blocked?.status === "True" ? [`${blocked.reason}: ${blocked.message}`] : [];
        if (progressing?.status === "False" && progressing.reason === "ProgressDeadlineExceeded") {
            return failed(`${progressing.reason}: ${progressing.message}`, ...blockedReason);
        }
        const wanted = numberIn({ replicas: 1, ...(isBag(object.spec) ? object.spec : {}) }, "replicas");
        const total = numberIn(object, "status", "replicas");
        const updated = numberIn(object, "status", "updatedReplicas");
        const available = numberIn(object, "status", "availableReplicas");
        const problem = blockedReason[0] ? `; ${blockedReason[0]}` : firstProblem(newPods(object, related));
        if (updated < wanted) return waiting(`${updated} of ${plural(wanted, "new replica")} created${problem}`);
        if (total > updated) {
            return waiting(`${plural(total - updated, "old replica")} still running${problem}`);
        }
        if (available < updated)
            return waiting(`${available} of ${plural(updated, "new replica")} available${problem}`);
        return ready;
    },
};

const statefulSet: Rule = {
    related: (object) => ({ pods: podsOf(object) }),
    pods: (_object, related) => (related.pods ?? []).filter((pod) => !isPodReady(pod)),
    judge(object, related) {
        if (isUnseen(object)) return waiting("the stateful set controller has not seen the change yet");
        const wanted = numberIn({ replicas: 1, ...(isBag(object.spec) ? object.spec : {}) }, "replicas");
        const readyCount = numberIn(object, "status", "readyReplicas");
        const updated = numberIn(object, "status", "updatedReplicas");
        const update = getIn(object, ["spec", "updateStrategy"]) ?? {};
        const partition = numberIn(update, "rollingUpdate", "partition");
        const toUpdate = textIn(update, "type") === "OnDelete" ? 0 : Math.max(0, wanted - partition);
        const problem = firstProblem((related.pods ?? []).filter((pod) => !isPodReady(pod)));
        if (updated < toUpdate) return waiting(`${updated} of ${plural(toUpdate, "replica")} updated${problem}`);
        if (readyCount < wanted) return waiting(`${readyCount} of ${plural(wanted, "replica")} ready${problem}`);
        return ready;
    },
};

const daemonSet: Rule = {
    related: (object) => ({ pods: podsOf(object) }),
    pods: (_object, related) => (related.pods ?? []).filter((pod) => !isPodReady(pod)),
    judge(object, related) {
        if (isUnseen(object)) return waiting("the daemon set controller has not seen the change yet");
        const wanted = numberIn(object, "status", "desiredNumberScheduled");
        const updated = numberIn(object, "status", "updatedNumberScheduled");
        const available = numberIn(object, "status", "numberAvailable");
        const byHand = textIn(object, "spec", "updateStrategy", "type") === "OnDelete";
        const problem = firstProblem((related.pods ?? []).filter((pod) => !isPodReady(pod)));
        if (!byHand && updated < wanted) return waiting(`${updated} of ${plural(wanted, "pod")} updated${problem}`);
        if (available < wanted) return waiting(`${available} of ${plural(wanted, "pod")} available${problem}`);
        return ready;
    },
};

const job: Rule = {
    related: (object) => ({ pods: podsOf(object) }),
    pods: (_object, related) => (related.pods ?? []).filter((pod) => textIn(pod, "status", "phase") !== "Succeeded"),
    judge(object, related) {
        if (condition(object, "Complete")?.status === "True") return ready;
        const failure = condition(object, "Failed");
        if (failure?.status === "True") return failed(`${failure.reason}: ${failure.message}`);
        if (getIn(object, ["spec", "suspend"]) === true) return ready;
        const wanted = numberIn({ completions: 1, ...(isBag(object.spec) ? object.spec : {}) }, "completions");
        const counts = [
            `${numberIn(object, "status", "succeeded")} of ${plural(wanted, "completion")}`,
            `${numberIn(object, "status", "active")} active`,
            `${numberIn(object, "status", "failed")} failed`,
        ];
        return waiting(`${counts.join(", ")}${firstProblem(related.pods ?? [])}`);
    },
};

export const workloadRules: Readonly<Record<string, Rule>> = {
    "apps/Deployment": deployment,
    "apps/StatefulSet": statefulSet,
    "apps/DaemonSet": daemonSet,
    "batch/Job": job,
};
