import { providerAwsAccount } from "./aws-account";
import { providerAwsEndpoints } from "./aws-endpoints";
import { providerAwsStaticKeys } from "./aws-static-keys";
import { providerGithubOrganization } from "./github-organization";
import { providerKubernetesCluster } from "./kubernetes-cluster";

export const providerPolicies = [
    providerAwsAccount,
    providerAwsEndpoints,
    providerAwsStaticKeys,
    providerGithubOrganization,
    providerKubernetesCluster,
];
