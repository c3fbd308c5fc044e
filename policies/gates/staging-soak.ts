import type { Predicate } from "../../release/evidence/predicates";
import { atProduction } from "./shared/checkpoints";
import { gate } from "./shared/gate";
import { duration, elapsed } from "./shared/time";
import type { Release } from "./shared/types";
import { counted } from "./shared/wording";

/**
 * Exactly these images served staging for at least 4 hours, observed, without interruption or error (specification,
 * section 5). A hotfix for a P1 incident is let off, and nothing else is (section 6).
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
    limit: (limits) => `at least ${duration(limits.soakSeconds * 1000)} in staging without interruption or errors`,
    exemption: (evidence, { release }) => {
        if (!release.hotfix) return undefined;
        const incident = evidence.lookUp("hotfix").found?.[0]?.predicate.incident;
        return incident?.priority === "P1" ? `skipped, because the release ends P1 incident ${incident.id}` : undefined;
    },
    measure: (found, { limits, release }) => {
        const soak = found.soak[0].predicate;
        const deployment = found["staging-deployment"][0].predicate;
        const lasted = Math.min(elapsed(soak.startedAt, soak.endedAt), soak.observedSeconds * 1000);
        const requests = counted(soak.requests, "request");
        const measured = `${duration(lasted)} with ${requests} and ${counted(soak.serverErrors, "error")}`;
        const problems = notDeployed(deployment, release);
        if (lasted < limits.soakSeconds * 1000) problems.push(`${duration(lasted)} observed`);
        if (elapsed(deployment.completedAt, soak.startedAt) < 0) {
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
