import { cloud } from "./cloud/moto";
import { cluster } from "./cluster/part";
import { database } from "./database/part";
import { github } from "./github/part";
import type { Part } from "./part";

/** The sandbox's parts in the order in which they are shown. They do not depend on each other, but on the network. */
export const parts: readonly Part[] = [cluster, cloud, github, database];
