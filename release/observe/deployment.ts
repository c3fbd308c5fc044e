import type { V1ReplicaSet } from "@kubernetes/client-node";
import type { Predicate } from "../../delivery/evidence/predicates";
import type { ReleaseIdentity } from "../../delivery/core/release";
import type { ServicePod } from "./cluster";
import { ObserveError } from "./error";
import { differences, type StackOutputs } from "./stack";
import type { Workload } from "./workloads";

/** The state of the cluster at one moment. */
export interface ClusterState {
    readonly context: string;
    readonly namespace: string;
    readonly workloads: readonly Workload[];
    readonly pods: readonly ServicePod[];
    readonly replicaSets: readonly V1ReplicaSet[];
}

type Service = Predicate<"stagingDeployment">["services"][number];

interface DeployedService extends Service {
    readonly startedAt: number;
    readonly completedAt: number;
}

/**
 * When the newest rollout of a service began. Its ReplicaSet may be an older one that was scaled up again; its pods are
 * new.
 */
function startOf(pods: readonly ServicePod[], state: ClusterState, completedAt: number): number {
    const started = pods.map(({ podStartedAt }) => podStartedAt ?? completedAt).filter((at) => at <= completedAt);
    if (started.length > 0) return Math.min(...started);
    const made = state.replicaSets
        .filter(({ metadata }) => pods.some(({ hash }) => hash !== undefined && metadata?.name?.endsWith(`-${hash}`)))
        .map(({ metadata }) => new Date(metadata?.creationTimestamp ?? completedAt).getTime());
    return Math.min(completedAt, ...made);
}

/** One service as it is deployed, or the problems with its deployment. */
function deployedService(name: string, digest: string, state: ClusterState): DeployedService | string[] {
    const where = `in ${state.namespace}`;
    const workloads = state.workloads.filter((one) => one.name === name);
    const [workload] = workloads;
    if (workload === undefined) return [`there is no Deployment or Rollout ${name} ${where}`];
    if (workloads.length > 1)
        return [`there are a Deployment and a Rollout ${name} ${where}; one of them is left over`];
    const problems: string[] = [];
    const title = `${workload.kind} ${name}`;
    if (workload.image?.endsWith(`@${digest}`) !== true)
        problems.push(`${title} ${where} asks for ${workload.image ?? "no image"}, the release has ${digest}`);
    if (workload.abortedBy !== undefined) problems.push(`${title} ${where} was aborted: ${workload.abortedBy}`);
    const pods = state.pods.filter((one) => one.service === name && !one.terminating);
    for (const { digest: running, image, pod } of pods)
        if (running !== digest)
            problems.push(`pod ${pod} ${where} runs ${image ?? "no container yet"}, the release has ${digest}`);
    const ready = pods.filter((one) => one.digest === digest && one.ready);
    if (ready.length < workload.replicas)
        problems.push(`${ready.length} of ${workload.replicas} pods of ${name} are ready ${where}`);
    const { completedAt } = workload;
    if (completedAt === undefined && problems.length === 0) problems.push(`${title} ${where} is not complete yet`);
    const [first] = ready;
    if (problems.length > 0 || completedAt === undefined || first?.image === undefined) return problems;
    return {
        name,
        image: first.image,
        replicas: workload.replicas,
        readyReplicas: ready.length,
        startedAt: startOf(ready, state, completedAt),
        completedAt,
    };
}

/**
 * The deployment to staging (specification, section 4, stage 9). The stack's outputs, the cluster's controllers and the
 * running containers must agree.
 *
 * @throws ObserveError that lists every contradiction between them
 */
export function deploymentOf(
    outputs: StackOutputs,
    state: ClusterState,
    release: Pick<ReleaseIdentity, "version" | "images">,
    stack: string,
): Predicate<"stagingDeployment"> {
    const problems = differences(outputs, release, stack);
    if (outputs.namespace !== state.namespace)
        problems.push(`stack ${stack} deploys to ${outputs.namespace}, ${state.namespace} was looked at`);
    const services: DeployedService[] = [];
    for (const [name, digest] of Object.entries(release.images)) {
        const found = deployedService(name, digest, state);
        if (Array.isArray(found)) problems.push(...found);
        else services.push(found);
    }
    if (problems.length > 0) throw new ObserveError(`The deployment can't be attested: ${problems.join("; ")}.`);
    const iso = (at: number) => new Date(at).toISOString();
    return {
        environment: "staging",
        cluster: state.context,
        namespace: state.namespace,
        services: services.map(({ image, name, readyReplicas, replicas }) => ({
            name,
            image,
            replicas,
            readyReplicas,
        })),
        startedAt: iso(Math.min(...services.map(({ startedAt }) => startedAt))),
        completedAt: iso(Math.max(...services.map(({ completedAt }) => completedAt))),
    };
}
