import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement } from "../shared/policy-document";
import { githubIssuer, roleName, tags, type RoleName } from "../../delivery/core/names";
import { after } from "../shared/known-after";

export interface PipelineRoleArgs {
    readonly environment: string;
    readonly role: RoleName;
    readonly description: string;
    readonly identityProviderArn: string;
    /** The one `sub` claim that may assume the role, never a pattern. */
    readonly subject: string;
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
                assumeRolePolicy: policyDocument([
                    {
                        Sid: "GitHubActions",
                        Effect: "Allow",
                        Principal: { Federated: args.identityProviderArn },
                        Action: "sts:AssumeRoleWithWebIdentity",
                        Condition: {
                            StringEquals: {
                                [`${githubIssuer}:aud`]: "sts.amazonaws.com",
                                [`${githubIssuer}:sub`]: args.subject,
                            },
                        },
                    },
                ]),
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
