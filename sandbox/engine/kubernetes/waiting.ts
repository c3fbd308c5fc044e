import type { Cluster } from "./cluster";
import { objectPath, type ResourceType } from "./discovery";
import { CancelledError } from "./errors";
import { annotation, annotations, describe, identityOf, type Identity } from "./identity";
import { containersToRead, podProblems } from "./readiness/pods";
import { ruleFor } from "./readiness/rules";
import { waitForRule } from "./readiness/wait-for";
import { waiting, type Related, type Rule, type Verdict } from "./readiness/verdict";
import { bagsIn, textIn, type Bag } from "./values";

const defaultTimeout = 600;

export interface Outcome {
    /** The object as it was last seen. */
    readonly object: Bag;
    /** Why it is not ready; none when it is. */
    readonly reasons: readonly string[];
}

/** Seconds to wait: what the program says about the resource, what the object's annotation says, else the default. */
export function timeoutOf(object: Bag, custom: number, fallback = defaultTimeout): number {
    const annotated = Number(annotation(object, annotations.timeoutSeconds));
    return custom > 0 ? custom : annotated > 0 ? annotated : fallback;
}

/** The rule for an object: its own (`pulumi.com/waitFor`), none (`pulumi.com/skipAwait`), or its kind's. */
export function readinessRule(inputs: Bag): Rule | undefined {
    if (annotation(inputs, annotations.skipAwait) === "true") return undefined;
    const own = annotation(inputs, annotations.waitFor);
    return own ? waitForRule(own) : ruleFor(inputs);
}

/** Waits until an object is ready, cannot become so, or `timeoutSeconds` are over; `report` hears what is missing. */
export async function awaitReady(
    cluster: Cluster,
    type: ResourceType,
    applied: Bag,
    rule: Rule | undefined,
    timeoutSeconds: number,
    report: (text: string) => void,
): Promise<Outcome> {
    if (!rule) return { object: applied, reasons: [] };
    const identity = identityOf({ ...applied, apiVersion: type.apiVersion, kind: type.kind });
    const began = Date.now();
    let object = applied;
    let message = "";
    try {
        for (let pause = 100; ; pause = Math.min(pause * 1.5, 1000)) {
            const { verdict, related } = await judge(cluster, object, rule, identity.namespace);
            if (verdict.state === "ready") return { object, reasons: [] };
            const seconds = Math.round((Date.now() - began) / 1000);
            if (verdict.state === "failed" || seconds >= timeoutSeconds) {
                const reasons =
                    verdict.state === "failed"
                        ? verdict.reasons
                        : [`${describe(identity)} was not ready after ${seconds} s: ${verdict.message}`];
                return { object, reasons: [...reasons, ...(await podReasons(cluster, object, rule, related))] };
            }
            if (verdict.message !== message) report(verdict.message);
            message = verdict.message;
            await cluster.pause(pause);
            const live = await cluster.get(type, identity.namespace, identity.name);
            if (!live) return { object, reasons: [`${describe(identity)} was deleted while it was waited for`] };
            object = live;
        }
    } catch (error) {
        // The object exists: what is known about it must reach the stack's state.
        const reason = error instanceof Error ? error.message : String(error);
        return { object, reasons: [error instanceof CancelledError ? cancelled(identity, message) : reason] };
    }
}

const cancelled = (identity: Identity, message: string): string =>
    `the update was cancelled while ${describe(identity)} was waited for${message ? `: ${message}` : ""}`;

/** One look at an object: why it is not ready now, or nothing. */
export async function reasonsNow(cluster: Cluster, object: Bag, rule: Rule | undefined): Promise<readonly string[]> {
    if (!rule) return [];
    const { verdict, related } = await judge(cluster, object, rule, textIn(object, "metadata", "namespace"));
    if (verdict.state === "ready") return [];
    if (verdict.state === "waiting") return [verdict.message];
    return [...verdict.reasons, ...(await podReasons(cluster, object, rule, related))];
}

async function judge(
    cluster: Cluster,
    object: Bag,
    rule: Rule,
    namespace: string,
): Promise<{ verdict: Verdict; related: Related }> {
    if (textIn(object, "metadata", "deletionTimestamp"))
        return { verdict: waiting("it is being deleted"), related: {} };
    const queries = Object.entries(rule.related?.(object) ?? {});
    const answers = await Promise.all(
        queries.map(async ([name, query]) => [name, await cluster.query(query, namespace)] as const),
    );
    const related = Object.fromEntries(answers);
    return { verdict: rule.judge(object, related), related };
}

const podsToExplain = 3;
const logLines = "10";

/** What the pods themselves say: their containers' states, the last lines of those that failed, failing probes. */
async function podReasons(cluster: Cluster, object: Bag, rule: Rule, related: Related): Promise<string[]> {
    const pods = (rule.pods?.(object, related) ?? []).slice(0, podsToExplain);
    const found = await Promise.all(
        pods.map(async (pod) => [
            ...podProblems(pod),
            ...(await probeFailures(cluster, pod)),
            ...(await lastLines(cluster, pod)),
        ]),
    );
    return [...new Set(found.flat())];
}

async function probeFailures(cluster: Cluster, pod: Bag): Promise<string[]> {
    const { namespace, name } = identityOf(pod);
    const type = { apiVersion: "v1", kind: "Event", plural: "events", namespaced: true };
    try {
        const list = await cluster.api.json({
            method: "GET",
            path: objectPath(type, namespace),
            query: { fieldSelector: `involvedObject.uid=${textIn(pod, "metadata", "uid")},reason=Unhealthy` },
            patience: 2,
        });
        return bagsIn(list, "items")
            .slice(-1)
            .map((event) => `pod ${name}: ${textIn(event, "message")}`);
    } catch {
        // Events only add to the reasons that are known already.
        return [];
    }
}

async function lastLines(cluster: Cluster, pod: Bag): Promise<string[]> {
    const { namespace, name } = identityOf(pod);
    const type = { apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true };
    const logs = containersToRead(pod).map(async ({ container, previous }) => {
        try {
            const { text } = await cluster.api.send({
                method: "GET",
                path: `${objectPath(type, namespace, name)}/log`,
                query: { container, tailLines: logLines, ...(previous ? { previous: "true" } : {}) },
                patience: 2,
            });
            return text.trim() === "" ? [] : [`pod ${name}: container ${container} wrote last:\n${text.trimEnd()}`];
        } catch {
            // A node that is gone has no logs; the container's exit code is among the reasons already.
            return [];
        }
    });
    return (await Promise.all(logs)).flat();
}

/** Waits until an object is gone, or another has taken its name. @throws Error after `timeoutSeconds` */
export async function awaitGone(
    cluster: Cluster,
    type: ResourceType,
    identity: Identity,
    uid: string,
    timeoutSeconds: number,
    report: (text: string) => void,
): Promise<void> {
    const end = Date.now() + timeoutSeconds * 1000;
    let message = "";
    for (let pause = 50; ; pause = Math.min(pause * 1.5, 1000)) {
        const live = await cluster.get(type, identity.namespace, identity.name);
        if (!live || (uid && textIn(live, "metadata", "uid") !== uid)) return;
        const obstacle = whatHolds(live);
        if (Date.now() > end) {
            throw new Error(`${describe(identity)} still exists ${timeoutSeconds} s after its deletion: ${obstacle}`);
        }
        if (obstacle !== message) report(obstacle);
        message = obstacle;
        await cluster.pause(pause);
    }
}

function whatHolds(live: Bag): string {
    const told = bagsIn(live, "status", "conditions")
        .filter((condition) => condition.status === "True" && textIn(condition, "type").startsWith("Namespace"))
        .map((condition) => textIn(condition, "message"));
    if (told.length > 0) return told.join("; ");
    const { metadata } = live;
    const finalizers = typeof metadata === "object" && metadata && "finalizers" in metadata ? metadata.finalizers : [];
    return Array.isArray(finalizers) && finalizers.length > 0
        ? `waiting for ${finalizers.join(", ")}`
        : "being deleted";
}
