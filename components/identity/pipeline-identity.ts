import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { updateSessionSeconds } from "../../delivery/core/release-time";
import type { Statement } from "../shared/policy-document";
import {
    deploymentEnvironment,
    githubEnvironment,
    githubIssuer,
    identityProviderArn,
    driftEnvironment,
    previewEnvironment,
    rollbackEnvironment,
    signingEnvironment,
    tags,
    type Account,
    type RoleName,
} from "../../delivery/core/names";
import {
    deployStatements,
    driftStatements,
    previewStatements,
    publishStatements,
    rollbackStatements,
    signStatements,
} from "./pipeline-permissions";
import { PipelineRole } from "./pipeline-role";
import { workflowReferences, type CalledWorkflow, type ReviewedWorkflows } from "./token-claims";

export interface PipelineIdentityArgs {
    readonly account: Account;
    readonly environment: string;
    /** The beginning of each repository's subjects (`subjectPrefix`). */
    readonly subjects: {
        /** The repository whose workflows publish and deploy. */
        readonly gateway: pulumi.Input<string>;
        /** The repository of this program, which previews pull requests. */
        readonly platform: pulumi.Input<string>;
    };
    /** The only workflows whose jobs publish, sign, deploy and roll back. */
    readonly workflows: ReviewedWorkflows;
    readonly services: readonly string[];
    /** Mirrored third-party images (`ContainerRegistryArgs.tools`). */
    readonly tools?: readonly string[];
}

interface RoleSpecification {
    readonly description: string;
    /** What follows the prefix in the token's `sub` claim. */
    readonly subject: string;
    readonly statements: readonly Statement[];
    readonly sessionSeconds?: number;
}

/**
 * GitHub Actions' access to AWS (specification, section 1): the OIDC provider and a role for each duty. Each trusts
 * exactly one `sub`, so that a staging run can't deploy to production, and but for previews only the jobs of the
 * platform's called workflows at reviewed commits, so that a workflow which someone adds to the gateway gets none. A pull
 * request by itself can assume none of them: previews run in environments that require an approval.
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
        const role = (
            key: RoleName,
            prefix: pulumi.Input<string>,
            { subject, ...specification }: RoleSpecification,
            workflows?: readonly string[],
        ) =>
            new PipelineRole(
                `${name}-${key}`,
                {
                    ...specification,
                    environment: args.environment,
                    role: key,
                    identityProviderArn: identityProviderArn(args.account),
                    subject: pulumi.output(prefix).apply((start) => `${start}:${subject}`),
                    ...(workflows && { workflows }),
                },
                { parent: this, dependsOn: provider },
            ).arn;
        /** A role for jobs of called workflows in the gateway's repository. */
        const called = (key: RoleName, files: readonly CalledWorkflow[], specification: RoleSpecification) =>
            role(key, args.subjects.gateway, specification, workflowReferences(args.workflows, files));
        /** A pull request's own workflow previews it, at whatever commit: an approver has read that before it starts. */
        const preview = (stack: "staging" | "prod") =>
            role(`preview-${stack}`, args.subjects.platform, {
                description: `pulumi preview --stack ${stack} on a pull request, once an approver has looked`,
                subject: `environment:${previewEnvironment(stack)}`,
                statements: previewStatements(args, stack),
            });
        const drift = (stack: "staging" | "prod") =>
            role(`drift-${stack}`, args.subjects.platform, {
                description: `release drift --stack ${stack} on main, on a schedule`,
                subject: `environment:${driftEnvironment(stack)}`,
                statements: driftStatements(args, stack),
            });
        this.roleArns = {
            "preview-staging": preview("staging"),
            "preview-prod": preview("prod"),
            "drift-staging": drift("staging"),
            "drift-prod": drift("prod"),
            publish: called("publish", ["publish.yml"], {
                description: "Push images and artifacts from main",
                subject: "ref:refs/heads/main",
                statements: publishStatements(args),
            }),
            "sign-evidence": called("sign-evidence", ["publish.yml"], {
                description: "Sign what the pipeline has tested, scanned, reviewed and built",
                subject: `environment:${signingEnvironment}`,
                statements: signStatements(args),
            }),
            // rollback.yml rehearses a rollback in staging as well, and rehearse.yml a restore.
            "deploy-staging": called("deploy-staging", ["deploy.yml", "rollback.yml", "rehearse.yml"], {
                description: "pulumi up --stack staging",
                subject: `environment:${githubEnvironment("staging")}`,
                statements: deployStatements(args, "staging"),
                sessionSeconds: updateSessionSeconds,
            }),
            "deploy-prod": called("deploy-prod", ["deploy.yml"], {
                description: "pulumi up --stack prod",
                subject: `environment:${deploymentEnvironment}`,
                statements: deployStatements(args, "prod"),
                sessionSeconds: updateSessionSeconds,
            }),
            "rollback-prod": called("rollback-prod", ["rollback.yml"], {
                description: "release rollback --stack prod",
                subject: `environment:${rollbackEnvironment}`,
                statements: rollbackStatements(args),
                sessionSeconds: updateSessionSeconds,
            }),
        };
        this.registerOutputs({ roleArns: this.roleArns });
    }
}
