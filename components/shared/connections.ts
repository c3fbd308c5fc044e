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
    "database-backup": "pods that back up the database",
    "restore-rehearsal": "pods that rehearse a restore in staging",
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
    "backup-storage": { title: "the network's endpoints of Amazon S3" },
    "pod-identity": { title: "the agent of EKS Pod Identity, 169.254.170.23" },
    "kubernetes-api": { title: "the Kubernetes API" },
    "name-resolution": { title: "the cluster's DNS" },
    metadata: { title: "the metadata address, 169.254.169.254" },
    elsewhere: { title: "any other address, on a port other than 443 and 6443" },
} as const satisfies Record<string, Place>;

export type Destination = keyof typeof destinations;

/** What an environment has, as far as connections depend on it. */
export interface Features {
    /** Whether it has blue-green releases. */
    readonly blueGreen: boolean;
    /** Whether its database is backed up (`relaypacs:databaseBackup`). */
    readonly backup: boolean;
    /** Whether backups are tried there, as staging's are. */
    readonly rehearsal: boolean;
}

export interface Connections {
    readonly from: readonly Source[];
    readonly to: readonly Destination[];
    readonly why: string;
    /** Only in environments that have this. @default all */
    readonly only?: keyof Features;
}

const services = ["backend", "frontend"] as const;
const controllers = ["traefik", "argo-rollouts", "prometheus"] as const;

const backups = ["database-backup", "restore-rehearsal"] as const;
const ofBackups = ["database", "backup-storage", "pod-identity"] as const;

export const connections: readonly Connections[] = [
    {
        from: ["backend", "migration", "frontend", "smoke-tests", ...backups, ...controllers],
        to: ["name-resolution"],
        why: "every pod finds the others by name",
    },
    { from: ["outside"], to: ["traefik-web", "traefik-websecure"], why: "users' requests" },
    { from: ["traefik"], to: services, why: "users' requests, by their path" },
    { from: ["backend", "migration"], to: ["database"], why: "the service's data and its schema" },
    { from: ["smoke-tests"], to: services, why: "green is tested before it serves", only: "blueGreen" },
    { from: ["database-backup"], to: ofBackups, why: "it reads the database and stores the dump", only: "backup" },
    { from: ["restore-rehearsal"], to: ofBackups, why: "it restores a dump beside the database", only: "rehearsal" },
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
    {
        from: controllers,
        to: ["backup-storage"],
        why: "its address differs from cluster to cluster, so the ports of the Kubernetes API, 443 and 6443, are open to any",
    },
];

/** Whether the policies must allow a connection, else they must refuse it. */
export const isAllowed = (from: Source, to: Destination, has: Features): boolean =>
    connections.some(
        ({ from: sources, to: places, only }) =>
            sources.includes(from) && places.includes(to) && (only === undefined || has[only]),
    );
