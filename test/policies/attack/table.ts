import type { Attack } from "./attack";
import { cloudAttacks } from "./cloud";
import { credentialAttacks } from "./credentials";
import { objectAttacks } from "./objects";
import { repositoryAttacks } from "./repository";
import { typeAttacks } from "./types";
import { workloadAttacks } from "./workloads";

/** Every attack on the pack, by what is attacked. */
export const attacks: Readonly<Record<string, readonly Attack[]>> = {
    "Types that no rule knows": typeAttacks,
    Workloads: workloadAttacks,
    "Objects of the cluster": objectAttacks,
    "The account in AWS": cloudAttacks,
    "The repository": repositoryAttacks,
    "Credentials and providers": credentialAttacks,
};
