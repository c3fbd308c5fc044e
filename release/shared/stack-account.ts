import type { Account } from "../../delivery/core/names";
import { stackFileValue } from "../../settings/stack-file";
import { stackSetting } from "../../settings/stack-values";

/** The account and the region of a stack's settings; undefined where they are not here. */
export function stackAccount(stack: string): Account | undefined {
    const accountId = stackSetting("awsAccountId", stack);
    const region = process.env.AWS_REGION ?? stackFileValue("aws:region", stack);
    return typeof accountId === "string" && typeof region === "string" ? { accountId, region } : undefined;
}
