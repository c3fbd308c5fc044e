import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement } from "./access-policy";
import { githubIssuer, tags, type RoleName } from "./names";
import { after } from "./ordering";

export interface PipelineRoleArgs {
    readonly environment: string;
    readonly role: RoleName;
    readonly description: string;
    readonly identityProviderArn: string;
    /** The one `sub` claim that may take the role: never a pattern. */
    readonly subject: string;
    readonly statements: readonly Statement[];
    /**
     * Seconds that a session lasts at most; a workflow has to ask for more than an hour.
     *
     * @default 3600
     */
    readonly sessionSeconds?: number;
}

/**
 * An IAM role that one kind of workflow run takes for a limited time through GitHub's OIDC tokens. No static key
 * exists (AWS FSBP IAM.3, OpenSSF Scorecard Token-Permissions).
 */
export class PipelineRole extends pulumi.ComponentResource {
    readonly arn: pulumi.Output<string>;

    constructor(name: string, args: PipelineRoleArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:identity:PipelineRole", name, {}, options);
        const role = new aws.iam.Role(
            name,
            {
                name: `relaypacs-${args.role}`,
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
        // Whoever uses the role waits for its permissions, too.
        this.arn = after([policy], role.arn);
        this.registerOutputs({ arn: this.arn });
    }
}
