import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./access-policy";
import { githubEnvironment, githubIssuer, identityProviderArn, tags, type Account, type RoleName } from "./names";
import { deployStatements, previewStatements, publishStatements } from "./pipeline-permissions";
import { PipelineRole } from "./pipeline-role";

export interface PipelineIdentityArgs {
    readonly account: Account;
    readonly environment: string;
    readonly repository: {
        readonly owner: string;
        /** The repository whose workflows publish and deploy. */
        readonly name: string;
        /** The repository of this program, whose pull requests preview. */
        readonly platform: string;
    };
    readonly services: readonly string[];
    /** Mirrored images of others (`ContainerRegistryArgs.tools`). */
    readonly tools?: readonly string[];
}

interface RoleSpecification {
    readonly description: string;
    readonly repository: string;
    /** What follows `repo:<owner>/<repository>:` in the token's `sub` claim. */
    readonly subject: string;
    readonly statements: readonly Statement[];
}

/**
 * GitHub Actions' way into AWS (specification, section 1): the OIDC provider and four roles, each bound to exactly one
 * `sub`, so that a pull request can't publish and a staging run can't deploy to production.
 */
export class PipelineIdentity extends pulumi.ComponentResource {
    readonly roleArns: Readonly<Record<RoleName, pulumi.Output<string>>>;

    constructor(name: string, args: PipelineIdentityArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:identity:PipelineIdentity", name, {}, options);
        const provider = new aws.iam.OpenIdConnectProvider(
            `${name}-github`,
            { url: `https://${githubIssuer}`, clientIdLists: ["sts.amazonaws.com"], tags: tags(args.environment) },
            { parent: this },
        );
        const role = (key: RoleName, specification: RoleSpecification) =>
            new PipelineRole(
                `${name}-${key}`,
                {
                    environment: args.environment,
                    role: key,
                    description: specification.description,
                    identityProviderArn: identityProviderArn(args.account),
                    subject: `repo:${args.repository.owner}/${specification.repository}:${specification.subject}`,
                    statements: specification.statements,
                },
                { parent: this, dependsOn: provider },
            ).arn;
        this.roleArns = {
            preview: role("preview", {
                description: "pulumi preview on a pull request",
                repository: args.repository.platform,
                subject: "pull_request",
                statements: previewStatements(args),
            }),
            publish: role("publish", {
                description: "Push images and artifacts from main",
                repository: args.repository.name,
                subject: "ref:refs/heads/main",
                statements: publishStatements(args),
            }),
            "deploy-staging": role("deploy-staging", {
                description: "pulumi up --stack staging",
                repository: args.repository.name,
                subject: `environment:${githubEnvironment("staging")}`,
                statements: deployStatements(args, "staging"),
            }),
            "deploy-prod": role("deploy-prod", {
                description: "pulumi up --stack prod",
                repository: args.repository.name,
                subject: `environment:${githubEnvironment("prod")}`,
                statements: deployStatements(args, "prod"),
            }),
        };
        this.registerOutputs({ roleArns: this.roleArns });
    }
}
