import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement } from "../shared/policy-document";
import { roleName, tags, type RoleName } from "../../delivery/core/names";
import { after } from "../shared/known-after";
import { claimsEqual } from "./token-claims";

export interface PipelineRoleArgs {
    readonly environment: string;
    readonly role: RoleName;
    readonly description: string;
    readonly identityProviderArn: string;
    /** The one `sub` claim that may assume the role, never a pattern. */
    readonly subject: pulumi.Input<string>;
    /**
     * Claims `job_workflow_ref`, one of which a token must have as well: called workflows, each at a commit.
     *
     * @default any workflow of the subject's repository
     */
    readonly workflows?: readonly string[];
    readonly statements: readonly Statement[];
    /**
     * Longest session in seconds. A workflow that needs more than an hour must request it.
     *
     * @default 3600
     */
    readonly sessionSeconds?: number;
}

/**
 * An IAM role that one kind of workflow run assumes for a limited time through GitHub's OIDC tokens. No static key
 * exists (AWS FSBP IAM.3, OpenSSF Scorecard Token-Permissions).
 */
export class PipelineRole extends pulumi.ComponentResource {
    readonly arn: pulumi.Output<string>;

    constructor(name: string, args: PipelineRoleArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:identity:PipelineRole", name, {}, options);
        const role = new aws.iam.Role(
            name,
            {
                name: roleName(args.role),
                description: args.description,
                maxSessionDuration: args.sessionSeconds ?? 3600,
                assumeRolePolicy: pulumi.output(args.subject).apply((subject) => trustPolicy(args, subject)),
                tags: tags(args.environment),
            },
            { parent: this },
        );
        const policy = new aws.iam.RolePolicy(
            name,
            { name: "least-privilege", role: role.id, policy: policyDocument(args.statements) },
            { parent: this },
        );
        // What uses the role must depend on its permissions, too.
        this.arn = after([policy], role.arn);
        this.registerOutputs({ arn: this.arn });
    }
}

/**
 * Who may assume the role: jobs whose token has the subject, and where workflows are named, only those workflows' jobs.
 * AWS STS compares GitHub's claim `job_workflow_ref` itself (IAM's condition keys for OIDC federation, since 2026-01), so
 * the subject needs no template.
 */
function trustPolicy({ identityProviderArn, workflows }: PipelineRoleArgs, subject: string): string {
    return policyDocument([
        {
            Sid: "GitHubActions",
            Effect: "Allow",
            Principal: { Federated: identityProviderArn },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: claimsEqual({
                aud: "sts.amazonaws.com",
                sub: subject,
                ...(workflows && { job_workflow_ref: [...workflows] }),
            }),
        },
    ]);
}
