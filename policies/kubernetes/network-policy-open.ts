import type { networking } from "@pulumi/kubernetes/types/output";
import type { Unvalidated } from "../shared/unvalidated";
import { resourcePolicy } from "../shared/policy";
import { isEmpty } from "../shared/selectors";
import { cisKubernetes } from "../shared/standards";
import { kubernetes } from "../shared/types";

type Peer = Unvalidated<networking.v1.NetworkPolicyPeer>;

export const kubernetesNetworkPolicyOpen = resourcePolicy<networking.v1.NetworkPolicy>({
    name: "kubernetes-network-policy-open",
    description: "No network policy allows traffic from everywhere or to everywhere.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...cisKubernetes("5.3.2", "Ensure that all Namespaces have Network Policies defined"),
    remediationSteps: "Name the peers by podSelector, namespaceSelector or an ipBlock that is not the whole internet.",
    types: [kubernetes.networkPolicy],
    judge: ({ spec }, findings) => {
        const judgePeers = (place: string, peers: readonly Peer[] | null | undefined, ports: boolean) => {
            // Every pod may resolve names anywhere: such a rule names its ports.
            if (!peers?.length && !ports) findings.deviates(place, peers, "at least one peer");
            findings.each(peers, (peer, index) => {
                const cidr = peer.ipBlock?.cidr;
                if (cidr && /\/0$/.test(cidr) && !peer.ipBlock?.except?.length && !ports) {
                    findings.deviates(`${place}[${index}].ipBlock.cidr`, cidr, "a narrower range, or named ports");
                }
                if (isEmpty(peer.namespaceSelector) && (!peer.podSelector || isEmpty(peer.podSelector)) && !ports) {
                    const given = peer.namespaceSelector;
                    findings.deviates(
                        `${place}[${index}].namespaceSelector`,
                        given,
                        "named namespaces, or named ports",
                    );
                }
            });
        };
        findings.each(spec?.ingress, ({ from, ports }, index) => {
            const place = `spec.ingress[${index}].from`;
            if (!from?.length) findings.deviates(place, from, "at least one peer");
            else judgePeers(place, from as readonly Peer[], !!ports?.length);
        });
        findings.each(spec?.egress, ({ to, ports }, index) => {
            judgePeers(`spec.egress[${index}].to`, to as readonly Peer[] | null | undefined, !!ports?.length);
        });
    },
});
