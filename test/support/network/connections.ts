import * as path from "node:path";
import {
    destinations,
    isAllowed,
    sources,
    type Destination,
    type Features,
    type Place,
    type Source,
} from "../../../components/shared/connections";
import { podIdentityAgent } from "../../../components/shared/network-rules";
import { run } from "../../../sandbox/machine/command";
import type { Instance } from "../../../sandbox/machine/instance";
import { clusterDomain, dnsAddress } from "../../../sandbox/parts/cluster/dns";
import { metadataAddress, podIdentityAddress, startListeners, type Listeners } from "./listeners";
import { processOf, type Pods } from "./pods";

export interface Trial {
    readonly instance: Instance;
    readonly pods: Pods;
    readonly has: Features;
}

interface Target {
    readonly to: Destination;
    readonly host: string;
    readonly port?: number;
    /** A name to resolve, instead of a port to connect to. */
    readonly resolves?: string;
}

/** Milliseconds in which a connection that is allowed comes about, even when its first packet is lost. */
const patience = 4000;

/** What `probe.mjs` says of a packet that has arrived; the last two where its port is closed. */
const arrived = ["connected", "ECONNREFUSED", "ECONNRESET"];

/** What it says when no answer comes: a policy drops packets without a word. */
const silence = "ETIMEDOUT";

/** Any port will do where the table names none: a closed one answers, too. */
const anyPort = 8000;

function podTarget(to: Destination, pods: Pods): Target[] {
    const place: Place = destinations[to];
    const pod = place.pods && pods.get(place.pods);
    if (!pod) return [];
    const ports = pod.spec?.containers.flatMap((container) => container.ports ?? []) ?? [];
    const port = place.port === undefined ? anyPort : ports.find(({ name }) => name === place.port)?.containerPort;
    if (port === undefined) throw new Error(`The pod ${pod.metadata?.name ?? ""} has no port ${place.port ?? ""}`);
    return [{ to, host: pod.status?.podIP ?? "", port }];
}

function targets({ instance, pods }: Trial, { elsewhere }: Listeners): Target[] {
    const { port } = new URL(instance.kubernetesApi);
    const apiService = instance.serviceRange.replace(/\.0\/\d+$/, ".1");
    const dns = dnsAddress(instance);
    return [
        ...(Object.keys(destinations) as Destination[]).flatMap((to) => podTarget(to, pods)),
        { to: "database", host: instance.hostAddress, port: instance.ports.database },
        // This machine stands for Amazon S3, where there is a policy; its closed port answers.
        { to: "backup-storage", host: instance.hostAddress, port: 443 },
        { to: "pod-identity", host: podIdentityAddress, port: podIdentityAgent.port },
        { to: "kubernetes-api", host: instance.nodeAddress, port: Number(port) },
        { to: "kubernetes-api", host: apiService, port: 443 },
        { to: "name-resolution", host: dns, port: 53 },
        { to: "name-resolution", host: dns, resolves: `kubernetes.default.svc.${clusterDomain}` },
        { to: "metadata", host: metadataAddress, port: 80 },
        { to: "elsewhere", ...elsewhere },
    ];
}

async function outcomes(from: Source, all: readonly Target[], pods: Pods): Promise<string[]> {
    const probe = [path.join(__dirname, "probe.mjs"), String(patience), JSON.stringify(all)];
    if (from === "outside") return JSON.parse(await run(process.execPath, probe)) as string[];
    const pod = pods.get(from);
    if (!pod) throw new Error(`There is no pod of ${from}`);
    const enter = ["--net", "--target", String(processOf(pod)), "--", process.execPath];
    return JSON.parse(await run("nsenter", [...enter, ...probe])) as string[];
}

/** What a source tries. A pod always reaches itself; this machine is outside, and what it reaches of itself shows nothing. */
const triedBy = (from: Source, all: readonly Target[], pods: Pods): Target[] =>
    from === "outside"
        ? all.filter(({ to }) => "pods" in destinations[to])
        : all.filter(({ host }) => host !== pods.get(from)?.status?.podIP);

async function wrongFrom(from: Source, all: readonly Target[], { pods, has }: Trial): Promise<string[]> {
    const tried = triedBy(from, all, pods);
    const found = await outcomes(from, tried, pods);
    return tried.flatMap(({ to, host, port }, index) => {
        const outcome = found[index] ?? "";
        const name = `${from} → ${to} (${host}${port === undefined ? "" : `:${port}`})`;
        if (!arrived.includes(outcome) && outcome !== silence)
            throw new Error(`${name} could not be tried: ${outcome}`);
        if (isAllowed(from, to, has) === (outcome !== silence)) return [];
        return [`${name} is ${outcome === silence ? "closed" : "open"}: ${outcome}`];
    });
}

/**
 * Tries every connection between the places of the table, from the pods' own networks and at once, and returns those
 * that are not as it says: open and should be closed, or the other way around.
 */
export async function wrongConnections(trial: Trial): Promise<string[]> {
    const listeners = await startListeners(trial.instance);
    try {
        const all = targets(trial, listeners);
        const wrong = (Object.keys(sources) as Source[]).map((from) => wrongFrom(from, all, trial));
        return (await Promise.all(wrong)).flat();
    } finally {
        await listeners.close();
    }
}
