import type { Instance } from "../../machine/instance";
import { runScript } from "./moto";

/** Everything in the emulated account: kind ("s3.bucket"), then name, then its full description. */
export type Inventory = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Lists the resources of every service that the platform uses, and of some that it does not. Two inventories of an
 * unchanged account are equal to the byte. Secret values are left out. Keys that wait for their deletion count as
 * deleted, because AWS deletes none at once.
 */
export async function inventory(instance: Instance): Promise<Inventory> {
    return JSON.parse(await runScript(instance, "inventory.py")) as Inventory;
}

/** "kind name" of everything in an inventory, sorted. Before the platform: only the rotation function and its role. */
export const names = (all: Inventory): string[] =>
    Object.entries(all)
        .flatMap(([kind, items]) => Object.keys(items).map((name) => `${kind} ${name}`))
        .sort();
