/** What the sums below need to know of a service. */
export interface ServiceSize {
    readonly replicas: number;
    readonly database: boolean;
    readonly resources: Size;
}

type Size = Readonly<Record<"cpuRequest" | "cpuLimit" | "memoryRequest" | "memoryLimit", string>>;

/** How a service is replaced (specification, section 6): pod by pod, or as a whole beside the old one. */
export type Strategy = "rolling" | "blueGreen";

/** What a smoke test's pod asks for and may use. */
export const smokeTestSize = { cpuRequest: "50m", cpuLimit: "500m", memoryRequest: "96Mi", memoryLimit: "256Mi" };

const number = (quantity: string) => parseInt(quantity, 10);

/**
 * The ResourceQuota for the busiest moment. Rolling has room for every service twice at the same time, with one surge
 * pod each. Blue-green has room for three colours: while one release is tried beside the one that serves, the one
 * before may still be idle (design: blue stays for an hour); and for a smoke test of each service. Both have room for
 * one migration pod for each service with a database.
 *
 * @returns hard limits in Kubernetes quantities, by quota key
 */
export function quotaFor(services: readonly ServiceSize[], strategy: Strategy = "rolling"): Record<string, string> {
    const tests = strategy === "blueGreen" ? services.length : 0;
    const sum = (of: (size: Size) => number) =>
        services.reduce((total, service) => total + of(service.resources) * podsOf(service, strategy), 0) +
        tests * of(smokeTestSize);
    return {
        pods: String(sum(() => 1)),
        "requests.cpu": `${sum((size) => number(size.cpuRequest))}m`,
        "limits.cpu": `${sum((size) => number(size.cpuLimit))}m`,
        "requests.memory": `${sum((size) => number(size.memoryRequest))}Mi`,
        "limits.memory": `${sum((size) => number(size.memoryLimit))}Mi`,
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    };
}

function podsOf({ replicas, database }: ServiceSize, strategy: Strategy): number {
    return (strategy === "blueGreen" ? 3 * replicas : 2 * replicas + 1) + (database ? 1 : 0);
}
