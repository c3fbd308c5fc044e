/**
 * Which connections the network policies allow: the only list of them. A test opens each one from a real pod, and every
 * other one of these places too, which must fail; docs/reference/network.md is written from it.
 */

/** Where connections begin: pods by what they do, and everything outside the cluster. */
export const sources = {
    backend: "the backend, or any service with a database",
    migration: "its database migration",
    frontend: "the frontend, or any service without a database",
    "smoke-tests": "smoke tests, which are pods in a blue-green environment",
    traefik: "Traefik",
    "argo-rollouts": "Argo Rollouts",
    prometheus: "Prometheus",
    outside: "anything outside the cluster",
} as const;

export type Source = keyof typeof sources;

/** A place where connections end: a port of pods by its name in the pod, or something outside the pods. */
export interface Place {
    readonly title: string;
    readonly pods?: Exclude<Source, "outside">;
    /** Any port by default. */
    readonly port?: string;
}

export const destinations = {
    backend: { pods: "backend", port: "http", title: "the backend" },
    frontend: { pods: "frontend", port: "http", title: "the frontend" },
    "smoke-tests": { pods: "smoke-tests", title: "smoke tests, any port" },
    "traefik-web": { pods: "traefik", port: "web", title: "Traefik, HTTP" },
    "traefik-websecure": { pods: "traefik", port: "websecure", title: "Traefik, HTTPS" },
    "traefik-management": { pods: "traefik", port: "management", title: "Traefik, metrics" },
    "argo-rollouts-metrics": { pods: "argo-rollouts", port: "metrics", title: "Argo Rollouts, metrics" },
    "argo-rollouts-health": { pods: "argo-rollouts", port: "health", title: "Argo Rollouts, health" },
    prometheus: { pods: "prometheus", port: "api", title: "Prometheus" },
    database: { title: "the environment's database" },
    "kubernetes-api": { title: "the Kubernetes API" },
    "name-resolution": { title: "the cluster's DNS" },
    metadata: { title: "the metadata address, 169.254.169.254" },
    elsewhere: { title: "any other address" },
} as const satisfies Record<string, Place>;

export type Destination = keyof typeof destinations;

export interface Connections {
    readonly from: readonly Source[];
    readonly to: readonly Destination[];
    readonly why: string;
    /** Only in environments with blue-green releases. @default false */
    readonly blueGreen?: boolean;
}

const services = ["backend", "frontend"] as const;
const controllers = ["traefik", "argo-rollouts", "prometheus"] as const;

export const connections: readonly Connections[] = [
    {
        from: ["backend", "migration", "frontend", "smoke-tests", ...controllers],
        to: ["name-resolution"],
        why: "every pod finds the others by name",
    },
    { from: ["outside"], to: ["traefik-web", "traefik-websecure"], why: "users' requests" },
    { from: ["traefik"], to: services, why: "users' requests, by their path" },
    { from: ["backend", "migration"], to: ["database"], why: "the service's data and its schema" },
    { from: ["smoke-tests"], to: services, why: "green is tested before it serves", blueGreen: true },
    {
        from: ["prometheus"],
        to: [...services, "traefik-management", "argo-rollouts-metrics"],
        why: "it scrapes their metrics",
    },
    {
        from: ["prometheus"],
        to: ["traefik-web", "traefik-websecure"],
        why: "they are open to all, and Prometheus may use every port of what it scrapes",
    },
    { from: ["argo-rollouts"], to: ["prometheus"], why: "analyses ask it for measurements" },
    { from: controllers, to: ["kubernetes-api"], why: "they watch what they are there for" },
];

/** Whether the policies must allow a connection, else they must refuse it. */
export const isAllowed = (from: Source, to: Destination, blueGreen: boolean): boolean =>
    connections.some((one) => one.from.includes(from) && one.to.includes(to) && (blueGreen || one.blueGreen !== true));
