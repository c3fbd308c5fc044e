import { githubActionsPinned } from "./actions-pinned";
import { githubBranchProtectionAdmins } from "./branch-protection-admins";
import { githubBranchProtectionChecks } from "./branch-protection-checks";
import { githubBranchProtectionHistory } from "./branch-protection-history";
import { githubBranchProtectionReviews } from "./branch-protection-reviews";
import { githubBranchProtectionStaleReviews } from "./branch-protection-stale-reviews";
import { githubBranchProtectionType } from "./branch-protection-type";
import { githubDeployKeyReadOnly } from "./deploy-key-read-only";
import { githubEnvironmentAdmins } from "./environment-admins";
import { githubEnvironmentBranchPattern } from "./environment-branch-pattern";
import { githubEnvironmentBranches } from "./environment-branches";
import { githubEnvironmentGuarded } from "./environment-guarded";
import { githubEnvironmentNamedBranch } from "./environment-named-branch";
import { githubEnvironmentReviewers } from "./environment-reviewers";
import { githubRepositoryCompanions } from "./repository-companions";
import { githubRepositoryMergeMethods } from "./repository-merge-methods";
import { githubRepositoryVisibility } from "./repository-visibility";
import { githubRulesetBypass } from "./ruleset-bypass";
import { githubRulesetReleaseTags } from "./ruleset-release-tags";
import { githubSecretStaticKeys } from "./secret-static-keys";
import { githubSecretValue } from "./secret-value";
import { githubVariablePlainCredentials } from "./variable-plain-credentials";
import { githubWorkflowPermissions } from "./workflow-permissions";

export const githubPolicies = [
    githubActionsPinned,
    githubBranchProtectionAdmins,
    githubBranchProtectionChecks,
    githubBranchProtectionHistory,
    githubBranchProtectionReviews,
    githubBranchProtectionStaleReviews,
    githubBranchProtectionType,
    githubDeployKeyReadOnly,
    githubEnvironmentAdmins,
    githubEnvironmentBranchPattern,
    githubEnvironmentBranches,
    githubEnvironmentGuarded,
    githubEnvironmentNamedBranch,
    githubEnvironmentReviewers,
    githubRepositoryCompanions,
    githubRepositoryMergeMethods,
    githubRepositoryVisibility,
    githubRulesetBypass,
    githubRulesetReleaseTags,
    githubSecretStaticKeys,
    githubSecretValue,
    githubVariablePlainCredentials,
    githubWorkflowPermissions,
];
