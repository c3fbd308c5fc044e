import { stackResourceException } from "./resource-exception";
import { stackResourceType } from "./resource-type";
import { stackResourceUrlCredentials } from "./resource-url-credentials";

/** `stack-resource-exception` comes after `stack-resource-type`, which remembers what it lets in. */
export const stackPolicies = [stackResourceType, stackResourceException, stackResourceUrlCredentials];
