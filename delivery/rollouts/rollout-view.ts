import {
    isOwnedBy,
    milliseconds,
    podHash,
    revisionOf,
    versionOf,
    type AnalysisRun,
    type CanaryStep,
    type Pod,
    type ReplicaSet,
    type Rollout,
    type World,
} from "./objects";

/** One of the two versions side by side: green is the new one, blue the one that served before (specification, section 6). */
export interface Colour {
    readonly name: "green" | "blue";
    readonly hash: string;
    /** The release's version, or the pod template's hash where pods carry none. */
    readonly version: string;
    readonly pods: readonly Pod[];
    readonly replicaSet: ReplicaSet | undefined;
}

/** A rollout at one moment, in the terms of the specification. */
export interface View {
    readonly now: number;
    readonly rollout: Rollout;
    readonly name: string;
    readonly green: Colour;
    /** Absent at the first deployment, and when blue is gone. */
    readonly blue: Colour | undefined;
    readonly steps: readonly CanaryStep[];
    /** Index of the step that is being taken; `steps.length` when all are done. */
    readonly step: number;
    /** Analyses of green, oldest first. */
    readonly analyses: readonly AnalysisRun[];
    readonly pods: readonly Pod[];
    readonly promoted: boolean;
}

type Objects = NonNullable<World["objects"]>;

/** Whether the controller has seen the newest specification; what it says before is about an older one. */
export function isObserved(rollout: Rollout): boolean {
    const observed = Number(rollout.status?.observedGeneration);
    return observed === rollout.metadata.generation && rollout.status?.currentPodHash !== undefined;
}

function colour(name: Colour["name"], hash: string, objects: Objects, rollout: Rollout): Colour {
    const replicaSet = objects.replicaSets.find((one) => podHash(one) === hash && isOwnedBy(one, rollout.metadata.uid));
    const template = replicaSet?.spec?.template ?? (name === "green" ? rollout.spec.template : undefined);
    return {
        name,
        hash,
        version: versionOf(template) ?? hash,
        pods: objects.pods.filter((pod) => podHash(pod) === hash),
        replicaSet,
    };
}

/** The hash of the version that served before: still stable, or the newest other one that has pods. */
function blueHash(objects: Objects, rollout: Rollout, green: string): string | undefined {
    const stable = rollout.status?.stableRS;
    if (stable !== undefined && stable !== "" && stable !== green) return stable;
    const others = objects.replicaSets.filter(
        (one) => isOwnedBy(one, rollout.metadata.uid) && podHash(one) !== green && (one.spec?.replicas ?? 0) > 0,
    );
    return others
        .sort((one, other) => revisionOf(other) - revisionOf(one))
        .map(podHash)
        .find((hash) => hash !== undefined);
}

/** Looks at a rollout whose specification the controller has seen. */
export function viewOf(objects: Objects, rollout: Rollout, now: number): View {
    const { status } = rollout;
    const greenHash = status?.currentPodHash ?? "";
    const blue = blueHash(objects, rollout, greenHash);
    const steps = rollout.spec.strategy?.canary?.steps ?? [];
    const promoted = status?.stableRS === greenHash;
    return {
        now,
        rollout,
        name: rollout.metadata.name ?? "",
        green: colour("green", greenHash, objects, rollout),
        blue: blue === undefined ? undefined : colour("blue", blue, objects, rollout),
        steps,
        step: status?.currentStepIndex ?? (promoted ? steps.length : 0),
        analyses: objects.analysisRuns
            .filter((run) => podHash(run) === greenHash && isOwnedBy(run, rollout.metadata.uid))
            // The same pods may have been tried before, under another revision.
            .filter((run) => revisionOf(run) === revisionOf(rollout))
            .sort((one, other) => started(one) - started(other)),
        pods: objects.pods,
        promoted,
    };
}

const started = (run: AnalysisRun): number =>
    milliseconds(run.metadata.creationTimestamp) ?? milliseconds(run.status?.startedAt) ?? 0;

/** When blue goes: the controller's own deadline, in milliseconds. */
export function idleUntil(blue: Colour | undefined): number | undefined {
    return milliseconds(blue?.replicaSet?.metadata.annotations?.["scale-down-deadline"]);
}
