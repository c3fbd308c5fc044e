import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { staging } from "../engine/trusted-staging";
import { elapsedSeconds, formatSeconds } from "../../core/time";
import { counted } from "../../core/text";

/**
 * Exactly these images served staging for at least 4 hours, observed, without interruption or error (specification,
 * section 5). Only a hotfix for a P1 incident is exempt (section 6), and from nothing else that staging shows.
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
    measure: (found, { limits }) => {
        const soak = found.soak[0].predicate;
        const deployment = found["staging-deployment"][0].predicate;
        const lasted = Math.min(elapsedSeconds(soak.startedAt, soak.endedAt), soak.observedSeconds);
        const requests = counted(soak.requests, "request");
        const measured = `${formatSeconds(lasted)} with ${requests} and ${counted(soak.serverErrors, "error")}`;
        const problems = soak.namespace === staging.namespace ? [] : [`it was in the namespace ${soak.namespace}`];
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
