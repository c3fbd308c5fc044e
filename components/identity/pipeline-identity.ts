import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { updateSessionSeconds } from "../../delivery/core/release-time";
import type { Statement } from "../shared/policy-document";
import {
    githubEnvironment,
    githubIssuer,
    identityProviderArn,
    previewEnvironment,
    rollbackEnvironment,
    tags,
    type Account,
    type RoleName,
} from "../../delivery/core/names";
import { deployStatements, previewStatements, publishStatements, rollbackStatements } from "./pipeline-permissions";
import { PipelineRole } from "./pipeline-role";

export interface PipelineIdentityArgs {
    readonly account: Account;
    readonly environment: string;
    readonly repository: {
        readonly owner: string;
        /** The repository whose workflows publish and deploy. */
        readonly name: string;
        /** The repository of this program, which previews pull requests. */
        readonly platform: string;
    };
    readonly services: readonly string[];
    /** Mirrored third-party images (`ContainerRegistryArgs.tools`). */
    readonly tools?: readonly string[];
}

interface RoleSpecification {
    readonly description: string;
    readonly repository: string;
    /** What follows `repo:<owner>/<repository>:` in the token's `sub` claim. */
    readonly subject: string;
    readonly statements: readonly Statement[];
    readonly sessionSeconds?: number;
}

/**
 * GitHub Actions' access to AWS (specification, section 1): the OIDC provider and five roles, each bound to exactly one
 * `sub`, so that a pull request can't publish and a staging run can't deploy to production. A pull request by itself can
 * assume none of them: previews run in an environment that requires an approval.
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
                    ...(specification.sessionSeconds !== undefined && {
                        sessionSeconds: specification.sessionSeconds,
                    }),
                },
                { parent: this, dependsOn: provider },
            ).arn;
        this.roleArns = {
            preview: role("preview", {
                description: "pulumi preview on a pull request, once an approver has looked",
                repository: args.repository.platform,
                subject: `environment:${previewEnvironment}`,
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
                sessionSeconds: updateSessionSeconds,
            }),
            "deploy-prod": role("deploy-prod", {
                description: "pulumi up --stack prod",
                repository: args.repository.name,
                subject: `environment:${githubEnvironment("prod")}`,
                statements: deployStatements(args, "prod"),
                sessionSeconds: updateSessionSeconds,
            }),
            "rollback-prod": role("rollback-prod", {
                description: "release rollback --stack prod",
                repository: args.repository.name,
                subject: `environment:${rollbackEnvironment}`,
                statements: rollbackStatements(args),
                sessionSeconds: updateSessionSeconds,
            }),
        };
        this.registerOutputs({ roleArns: this.roleArns });
    }
}
