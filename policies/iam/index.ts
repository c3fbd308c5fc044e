import { iamOidcProviderAudience } from "./oidc-provider-audience";
import { iamPolicyAdministrator } from "./policy-administrator";
import { iamPolicyInvertedElements } from "./policy-inverted-elements";
import { iamPolicyWildcardActions } from "./policy-wildcard-actions";
import { iamPolicyWildcardResources } from "./policy-wildcard-resources";
import { iamRolePermissionsBoundary } from "./role-permissions-boundary";
import { iamRoleSessionDuration } from "./role-session-duration";
import { iamRoleTrustPrincipals } from "./role-trust-principals";
import { iamRoleTrustSubject } from "./role-trust-subject";
import { iamUserStaticKeys } from "./user-static-keys";

export const iamPolicies = [
    iamOidcProviderAudience,
    iamPolicyAdministrator,
    iamPolicyInvertedElements,
    iamPolicyWildcardActions,
    iamPolicyWildcardResources,
    iamRolePermissionsBoundary,
    iamRoleSessionDuration,
    iamRoleTrustPrincipals,
    iamRoleTrustSubject,
    iamUserStaticKeys,
];
