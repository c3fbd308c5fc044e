/** What the quota depends on for each service. */
export interface ServiceSize {
    readonly replicas: number;
    readonly database: boolean;
    readonly resources: Size;
}

type Size = Readonly<Record<"cpuRequest" | "cpuLimit" | "memoryRequest" | "memoryLimit", string>>;

/** How a service is replaced (specification, section 6): pod by pod, or as a whole beside the old version. */
export type Strategy = "rolling" | "blueGreen";

/** Requests and limits of a smoke test's pod. */
export const smokeTestSize = { cpuRequest: "50m", cpuLimit: "500m", memoryRequest: "96Mi", memoryLimit: "256Mi" };

/** Requests and limits of a pod that backs up the database, or tries a backup. */
export const databaseBackupSize = {
    cpuRequest: "100m",
    cpuLimit: "1000m",
    memoryRequest: "256Mi",
    memoryLimit: "512Mi",
};

const number = (quantity: string) => parseInt(quantity, 10);

/**
 * The ResourceQuota for the busiest moment. Rolling deployments need every service twice, with one surge pod each.
 * Blue-green needs three colours, because the release before may still be idle for its hour while the next one is
 * tested beside the one that serves, and a smoke test for each service. Both need one migration pod for each service
 * with a database.
 *
 * @param backups pods that back up the database or try a backup
 * @returns hard limits in Kubernetes quantities, by quota key
 */
export function quotaFor(
    services: readonly ServiceSize[],
    strategy: Strategy = "rolling",
    backups = 0,
): Record<string, string> {
    const tests = strategy === "blueGreen" ? services.length : 0;
    const sum = (of: (size: Size) => number) =>
        services.reduce((total, service) => total + of(service.resources) * podsOf(service, strategy), 0) +
        tests * of(smokeTestSize) +
        backups * of(databaseBackupSize);
    return {
        pods: String(sum(() => 1)),
        "requests.cpu": `${sum((size) => number(size.cpuRequest))}m`,
        "limits.cpu": `${sum((size) => number(size.cpuLimit))}m`,
        "requests.memory": `${sum((size) => number(size.memoryRequest))}Mi`,
        "limits.memory": `${sum((size) => number(size.memoryLimit))}Mi`,
        "services.loadbalancers": "0",
        "services.nodeports": "0",
        // The settings say how many pods serve, and an autoscaler would take that field over: a release, which writes it,
        // would shrink what an autoscaler has grown.
        "count/horizontalpodautoscalers.autoscaling": "0",
    };
}

function podsOf({ replicas, database }: ServiceSize, strategy: Strategy): number {
    return (strategy === "blueGreen" ? 3 * replicas : 2 * replicas + 1) + (database ? 1 : 0);
}
