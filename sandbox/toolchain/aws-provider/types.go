package main

// Terraform's names of the resources that the platform declares, by Pulumi's module and type. The token follows from
// them: "ecr:RepositoryPolicy" is aws:ecr/repositoryPolicy:RepositoryPolicy.
var types = map[string]string{
	"aws_ecr_lifecycle_policy":  "ecr:LifecyclePolicy",
	"aws_ecr_repository":        "ecr:Repository",
	"aws_ecr_repository_policy": "ecr:RepositoryPolicy",

	"aws_iam_openid_connect_provider": "iam:OpenIdConnectProvider",
	"aws_iam_policy":                  "iam:Policy",
	"aws_iam_role":                    "iam:Role",
	"aws_iam_role_policy":             "iam:RolePolicy",
	"aws_iam_role_policy_attachment":  "iam:RolePolicyAttachment",
	"aws_iam_user":                    "iam:User",
	"aws_iam_access_key":              "iam:AccessKey",

	"aws_kms_alias": "kms:Alias",
	"aws_kms_key":   "kms:Key",

	"aws_s3_bucket":                                      "s3:Bucket",
	"aws_s3_bucket_lifecycle_configuration":              "s3:BucketLifecycleConfiguration",
	"aws_s3_bucket_logging":                              "s3:BucketLogging",
	"aws_s3_bucket_object_lock_configuration":            "s3:BucketObjectLockConfiguration",
	"aws_s3_bucket_ownership_controls":                   "s3:BucketOwnershipControls",
	"aws_s3_bucket_policy":                               "s3:BucketPolicy",
	"aws_s3_bucket_public_access_block":                  "s3:BucketPublicAccessBlock",
	"aws_s3_bucket_server_side_encryption_configuration": "s3:BucketServerSideEncryptionConfiguration",
	"aws_s3_bucket_versioning":                           "s3:BucketVersioning",

	"aws_secretsmanager_secret":          "secretsmanager:Secret",
	"aws_secretsmanager_secret_policy":   "secretsmanager:SecretPolicy",
	"aws_secretsmanager_secret_rotation": "secretsmanager:SecretRotation",
	"aws_secretsmanager_secret_version":  "secretsmanager:SecretVersion",
}
