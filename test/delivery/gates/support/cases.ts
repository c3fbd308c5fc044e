import type { ItemName, ItemPredicate } from "../../../../delivery/evidence/items";
import type { Status } from "../../../../delivery/gates";
import { gateNamed, type GateCase, type Spoiler, type Spoilers } from "./world";

/** A case's column of the matrix: against the gate's limit, or "other". */
export type Column = "pass" | "just below" | "at" | "just above" | "other";

export interface LimitCase extends GateCase {
    readonly gate: string;
    readonly column: Column;
    readonly title: string;
    readonly status: Status;
    /** The message, without the title and the accepted values. */
    readonly says: string;
    /** What is accepted, where limits are configured. */
    readonly accepts?: string;
}

/** Changes one item's predicate. */
export function changed<Item extends ItemName>(
    item: Item,
    change: (predicate: ItemPredicate<Item>) => void,
    more: Omit<Spoiler, "change"> = {},
): Spoilers {
    return { [item]: { change, ...more } };
}

/** The cases of one gate. */
export function casesOf(gate: string) {
    return (
        column: Column,
        title: string,
        spoilers: Spoilers,
        status: Status,
        says: string,
        more: Omit<GateCase, "spoilers"> & Pick<LimitCase, "accepts"> = {},
    ): LimitCase => ({ gate, column, title, spoilers, status, says, ...more });
}

/** The gate's whole message. */
export function messageOf({ gate, says, accepts }: LimitCase): string {
    const { title, threshold } = gateNamed(gate);
    return `${title}: ${says} (accepted: ${accepts ?? threshold}).`;
}
