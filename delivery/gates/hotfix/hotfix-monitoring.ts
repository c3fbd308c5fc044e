import { atMonitoring } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { elapsedSeconds, formatSeconds } from "../../core/time";
import { counted } from "../../core/text";

/** Production was watched for an hour after a hotfix, and was healthy (specification, section 6, step 7). */
export const hotfixMonitoring = gate({
    id: "hotfix-monitoring",
    section: "6, Hotfix Deployment: Process",
    title: "Hotfix monitoring",
    level: "blocking",
    stage: "hotfix",
    checkpoints: atMonitoring,
    releases: "hotfix",
    needs: ["monitoring"],
    limit: (limits) =>
        `at least ${formatSeconds(limits.monitoringSeconds)}, at most ${limits.monitoringErrorPercent} % errors and ` +
        `${limits.monitoringUnhealthyPercent} % unhealthy pods, not rolled back`,
    measure: (found, { limits }) => {
        const one = found.monitoring[0].predicate;
        const lasted = Math.min(elapsedSeconds(one.startedAt, one.endedAt), one.observedSeconds);
        const errors = `${one.serverErrors} errors in ${counted(one.requests, "request")}`;
        const problems: string[] = [];
        if (lasted < limits.monitoringSeconds) problems.push(`${formatSeconds(lasted)} observed`);
        if (one.requests === 0) problems.push("no request to judge");
        if (one.serverErrors * 100 > limits.monitoringErrorPercent * one.requests) problems.push(errors);
        if (one.unhealthyPodsPercent > limits.monitoringUnhealthyPercent) {
            problems.push(`${one.unhealthyPodsPercent} % of pods unhealthy`);
        }
        if (one.rolledBack) problems.push("it was rolled back");
        return { measured: `${formatSeconds(lasted)} with ${errors}`, problems };
    },
});
