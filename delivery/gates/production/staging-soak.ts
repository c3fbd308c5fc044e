import type { Predicate } from "../../evidence/predicates";
import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { elapsedSeconds, formatSeconds } from "../../core/time";
import type { Release } from "../../core/release";
import { counted } from "../../core/text";

/**
 * Exactly these images served staging for at least 4 hours, observed, without interruption or error (specification,
 * section 5). Only a hotfix for a P1 incident is exempt (section 6).
 */
export const stagingSoak = gate({
    id: "staging-soak",
    section: "5, Production deployment gates: Staging Soak",
    title: "Staging soak",
    level: "blocking",
    stage: "production",
    checkpoints: atProduction,
    releases: "all",
    needs: ["soak", "staging-deployment"],
    limit: (limits) => `at least ${formatSeconds(limits.soakSeconds)} in staging without interruption or errors`,
    exemption: (evidence, { release }) => {
        if (!release.hotfix) return undefined;
        const incident = evidence.lookUp("hotfix").found?.[0]?.predicate.incident;
        return incident?.priority === "P1" ? `skipped, because the release ends P1 incident ${incident.id}` : undefined;
    },
    measure: (found, { limits, release }) => {
        const soak = found.soak[0].predicate;
        const deployment = found["staging-deployment"][0].predicate;
        const lasted = Math.min(elapsedSeconds(soak.startedAt, soak.endedAt), soak.observedSeconds);
        const requests = counted(soak.requests, "request");
        const measured = `${formatSeconds(lasted)} with ${requests} and ${counted(soak.serverErrors, "error")}`;
        const problems = notDeployed(deployment, release);
        if (lasted < limits.soakSeconds) problems.push(`${formatSeconds(lasted)} observed`);
        if (elapsedSeconds(deployment.completedAt, soak.startedAt) < 0) {
            problems.push(
                `it is counted from ${soak.startedAt}, before the deployment completed at ${deployment.completedAt}`,
            );
        }
        for (const { at, cause } of soak.interruptions) problems.push(`interrupted at ${at}: ${cause}`);
        if (soak.serverErrors > 0) problems.push(`${counted(soak.serverErrors, "answer")} with status 5xx`);
        if (soak.containerRestarts > 0) problems.push(counted(soak.containerRestarts, "container restart"));
        if (soak.requests < limits.soakRequests) problems.push(`${requests}, too few to judge`);
        return { measured, problems };
    },
});

/** Services whose image did not run in staging with all its pods. */
function notDeployed({ services }: Predicate<"stagingDeployment">, release: Release): string[] {
    return Object.entries(release.images).flatMap(([name, digest]) => {
        const service = services.find((one) => one.name === name);
        if (!service) return [`${name} was not deployed to staging`];
        if (!service.image.endsWith(`@${digest}`)) return [`${name} ran ${service.image} in staging, not ${digest}`];
        const { readyReplicas, replicas } = service;
        return replicas > 0 && readyReplicas >= replicas
            ? []
            : [`${readyReplicas} of ${replicas} pods of ${name} were ready`];
    });
}
