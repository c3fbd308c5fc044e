import { namespaceName, type Account } from "../../delivery/core/names";
import { policyDocument } from "../shared/policy-document";
import type { Stack } from "./state-access";

/** Lets the pods of one service account of an environment's namespace take a role, by EKS Pod Identity. */
export const podTrust = (account: Account, stack: Stack, serviceAccount: string) =>
    policyDocument([
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
                    "aws:RequestTag/kubernetes-service-account": serviceAccount,
                },
            },
        },
    ]);
