import { stackResourceException } from "./resource-exception";
import { stackResourcePlainCredentials } from "./resource-plain-credentials";
import { stackResourceType } from "./resource-type";
import { stackVariablePlainCredentials } from "./variable-plain-credentials";

/** `stack-resource-exception` comes after `stack-resource-type`, which remembers what it lets in. */
export const stackPolicies = [
    stackResourceType,
    stackResourceException,
    stackResourcePlainCredentials,
    stackVariablePlainCredentials,
];
