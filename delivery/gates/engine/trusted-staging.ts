import { namespaceName } from "../../core/names";

/** Where staging is: the context that the workflows give its cluster (specification, section 4), and its namespace. */
export const staging = { cluster: "staging-cluster", namespace: namespaceName("staging") } as const;
