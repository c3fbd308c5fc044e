import { connections, destinations, sources, type Connections } from "../../components/shared/connections";

const rowOf = ({ from, to, why, blueGreen }: Connections): string => {
    const cells = [
        from.map((one) => sources[one]).join("; "),
        to.map((one) => destinations[one].title).join("; "),
        blueGreen === true ? `${why}; only with blue-green releases` : why,
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
