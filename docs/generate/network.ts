import {
    connections,
    destinations,
    sources,
    type Connections,
    type Features,
} from "../../components/shared/connections";

const conditions: Readonly<Record<keyof Features, string>> = {
    blueGreen: "with blue-green releases",
    backup: "with `relaypacs:databaseBackup`",
    rehearsal: "in staging, with `relaypacs:databaseBackup`",
};

const rowOf = ({ from, to, why, only }: Connections): string => {
    const cells = [
        from.map((one) => sources[one]).join("; "),
        to.map((one) => destinations[one].title).join("; "),
        only === undefined ? why : `${why}; only ${conditions[only]}`,
    ];
    return `| ${cells.join(" | ")} |`;
};

/** The connections that network policies allow, as Markdown. */
export function networkReference(): string {
    return [
        "# Network",
        "",
        "Written by `make docs` from `components/shared/connections.ts`; a test fails when it is out of date. The network policies",
        "are in `components/environment/network-boundary.ts` and `components/cluster/controller-namespace.ts`.",
        "",
        "Every namespace is closed in both directions. These connections are open, and no other:",
        "",
        "| From | To | Why |",
        "|---|---|---|",
        ...connections.map(rowOf),
        "",
        "The node itself, which means the kubelet's probes, `kubectl exec` and `kubectl port-forward`, reaches every pod, as in any",
        "Kubernetes cluster.",
        "",
        "`make test-sandbox` opens each of these connections from a pod's own network, in staging and in production, and every other",
        "one between these places, which must get no answer:",
        "",
        `- from ${Object.values(sources).join("; ")}`,
        `- to ${Object.values(destinations)
            .map(({ title }) => title)
            .join("; ")}`,
        "",
    ].join("\n");
}
