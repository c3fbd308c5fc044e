import { kubernetesAnalysisLimits } from "./analysis-limits";
import { kubernetesCertificateLeaf } from "./certificate-leaf";
import { kubernetesDefinitionConversion } from "./definition-conversion";
import { kubernetesDeploymentStrategy } from "./deployment-strategy";
import { kubernetesExternalSecretStore } from "./external-secret-store";
import { kubernetesIngressRouteTls } from "./ingress-route-tls";
import { kubernetesIngressTls } from "./ingress-tls";
import { kubernetesJobBounded } from "./job-bounded";
import { kubernetesNamespaceCompanions } from "./namespace-companions";
import { kubernetesNamespacePodSecurity } from "./namespace-pod-security";
import { kubernetesNetworkPolicyOpen } from "./network-policy-open";
import { kubernetesQuotaRoom } from "./quota-room";
import { kubernetesResourceJudgeable } from "./resource-judgeable";
import { kubernetesResourceKind } from "./resource-kind";
import { kubernetesResourceQuotaComplete } from "./resource-quota-complete";
import { kubernetesRoleAdmission } from "./role-admission";
import { kubernetesRoleAggregation } from "./role-aggregation";
import { kubernetesRoleBindingBuiltIn } from "./role-binding-built-in";
import { kubernetesRoleBindingSubjects } from "./role-binding-subjects";
import { kubernetesRoleEscalation } from "./role-escalation";
import { kubernetesRoleSecrets } from "./role-secrets";
import { kubernetesRoleWildcards } from "./role-wildcards";
import { kubernetesRolloutAnalyses } from "./rollout-analyses";
import { kubernetesRolloutStrategy } from "./rollout-strategy";
import { kubernetesRolloutTemplate } from "./rollout-template";
import { kubernetesSecretStoreProvider } from "./secret-store-provider";
import { kubernetesSecretType } from "./secret-type";
import { kubernetesServiceAccountRole } from "./service-account-role";
import { kubernetesServiceExposure } from "./service-exposure";
import { kubernetesServiceExternalName } from "./service-external-name";
import { kubernetesTraefikServiceTargets } from "./traefik-service-targets";
import { kubernetesWorkloadAccount } from "./workload-account";
import { kubernetesWorkloadAccountToken } from "./workload-account-token";
import { kubernetesWorkloadDisruptionBudget } from "./workload-disruption-budget";
import { kubernetesWorkloadGracefulStop } from "./workload-graceful-stop";
import { kubernetesWorkloadHostAccess } from "./workload-host-access";
import { kubernetesWorkloadImageDigest } from "./workload-image-digest";
import { kubernetesWorkloadImageRegistry } from "./workload-image-registry";
import { kubernetesWorkloadKernelProfiles } from "./workload-kernel-profiles";
import { kubernetesWorkloadNamespace } from "./workload-namespace";
import { kubernetesWorkloadPlainCredentials } from "./workload-plain-credentials";
import { kubernetesWorkloadPrivileges } from "./workload-privileges";
import { kubernetesWorkloadReadOnlyRoot } from "./workload-read-only-root";
import { kubernetesWorkloadReadinessProbe } from "./workload-readiness-probe";
import { kubernetesWorkloadReplicas } from "./workload-replicas";
import { kubernetesWorkloadResources } from "./workload-resources";
import { kubernetesWorkloadStrategy } from "./workload-strategy";
import { kubernetesWorkloadTopologySpread } from "./workload-topology-spread";
import { kubernetesWorkloadVolumeTypes } from "./workload-volume-types";

export const kubernetesPolicies = [
    kubernetesAnalysisLimits,
    kubernetesCertificateLeaf,
    kubernetesDefinitionConversion,
    kubernetesDeploymentStrategy,
    kubernetesExternalSecretStore,
    kubernetesIngressRouteTls,
    kubernetesIngressTls,
    kubernetesJobBounded,
    kubernetesNamespaceCompanions,
    kubernetesNamespacePodSecurity,
    kubernetesNetworkPolicyOpen,
    kubernetesQuotaRoom,
    kubernetesResourceJudgeable,
    kubernetesResourceKind,
    kubernetesResourceQuotaComplete,
    kubernetesRoleAdmission,
    kubernetesRoleAggregation,
    kubernetesRoleBindingBuiltIn,
    kubernetesRoleBindingSubjects,
    kubernetesRoleEscalation,
    kubernetesRoleSecrets,
    kubernetesRoleWildcards,
    kubernetesRolloutAnalyses,
    kubernetesRolloutStrategy,
    kubernetesRolloutTemplate,
    kubernetesSecretStoreProvider,
    kubernetesSecretType,
    kubernetesServiceAccountRole,
    kubernetesServiceExposure,
    kubernetesServiceExternalName,
    kubernetesTraefikServiceTargets,
    kubernetesWorkloadAccount,
    kubernetesWorkloadAccountToken,
    kubernetesWorkloadDisruptionBudget,
    kubernetesWorkloadGracefulStop,
    kubernetesWorkloadHostAccess,
    kubernetesWorkloadImageDigest,
    kubernetesWorkloadImageRegistry,
    kubernetesWorkloadKernelProfiles,
    kubernetesWorkloadNamespace,
    kubernetesWorkloadPlainCredentials,
    kubernetesWorkloadPrivileges,
    kubernetesWorkloadReadOnlyRoot,
    kubernetesWorkloadReadinessProbe,
    kubernetesWorkloadReplicas,
    kubernetesWorkloadResources,
    kubernetesWorkloadStrategy,
    kubernetesWorkloadTopologySpread,
    kubernetesWorkloadVolumeTypes,
];
