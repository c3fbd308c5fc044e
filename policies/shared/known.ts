import { UnknownValueError } from "@pulumi/policy";

/**
 * The items of a list that are known, and the error of the first that is not. In a preview, reading an unknown item
 * throws; a violation that the known ones prove must not be lost by that.
 */
export function knownOf<Item>(items: readonly Item[] | null | undefined): {
    readonly known: readonly Item[];
    readonly unknown: Error | undefined;
} {
    const known: Item[] = [];
    let unknown: Error | undefined;
    for (let index = 0; index < (items?.length ?? 0); index++) {
        try {
            known.push(items?.[index] as Item);
        } catch (error) {
            if (!(error instanceof UnknownValueError)) throw error;
            unknown ??= error as Error;
        }
    }
    return { known, unknown };
}

/**
 * Whether an item passes the test: true as soon as a known one does, whatever the others are.
 *
 * @throws UnknownValueError when none does and one is, or has, an unknown value
 */
export function someKnown<Item>(items: readonly Item[] | null | undefined, test: (item: Item) => boolean): boolean {
    const { known, unknown } = knownOf(items);
    let open = unknown;
    for (const item of known) {
        try {
            if (test(item)) return true;
        } catch (error) {
            if (!(error instanceof UnknownValueError)) throw error;
            open ??= error as Error;
        }
    }
    if (open) throw open;
    return false;
}

/** Whether all items pass the test: false as soon as a known one does not. @throws as {@link someKnown} */
export const everyKnown = <Item>(items: readonly Item[] | null | undefined, test: (item: Item) => boolean): boolean =>
    !someKnown(items, (item) => !test(item));
