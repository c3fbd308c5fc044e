import { gates } from "../../../delivery/gates";
import { items, type ItemName } from "../../../delivery/evidence/items";
import { spoilings } from "../gates/support/spoilings";
import { attack, hotfixAttack, type Attack } from "./attack";

/** Gates of an ordinary release to production, and those that only a hotfix has. */
const ordinary = gates.filter((one) => one.checkpoints.includes("production") && one.releases === "all");
const ofHotfixes = gates.filter((one) => one.checkpoints.includes("production") && one.releases === "hotfix");

const needed = new Set<ItemName>(ordinary.flatMap(({ needs }) => needs));
const neededByHotfixes = ofHotfixes.flatMap(({ needs }) => needs).filter((item) => !needed.has(item));

/** Ways in which evidence does not count, whatever it says; each for each item. */
export const authenticityAttacks: readonly Attack[] = [
    ...[...needed].map((item) => ({ item, gate: ordinary.find(({ needs }) => needs.includes(item)), make: attack })),
    ...[...new Set(neededByHotfixes)].map((item) => ({
        item,
        gate: ofHotfixes.find(({ needs }) => needs.includes(item)),
        make: hotfixAttack,
    })),
].flatMap(({ gate, item, make }) =>
    spoilings
        .filter(({ applies, column }) => (applies?.(item) ?? true) && column !== "unknown value")
        .map(({ defect, problem, spoil }) =>
            make(
                `${items[item].title} evidence that is ${defect}`,
                spoil(item),
                gate?.id ?? "",
                `${items[item].title} evidence ${String(problem(item))}`,
            ),
        ),
);
