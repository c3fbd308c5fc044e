import { deliveryPolicies } from "./delivery";
import { ecrPolicies } from "./ecr";
import { githubPolicies } from "./github";
import { iamPolicies } from "./iam";
import { kmsPolicies } from "./kms";
import { kubernetesPolicies } from "./kubernetes";
import { providerPolicies } from "./provider";
import { s3Policies } from "./s3";
import { secretsmanagerPolicies } from "./secretsmanager";
import { stackPolicies } from "./stack";
import type { Policies } from "@pulumi/policy";

export const packName = "relaypacs-guardrails";

/** Every policy of the pack, in the order in which they judge. */
export const guardrails: Policies = [
    ...deliveryPolicies,
    ...providerPolicies,
    ...ecrPolicies,
    ...s3Policies,
    ...secretsmanagerPolicies,
    ...kmsPolicies,
    ...iamPolicies,
    ...kubernetesPolicies,
    ...githubPolicies,
    ...stackPolicies,
];
