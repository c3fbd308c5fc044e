import { kubernetesAnalysisLimits } from "./analysis-limits";
import { kubernetesDeploymentStrategy } from "./deployment-strategy";
import { kubernetesIngressTls } from "./ingress-tls";
import { kubernetesJobBounded } from "./job-bounded";
import { kubernetesNamespaceCompanions } from "./namespace-companions";
import { kubernetesNamespacePodSecurity } from "./namespace-pod-security";
import { kubernetesNetworkPolicyOpen } from "./network-policy-open";
import { kubernetesQuotaRoom } from "./quota-room";
import { kubernetesResourceJudgeable } from "./resource-judgeable";
import { kubernetesResourceQuotaComplete } from "./resource-quota-complete";
import { kubernetesRoleBindingSubjects } from "./role-binding-subjects";
import { kubernetesRoleEscalation } from "./role-escalation";
import { kubernetesRoleSecrets } from "./role-secrets";
import { kubernetesRoleWildcards } from "./role-wildcards";
import { kubernetesRolloutAnalyses } from "./rollout-analyses";
import { kubernetesRolloutStrategy } from "./rollout-strategy";
import { kubernetesSecretType } from "./secret-type";
import { kubernetesServiceExposure } from "./service-exposure";
import { kubernetesWorkloadAccountToken } from "./workload-account-token";
import { kubernetesWorkloadAccount } from "./workload-account";
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
    kubernetesDeploymentStrategy,
    kubernetesIngressTls,
    kubernetesJobBounded,
    kubernetesNamespaceCompanions,
    kubernetesNamespacePodSecurity,
    kubernetesNetworkPolicyOpen,
    kubernetesQuotaRoom,
    kubernetesResourceJudgeable,
    kubernetesResourceQuotaComplete,
    kubernetesRoleBindingSubjects,
    kubernetesRoleEscalation,
    kubernetesRoleSecrets,
    kubernetesRoleWildcards,
    kubernetesRolloutAnalyses,
    kubernetesRolloutStrategy,
    kubernetesSecretType,
    kubernetesServiceExposure,
    kubernetesWorkloadAccountToken,
    kubernetesWorkloadAccount,
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
