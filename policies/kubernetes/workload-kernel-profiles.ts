import { resourcePolicy } from "../shared/policy";
import { podSecurity } from "../shared/standards";
import { containersOf, podsOf, workloadTypes } from "../shared/workloads";
import type { Workload } from "../shared/workloads";

/** The sysctls that are namespaced and safe, as the standard lists them. */
const safeSysctls: readonly string[] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];
const profiles: readonly unknown[] = ["RuntimeDefault", "Localhost"];
const seLinuxTypes: readonly unknown[] = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

interface Context {
    readonly appArmorProfile?: { readonly type?: string | null } | null;
    readonly seLinuxOptions?: {
        readonly type?: string | null;
        readonly user?: string | null;
        readonly role?: string | null;
    } | null;
}

export const kubernetesWorkloadKernelProfiles = resourcePolicy<Workload>({
    name: "kubernetes-workload-kernel-profiles",
    description: "The kernel filters what containers do: seccomp is on, AppArmor and SELinux are not loosened.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...podSecurity("Seccomp, AppArmor, SELinux, Sysctls"),
    remediationSteps: 'Set the pod\'s securityContext.seccompProfile.type to "RuntimeDefault".',
    types: workloadTypes,
    judge: (workload, findings, { type }) => {
        const pods = podsOf(type, workload);
        if (!pods) return;
        const pod = pods.spec.securityContext;
        const judgeContext = (place: string, context: Context | null | undefined) => {
            findings.part(() => {
                const appArmor = context?.appArmorProfile?.type;
                if (!appArmor || profiles.includes(appArmor)) return;
                const accepted = '"RuntimeDefault", "Localhost", or not set';
                findings.deviates(`${place}.appArmorProfile.type`, appArmor, accepted);
            });
            const linux = context?.seLinuxOptions;
            if (linux?.type && !seLinuxTypes.includes(linux.type)) {
                findings.deviates(`${place}.seLinuxOptions.type`, linux.type, `${seLinuxTypes.join(", ")}, or not set`);
            }
            if (linux?.user) findings.deviates(`${place}.seLinuxOptions.user`, linux.user, "not set");
            if (linux?.role) findings.deviates(`${place}.seLinuxOptions.role`, linux.role, "not set");
        };
        findings.part(() => {
            judgeContext(`${pods.path}.securityContext`, pod as Context);
        });
        findings.each(pod?.sysctls, ({ name }, index) => {
            if (safeSysctls.includes(name ?? "")) return;
            const place = `${pods.path}.securityContext.sysctls[${index}].name`;
            findings.deviates(place, name, "one of the safe sysctls of the standard");
        });
        findings.each(containersOf(pods), ({ path, container: { securityContext } }) => {
            findings.part(() => {
                const seccomp = securityContext?.seccompProfile?.type ?? pod?.seccompProfile?.type;
                if (profiles.includes(seccomp)) return;
                const accepted = '"RuntimeDefault" or "Localhost", here or on the pod';
                findings.deviates(`${path}.securityContext.seccompProfile.type`, seccomp, accepted);
            });
            judgeContext(`${path}.securityContext`, securityContext as Context);
        });
    },
});
