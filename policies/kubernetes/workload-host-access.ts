import { resourcePolicy } from "../shared/policy";
import { podSecurity } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Container, Workload } from "../shared/workloads";

const handlers = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

export const kubernetesWorkloadHostAccess = resourcePolicy<Workload>({
    name: "kubernetes-workload-host-access",
    description: "Pods share no namespace, port or process privilege with their node.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...podSecurity("Host Namespaces, Host Ports, HostProcess, Host Probes"),
    remediationSteps: "Remove the property that the message names.",
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        const { path, spec } = pods;
        for (const property of ["hostNetwork", "hostPID", "hostIPC"] as const) {
            findings.part(() => {
                if (spec[property]) findings.deviates(`${path}.${property}`, spec[property], "false, or not set");
            });
        }
        findings.part(() => {
            const hostProcess = spec.securityContext?.windowsOptions?.hostProcess;
            if (hostProcess) {
                findings.deviates(
                    `${path}.securityContext.windowsOptions.hostProcess`,
                    hostProcess,
                    "false, or not set",
                );
            }
        });
        findings.each(containersOf(pods), ({ path: place, container }) => {
            findings.part(() => {
                const hostProcess = container.securityContext?.windowsOptions?.hostProcess;
                if (!hostProcess) return;
                const property = `${place}.securityContext.windowsOptions.hostProcess`;
                findings.deviates(property, hostProcess, "false, or not set");
            });
            findings.part(() => {
                findings.each(container.ports, ({ hostPort }, index) => {
                    if (hostPort) findings.deviates(`${place}.ports[${index}].hostPort`, hostPort, "0, or not set");
                });
            });
            for (const [property, host] of probedHosts(container)) {
                findings.deviates(`${place}.${property}.host`, host, "not set: the pod's own address");
            }
        });
    },
});

/** A probe of another host makes the kubelet a port scanner. */
function probedHosts(container: Container): [string, unknown][] {
    const probes = handlers.map((name) => [name, container[name]] as const);
    const hooks = (["postStart", "preStop"] as const).map(
        (name) => [`lifecycle.${name}`, container.lifecycle?.[name]] as const,
    );
    return [...probes, ...hooks].flatMap(([name, handler]) =>
        (["httpGet", "tcpSocket"] as const)
            .map((check): [string, unknown] => [`${name}.${check}`, handler?.[check]?.host])
            .filter(([, host]) => host !== undefined && host !== null && host !== ""),
    );
}
