import { ecrLifecyclePolicyRetention } from "./lifecycle-policy-retention";
import { ecrRepositoryCompanions } from "./repository-companions";
import { ecrRepositoryCustomerKey } from "./repository-customer-key";
import { ecrRepositoryForceDelete } from "./repository-force-delete";
import { ecrRepositoryImmutableTags } from "./repository-immutable-tags";
import { ecrRepositoryPolicyPrincipals } from "./repository-policy-principals";
import { ecrRepositoryPrivate } from "./repository-private";
import { ecrRepositoryScanOnPush } from "./repository-scan-on-push";

export const ecrPolicies = [
    ecrLifecyclePolicyRetention,
    ecrRepositoryCompanions,
    ecrRepositoryCustomerKey,
    ecrRepositoryForceDelete,
    ecrRepositoryImmutableTags,
    ecrRepositoryPolicyPrincipals,
    ecrRepositoryPrivate,
    ecrRepositoryScanOnPush,
];
