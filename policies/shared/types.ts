/** Resources of the engine: the stack, stashes, and the providers of the platform's three clouds. */
export const builtIn = {
    stack: "pulumi:pulumi:Stack",
    stash: "pulumi:index:Stash",
    ownProvider: "pulumi:providers:pulumi",
    awsProvider: "pulumi:providers:aws",
    githubProvider: "pulumi:providers:github",
    kubernetesProvider: "pulumi:providers:kubernetes",
} as const;

/** Type tokens of the resources that the pack knows. Matching on them keeps the provider SDKs out of the process. */
export const aws = {
    ecrRepository: "aws:ecr/repository:Repository",
    ecrLifecyclePolicy: "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    ecrRepositoryPolicy: "aws:ecr/repositoryPolicy:RepositoryPolicy",
    ecrPublicRepository: "aws:ecrpublic/repository:Repository",
    bucket: "aws:s3/bucket:Bucket",
    bucketAcl: "aws:s3/bucketAcl:BucketAcl",
    bucketEncryption: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    bucketLifecycle: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    bucketLogging: "aws:s3/bucketLogging:BucketLogging",
    bucketObjectLock: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    bucketOwnership: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    bucketPolicy: "aws:s3/bucketPolicy:BucketPolicy",
    bucketPublicAccessBlock: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    accountPublicAccessBlock: "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    bucketVersioning: "aws:s3/bucketVersioning:BucketVersioning",
    secret: "aws:secretsmanager/secret:Secret",
    secretPolicy: "aws:secretsmanager/secretPolicy:SecretPolicy",
    secretRotation: "aws:secretsmanager/secretRotation:SecretRotation",
    secretVersion: "aws:secretsmanager/secretVersion:SecretVersion",
    alias: "aws:kms/alias:Alias",
    key: "aws:kms/key:Key",
    keyPolicy: "aws:kms/keyPolicy:KeyPolicy",
    role: "aws:iam/role:Role",
    rolePolicy: "aws:iam/rolePolicy:RolePolicy",
    policy: "aws:iam/policy:Policy",
    groupPolicy: "aws:iam/groupPolicy:GroupPolicy",
    oidcProvider: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
} as const;

export const kubernetes = {
    pod: "kubernetes:core/v1:Pod",
    deployment: "kubernetes:apps/v1:Deployment",
    statefulSet: "kubernetes:apps/v1:StatefulSet",
    daemonSet: "kubernetes:apps/v1:DaemonSet",
    replicaSet: "kubernetes:apps/v1:ReplicaSet",
    job: "kubernetes:batch/v1:Job",
    cronJob: "kubernetes:batch/v1:CronJob",
    rollout: "kubernetes:argoproj.io/v1alpha1:Rollout",
    analysisTemplate: "kubernetes:argoproj.io/v1alpha1:AnalysisTemplate",
    namespace: "kubernetes:core/v1:Namespace",
    configMap: "kubernetes:core/v1:ConfigMap",
    customResourceDefinition: "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
    limitRange: "kubernetes:core/v1:LimitRange",
    resourceQuota: "kubernetes:core/v1:ResourceQuota",
    secret: "kubernetes:core/v1:Secret",
    service: "kubernetes:core/v1:Service",
    serviceAccount: "kubernetes:core/v1:ServiceAccount",
    networkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    ingress: "kubernetes:networking.k8s.io/v1:Ingress",
    ingressClass: "kubernetes:networking.k8s.io/v1:IngressClass",
    ingressRoute: "kubernetes:traefik.io/v1alpha1:IngressRoute",
    traefikService: "kubernetes:traefik.io/v1alpha1:TraefikService",
    certificate: "kubernetes:cert-manager.io/v1:Certificate",
    externalSecret: "kubernetes:external-secrets.io/v1:ExternalSecret",
    secretStore: "kubernetes:external-secrets.io/v1:SecretStore",
    podDisruptionBudget: "kubernetes:policy/v1:PodDisruptionBudget",
    role: "kubernetes:rbac.authorization.k8s.io/v1:Role",
    clusterRole: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    roleBinding: "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    clusterRoleBinding: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
} as const;

/** Types that the platform does not declare and that hold variables in plain text. */
export const plain = {
    codeBuild: "aws:codebuild/project:Project",
    lambda: "aws:lambda/function:Function",
    parameter: "aws:ssm/parameter:Parameter",
} as const;

/** The platform's own components, whose inputs are judged too. */
export const delivery = {
    release: "relaypacs:delivery:Release",
} as const;

export const github = {
    repository: "github:index/repository:Repository",
    branch: "github:index/branch:Branch",
    branchProtection: "github:index/branchProtection:BranchProtection",
    branchProtectionV3: "github:index/branchProtectionV3:BranchProtectionV3",
    ruleset: "github:index/repositoryRuleset:RepositoryRuleset",
    environment: "github:index/repositoryEnvironment:RepositoryEnvironment",
    environmentDeploymentPolicy:
        "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy",
    variable: "github:index/actionsVariable:ActionsVariable",
    environmentVariable: "github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable",
    organizationVariable: "github:index/actionsOrganizationVariable:ActionsOrganizationVariable",
    secret: "github:index/actionsSecret:ActionsSecret",
    environmentSecret: "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret",
    organizationSecret: "github:index/actionsOrganizationSecret:ActionsOrganizationSecret",
    dependabotSecret: "github:index/dependabotSecret:DependabotSecret",
    vulnerabilityAlerts: "github:index/repositoryVulnerabilityAlerts:RepositoryVulnerabilityAlerts",
    workflowPermissions: "github:index/workflowRepositoryPermissions:WorkflowRepositoryPermissions",
    actionsPermissions: "github:index/actionsRepositoryPermissions:ActionsRepositoryPermissions",
    deployKey: "github:index/repositoryDeployKey:RepositoryDeployKey",
} as const;
