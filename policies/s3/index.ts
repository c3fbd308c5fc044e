import { s3BucketAclPrivate } from "./bucket-acl-private";
import { s3BucketCompanions } from "./bucket-companions";
import { s3BucketCurrentTypes } from "./bucket-current-types";
import { s3BucketForceDestroy } from "./bucket-force-destroy";
import { s3BucketObjectLock } from "./bucket-object-lock";
import { s3BucketOwnResources } from "./bucket-own-resources";
import { s3BucketPolicyPrincipals } from "./bucket-policy-principals";
import { s3BucketPolicyTls } from "./bucket-policy-tls";
import { s3EncryptionCustomerKey } from "./encryption-customer-key";
import { s3LifecycleKeepsEvidence } from "./lifecycle-keeps-evidence";
import { s3LifecycleUnfinishedUploads } from "./lifecycle-unfinished-uploads";
import { s3LoggingOtherBucket } from "./logging-other-bucket";
import { s3ObjectLockRetention } from "./object-lock-retention";
import { s3OwnershipControlsEnforced } from "./ownership-controls-enforced";
import { s3PublicAccessBlockFlags } from "./public-access-block-flags";
import { s3VersioningEnabled } from "./versioning-enabled";

export const s3Policies = [
    s3BucketAclPrivate,
    s3BucketCompanions,
    s3BucketCurrentTypes,
    s3BucketForceDestroy,
    s3BucketObjectLock,
    s3BucketOwnResources,
    s3BucketPolicyPrincipals,
    s3BucketPolicyTls,
    s3EncryptionCustomerKey,
    s3LifecycleKeepsEvidence,
    s3LifecycleUnfinishedUploads,
    s3LoggingOtherBucket,
    s3ObjectLockRetention,
    s3OwnershipControlsEnforced,
    s3PublicAccessBlockFlags,
    s3VersioningEnabled,
];
