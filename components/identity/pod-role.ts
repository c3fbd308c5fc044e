import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { namespaceName, tags, type Account } from "../../delivery/core/names";
import { after } from "../shared/known-after";
import { policyDocument } from "../shared/policy-document";
import type { Stack } from "./state-access";

interface PodRoleArgs {
    readonly account: Account;
    /** The environment that owns the resource, for its tags. */
    readonly environment: string;
    /** The environment whose pods take the role, and their service account. */
    readonly stack: Stack;
    readonly serviceAccount: string;
    readonly roleName: string;
    readonly description: string;
    readonly statements: Parameters<typeof policyDocument>[0];
}

/**
 * A role for the pods of one service account of an environment's namespace, by EKS Pod Identity.
 *
 * @returns its ARN, known once it has its rights
 */
export function podRole(name: string, args: PodRoleArgs, parent: pulumi.Resource): pulumi.Output<string> {
    const { account, stack } = args;
    const role = new aws.iam.Role(
        name,
        {
            name: args.roleName,
            description: args.description,
            maxSessionDuration: 3600,
            assumeRolePolicy: policyDocument([
                {
                    Sid: "BackupPods",
                    Effect: "Allow",
                    Principal: { Service: "pods.eks.amazonaws.com" },
                    Action: ["sts:AssumeRole", "sts:TagSession"],
                    // Tags that EKS sets itself; without them, any pod of the account with an association would do.
                    Condition: {
                        StringEquals: {
                            "aws:SourceAccount": account.accountId,
                            "aws:RequestTag/kubernetes-namespace": namespaceName(stack),
                            "aws:RequestTag/kubernetes-service-account": args.serviceAccount,
                        },
                    },
                },
            ]),
            tags: tags(args.environment),
        },
        { parent },
    );
    const policy = new aws.iam.RolePolicy(
        name,
        { name: "least-privilege", role: role.id, policy: policyDocument(args.statements) },
        { parent },
    );
    return after([policy], role.arn);
}
