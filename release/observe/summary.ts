import { elapsedSeconds, formatSeconds } from "../../delivery/core/time";
import type { Predicate, PredicateName } from "../../delivery/evidence/predicates";

/** A time span for people, in whole seconds. */
const span = (from: string, to: string) => formatSeconds(Math.floor(elapsedSeconds(from, to)));

const sentences: { readonly [Name in PredicateName]?: (one: Predicate<Name>) => string[] } = {
    stagingDeployment: ({ cluster, completedAt, namespace, services }) => [
        ...services.map(
            ({ image, name, readyReplicas, replicas }) =>
                `${name}: ${readyReplicas} of ${replicas} pods ready, ${image}`,
        ),
        `Complete in ${namespace} of ${cluster} since ${completedAt}`,
    ],
    migration: ({ environment, fromRevision, headRevision, result, toRevision }) => [
        `The migration of ${environment} ${result}: from ${fromRevision} to ${toRevision}, newest ${headRevision}`,
    ],
    testResult: ({ configuration: [suite] }) => [
        `${suite.annotations.passed} of ${suite.annotations.total} tests of ${suite.name} passed`,
    ],
    soak: (one) => [
        ...(one.stretches ?? []).map(
            ({ endedAt, endedBy, startedAt }) =>
                `${startedAt} to ${endedAt}: ${span(startedAt, endedAt)}, ended by: ${endedBy}`,
        ),
        `The longest lasted ${span(one.startedAt, one.endedAt)}: ${one.serverErrors} errors in ${one.requests} requests, ${one.containerRestarts} container restarts`,
    ],
    monitoring: (one) => [
        `${span(one.startedAt, one.endedAt)} from ${one.startedAt}: ${one.serverErrors} errors in ${one.requests} requests, ` +
            `${one.unhealthyPodsPercent} % of pods unhealthy at worst, ${one.rolledBack ? "rolled back" : "not rolled back"}`,
    ],
    incidents: ({ incidents, source, windowStartedAt }) => [
        `${incidents.length} incidents since ${windowStartedAt} in ${source}`,
        ...incidents.map(({ id, openedAt, priority }) => `${priority} ${id}, opened at ${openedAt}`),
    ],
    approval: ({ authors, decisions }) => [
        `Authors: ${authors.join(", ")}`,
        ...decisions.map(({ decidedAt, login, role, verdict }) => `${verdict} by ${login} (${role}) at ${decidedAt}`),
    ],
    codeReview: ({ authors, reviews }) => [
        `Authors: ${authors.join(", ")}`,
        ...reviews.map(({ login, state, submittedAt }) => `${state} by ${login} at ${submittedAt}`),
    ],
};

/** An observation as lines for people. */
export function summary(name: PredicateName, predicate: Predicate): string[] {
    const lines = sentences[name] as ((one: Predicate) => string[]) | undefined;
    return lines?.(predicate) ?? [];
}
