import { bagsIn, isBag, numberIn, textIn, type Bag } from "../values";
import { condition } from "./conditions";
import { failed, ready, waiting, type Rule } from "./verdict";

/** States of a waiting container that are normal on the way to running. */
const underway = new Set(["", "ContainerCreating", "PodInitializing"]);

/** What keeps a pod from being ready, as the pod's own status tells it; empty for a pod that is on its way. */
export function podProblems(pod: Bag): string[] {
    const name = textIn(pod, "metadata", "name");
    const scheduled = condition(pod, "PodScheduled");
    if (scheduled?.status === "False") return [`pod ${name} cannot be scheduled: ${scheduled.message}`];
    const statuses = [...bagsIn(pod, "status", "initContainerStatuses"), ...bagsIn(pod, "status", "containerStatuses")];
    const problems = statuses.flatMap((status) => containerProblem(status)).map((problem) => `pod ${name}: ${problem}`);
    const message = textIn(pod, "status", "message");
    if (problems.length === 0 && textIn(pod, "status", "phase") === "Failed") {
        return [`pod ${name} failed: ${[textIn(pod, "status", "reason"), message].filter(Boolean).join(": ")}`];
    }
    return problems;
}

function containerProblem(status: Bag): string[] {
    const container = `container ${textIn(status, "name")}`;
    const reason = textIn(status, "state", "waiting", "reason");
    const message = textIn(status, "state", "waiting", "message");
    const last = ending(status, "lastState");
    if (!underway.has(reason)) {
        const detail = reason === "CrashLoopBackOff" && last !== undefined ? last : message;
        return [`${container}: ${reason}${detail ? `: ${detail}` : ""}`];
    }
    const now = ending(status, "state");
    if (now !== undefined) return [`${container} ${now}`];
    const running = isBag(status.state) && isBag(status.state.running);
    if (running && status.ready === false) {
        return [`${container} is running but not ready${last === undefined ? "" : `; before, it ${last}`}`];
    }
    return [];
}

/** How a container ended, when it did so with an error. */
function ending(status: Bag, which: "state" | "lastState"): string | undefined {
    const state = status[which];
    const terminated = isBag(state) ? state.terminated : undefined;
    if (!isBag(terminated)) return undefined;
    const code = numberIn(terminated, "exitCode");
    if (code === 0 && which === "state") return undefined;
    const reason = textIn(terminated, "reason");
    const message = textIn(terminated, "message").trim();
    return `exited with code ${code}${reason && reason !== "Error" ? ` (${reason})` : ""}${message ? `: ${message}` : ""}`;
}

export const isPodReady = (pod: Bag): boolean => condition(pod, "Ready")?.status === "True";

/** Containers that ended with an error and left no message of their own: their log says why. */
export function containersToRead(pod: Bag): { container: string; previous: boolean }[] {
    const statuses = [...bagsIn(pod, "status", "initContainerStatuses"), ...bagsIn(pod, "status", "containerStatuses")];
    return statuses.flatMap((status) =>
        (["state", "lastState"] as const)
            .filter((which) => {
                const state = status[which];
                const terminated = isBag(state) ? state.terminated : undefined;
                return (
                    isBag(terminated) && numberIn(terminated, "exitCode") !== 0 && textIn(terminated, "message") === ""
                );
            })
            .slice(0, 1)
            .map((which) => ({ container: textIn(status, "name"), previous: which === "lastState" })),
    );
}

export const podRule: Rule = {
    judge(pod) {
        const phase = textIn(pod, "status", "phase");
        if (phase === "Succeeded" || isPodReady(pod)) return ready;
        if (phase === "Failed") return failed(...podProblems(pod));
        return waiting(podProblems(pod)[0] ?? `the pod is ${phase.toLowerCase() || "new"}`);
    },
    pods: (pod) => [pod],
};
