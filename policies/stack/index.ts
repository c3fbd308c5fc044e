import { stackResourceUrlCredentials } from "./resource-url-credentials";

export const stackPolicies = [stackResourceUrlCredentials];
