import { cloud } from "./cloud/moto";
import { cluster } from "./cluster/part";
import { database } from "./database/part";
import { github } from "./github/part";
import { registry } from "./registry/part";
import type { Instance } from "../machine/instance";
import type { Part } from "../machine/part";

/** The sandbox's parts in the order in which they are shown. They start at once; all need the network. */
export const parts: readonly Part[] = [cluster, cloud, registry, github, database];

/** Whether each part runs, and what it says of itself, by its name. */
export const partStates = (instance: Instance) =>
    Promise.all(parts.map(async (part) => ({ name: part.name, ...(await part.state(instance)) })));
