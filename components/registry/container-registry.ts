import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement } from "../shared/policy-document";
import { EncryptionKey } from "../security/encryption-key";
import { repositoryName, tags, type Account } from "../../delivery/core/names";

export interface ContainerRegistryArgs {
    readonly account: Account;
    readonly environment: string;
    /** Services with an image of their own; each gets the repository `relaypacs/<service>`. */
    readonly services: readonly string[];
    /** Third-party images that the cluster runs (`argo-rollouts`, `traefik`), mirrored, each under `relaypacs/<tool>`. */
    readonly tools?: readonly string[];
    /** Role that may push images of services. */
    readonly publisherArn: string;
    /** Roles that may pull. */
    readonly readerArns: readonly string[];
    /** Releases kept per repository, in addition to those that production has run. */
    readonly keepReleases: number;
}

/** Days after which an image without a tag is removed. */
export const untaggedDays = 14;

interface LifecycleRule {
    readonly rulePriority: number;
    readonly description: string;
    readonly selection: Readonly<Record<string, unknown>>;
    readonly action: { readonly type: "expire" };
}

/**
 * An image that one rule matches can't be expired by a rule of lower priority (Amazon ECR user guide, "Lifecycle
 * policies"). A deployment tags its images `running-<environment>-<version>` before it begins, so the first rules protect
 * what runs. Of production's images, the newest 1,000 stay. Nearly every image reaches staging, so only the newest of
 * those stay, far more than run at a time. The policy does not change from release to release, and a deployment needs no
 * right to change it.
 */
export function lifecycleRules(keepReleases: number): LifecycleRule[] {
    const keep = (pattern: string, count: number) => ({
        tagStatus: "tagged",
        tagPatternList: [pattern],
        countType: "imageCountMoreThan",
        countNumber: count,
    });
    return [
        { description: "what production runs or ran", selection: keep("running-prod-*", 1000) },
        {
            description: `what staging runs, and its last ${keepReleases} releases`,
            selection: keep("running-staging-*", keepReleases),
        },
        { description: `the last ${keepReleases} releases`, selection: keep("*", keepReleases) },
        {
            description: `untagged images go after ${untaggedDays} days`,
            selection: {
                tagStatus: "untagged",
                countType: "sinceImagePushed",
                countUnit: "days",
                countNumber: untaggedDays,
            },
        },
    ].map((rule, at) => ({ rulePriority: at + 1, ...rule, action: { type: "expire" } }));
}

const pull = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:GetDownloadUrlForLayer",
];
const push = [...pull, "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"];

/**
 * Amazon ECR repositories, one for each service (specification, section 1 and stage 8) and each mirrored tool: tags are
 * immutable, every push is scanned, layers are encrypted with a customer-managed key, and the pipeline pushes services
 * only.
 */
export class ContainerRegistry extends pulumi.ComponentResource {
    /** Repository URLs by service or tool, without tag or digest. */
    readonly repositoryUrls: Readonly<Record<string, pulumi.Output<string>>>;

    constructor(name: string, args: ContainerRegistryArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:registry:ContainerRegistry", name, {}, options);
        const key = new EncryptionKey(
            `${name}-key`,
            { ...args, purpose: "registry", description: "Encrypts RelayPACS container images" },
            { parent: this },
        );
        const urls: Record<string, pulumi.Output<string>> = {};
        const readers: Statement = { Sid: "Pull", Effect: "Allow", Principal: { AWS: args.readerArns }, Action: pull };
        const pushers: Statement = {
            Sid: "Push",
            Effect: "Allow",
            Principal: { AWS: args.publisherArn },
            Action: push,
        };
        const repository = (image: string, statements: readonly Statement[]) =>
            this.repository(`${name}-${image}`, image, key, statements, args);
        for (const service of args.services) urls[service] = repository(service, [pushers, readers]);
        // Administrators mirror tools: the pipeline must not replace the tools that judge its releases.
        for (const tool of args.tools ?? []) urls[tool] = repository(tool, [readers]);
        this.repositoryUrls = urls;
        this.registerOutputs({ repositoryUrls: urls });
    }

    private repository(
        name: string,
        image: string,
        key: EncryptionKey,
        statements: readonly Statement[],
        args: ContainerRegistryArgs,
    ): pulumi.Output<string> {
        const repository = new aws.ecr.Repository(
            name,
            {
                name: repositoryName(image),
                imageTagMutability: "IMMUTABLE",
                imageScanningConfiguration: { scanOnPush: true },
                encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: key.arn }],
                forceDelete: false,
                tags: tags(args.environment),
            },
            { parent: this, protect: true },
        );
        new aws.ecr.LifecyclePolicy(
            name,
            {
                repository: repository.name,
                policy: JSON.stringify({ rules: lifecycleRules(args.keepReleases) }),
            },
            // A change replaces the policy. By default the old one is deleted last, which would remove the new one as well.
            { parent: this, deleteBeforeReplace: true },
        );
        new aws.ecr.RepositoryPolicy(
            name,
            {
                repository: repository.name,
                policy: policyDocument(statements),
            },
            { parent: this },
        );
        return repository.repositoryUrl;
    }
}
