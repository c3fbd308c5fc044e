import type { Predicate } from "../../evidence/predicates";
import type { Release } from "../../core/release";
import { counted } from "../../core/text";
import { fromStagingVerified } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { staging } from "../engine/trusted-staging";

/** Exactly these images run in staging, with all their pods (specification, section 4, stage 9). */
export const stagingDeployment = gate({
    id: "staging-deployment",
    section: "4, stage 9: Deploy to Staging",
    title: "Staging deployment",
    level: "blocking",
    stage: "staging",
    checkpoints: fromStagingVerified,
    releases: "all",
    needs: ["staging-deployment"],
    limit: () => `each image with all its pods in ${staging.namespace} of ${staging.cluster}`,
    measure: (found, { release }) => {
        const deployment = found["staging-deployment"][0].predicate;
        const { cluster, namespace, services } = deployment;
        const problems = notDeployed(deployment, release);
        if (cluster !== staging.cluster) problems.push(`the cluster is ${cluster}`);
        if (namespace !== staging.namespace) problems.push(`the namespace is ${namespace}`);
        return { measured: `${counted(services.length, "service")} in ${namespace} of ${cluster}`, problems };
    },
});

/** Services whose image did not run in staging with all its pods. */
function notDeployed({ services }: Predicate<"stagingDeployment">, release: Release): string[] {
    return Object.entries(release.images).flatMap(([name, digest]) => {
        const all = services.filter((one) => one.name === name);
        if (all.length === 0) return [`${name} was not deployed to staging`];
        const other = all.find((one) => !one.image.endsWith(`@${digest}`));
        if (other) return [`${name} ran ${other.image} in staging, not ${digest}`];
        return all
            .filter(({ readyReplicas, replicas }) => replicas === 0 || readyReplicas < replicas)
            .map(({ readyReplicas, replicas }) => `${readyReplicas} of ${replicas} pods of ${name} were ready`);
    });
}
